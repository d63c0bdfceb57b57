"""Rows of a torch loop on their way into a run: held as tensors, read together, later.

A loop has no end that one could hook. Without an open run, a run is opened at the first step. It is
closed when the next training begins with a new optimizer and the old one is gone, at the end of a
notebook's cell (a later step of the same optimizer goes on in it), or with the process.

Knows nothing of: hooks, `backward`.
"""

from __future__ import annotations

import atexit
import gc
import sys
import weakref
from collections import deque
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments import context
from mlstudio.experiments.autolog.described import parameters, settled
from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import implicit, rank, surrounding

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

HELD: Final = 64
SECONDS: Final = 0.2


class Follower:
    """One optimizer: the names of its series, and the run it writes to."""

    __slots__ = ("losses", "named", "number", "rates", "run", "stale")

    def __init__(self, number: int, groups: int, run: Run | None) -> None:
        start = "torch/" if number == 1 else f"torch/{number}/"
        self.number = number
        self.losses = f"{start}loss"
        self.rates = [f"{start}lr"] if groups == 1 else [f"{start}lr/{one}" for one in range(groups)]
        self.named = "optimizer" if number == 1 else f"optimizer/{number}"
        self.run = run
        self.stale = False
        """A run began or ended since: the next step asks again where it belongs."""


Row = tuple[Follower, float, list[Any], list[Any]]


class Rows:
    """Holds rows back and writes them in one go."""

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._torch = torch
        self._hook = hook
        self._followers: weakref.WeakKeyDictionary[Any, Follower] = weakref.WeakKeyDictionary()
        self._held: list[Row] = []
        self._travelling: deque[tuple[list[Row], list[tuple[list[tuple[Any, int]], Any]], Any]] = deque()
        self._read_at = 0.0
        self._own: Run | None = None
        self._resume: tuple[str, str] | None = None
        self._watching_cells = False
        context.before_change(self.settle)
        atexit.register(self.settle)

    def add(self, optimizer: Any, now: float, rates: list[Any], losses: list[Any]) -> None:
        """Hold the row of a step."""
        follower = self._followers.get(optimizer)
        if follower is None or follower.stale:
            follower = self._begin(optimizer)
        self._held.append((follower, now, [_kept(rate) for rate in rates], losses))
        if len(self._held) >= HELD or now - self._read_at >= SECONDS:
            self._read_at = now
            self._read()

    # -- which run

    def _begin(self, optimizer: Any) -> Follower:
        """Find the run that an optimizer steps in, at its first step there."""
        self._settle()
        known = self._followers.get(optimizer)
        run = surrounding()
        if run is None and rank() == 0:
            run = self._own_run(optimizer, known)
        if known is not None and known.run is run:
            known.stale = False
            return known
        taken = {one.number for one in self._followers.values() if one is not known and one.run is run}
        wanted = known.number if known is not None else 1
        number = wanted if wanted not in taken else min(set(range(1, len(taken) + 2)) - taken)
        follower = self._followers[optimizer] = Follower(number, len(optimizer.param_groups), run)
        if run is not None:
            self._describe(run, optimizer, follower)
        if "mlstudio.store.recorder" in sys.modules:
            # at the end of the process ours must come before the recorder's, which was registered just now
            atexit.unregister(self.settle)
            atexit.register(self.settle)
        return follower

    def _own_run(self, optimizer: Any, known: Follower | None) -> Run:
        if self._own is not None and known is None:
            if self._followers:
                gc.collect()  # a learning-rate scheduler and its optimizer hold each other
            if not self._followers:
                self._finish_own()
        if self._own is None and self._resume is not None and known is not None:
            from mlstudio.experiments.opening import run

            self._own = run(self._resume[0], resume=self._resume[1])
        elif self._own is None:
            self._own = implicit(f"torch-{type(optimizer).__name__}", self._hook.library)
            self._watch_cells()
        return self._own

    def _describe(self, run: Run, optimizer: Any, follower: Follower) -> None:
        size = sum(one.numel() for group in optimizer.param_groups for one in group["params"])
        run.log_parameters(
            {
                follower.named: type(optimizer).__name__,
                **parameters(settled(optimizer.defaults), f"{follower.named}/"),
                f"{follower.named}/parameters": size,
            }
        )

    def _finish_own(self, error: BaseException | None = None) -> None:
        own, self._own = self._own, None
        if own is None:
            return
        self._resume = (own.experiment_name, own.component_name)
        if error is None:
            own.finish()
        else:
            from mlstudio.experiments.recording import describe

            own.finish("Failed", describe(error))

    def _watch_cells(self) -> None:
        """In a notebook the cell that trained is the training."""
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython is not None else None
        if shell is None or self._watching_cells:
            return
        self._watching_cells = True

        def cell_ended(result: Any) -> None:
            self._hook.attempt(self._cell_ended, result)

        shell.events.register("post_run_cell", cell_ended)
        self._hook.undo_with(lambda: shell.events.unregister("post_run_cell", cell_ended))

    def _cell_ended(self, result: Any) -> None:
        self._finish_own(getattr(result, "error_in_exec", None))

    # -- reading

    def settle(self) -> None:
        """Write all that is held, waiting for what is under way; the next step asks again which run it is."""
        if self._held or self._travelling or len(self._followers):
            self._hook.attempt(self._settle)

    def _settle(self) -> None:
        self._read(wait=True)
        for follower in self._followers.values():
            follower.stale = True

    def close(self) -> None:
        """Write all that is held and close the run that was opened here."""
        self.settle()
        self._finish_own()
        atexit.unregister(self.settle)
        context.forget_change(self.settle)

    def _read(self, *, wait: bool = False) -> None:
        cuda = self._torch.cuda
        if cuda.is_initialized() and cuda.is_current_stream_capturing():
            return
        rows, self._held = self._held, []
        if rows:
            self._fetch(rows)
        while self._travelling:
            waiting, copies, event = self._travelling[0]
            if event is not None and not event.query():
                if not wait:
                    return
                event.synchronize()
            self._travelling.popleft()
            for places, host in copies:
                for (values, index), number in zip(places, host.tolist(), strict=True):
                    values[index] = number
            _write(waiting)

    def _fetch(self, rows: list[Row]) -> None:
        """Begin the copy of what is on a device: one for all rows, of a kind."""
        groups: dict[tuple[Any, Any], list[tuple[Any, list[Any], int]]] = {}
        for _, _, rates, losses in rows:
            for values in (rates, losses):
                for index, value in enumerate(values):
                    if getattr(value, "device", None) is not None:
                        groups.setdefault((value.device, value.dtype), []).append((value, values, index))
        copies, event = [], None
        with self._torch.no_grad():
            for (device, _), found in groups.items():
                stacked = self._torch.stack([value.reshape(()) for value, _, _ in found])
                copies.append(
                    (
                        [(values, index) for _, values, index in found],
                        stacked.to("cpu", non_blocking=device.type == "cuda"),
                    )
                )
        if any(device.type == "cuda" for device, _ in groups):
            event = self._torch.cuda.Event()
            event.record()
        self._travelling.append((rows, copies, event))


def _kept(rate: Any) -> Any:
    """Return a learning rate as it is now: a tensor of one is changed in place by its scheduler."""
    return rate.detach().clone() if hasattr(rate, "detach") else rate


def _write(rows: list[Row]) -> None:
    for follower, at, rates, losses in rows:
        if follower.run is None:
            continue
        values = dict(zip(follower.rates, rates, strict=False))
        if losses:
            values[follower.losses] = losses[0] if len(losses) == 1 else sum(losses)
        follower.run.log(values, timestamp=at)

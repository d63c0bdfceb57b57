"""Rows of a torch loop on their way into a run: held back, read together, later.

A loop has no end that one could hook. Without an open run, a run is opened at the first step. It is
closed when the next training begins with a new optimizer and the old one is gone, at the end of a
notebook's cell (a later step of the same optimizer goes on in it), or with the process.

Knows nothing of: hooks, `backward`.
"""

from __future__ import annotations

import atexit
import gc
import sys
import time
from collections import deque
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments import context
from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import implicit, rank, surrounding
from mlstudio.experiments.autolog.torch_followers import Follower, first_step
from mlstudio.experiments.autolog.torch_pace import Pace

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

HELD: Final = 256
SECONDS: Final = 0.2
FRESH: Final = 0.25
"""Rows that waited shorter, in seconds, get the time at which they are written: that is the cheap way."""

Row = list[Any]
"""[follower, time, rate or list of rates, loss or losses or None, step]"""


class Rows:
    """Holds rows back and writes them in one go."""

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._torch = torch
        self._hook = hook
        self.followers: dict[int, Follower] = {}
        self._held: list[Row] = []
        self.pace = Pace()
        self._travelling: deque[tuple[list[Row], list[tuple[list[Row], int, Any]], Any]] = deque()
        self._due = 0.0
        self._own: Run | None = None
        self._resume: tuple[str, str] | None = None
        self._watching_cells = False
        context.before_change(self.settle)
        atexit.register(self.settle)

    def add(self, optimizer: Any, now: float, rate: Any, loss: Any) -> None:
        """Hold the row of a step."""
        follower = self.followers.get(id(optimizer))
        if follower is None or follower.stale or follower.optimizer() is not optimizer:
            follower = self._begin(optimizer)
        if follower.moving:
            rate = _frozen(rate)
        held = self._held
        held.append([follower, now, rate, loss, follower.step])
        follower.step += 1
        self.pace.recorded(now)
        if now >= self._due or len(held) >= HELD:
            self._due = now + SECONDS
            self._read()

    # -- which run

    def _begin(self, optimizer: Any) -> Follower:
        """Find the run that an optimizer steps in, at its first step there."""
        self._read(wait=True)
        self._bury()
        known = self.followers.get(id(optimizer))
        run = surrounding()
        if run is None and rank() == 0:
            run = self._own_run(optimizer, known)
        if known is not None and known.run is run:
            known.stale = False
            return known
        taken = {one.number for one in self.followers.values() if one is not known and one.run is run}
        wanted = known.number if known is not None else 1
        number = wanted if wanted not in taken else min(set(range(1, len(taken) + 2)) - taken)
        follower = self.followers[id(optimizer)] = Follower(optimizer, number, run)
        if run is not None:
            follower.step = first_step(run, follower.loss)
            follower.describe(run, optimizer)
            # At the end of the process ours must come before the recorder's, which was registered just now.
            atexit.unregister(self.settle)
            atexit.register(self.settle)
        return follower

    def _own_run(self, optimizer: Any, known: Follower | None) -> Run:
        if self._own is not None and known is None:
            if self.followers:
                gc.collect()  # a learning-rate scheduler and its optimizer hold each other
                self._bury()
            if not self.followers:
                self._finish_own()
        if self._own is None and self._resume is not None and known is not None:
            from mlstudio.experiments.opening import run

            self._own = run(self._resume[0], resume=self._resume[1])
        elif self._own is None:
            self._own = implicit(f"torch-{type(optimizer).__name__}", self._hook.library)
            self._watch_cells()
        return self._own

    def _bury(self) -> None:
        """Forget the optimizers that are gone."""
        for key in [key for key, one in self.followers.items() if one.optimizer() is None]:
            del self.followers[key]

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
            self._hook.attempt(self._finish_own, getattr(result, "error_in_exec", None))

        shell.events.register("post_run_cell", cell_ended)
        self._hook.undo_with(lambda: shell.events.unregister("post_run_cell", cell_ended))

    # -- reading

    def settle(self) -> None:
        """Write all that is held, waiting for what is under way; the next step asks again which run it is."""
        if self.followers:
            self._hook.attempt(self._settle)

    def _settle(self) -> None:
        self._read(wait=True)
        for follower in self.followers.values():
            follower.close_rates()
            follower.stale = True
        self.pace.reset()

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
            for places, cell, host in copies:
                for row, number in zip(places, host.tolist(), strict=True):
                    row[cell] = number
            _write(waiting)

    def _fetch(self, rows: list[Row]) -> None:
        """Begin the copy of what is on a device: one for all rows, of a kind."""
        groups: dict[tuple[Any, Any, int], tuple[list[Row], list[Any]]] = {}
        for row in rows:
            for cell in (2, 3) if row[0].moving else (3,):
                value = row[cell]
                if type(value) is float or value is None:
                    continue
                if isinstance(value, (list, tuple)):
                    value = row[cell] = list(value)
                    for place, one in enumerate(value):
                        _sort(groups, value, place, one)
                else:
                    _sort(groups, row, cell, value)
        copies: list[tuple[list[Row], int, Any]] = []
        event = None
        with self._torch.no_grad():
            for (_, _, cell), (places, values) in groups.items():
                stacked = self._torch.stack([value.reshape(()) for value in values])
                copies.append((places, cell, stacked.to("cpu", non_blocking=stacked.is_cuda)))
                if stacked.is_cuda:
                    event = self._torch.cuda.Event()
                    event.record()
        self._travelling.append((rows, copies, event))


def _sort(groups: dict[tuple[Any, Any, int], tuple[list[Row], list[Any]]], row: Row, cell: int, value: Any) -> None:
    """Put a tensor beside those that can be read with it."""
    if hasattr(value, "get_device"):
        places, values = groups.setdefault((value.dtype, value.get_device(), cell), ([], []))
        places.append(row)
        values.append(value)


def _frozen(rate: Any) -> Any:
    """Return learning rates as they are now: a tensor of one is changed in place by its scheduler."""
    if isinstance(rate, list):
        return [_frozen(one) for one in rate]
    return rate.detach().clone() if hasattr(rate, "detach") else rate


def _write(rows: list[Row]) -> None:
    fresh = time.time() - FRESH
    for follower, at, rate, loss, step in rows:
        if follower.run is not None:
            follower.write(step, None if at > fresh else at, rate, loss)

"""Rows of a torch loop on their way into a run: held back, written together, later.

A loop has no end that one could hook. Without an open run, a run is opened at the first step. It is
closed when the next training begins with a new optimizer and the old one is gone, at the end of a
notebook's cell (a later step of the same optimizer goes on in it), or with the process.

Rows of numbers are written by a thread, four times a second: the loop does not wait for it, Ctrl-C does
not interrupt it, and a loop that pauses leaves nothing behind. Rows with tensors on a device are read
by the loop itself, in the order of its stream: of a loop that pauses, the last fifth of a second waits
for its next step. What is held is written when a run begins or ends and when the process ends; SIGKILL
loses it.

Knows nothing of: hooks, `backward`.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments import context
from mlstudio.experiments.autolog import torch_pace
from mlstudio.experiments.autolog.hooks import Hook
from mlstudio.experiments.autolog.sessions import implicit, surrounding
from mlstudio.experiments.autolog.torch_followers import Follower, first_step
from mlstudio.experiments.autolog.torch_pace import Pace

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

HELD: Final = 256
SECONDS: Final = 0.2
LIVE: Final = 0.25
"""Seconds between two looks of the thread."""

Row = Sequence[Any]
"""(follower, time, rate or list of rates, loss or losses or None, step)"""


class Rows:
    """Holds rows back and writes them in one go.

    Attributes:
        held: rows that are not written yet; the hook of each step appends to this very list.
        followers: optimizers by their `id`.
    """

    def __init__(self, torch: ModuleType, hook: Hook) -> None:
        self._torch = torch
        self._hook = hook
        self.followers: dict[int, Follower] = {}
        self.held: list[Row] = []
        self.pace = Pace()
        self._travelling: deque[tuple[list[list[Any]], list[tuple[list[Any], int, Any]], Any]] = deque()
        self._due = 0.0
        self._far = False
        self._lock = threading.RLock()
        self._ended: threading.Event | None = None
        self._own: Run | None = None
        self._resume: tuple[str, str] | None = None
        self._watching_cells = False
        context.before_change(self.settle)
        atexit.register(self._leave)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=partial(_forked, weakref.ref(self)))

    def add(self, optimizer: Any, now: float, rate: Any, loss: Any) -> None:
        """Hold the row of a step."""
        follower = self.followers.get(id(optimizer))
        if follower is None or follower.stale or follower.optimizer() is not optimizer:
            follower = self._begin(optimizer)
        if follower.moving:
            rate = _frozen(rate)
            self._far = True
        self.held.append((follower, now, rate, loss, follower.step))
        follower.step += 1
        if follower.step > follower.watch:
            self.turn(follower)

    def passed(self, optimizer: Any) -> bool:
        """Count a step that is not recorded; False when its optimizer must be asked about first."""
        follower = self.followers.get(id(optimizer))
        if follower is None or follower.stale or follower.optimizer() is not optimizer:
            return False
        follower.step += 1
        return True

    def turn(self, follower: Follower) -> None:
        """Decide about the next steps, after a step that was recorded; read what is on a device when it is time."""
        now = self.held[-1][1] if self.held else time.time()
        self.pace.recorded(now, 1 if follower.paced else follower.step - follower.first)
        follower.paced = True
        if self._far and (now >= self._due or len(self.held) >= HELD):
            self._due = now + SECONDS
            self._read()

    def look_at_each(self) -> None:
        """There are losses on a device: each step asks whether it is time to read them."""
        if not self._far:
            self._far = True
            for follower in self.followers.values():
                follower.watch = 0

    # -- which run

    def _begin(self, optimizer: Any) -> Follower:
        """Find the run that an optimizer steps in, at its first step there."""
        self._read(wait=True)
        self._bury()
        known = self.followers.get(id(optimizer))
        run = surrounding()
        if run is None and context.rank() == 0:
            run = self._own_run(optimizer, known)
        if known is not None and known.run is run:
            self._go_on(known)
            return known
        taken = {one.number for one in self.followers.values() if one is not known and one.run is run}
        wanted = known.number if known is not None else 1
        number = wanted if wanted not in taken else min(set(range(1, len(taken) + 2)) - taken)
        follower = self.followers[id(optimizer)] = Follower(optimizer, number, run)
        if run is not None:
            follower.step = first_step(run, follower.loss)
            follower.describe(run, optimizer)
            # At the end of the process ours must come before the recorder's, which was registered just now.
            atexit.unregister(self._leave)
            atexit.register(self._leave)
        self._go_on(follower)
        return follower

    def _go_on(self, follower: Follower) -> None:
        follower.go_on(0 if self._far else torch_pace.EVERY)
        if follower.run is not None:
            self._write_behind()

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
        """Forget the optimizers that are gone; the next one in the same run goes on after their last step."""
        for key in [key for key, one in self.followers.items() if one.optimizer() is None]:
            self.followers.pop(key).close_rates()

    def _finish_own(self, error: BaseException | None = None) -> None:
        own, self._own = self._own, None
        if own is None:
            return
        self._resume = (own.experiment_name, own.component_name)
        from mlstudio.experiments.recording import ending

        own.finish(*ending(error))

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
        self._end_behind()
        self._read(wait=True)
        for follower in self.followers.values():
            follower.close_rates()
            follower.stop()
        self.pace.reset()

    def forget(self) -> None:
        """In a forked child: what is held is the parent's to write, and so is the thread."""
        self._lock = threading.RLock()
        self._ended = None
        self.held.clear()
        self._travelling.clear()
        for follower in self.followers.values():
            follower.stop()

    def _leave(self) -> None:
        """At the end of the process: write all that is held; a run that Ctrl-C ended is Stopped."""
        self.settle()
        error = getattr(sys, "last_value", None)
        if isinstance(error, KeyboardInterrupt) and "ipykernel" not in sys.modules:
            self._hook.attempt(self._finish_own, error)

    def close(self) -> None:
        """Write all that is held and close the run that was opened here."""
        self._end_behind()
        self.settle()
        self._finish_own()
        atexit.unregister(self._leave)
        context.forget_change(self.settle)

    def _write_behind(self) -> None:
        """Have a thread write what is held, until the run ends."""
        if self._ended is None:
            self._ended = ended = threading.Event()
            threading.Thread(target=self._behind, args=(ended,), name="mlstudio-autolog", daemon=True).start()

    def _end_behind(self) -> None:
        if self._ended is not None:
            self._ended.set()
            self._ended = None

    def _behind(self, ended: threading.Event) -> None:
        while not ended.wait(LIVE):
            if self.held and not self._far:
                self._hook.attempt(self._read)

    def _read(self, *, wait: bool = False) -> None:
        cuda = self._torch.cuda
        if self._far and cuda.is_initialized() and cuda.is_current_stream_capturing():
            return
        with self._lock:
            rows = self.held[:]
            del self.held[: len(rows)]  # the loop may have appended since
            if not self._far:
                _write(rows)
                return
            if rows:
                self._fetch([list(row) for row in rows])
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

    def _fetch(self, rows: list[list[Any]]) -> None:
        """Begin the copy of what is on a device: one for all rows, of a kind."""
        groups: dict[tuple[Any, Any, int], tuple[list[Any], list[Any]]] = {}
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
        copies: list[tuple[list[Any], int, Any]] = []
        event = None
        with self._torch.no_grad():
            for (_, _, cell), (places, values) in groups.items():
                stacked = self._torch.stack([value.reshape(()) for value in values])
                copies.append((places, cell, stacked.to("cpu", non_blocking=stacked.is_cuda)))
                if stacked.is_cuda:
                    event = self._torch.cuda.Event()
                    event.record()
        self._travelling.append((rows, copies, event))


def _forked(held: weakref.ref[Rows]) -> None:
    rows = held()
    if rows is not None:
        rows.forget()


def _sort(
    groups: dict[tuple[Any, Any, int], tuple[list[Any], list[Any]]], row: list[Any], cell: int, value: Any
) -> None:
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


def _write(rows: Sequence[Row]) -> None:
    for follower, at, rate, loss, step in rows:
        if follower.run is not None:
            follower.write(step, at, rate, list(loss) if type(loss) is tuple else loss)

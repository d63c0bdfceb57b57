"""Which run is the current one: for nesting, `mlstudio.log`, `load_run()` and the magics.

A run is current inside its ``with`` block, in the same thread or task. Other threads, and code
after a plain ``run = mlstudio.run(…)``, find the run of this process that was opened last and still
goes on. Only ``with`` makes parents: a forgotten run never adopts the next one.

Knows nothing of: stores, recorders.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

_inside: ContextVar[tuple[Run, ...]] = ContextVar("mlstudio_runs", default=())
_going: list[weakref.ref[Run]] = []
_lock = threading.Lock()
_before_change: list[Callable[[], None]] = []


def before_change(call: Callable[[], None]) -> None:
    """Have `call` told before a run begins or ends, while the current run is still the old one; it must not raise.

    Autolog writes then what it held back for the run of that moment.
    """
    if call not in _before_change:
        _before_change.append(call)


def forget_change(call: Callable[[], None]) -> None:
    """Undo `before_change`."""
    if call in _before_change:
        _before_change.remove(call)


def enclosing_run() -> Run | None:
    """Return the innermost ``with`` run of this thread or task, None outside."""
    stack = _inside.get()
    return stack[-1] if stack else None


def current_run() -> Run | None:
    """Return the run that goes on: the innermost ``with``, else the one opened last; None when none does."""
    run = enclosing_run()
    if run is not None:
        return run
    with _lock:
        alive = [found for reference in _going if (found := reference()) is not None]
    return alive[-1] if alive else None


def enter(run: Run) -> None:
    """Make `run` the innermost one of this thread or task."""
    _inside.set((*_inside.get(), run))
    opened(run)


def leave(run: Run) -> None:
    """Take the innermost appearance of `run` out; unknown is fine (left in another task)."""
    stack = list(_inside.get())
    for index in range(len(stack) - 1, -1, -1):
        if stack[index] is run:
            del stack[index]
            break
    _inside.set(tuple(stack))


def opened(run: Run) -> None:
    """Remember that `run` goes on, as the newest."""
    for call in tuple(_before_change):
        call()
    with _lock:
        _going[:] = [one for one in _going if one() is not None and one() is not run]
        _going.append(weakref.ref(run))


def ended(run: Run) -> None:
    """Forget `run`."""
    for call in tuple(_before_change):
        call()
    with _lock:
        _going[:] = [one for one in _going if one() is not None and one() is not run]


def rank() -> int:
    """Return which of the processes of a distributed training this is.

    ``RANK`` says so where a launcher did (torchrun, a job); else torch's process group, where there is
    one (``mp.spawn``). 0 when neither does.
    """
    text = os.environ.get("RANK", "")
    if text:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return 0
    return int(distributed.get_rank())

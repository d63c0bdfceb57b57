"""One optimizer in one run: the names of its series, the step it is at.

The loss is written at each step, a learning rate where it changes (with the point before the change,
so that a line drawn through the points is right).

Knows nothing of: torch, hooks.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.experiments.autolog.described import parameters, settled
from mlstudio.experiments.records import the_store

if TYPE_CHECKING:
    from mlstudio.experiments.runs import Run

_steps: weakref.WeakKeyDictionary[Run, dict[str, int]] = weakref.WeakKeyDictionary()


class Follower:
    """Writes what one optimizer does.

    Attributes:
        number: 1, or more when others step in the same run.
        run: where it writes, None when nowhere.
        moving: a learning rate is a tensor, which its scheduler changes in place.
        stale: a run began or ended since: the next step asks again where it belongs.
        quick: what the hook of each step may do at once: neither stale nor moving, and its optimizer is alive.
        step: of the next row.
        first: the step at which it began, or went on after another run.
        watch: from this step on, `Rows.turn` is asked after each one.
        paced: it was asked already.
    """

    __slots__ = (
        "_at",
        "_changed",
        "_last",
        "_rates",
        "_written",
        "first",
        "loss",
        "moving",
        "number",
        "optimizer",
        "paced",
        "quick",
        "run",
        "stale",
        "step",
        "watch",
    )  # fewer lines of the cache than a dictionary has

    def __init__(self, optimizer: Any, number: int, run: Run | None) -> None:
        groups = len(optimizer.param_groups)
        start = "torch/" if number == 1 else f"torch/{number}/"
        self.optimizer: Callable[[], Any] = weakref.ref(optimizer, self._gone)
        self.number = number
        self.run = run
        self.moving = any(hasattr(group["lr"], "detach") for group in optimizer.param_groups)
        self.stale = False
        self.quick = not self.moving
        self.step = self.first = self.watch = 0
        self.paced = False
        self.loss = f"{start}loss"
        self._rates = [f"{start}lr"] if groups == 1 else [f"{start}lr/{one}" for one in range(groups)]
        self._last: Any = None
        self._changed = self._written = 0
        self._at: float | None = None

    def go_on(self, watch: int) -> None:
        """Go on in the run that it is in; from `watch` more steps on, `Rows.turn` is asked."""
        self.stale = self.paced = False
        self.quick = not self.moving
        self.first = self.step
        self.watch = self.step + watch if watch else 0

    def stop(self) -> None:
        """Have the next step ask again where it belongs."""
        self.stale = True
        self.quick = False

    def _gone(self, _reference: Any) -> None:
        self.quick = False

    def describe(self, run: Run, optimizer: Any) -> None:
        """Record which optimizer it is."""
        name = "optimizer" if self.number == 1 else f"optimizer/{self.number}"
        size = sum(one.numel() for group in optimizer.param_groups for one in group["params"])
        run.log_parameters(
            {
                name: type(optimizer).__name__,
                **parameters(settled(optimizer.defaults), f"{name}/"),
                f"{name}/parameters": size,
            }
        )

    def write(self, step: int, at: float, rate: Any, loss: Any) -> None:
        """Write one row."""
        run = self.run
        assert run is not None
        log, rank = (run._recorder or run._ready()).log, run._rank  # noqa: SLF001, RUF100 - same room; the hot path
        if loss is not None:
            log(self.loss, sum(loss) if isinstance(loss, list) else loss, step, at, rank)
        if rate != self._last:
            if self._last is not None and self._changed < self._written:
                self._write_rates(self._written, self._at)
            self._last, self._changed = rate, step
            self._write_rates(step, at)
        self._written, self._at = step, at

    def _write_rates(self, step: int, at: float | None) -> None:
        assert self.run is not None
        log, rank = self.run._ready().log, self.run._rank  # noqa: SLF001, RUF100 - see above
        rates = self._last if isinstance(self._last, list) else [self._last]
        for name, rate in zip(self._rates, rates, strict=False):  # a group may be added while it trains
            log(name, rate, step, at, rank)

    def close_rates(self) -> None:
        """Write the learning rate of the last step, where the line of it ends."""
        if self.run is None or self.stale or self._last is None:
            return
        if self._changed < self._written:
            self._changed = self._written
            self._write_rates(self._changed, self._at)
        _steps.setdefault(self.run, {})[self.loss] = self.step


class _Nobody:
    """Stands for the follower of an optimizer that is not known yet."""

    quick: Final = False


NOBODY: Final = _Nobody()


def first_step(run: Run, name: str) -> int:
    """Return the step after the last one that a series of a run has: 0, unless the run is gone on with."""
    here = _steps.get(run, {}).get(name)
    if here is not None:
        return here
    try:
        record = the_store().get_component(run.component_name)
    except StudioError:
        return 0
    return max((one.last_step + 1 for one in record.metrics if one.name == name), default=0)

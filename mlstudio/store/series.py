"""The law of a series: a function of step, in which the last write wins, and its fold.

Everything about points that is not bytes and not SQL: giving steps to points logged without one,
putting a batch into order, merging it over what is there, and the summary that a table shows.

Knows nothing of: blocks' bytes, SQL.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlstudio.store.batch import NO_STEP, SeriesPoints
from mlstudio.store.codec import to_milliseconds
from mlstudio.store.laws import Points

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]


def ordered(logged: SeriesPoints, last_step: int) -> Points:
    """Return logged points in order of step, one per step (the last logged), times to the millisecond.

    Args:
        logged: in the order of their calls.
        last_step: greatest step of the series so far, -1 when it is empty; a point without a step
            gets the greatest step before it plus one.
    """
    steps = np.asarray(logged.steps, dtype=np.int64)
    if len(steps) == 1 and steps[0] != NO_STEP:  # very many series of one point each
        return Points(steps, to_milliseconds(logged.ts), np.ascontiguousarray(logged.values, dtype=np.float64))
    missing = steps == NO_STEP
    if missing.any():
        steps = _given(steps, missing, last_step)
    ts, values = to_milliseconds(logged.ts), np.ascontiguousarray(logged.values, dtype=np.float64)
    if len(steps) > 1 and not (steps[1:] > steps[:-1]).all():
        chosen = _last_of_each(steps)
        steps, ts, values = steps[chosen], ts[chosen], values[chosen]
    return Points(steps, ts, values)


def _given(steps: Int, missing: npt.NDArray[np.bool_], last_step: int) -> Int:
    if missing.all():
        return np.arange(last_step + 1, last_step + 1 + len(steps), dtype=np.int64)
    given = steps.copy()
    greatest = last_step
    for place, step in enumerate(steps.tolist()):
        taken = greatest + 1 if step == NO_STEP else step
        given[place] = taken
        greatest = max(greatest, taken)
    return given


def _last_of_each(steps: Int) -> npt.NDArray[np.intp]:
    """Return indices in order of step, of the last point of each step."""
    order = np.argsort(steps, kind="stable")
    in_order = steps[order]
    chosen: npt.NDArray[np.intp] = order[np.append(in_order[1:] != in_order[:-1], True)]
    return chosen


def merge(old: Points, new: Points) -> Points:
    """Return both in order of step; where a step is in both, the new one."""
    steps = np.concatenate([old.steps, new.steps])
    chosen = _last_of_each(steps)
    ts, values = np.concatenate([old.ts, new.ts]), np.concatenate([old.values, new.values])
    return Points(steps[chosen], ts[chosen], values[chosen])


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sum of squared deviations of finite values."""

    n: int
    mean: float
    m2: float

    def plus(self, other: Moments) -> Moments:
        """Return the moments of both together (Chan's formula: no cancellation, any order)."""
        if not self.n or not other.n:
            return other if not self.n else self
        n = self.n + other.n
        delta = other.mean - self.mean
        mean = self.mean + delta * (other.n / n)
        if not math.isfinite(mean):
            mean = self.mean * (self.n / n) + other.mean * (other.n / n)
        try:
            m2 = self.m2 + other.m2 + delta * delta * (self.n * (other.n / n))
        except OverflowError:
            m2 = math.inf
        return Moments(n, mean, m2)


NOTHING = Moments(0, 0.0, 0.0)


def moments(values: Float) -> Moments:
    """Return the moments of the finite values among `values`; a sum that overflows does not spoil the mean."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return NOTHING
    with np.errstate(all="ignore"):
        mean = float(finite.sum() / len(finite))
        if not math.isfinite(mean):
            mean = float((finite / len(finite)).sum())
        return Moments(len(finite), mean, float(((finite - mean) ** 2).sum()))


@dataclass(frozen=True, slots=True)
class Summary:
    """The fold of a series, as its row keeps it; `min` and `max` are None while no value is finite."""

    count: int
    n_nan: int
    first: float
    last: float
    last_step: int
    last_ts: float
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    moments: Moments

    def plus(self, later: Summary) -> Summary:
        """Return the fold of both; all steps of `later` are greater."""
        low = _better(self.min, self.min_step, later.min, later.min_step, sign=1)
        high = _better(self.max, self.max_step, later.max, later.max_step, sign=-1)
        return Summary(
            self.count + later.count,
            self.n_nan + later.n_nan,
            self.first,
            later.last,
            later.last_step,
            later.last_ts,
            *low,
            *high,
            self.moments.plus(later.moments),
        )

    @property
    def avg(self) -> float | None:
        """Mean of the finite values."""
        return self.moments.mean if self.moments.n and math.isfinite(self.moments.mean) else None

    @property
    def std_dev(self) -> float | None:
        """Population standard deviation of the finite values; None when it overflows."""
        if not self.moments.n or not math.isfinite(self.moments.m2):
            return None
        return math.sqrt(max(self.moments.m2, 0.0) / self.moments.n)


def _better(
    mine: float | None, my_step: int | None, other: float | None, other_step: int | None, *, sign: int
) -> tuple[float | None, int | None]:
    """Return the smaller (sign 1) or greater (-1) value with its step; the earlier one of equals."""
    if mine is None or (other is not None and (other - mine) * sign < 0):
        return other, other_step
    return mine, my_step


def summary_of(points: Points) -> Summary:
    """Return the fold of points, at least one, in order of step."""
    steps, values = points.steps, points.values
    finite = np.isfinite(values)
    any_finite = bool(finite.any())
    low = int(np.where(finite, values, np.inf).argmin())
    high = int(np.where(finite, values, -np.inf).argmax())
    return Summary(
        len(values),
        int(len(values) - finite.sum()),
        float(values[0]),
        float(values[-1]),
        int(steps[-1]),
        float(points.ts[-1]),
        float(values[low]) if any_finite else None,
        int(steps[low]) if any_finite else None,
        float(values[high]) if any_finite else None,
        int(steps[high]) if any_finite else None,
        moments(values),
    )


def fold(parts: Iterable[Summary]) -> Summary:
    """Return the fold of summaries in order of step, at least one."""
    found: Any = None
    for part in parts:
        found = part if found is None else found.plus(part)
    assert isinstance(found, Summary)
    return found

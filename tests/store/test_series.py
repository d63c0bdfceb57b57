"""The law of a series, apart from any store."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.store.batch import NO_STEP, SeriesPoints
from mlstudio.store.laws import Points
from mlstudio.store.series import merge, moments, ordered, summary_of


def logged(steps: list[int], values: list[float]) -> SeriesPoints:
    ts = np.arange(len(steps), dtype=np.float64)
    return SeriesPoints("m", "{}", np.array(steps, dtype=np.int64), ts, np.array(values, dtype=np.float64))


def as_points(values: list[float]) -> Points:
    count = len(values)
    return Points(np.arange(count), np.arange(count, dtype=np.float64), np.array(values, dtype=np.float64))


def test_points_without_a_step_follow_the_greatest_step_before_them() -> None:
    found = ordered(logged([NO_STEP, NO_STEP, 10, NO_STEP, 3, NO_STEP], [0, 1, 2, 3, 4, 5]), last_step=-1)
    assert dict(zip(found.steps.tolist(), found.values.tolist(), strict=True)) == {
        0: 0,
        1: 1,
        10: 2,
        11: 3,
        3: 4,
        12: 5,
    }
    assert ordered(logged([NO_STEP] * 3, [0, 0, 0]), last_step=41).steps.tolist() == [42, 43, 44]


@settings(max_examples=100, deadline=None)
@given(
    old=st.dictionaries(st.integers(0, 50), st.floats(-1, 1)),
    new=st.lists(st.tuples(st.integers(0, 50), st.floats(-1, 1)), min_size=1),
)
def test_t23_the_last_write_of_a_step_wins(old: dict[int, float], new: list[tuple[int, float]]) -> None:
    before = Points(
        np.array(sorted(old), dtype=np.int64), np.zeros(len(old)), np.array([old[step] for step in sorted(old)])
    )
    later = ordered(logged([step for step, _ in new], [value for _, value in new]), last_step=-1)
    found = merge(before, later)
    assert dict(zip(found.steps.tolist(), found.values.tolist(), strict=True)) == {**old, **dict(new)}
    assert (np.diff(found.steps) > 0).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_moments_of_parts_are_the_moments_of_the_whole(left: list[float], right: list[float]) -> None:
    both = moments(np.array(left)).plus(moments(np.array(right)))
    whole = left + right
    assert both.n == len(whole)
    assert both.mean == pytest.approx(statistics.fmean(whole), rel=1e-9, abs=1e-6)
    assert math.sqrt(both.m2 / both.n) == pytest.approx(statistics.pstdev(whole), rel=1e-6, abs=1e-3)


def test_a_mean_near_the_end_of_the_floats_does_not_overflow_its_deviation_is_empty() -> None:
    found = summary_of(as_points([1e308, 1.5e308, -1e308]))
    assert found.avg == pytest.approx(0.5e308)
    assert found.std_dev is None
    assert (found.min, found.max) == (-1e308, 1.5e308)


def test_a_series_of_nan_has_no_extremes_and_no_mean() -> None:
    found = summary_of(as_points([math.nan, math.inf]))
    assert (found.count, found.n_nan, found.min, found.max, found.avg, found.std_dev) == (2, 2, None, None, None, None)


def test_of_equal_extremes_the_first_step_is_told_also_across_parts() -> None:
    whole = summary_of(as_points([1, 5, 5, 1]))
    assert (whole.min_step, whole.max_step) == (0, 1)
    later = summary_of(Points(np.array([9]), np.array([9.0]), np.array([5.0])))
    assert whole.plus(later).max_step == 1

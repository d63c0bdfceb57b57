"""Points on their way to a chart."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.server.live.cells import Shown
from mlstudio.server.live.points import MOST, numbered, packed
from mlstudio.store.batch import NO_STEP


def unpacked(points: dict[str, Any]) -> tuple[list[float], list[float], list[float]]:
    data = np.frombuffer(base64.b64decode(points["b64"]), "<f8").reshape(3, points["n"])
    return data[0].tolist(), data[1].tolist(), data[2].tolist()


def test_points_keep_nan_and_their_own_times() -> None:
    made = packed("loss", '{"rank":1}', np.array([3, 4]), np.array([1.5, 2.5]), np.array([np.nan, np.inf]))

    steps, ts, values = unpacked(made)
    assert (made["name"], made["context"], made["n"]) == ("loss", {"rank": 1}, 2)
    assert (steps, ts) == ([3.0, 4.0], [1.5, 2.5])
    assert np.isnan(values[0])
    assert values[1] == np.inf


@given(st.integers(MOST + 1, 3 * MOST), st.integers(0, 10**6))
def test_thinned_points_keep_first_last_and_both_extremes(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=count)
    values[seed % count] = np.nan

    steps, _, kept = unpacked(packed("m", "{}", np.arange(count), np.arange(count, dtype=float), values))

    assert len(steps) <= MOST
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert np.nanmax(kept) == np.nanmax(values)
    assert np.nanmin(kept) == np.nanmin(values)
    assert steps == sorted(steps)


def test_a_flood_of_nan_is_thinned_too() -> None:
    count = MOST * 2

    made = packed("m", "{}", np.arange(count), np.zeros(count), np.full(count, np.nan))

    assert made["n"] <= MOST


def test_points_without_a_step_get_the_one_that_the_store_will_give() -> None:
    steps, last = numbered(np.array([NO_STEP, NO_STEP, 10, NO_STEP, 3, NO_STEP]), 4)

    assert steps.tolist() == [5, 6, 10, 11, 3, 12]
    assert last == 12
    assert numbered(np.array([], dtype=np.int64), 7)[1] == 7
    assert numbered(np.array([2, 1]), 9)[1] == 9


def test_only_cells_that_differ_are_told_and_nan_equals_itself() -> None:
    shown = Shown(size=2)
    nan = float("nan")

    assert shown.changed("a", {"x": 1, "y": nan}) == {"x": 1, "y": nan}
    assert shown.changed("a", {"x": 1, "y": nan}) == {}
    assert shown.changed("a", {"x": 2, "z": 3}) == {"x": 2, "z": 3, "y": None}
    assert shown.changed("a", {"x": 2}, {"z", "w"}) == {}, "what is held back is not gone"
    assert shown.changed("a", {"x": 2, "z": 3}) == {}, "and stands as it was told"
    shown.changed("b", {"x": 1})
    shown.changed("c", {"x": 1})
    assert shown.changed("a", {"x": 2, "z": 3}) == {"x": 2, "z": 3}, "forgotten rows are told in full"
    shown.forget("a")
    assert shown.changed("a", {"x": 2}) == {"x": 2}

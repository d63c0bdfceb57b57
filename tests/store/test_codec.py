"""Blocks: what goes in comes out, at 12 bytes a regular point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.store.codec import BLOCK, REGULAR, WIDE, Block, Stored, decode, encode, encode_all, to_milliseconds
from mlstudio.store.laws import Points

any_float = st.floats(allow_nan=True, allow_infinity=True, width=64)
steps_of = st.lists(st.integers(0, 2**53 - 1), min_size=1, max_size=60, unique=True).map(sorted)


def points(steps: list[int], values: list[float], ts: list[float] | None = None) -> Points:
    when = np.array(ts if ts is not None else [1.7e9 + step for step in range(len(steps))], dtype=np.float64)
    return Points(np.array(steps, dtype=np.int64), to_milliseconds(when), np.array(values, dtype=np.float64))


def stored(blocks: list[Block]) -> list[Stored]:
    return [Stored(block.n, block.reg, block.stride, block.step0, block.ts0, block.data) for block in blocks]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), steps=steps_of)
def test_a_round_trip_is_exact_to_the_bit(data: st.DataObject, steps: list[int]) -> None:
    values = data.draw(st.lists(any_float, min_size=len(steps), max_size=len(steps)))
    ts = data.draw(st.lists(st.floats(-1e9, 4e9), min_size=len(steps), max_size=len(steps)))
    given_points = points(steps, values, ts)
    found = decode(stored(encode(given_points)))
    assert found.steps.tobytes() == given_points.steps.tobytes()
    assert found.values.tobytes() == given_points.values.tobytes()
    assert found.ts.tobytes() == given_points.ts.tobytes()


def test_a_regular_block_takes_12_bytes_a_point_an_irregular_one_20() -> None:
    regular = encode(points(list(range(0, 10 * BLOCK, 10)), [0.5] * BLOCK))
    irregular = encode(points([step * step for step in range(BLOCK)], [0.5] * BLOCK))
    assert [len(block.data) for block in regular] == [12 * BLOCK]
    assert [len(block.data) for block in irregular] == [20 * BLOCK]
    assert (regular[0].reg & REGULAR, regular[0].stride, irregular[0].reg & REGULAR) == (REGULAR, 10, 0)


def test_t06_a_clock_set_back_a_day_keeps_its_times() -> None:
    ts = [1.7e9, 1.7e9 + 1, 1.7e9 - 86_400, 1.7e9 - 86_399.5]
    blocks = encode(points([0, 1, 2, 3], [0.0] * 4, ts))
    assert blocks[0].reg & WIDE
    assert decode(stored(blocks)).ts.tolist() == ts


def test_a_year_between_two_points_keeps_its_times() -> None:
    ts = [1.7e9, 1.7e9 + 365 * 86_400.0]
    blocks = encode(points([0, 1], [0.0] * 2, ts))
    assert blocks[0].reg & WIDE
    assert decode(stored(blocks)).ts.tolist() == ts


@settings(max_examples=100, deadline=None)
@given(values=st.lists(any_float, min_size=1, max_size=40))
def test_a_summary_says_what_the_points_say(values: list[float]) -> None:
    block = encode(points(list(range(5, 5 + len(values))), values))[0]
    finite = [value for value in values if math.isfinite(value)]
    assert block.n_nan == len(values) - len(finite)
    assert np.array([block.first, block.last]).tobytes() == np.array([values[0], values[-1]]).tobytes()
    if not finite:
        assert (block.min, block.max, block.sum, block.sumsq) == (None, None, None, None)
        return
    assert (block.min, block.max) == (min(finite), max(finite))
    assert values[block.min_step - 5] == block.min  # type: ignore[operator]
    assert values[block.max_step - 5] == block.max  # type: ignore[operator]
    assert block.min_ts == 1.7e9 + (block.min_step or 0) - 5


def test_the_sum_of_squares_does_not_cancel_at_a_million_plus_a_thousandth() -> None:
    block = encode(points([0, 1], [1e6 - 1e-3, 1e6 + 1e-3]))[0]
    assert block.sumsq == pytest.approx(2e-6, rel=1e-6)


def test_many_series_are_encoded_together_as_each_alone() -> None:
    rng = np.random.default_rng(1)
    series = [points(list(range(n)), rng.normal(size=n).tolist()) for n in (1, 20, 20, 1500, 20, 1024, 1025)]
    together = encode_all(series)
    assert together == [encode(one) for one in series]
    assert [[block.n for block in blocks] for blocks in together][3:] == [[1024, 476], [20], [1024], [1024, 1]]


def test_nothing_decodes_to_nothing() -> None:
    assert len(decode([]).steps) == 0

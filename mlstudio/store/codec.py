"""Blocks: up to 1,024 points of a series as bytes, with the numbers that summarise them.

    [step i64 x n, unless the steps are regular] ++ [ts u32 x n, ms after ts0; or i64 x n, µs] ++ [value f64 x n]

12 bytes a point when steps are regular (start and stride say them all), 20 otherwise. Values and
steps come back bit for bit; times are kept to the millisecond. Blocks of one shape are encoded,
summarised and decoded together, so that a drain of a hundred series costs one pass of numpy.

Knows nothing of: SQL, series, who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from mlstudio.store.laws import Points

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

BLOCK: Final = 1024
REGULAR: Final = 1
WIDE: Final = 2
"""Flags of `Block.reg`: steps are start + i x stride; times are int64 µs offsets."""
_U32: Final = 2**32 - 1


class Block(NamedTuple):
    """A block as a row: the columns of `metric_block` after series_id and seq, in order."""

    n: int
    n_nan: int
    reg: int
    stride: int
    step0: int
    step1: int
    ts0: float
    ts1: float
    first: float
    last: float
    min: float | None
    min_step: int | None
    min_ts: float | None
    max: float | None
    max_step: int | None
    max_ts: float | None
    sum: float | None
    sumsq: float | None
    data: bytes


def to_milliseconds(ts: Float) -> Float:
    """Return times as a block keeps them: rounded to the millisecond."""
    return np.asarray(np.rint(ts * 1e3) / 1e3 + 0.0, dtype=np.float64)  # + 0.0: no time is -0.0


def encode(points: Points) -> list[Block]:
    """Return the blocks of points in order of step, as full as can be, the last one shorter."""
    return encode_all([points])[0]


def encode_all(series: Sequence[Points]) -> list[list[Block]]:
    """Return the blocks of several series; blocks of equal length are worked on together.

    Args:
        series: each in strictly increasing order of step, times in whole milliseconds.
    """
    found: list[list[Block | None]] = []
    shapes: dict[int, list[tuple[int, int]]] = {}
    for number, points in enumerate(series):
        lengths = [min(BLOCK, len(points.steps) - at) for at in range(0, len(points.steps), BLOCK)]
        found.append([None] * len(lengths))
        for place, length in enumerate(lengths):
            shapes.setdefault(length, []).append((number, place))
    for length, places in shapes.items():
        cuts = [(series[number], slice(place * BLOCK, place * BLOCK + length)) for number, place in places]
        if len(cuts) == 1:
            points, cut = cuts[0]
            steps, ts, values = points.steps[None, cut], points.ts[None, cut], points.values[None, cut]
        else:
            steps = np.stack([points.steps[cut] for points, cut in cuts])
            ts = np.stack([points.ts[cut] for points, cut in cuts])
            values = np.stack([points.values[cut] for points, cut in cuts])
        for (number, place), block in zip(places, _encode_equal(steps, ts, values), strict=True):
            found[number][place] = block
    return [[block for block in blocks if block is not None] for blocks in found]


def _encode_equal(steps: Int, ts: Float, values: Float) -> list[Block]:
    """Return the blocks of k stretches of equal length; all arguments (k, n)."""
    count, length = steps.shape
    rows = np.arange(count)
    stride, regular = _strides(steps)
    offsets = np.rint((ts - ts[:, :1]) * 1e3)
    wide: Bool = np.asarray(((offsets < 0) | (offsets > _U32)).any(axis=1))
    narrow_ts = np.where(wide[:, None], 0, offsets).astype("<u4")
    wide_ts = (np.rint(ts * 1e6) - np.rint(ts[:, :1] * 1e6)).astype("<i8") if wide.any() else None
    finite = np.isfinite(values)
    n_finite = finite.sum(axis=1)
    low = np.where(finite, values, np.inf).argmin(axis=1)
    high = np.where(finite, values, -np.inf).argmax(axis=1)
    with np.errstate(all="ignore"):
        clean = values if finite.all() else np.where(finite, values, 0.0)
        sums = clean.sum(axis=1)
        means = sums / np.maximum(n_finite, 1)
        deviations = np.where(finite, values - means[:, None], 0.0) if clean is not values else values - means[:, None]
        squares = (deviations * deviations).sum(axis=1)
    columns: list[npt.NDArray[Any]] = [
        (n_finite < length) * (length - n_finite),
        regular * REGULAR + wide * WIDE,
        stride,
        steps[:, 0],
        steps[:, -1],
        ts[:, 0],
        ts[:, -1],
        values[:, 0],
        values[:, -1],
        values[rows, low],
        steps[rows, low],
        ts[rows, low],
        values[rows, high],
        steps[rows, high],
        ts[rows, high],
        sums,
        squares,
    ]
    blocks = []
    values = np.ascontiguousarray(values, dtype="<f8")
    for row, cells in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        parts = b"" if regular[row] else steps[row].astype("<i8").tobytes()
        parts += wide_ts[row].tobytes() if wide_ts is not None and wide[row] else narrow_ts[row].tobytes()
        kept = cells if n_finite[row] else (*cells[:9], None, None, None, None, None, None, None, None)
        blocks.append(Block._make((length, *kept, parts + values[row].tobytes())))
    return blocks


def _strides(steps: Int) -> tuple[Int, Bool]:
    """Return the stride of each stretch, and whether all its steps keep it."""
    count, length = steps.shape
    if length == 1:
        return np.ones(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
    gaps = np.diff(steps, axis=1)
    stride = gaps[:, 0]
    regular: Bool = np.asarray((gaps == stride[:, None]).all(axis=1))
    return np.where(regular, stride, 0), regular


class Stored(NamedTuple):
    """What decoding needs of a block row."""

    n: int
    reg: int
    stride: int
    step0: int
    ts0: float
    data: bytes


def decode(rows: Sequence[Stored]) -> Points:
    """Return the points of blocks in order; neighbours of one shape are decoded together."""
    if not rows:
        return Points(np.empty(0, np.int64), np.empty(0), np.empty(0))
    parts: list[Points] = []
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at][:2] != rows[start][:2]:
            parts.append(_decode_equal(rows[start:at]))
            start = at
    if len(parts) == 1:
        return parts[0]
    return Points(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.ts for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def _decode_equal(rows: Sequence[Stored]) -> Points:
    """Return the points of blocks that have the same length and flags."""
    n, reg = rows[0].n, rows[0].reg
    data = np.frombuffer(b"".join(row.data for row in rows), dtype=np.uint8).reshape(len(rows), -1)
    at = 0
    if reg & REGULAR:
        step0 = np.array([row.step0 for row in rows], dtype=np.int64)
        stride = np.array([row.stride for row in rows], dtype=np.int64)
        steps = np.multiply.outer(stride, np.arange(n, dtype=np.int64))
        steps += step0[:, None]
    else:
        steps = data[:, : 8 * n].view("<i8")
        at = 8 * n
    ts0 = np.array([row.ts0 for row in rows])[:, None]
    if reg & WIDE:
        ts = np.rint(ts0 * 1e6) + data[:, at : at + 8 * n].view("<i8")
        ts /= 1e6
        at += 8 * n
    else:
        ts = np.rint(ts0 * 1e3) + data[:, at : at + 4 * n].view("<u4")
        ts /= 1e3
        at += 4 * n
    values = data[:, at:].view("<f8")
    return Points(
        np.asarray(steps, dtype=np.int64).reshape(-1), ts.reshape(-1), np.array(values, dtype=np.float64).reshape(-1)
    )

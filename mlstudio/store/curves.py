"""Curves small enough to draw, with their true extremes.

A metric of a long run has millions of points; a chart is about 2,000 pixels wide. This module
stands between the two and keeps one promise: the first, the last, the highest and the lowest value
of a view survive, at their own x. Nothing here averages, save the smoothed column that is asked for.

A zoomed-out curve of a long series is drawn from the summary columns of its blocks alone (the
"pyramid"): first, lowest, highest and last point of each block; no point is decoded.

Reads: blocks and points, through the store.
Knows nothing of: HTTP, SQL, charts.
Cost: 1M points to 2,000 in some milliseconds; see benchmarks/curves.py.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.tables import CurveHeader, CurveRequest, CurveSeries, SeriesRef
from mlstudio.entities.wire import encode
from mlstudio.store.journal_values import canonical
from mlstudio.store.laws import BlockSummaries, Points

Float = npt.NDArray[np.float64]
Level = Literal["all", "exact", "pyramid", "downsampled"]

MAGIC: Final = b"MLC1"
PYRAMID_BLOCKS: Final = 200
MAX_NAN_X: Final = 100
METRIC: Final = "metric:"
RELATIVE: Final = "relative"
_FAR: Final = 2**62


class Source(Protocol):
    """Where points are read from: a store, or a store with what its journals still hold."""

    def points(self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None) -> Points:
        """Return the exact points of a series, both ends of `steps` included."""

    def blocks(
        self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None
    ) -> BlockSummaries:
        """Return the summaries of the blocks that meet `steps`; none where only the points will do."""

    def get_components(self, names: Sequence[str], *, most: int | None = None) -> list[ComponentRecord]:
        """Return components with at most `most` metrics; unknown names are left out."""


@dataclass(frozen=True, slots=True)
class View:
    """A curve before it is made small: points, where it is not finite, and how many points it stands for."""

    points: Points
    x: Float
    nan_x: Float
    n_nan: int
    total: int
    level: Level


def curve(store: Source, request: CurveRequest) -> bytes:
    """Return the MLC1 body of curves.

    Args:
        store: where the series are.
        request: see `CurveRequest`; a series that does not exist (yet) gives an empty curve.

    Returns:
        ``"MLC1" | u32 length | JSON CurveHeader | float64 columns``, little endian.

    Raises:
        NotFound: a component does not exist.
        InvalidField: an unknown x axis, or a range that is none.
    """
    _check(request)
    starts = _starts(store, request) if request.x == RELATIVE else {}
    headers: list[CurveSeries] = []
    columns: list[Float] = []
    offset = 0
    for wanted in request.series:
        header, made = _one(store, request, wanted, starts.get(wanted.component), offset)
        headers.append(header)
        columns += made
        offset += header.n * len(made)
    head = encode(CurveHeader(x=request.x, series=headers))
    head = head.ljust(-(-(len(head) + 8) // 8) * 8 - 8)
    body = [np.ascontiguousarray(column, dtype="<f8").tobytes() for column in columns]
    return b"".join([MAGIC, struct.pack("<I", len(head)), head, *body])


def _check(request: CurveRequest) -> None:
    if request.x not in {"step", "time", "relative"} and not (
        request.x.startswith(METRIC) and len(request.x) > len(METRIC)
    ):
        raise InvalidField(
            f"A curve cannot be drawn over {request.x[:80]!r}.",
            field="x",
            hint="Use step, time, relative or metric:NAME.",
        )
    if request.range is not None and not request.range[0] <= request.range[1]:
        raise InvalidField("The range must be two numbers in order.", field="range")


def _starts(store: Source, request: CurveRequest) -> dict[str, float]:
    """Return by component when it began: what happened in one run at one moment stands at one x."""
    names = list({wanted.component: None for wanted in request.series})
    found = {
        record.name: record.start_time / 1e6
        for record in store.get_components(names, most=0)
        if record.start_time is not None
    }
    without: dict[str, list[float]] = {}
    for wanted in request.series:
        if wanted.component not in found:
            without.setdefault(wanted.component, []).extend(_first(store, wanted))
    return found | {name: min(times) for name, times in without.items() if times}


def _first(store: Source, wanted: SeriesRef) -> list[float]:
    """Return the time of the first point of a series, nothing when it has none."""
    context = canonical(wanted.context)
    try:
        blocks = store.blocks(wanted.component, wanted.name, context)
        ts = blocks.ts0 if len(blocks.n) else store.points(wanted.component, wanted.name, context).ts
    except NotFound as error:
        if error.field != "name":
            raise
        return []
    return [float(one) for one in ts[:1]]


def _one(
    store: Source, request: CurveRequest, wanted: SeriesRef, start: float | None, offset: int
) -> tuple[CurveSeries, list[Float]]:
    """Return header and columns of one curve."""
    context = canonical(wanted.context)
    try:
        view = _view(store, request, wanted, context, start or 0.0)
    except NotFound as error:
        if error.field != "name":
            raise
        view = _empty()
    x, y, ts = view.x, view.points.values, view.points.ts
    level = view.level
    if not request.exact and len(x) > request.width:
        chosen = shrink(x, y, request.width)
        x, y, ts = x[chosen], y[chosen], ts[chosen]
        level = "pyramid" if level == "pyramid" else "downsampled"
    made: dict[Any, Float] = {"x": x, "y": y}
    if request.exact:
        made["ts"] = ts
    if request.smooth > 0:
        made["smooth"] = smooth(y, request.smooth)
    header = CurveSeries(
        component=wanted.component,
        name=wanted.name,
        context=wanted.context,
        n=len(x),
        total=view.total,
        level=level,
        n_nan=view.n_nan,
        nan_x=view.nan_x[:MAX_NAN_X].tolist(),
        columns=list(made),
        offset=offset,
        start=start,
    )
    return header, list(made.values())


def _empty() -> View:
    none = np.empty(0)
    return View(Points(np.empty(0, np.int64), none, none), none, none, 0, 0, "all")


def _view(store: Source, request: CurveRequest, wanted: SeriesRef, context: str, start: float) -> View:
    """Read what the view needs: summaries when there are many blocks, points otherwise."""
    name = wanted.name
    steps = _steps_of(request.range) if request.x == "step" else None
    if not request.exact and not request.x.startswith(METRIC):
        blocks = store.blocks(wanted.component, name, context, steps)
        if request.range is not None and request.x != "step":
            blocks = _in_time(blocks, request, start)
        if len(blocks.n) >= PYRAMID_BLOCKS and len(blocks.n) * 4 >= request.width:
            return _pyramid(store, request, wanted, context, blocks, start)
        if request.range is not None and request.x == "time" and len(blocks.n):
            steps = int(blocks.step0[0]), int(blocks.step1[-1])
    points = store.points(wanted.component, name, context, steps)
    x = _x_of(store, request, wanted, context, points, start)
    return _cut(request, points, x)


def _steps_of(wanted: tuple[float, float] | None) -> tuple[int, int] | None:
    if wanted is None:
        return None
    low, high = (max(-float(_FAR), min(float(_FAR), end)) for end in wanted)
    return math.ceil(low), math.floor(high)


def _in_time(blocks: BlockSummaries, request: CurveRequest, start: float) -> BlockSummaries:
    """Keep the blocks whose times meet the range."""
    if not len(blocks.n):
        return blocks
    low, high = request.range or (-math.inf, math.inf)
    first = np.minimum(blocks.ts0, blocks.ts1) - start
    last = np.maximum(blocks.ts0, blocks.ts1) - start
    return _select(blocks, (last >= low) & (first <= high))


def _select(blocks: BlockSummaries, mask: npt.NDArray[np.bool_]) -> BlockSummaries:
    return BlockSummaries(*(getattr(blocks, name)[mask] for name in BlockSummaries.__slots__))


def _x_of(store: Source, request: CurveRequest, wanted: SeriesRef, context: str, points: Points, start: float) -> Float:
    """Return x of each point; NaN where another metric has no value at its step."""
    if request.x == "step":
        return points.steps.astype(np.float64)
    if request.x == "time":
        return points.ts
    if request.x == RELATIVE:
        return points.ts - start
    try:
        other = store.points(wanted.component, request.x.removeprefix(METRIC), context)
    except NotFound:
        return np.full(len(points.steps), np.nan)
    place = np.searchsorted(other.steps, points.steps)
    place[place == len(other.steps)] = 0
    x = np.full(len(points.steps), np.nan)
    if len(other.steps):
        met = other.steps[place] == points.steps
        x[met] = other.values[place[met]]
    return x


def _cut(request: CurveRequest, points: Points, x: Float) -> View:
    """Cut to the range, put in order of x, and split off what is not finite when it must be made small."""
    points, x = _in_range(request, points, x)
    finite = np.isfinite(points.values)
    total, nan_x = len(x), x[~finite]
    if request.exact or total <= request.width:
        return View(points, x, nan_x, len(nan_x), total, "exact" if request.exact else "all")
    if len(nan_x):
        points, x = _chosen(points, finite), x[finite]
    return View(points, x, nan_x, len(nan_x), total, "downsampled")


def _in_range(request: CurveRequest, points: Points, x: Float) -> tuple[Points, Float]:
    """Return the points of finite x inside the range, in order of x."""
    # In order, as nearly always, there is no NaN between the ends: cut, nothing is copied.
    if len(x) > 1 and (x[1:] >= x[:-1]).all() and math.isfinite(x[0]) and math.isfinite(x[-1]):
        low, high = request.range or (-math.inf, math.inf)
        inside = slice(int(np.searchsorted(x, low)), int(np.searchsorted(x, high, side="right")))
        return _chosen(points, inside), x[inside]
    keep = np.isfinite(x)
    if request.range is not None:
        keep &= (x >= request.range[0]) & (x <= request.range[1])
    points, x = _chosen(points, keep), x[keep]
    order = np.argsort(x, kind="stable")
    return _chosen(points, order), x[order]


def _chosen(points: Points, which: npt.NDArray[Any] | slice) -> Points:
    return Points(points.steps[which], points.ts[which], points.values[which])


def _pyramid(
    store: Source, request: CurveRequest, wanted: SeriesRef, context: str, blocks: BlockSummaries, start: float
) -> View:
    """Return the four outstanding points of each block; the blocks at the edges of a range are decoded."""

    def axis(points: Points) -> Float:
        if request.x == "step":
            return points.steps.astype(np.float64)
        return points.ts - start

    def read(place: int) -> Points:
        ends = int(blocks.step0[place]), int(blocks.step1[place])
        return store.points(wanted.component, wanted.name, context, ends)

    edges = {0, len(blocks.n) - 1} if request.range is not None else set()
    inner = np.ones(len(blocks.n), dtype=np.bool_)
    inner[list(edges)] = False
    parts = [_cut(request, part, axis(part)) for part in (read(place) for place in sorted(edges))]
    middle = _outstanding(_select(blocks, inner))
    spots = _nan_places(blocks, inner, read, axis)
    total = int(blocks.n[inner].sum()) + sum(part.total for part in parts)
    n_nan = int(blocks.n_nan[inner].sum()) + sum(part.n_nan for part in parts)
    everything = [middle, *(part.points for part in parts)]
    points = Points(*(np.concatenate(column) for column in zip(*map(_columns, everything), strict=True)))
    finite = np.isfinite(points.values)
    points = _chosen(points, finite)
    x = axis(points)
    order = np.argsort(x, kind="stable")
    points, x = _chosen(points, order), x[order]
    nan_x = np.sort(np.concatenate([spots, *(part.nan_x for part in parts)]))
    return View(points, x, nan_x, n_nan, total, "pyramid")


def _columns(points: Points) -> tuple[Any, Any, Any]:
    return points.steps, points.ts, points.values


def _outstanding(blocks: BlockSummaries) -> Points:
    """Return first, lowest, highest and last point of each block, one per step."""
    finite = blocks.n > blocks.n_nan
    steps = np.concatenate([blocks.step0, blocks.min_step[finite], blocks.max_step[finite], blocks.step1])
    ts = np.concatenate([blocks.ts0, blocks.min_ts[finite], blocks.max_ts[finite], blocks.ts1])
    values = np.concatenate([blocks.first, blocks.min[finite], blocks.max[finite], blocks.last])
    steps, chosen = np.unique(steps, return_index=True)
    return Points(steps, ts[chosen], values[chosen])


def _nan_places(blocks: BlockSummaries, inner: npt.NDArray[np.bool_], read: Any, axis: Any) -> Float:
    """Return x of the first points that are not finite, decoding only blocks that have some."""
    found: list[Float] = []
    for place in np.flatnonzero(inner & (blocks.n_nan > 0)):
        if sum(len(part) for part in found) >= MAX_NAN_X:
            break
        points = read(int(place))
        found.append(axis(points)[~np.isfinite(points.values)])
    return np.concatenate(found) if found else np.empty(0)


def shrink(x: Float, y: Float, width: int) -> npt.NDArray[np.int64]:
    """Choose at most `width` points of a curve, its ends and extremes among them.

    Args:
        x: shape (n,), in order.
        y: shape (n,), finite.
        width: how many to keep, at least 4.

    Returns:
        Indices in order; all of them when n <= width.

    >>> shrink(np.arange(10.0), np.array([0, 1, 0, 9, 0, 0, -5, 0, 0, 0.0]), 4).tolist()
    [0, 3, 6, 9]
    """
    from tsdownsample import MinMaxLTTBDownsampler

    n = len(x)
    if n <= width:
        return np.arange(n)
    forced = {0, n - 1, int(y.argmin()), int(y.argmax())}
    room = width - 2
    chosen: npt.NDArray[Any] = np.empty(0, dtype=np.int64)
    if room > 2:
        # Its own `downsample` finds this function by the names of types, which costs more than 2,000 points do.
        maker: Any = MinMaxLTTBDownsampler
        few = maker().mod_single_core
        chosen = few.downsample_f64_f64(np.ascontiguousarray(x), np.ascontiguousarray(y), room, ratio=4)
    both: npt.NDArray[np.int64] = np.sort(np.append(chosen.astype(np.int64), sorted(forced)))
    new = np.ones(len(both), dtype=np.bool_)
    np.not_equal(both[1:], both[:-1], out=new[1:])  # as union1d, which hashes what is nearly in order
    unique: npt.NDArray[np.int64] = both[new]
    return unique


def smooth(y: Float, weight: float) -> Float:
    """Return the debiased exponential moving average; points that are not finite are passed over.

    Args:
        y: shape (n,).
        weight: 0 (none) to below 1 (much).
    """
    made = np.full(len(y), np.nan)
    mean, debias = 0.0, 1.0
    for place, value in enumerate(y.tolist()):
        if math.isfinite(value):
            mean = mean * weight + (1 - weight) * value
            debias *= weight
            made[place] = mean / (1 - debias)
    return made

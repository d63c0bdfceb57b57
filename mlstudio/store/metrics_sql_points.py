"""Points into blocks and series rows, through the bare driver: the hot path of a drain.

In-order points fill the last, partial block; points that overlap old steps make only the blocks
that they meet be decoded, merged and written again. The series row is the fold of its blocks at
every commit.

All functions run inside the transaction of the caller. SQL here is SQLite's; PostgreSQL will have
its own module of the same functions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from mlstudio.store.batch import SeriesPoints
from mlstudio.store.codec import BLOCK, Block, Stored, decode, encode_all
from mlstudio.store.laws import Points
from mlstudio.store.series import NOTHING, Moments, Summary, fold, merge, moments, ordered, summary_of

SHORT_ABOVE: Final = 2000
"""Live series of one drain above which a last block is left short rather than written again."""
SHORT_BLOCK: Final = 128

_SERIES: Final = (
    "SELECT n.text, s.context_json, s.id, s.count, s.n_nan, s.first, s.last, s.last_step, s.last_ts, s.min,"
    " s.min_step, s.max, s.max_step, s.mean, s.m2 FROM metric_series s JOIN name n ON n.id = s.name_id"
    " WHERE s.component_id = ? AND n.text IN (SELECT value FROM json_each(?))"
)
_NEW_NAMES: Final = "INSERT OR IGNORE INTO name(text) VALUES (?)"
_NAME_IDS: Final = "SELECT text, id FROM name WHERE text IN (SELECT value FROM json_each(?))"
_NEW_SERIES: Final = (
    "INSERT INTO metric_series(component_id, name_id, context_json, count, n_nan, first, last, last_step, last_ts,"
    " min, min_step, max, max_step, mean, m2) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_SERIES_IDS: Final = (
    "SELECT name_id, context_json, id FROM metric_series WHERE component_id = ?"
    " AND name_id IN (SELECT value FROM json_each(?))"
)
_SET_SERIES: Final = (
    "UPDATE metric_series SET count=?, n_nan=?, first=?, last=?, last_step=?, last_ts=?, min=?, min_step=?,"
    " max=?, max_step=?, mean=?, m2=? WHERE id=?"
)
_LAST_BLOCKS: Final = (
    "SELECT b.series_id, b.seq, (SELECT max(seq) FROM metric_block WHERE series_id = j.value), b.n, b.reg, b.stride,"
    " b.step0, b.ts0, CASE WHEN b.n < ? THEN b.data END"
    " FROM json_each(?) j JOIN metric_block b ON b.series_id = j.value"
    " AND b.step0 = (SELECT max(step0) FROM metric_block WHERE series_id = j.value)"
)
_PUT_BLOCK: Final = "INSERT OR REPLACE INTO metric_block VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
_MET: Final = (
    "SELECT seq, n, reg, stride, step0, ts0, data FROM metric_block WHERE series_id = ? AND step1 >= ? AND step0 <= ?"
    " ORDER BY step0"
)
_BEFORE: Final = "SELECT max(step0) FROM metric_block WHERE series_id = ? AND step0 <= ?"
_DROP: Final = "DELETE FROM metric_block WHERE series_id = ? AND seq = ?"
_LAST_SEQ: Final = "SELECT coalesce(max(seq), 0) FROM metric_block WHERE series_id = ?"
_FOLDS: Final = (
    "SELECT n, n_nan, first, last, step1, ts1, min, min_step, max, max_step, sum, sumsq, seq FROM metric_block"
    " WHERE series_id = ? ORDER BY step0"
)
_DATA: Final = "SELECT n, reg, stride, step0, ts0, data FROM metric_block WHERE series_id = ? AND seq = ?"

Key = tuple[str, str]


class Row(NamedTuple):
    """A series row: its id and fold."""

    id: int
    summary: Summary


class Tail(NamedTuple):
    """The last block of a series by step, and the seq at which a grown or new one is put.

    A rewritten old block may have a greater seq than the last one by step: what follows is numbered
    behind the greatest, or it would replace that block.
    """

    put_at: int
    n: int
    points: Points | None


def number_of(value: float | None) -> float:
    """Return a cell that SQLite keeps as NULL when it is NaN."""
    return math.nan if value is None else value


def summary_from(cells: Sequence[Any]) -> Summary:
    """Return the fold from the columns count … m2 of a series row."""
    count, n_nan, first, last, last_step, last_ts, low, low_step, high, high_step, mean, m2 = cells
    finite = NOTHING if count == n_nan else Moments(count - n_nan, number_of(mean), number_of(m2))
    return Summary(
        count, n_nan, number_of(first), number_of(last), last_step, last_ts, low, low_step, high, high_step, finite
    )


def cells_of(summary: Summary) -> tuple[Any, ...]:
    """Return the columns count … m2 of a series row; SQLite turns NaN into NULL."""
    found = summary
    mean, m2 = (found.moments.mean, found.moments.m2) if found.moments.n else (None, None)
    head = (found.count, found.n_nan, found.first, found.last, found.last_step, found.last_ts)
    return (*head, found.min, found.min_step, found.max, found.max_step, mean, m2)


def write_points(raw: Any, component_id: int, logged: Sequence[SeriesPoints]) -> None:
    """Store the points of one component.

    Args:
        raw: the driver's connection, inside a transaction.
        component_id: whose.
        logged: stretches in the order of logging; a series may occur more than once.
    """
    rows = _series_rows(raw, component_id, {points.name for points in logged})
    appended: dict[Key, Points] = {}
    overlapping: list[tuple[Key, Points]] = []
    for part in logged:
        key = (part.name, part.context)
        if key in appended:  # the same series twice in a batch: the first stretch goes in before the second
            _append(raw, component_id, {key: appended.pop(key)}, rows)
        row = rows.get(key)
        points = ordered(part, row.summary.last_step if row else -1)
        if not len(points.steps):
            continue
        if row is None or points.steps[0] > row.summary.last_step:
            appended[key] = points
        else:
            overlapping.append((key, points))
            _overlap(raw, row, points)
            rows[key] = _refolded(raw, row.id)
    _append(raw, component_id, appended, rows)


def _series_rows(raw: Any, component_id: int, names: set[str]) -> dict[Key, Row]:
    found = raw.execute(_SERIES, (component_id, _json(names))).fetchall()
    return {(row[0], row[1]): Row(row[2], summary_from(row[3:])) for row in found}


def _json(values: Any) -> str:
    return json.dumps(list(values))


def _append(raw: Any, component_id: int, appended: dict[Key, Points], rows: dict[Key, Row]) -> None:
    """Put points after the ends of their series."""
    if not appended:
        return
    ids = [rows[key].id for key in appended if key in rows]
    tails = _tails(raw, ids, short=len(appended) > SHORT_ABOVE)
    whole, starts, kept = [], [], []
    for key, points in appended.items():
        row = rows.get(key)
        tail = tails.get(row.id) if row else None
        starts.append(tail.put_at if tail else 1)
        old = tail.points if tail else None
        kept.append(len(old.steps) if old else 0)
        whole.append(points if old is None else _joined(old, points))
    blocks = encode_all(whole)
    added = {key: _added(points, blocks[at], kept[at]) for at, (key, points) in enumerate(appended.items())}
    _put_rows(raw, component_id, added, rows)
    raw.executemany(
        _PUT_BLOCK,
        [
            (rows[key].id, start + place, *block)
            for key, start, made in zip(appended, starts, blocks, strict=True)
            for place, block in enumerate(made)
        ],
    )


def _joined(old: Points, new: Points) -> Points:
    return Points(*(np.concatenate(pair) for pair in zip(columns(old), columns(new), strict=True)))


def columns(points: Points) -> tuple[Any, Any, Any]:
    """Return steps, times and values."""
    return points.steps, points.ts, points.values


def _added(points: Points, blocks: Sequence[Block], kept: int) -> Summary:
    """Return the fold of new points: from their blocks where these hold nothing else."""
    if kept or any(block.sum is not None and not math.isfinite(block.sum) for block in blocks):
        return summary_of(points)
    return fold(_summary_of_block(block) for block in blocks)


def _summary_of_block(block: Block) -> Summary:
    finite = block.n - block.n_nan
    mean = block.sum / finite if finite and block.sum is not None else 0.0
    found = Moments(finite, mean, block.sumsq or 0.0) if finite else NOTHING
    head = (block.n, block.n_nan, block.first, block.last, block.step1, block.ts1)
    return Summary(*head, block.min, block.min_step, block.max, block.max_step, found)


def _tails(raw: Any, ids: Sequence[int], *, short: bool) -> dict[int, Tail]:
    if not ids:
        return {}
    room = SHORT_BLOCK if short else BLOCK
    found = {}
    for series, seq, top, n, *block in raw.execute(_LAST_BLOCKS, (room, _json(ids))).fetchall():
        points = None if block[-1] is None else decode([Stored(n, *block)])
        # Behind the greatest, the grown block replaces its old self by (series_id, step0), which is unique.
        found[series] = Tail(seq if points is not None and seq == top else top + 1, n, points)
    return found


def _put_rows(raw: Any, component_id: int, added: dict[Key, Summary], rows: dict[Key, Row]) -> None:
    """Insert new series rows and fold additions into old ones."""
    new = [key for key in added if key not in rows]
    for key, summary in added.items():
        if key in rows:
            rows[key] = Row(rows[key].id, rows[key].summary.plus(summary))
    raw.executemany(_SET_SERIES, [(*cells_of(rows[key].summary), rows[key].id) for key in added if key in rows])
    if not new:
        return
    names = {name for name, _ in new}
    raw.executemany(_NEW_NAMES, [(name,) for name in names])
    ids = dict(raw.execute(_NAME_IDS, (_json(names),)).fetchall())
    raw.executemany(_NEW_SERIES, [(component_id, ids[key[0]], key[1], *cells_of(added[key])) for key in new])
    keys = {name_id: name for name, name_id in ids.items()}
    fresh = set(new)
    for name_id, context, series in raw.execute(_SERIES_IDS, (component_id, _json(keys))).fetchall():
        key = (keys[name_id], context)
        if key in fresh:
            rows[key] = Row(series, added[key])


def _overlap(raw: Any, row: Row, points: Points) -> None:
    """Merge points over old steps: only the blocks that they meet are written again."""
    low, high = int(points.steps[0]), int(points.steps[-1])
    before = raw.execute(_BEFORE, (row.id, low)).fetchone()[0]
    start = low if before is None else before
    met = raw.execute(_MET, (row.id, start, high)).fetchall()
    merged = merge(decode([Stored(*found[1:]) for found in met]), points)
    raw.executemany(_DROP, [(row.id, found[0]) for found in met])
    seq = raw.execute(_LAST_SEQ, (row.id,)).fetchone()[0] + 1
    count = -(-len(merged.steps) // BLOCK)
    cuts = [Points(*part) for part in zip(*(np.array_split(column, count) for column in columns(merged)), strict=True)]
    made = [block for blocks in encode_all(cuts) for block in blocks]
    raw.executemany(_PUT_BLOCK, [(row.id, seq + place, *block) for place, block in enumerate(made)])


def _refolded(raw: Any, series_id: int) -> Row:
    """Fold a series from its block rows and store the row."""
    parts = []
    for n, n_nan, first, last, step1, ts1, low, low_step, high, high_step, total, squares, seq in raw.execute(
        _FOLDS, (series_id,)
    ).fetchall():
        finite = n - n_nan
        found = Moments(finite, number_of(total) / finite, number_of(squares)) if finite else NOTHING
        if finite and not math.isfinite(found.mean):  # the sum of the block overflowed
            found = moments(decode([Stored(*raw.execute(_DATA, (series_id, seq)).fetchone())]).values)
        head = (n, n_nan, number_of(first), number_of(last), step1, ts1)
        parts.append(Summary(*head, low, low_step, high, high_step, found))
    summary = fold(parts)
    raw.execute(_SET_SERIES, (*cells_of(summary), series_id))
    return Row(series_id, summary)

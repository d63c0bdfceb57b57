"""Cells by name, kept only where they are: one component with 100,000 metrics costs what it has.

A dense column (a cell for every row) is made when somebody asks for that column. Knows nothing of:
SQL, requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.tables import ColumnInfo
from mlstudio.store.table_columns import Floats, Numbers, absent

_LOW: Final = 0xFFFFFFFF
Held = tuple[Sequence[int] | None, Sequence[Any]]
"""Rows that have a cell (None: every row, in order), and the cells."""


def by_name(rows: Sequence[Mapping[str, Any]]) -> dict[str, Held]:
    """Return the cells of each name, by name; rows of equal names, a sweep's, are turned at once."""
    if rows and all(map(list(rows[0]).__eq__, map(list, rows))):
        columns = zip(*(row.values() for row in rows), strict=True)
        return dict(sorted({name: (None, cells) for name, cells in zip(rows[0], columns, strict=True)}.items()))
    return gathered((place, name, cell) for place, row in enumerate(rows) for name, cell in row.items())


def gathered(cells: Iterable[tuple[int, str, Any]]) -> dict[str, Held]:
    """Return the cells of each name from (row, name, cell), by name."""
    places: dict[str, list[int]] = {}
    values: dict[str, list[Any]] = {}
    for place, name, cell in cells:
        if name not in places:
            places[name], values[name] = [], []
        places[name].append(place)
        values[name].append(cell)
    return {name: (places[name], values[name]) for name in sorted(places)}


def dense(held: Held, rows: int) -> list[Any]:
    """Return a cell for every row, None where there is none."""
    places, cells = held
    if places is None:
        return list(cells)
    full: list[Any] = [None] * rows
    for place, cell in zip(places, cells, strict=True):
        full[place] = cell
    return full


class StatCells:
    """One statistic of all metrics: sorted keys (name, row) and values.

    Args:
        keys: name id << 32 | row, in any order; of equal ones the last counts.
        values: float64; NaN where there is no number.
        nan_is_value: a NaN is a cell all the same.
    """

    def __init__(self, keys: npt.NDArray[np.int64], values: Floats, *, nan_is_value: bool) -> None:
        self._keys, self._values = _unique(keys, values)
        self._nan_is_value = nan_is_value
        self.names: dict[str, int] = {}
        """Name id of each metric; filled by the reader."""

    def merge(self, keys: npt.NDArray[np.int64], values: Floats) -> None:
        """Put cells in, over those that are there."""
        keys, values = _unique(keys, values)
        at = np.searchsorted(self._keys, keys)
        hit = np.zeros(len(keys), np.bool_)
        inside = at < len(self._keys)
        hit[inside] = self._keys[at[inside]] == keys[inside]
        self._values[at[hit]] = values[hit]
        if not hit.all():
            all_keys, all_values = (
                np.concatenate([self._keys, keys[~hit]]),
                np.concatenate([self._values, values[~hit]]),
            )
            self._keys, self._values = _unique(all_keys, all_values)

    def unnamed(self) -> list[int]:
        """Return the name ids in the cells whose text is not known yet."""
        ids = np.unique(self._keys >> 32)
        return [] if len(ids) == len(self.names) else sorted(set(ids.tolist()) - set(self.names.values()))

    def column(self, name: str, rows: int) -> Numbers:
        """Return the dense column of a metric; one of missing cells when nobody has it."""
        column, name_id = absent(rows), self.names.get(name)
        if name_id is None or column.missing is None:
            return column
        low, high = np.searchsorted(self._keys, [name_id << 32, (name_id + 1) << 32])
        places, values = self._keys[low:high] & _LOW, self._values[low:high]
        column.values[places] = values
        column.missing[places] = False if self._nan_is_value else np.isnan(values)
        return column

    def infos(self) -> list[ColumnInfo]:
        """Return what the column menu shows of each metric, by name, without making a column."""
        if not len(self._keys):
            return []
        ids, values = self._keys >> 32, self._values
        starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
        counts = np.diff(np.r_[starts, len(ids)])
        finite = np.isfinite(values)
        lows = np.minimum.reduceat(np.where(finite, values, np.inf), starts)
        highs = np.maximum.reduceat(np.where(finite, values, -np.inf), starts)
        order = np.lexsort((values, ids))
        sorted_values = values[order]
        same = (sorted_values[1:] == sorted_values[:-1]) | (np.isnan(sorted_values[1:]) & np.isnan(sorted_values[:-1]))
        fresh = np.r_[True, ~same]
        fresh[starts] = True
        distinct = np.add.reduceat(fresh.astype(np.int64), starts)
        row_of = {int(ids[start]): row for row, start in enumerate(starts.tolist())}
        found = []
        for name in sorted(self.names):
            row = row_of[self.names[name]]
            ends = (float(lows[row]), float(highs[row])) if np.isfinite(lows[row]) else (None, None)
            count, kinds = int(counts[row]), int(distinct[row])
            found.append(_info(f"metrics.{name}.last", count, kinds, *ends))
        return found


def _info(key: str, count: int, distinct: int, low: float | None, high: float | None) -> ColumnInfo:
    return ColumnInfo(key=key, group="metrics", kind="float", count=count, distinct=distinct, min=low, max=high)


def _unique(keys: npt.NDArray[np.int64], values: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return keys sorted and once each, with the last value of each."""
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    last = np.r_[keys[1:] != keys[:-1], True] if len(keys) else np.zeros(0, np.bool_)
    return keys[last], values[last]

"""The columns of one scope, kept in memory between two pages of a table.

Built by a few scans (no query per row); every group of columns is read when it is first asked
for. When the store moves on, the change feed tells what to read again: new points touch the
metrics of a few rows, a new component makes the snapshot useless.

Reads: ``trial_component``, ``metric_series``, ``tag`` and the names of trials and experiments.
Knows nothing of: requests, encodings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from sqlalchemy.engine import Connection

from mlstudio.entities.events import Change
from mlstudio.entities.search import Field
from mlstudio.entities.wire import ParamValue
from mlstudio.store.rules import canonical
from mlstudio.store.sql_parts import read_params
from mlstudio.store.sql_read import cursor_for, names_of, rows_for
from mlstudio.store.table_columns import (
    NUMBER_METAS,
    STATS,
    AnyColumn,
    Numbers,
    Positions,
    absent,
    categories,
    numbers,
    param_column,
    put,
)

_META_SQL: Final = {
    "name": "p.name",
    "display_name": "p.display_name",
    "status": "p.status",
    "kind": "p.kind",
    "created": "p.created_at",
    "modified": "p.modified_at",
    "started": "p.start_time",
    "ended": "p.end_time",
    "duration": "(p.end_time - p.start_time) / 1e6",
    "user": "p.created_by",
    "host": "p.host",
    "starred": "p.starred",
    "archived": "p.archived_at IS NOT NULL",
    "note": "p.description",
    "source": "p.source_arn",
    "parent": "(SELECT u.name FROM trial_component u WHERE u.id = p.parent_id)",
}
_STAT_SQL: Final = {
    "last": "s.last",
    "min": "s.min",
    "max": "s.max",
    "avg": "nullif(nullif(s.mean, 9e999), -9e999)",
    "stddev": "nullif(sqrt(max(s.m2, 0) / nullif(s.count - s.n_nan, 0)), 9e999)",
    "count": "s.count",
}
_TAGS_SQL: Final = (
    "SELECT c.id, t.key, t.value FROM c CROSS JOIN tag t ON t.entity_kind = 'trial-component' AND t.entity_id = c.id"
)
_FROM_LINKS: Final = (
    " FROM c CROSS JOIN trial_trial_component l ON l.component_id = c.id"
    " JOIN trial t ON t.id = l.trial_id JOIN experiment e ON e.id = t.experiment_id"
    " WHERE t.deleted_at IS NULL AND (? IS NULL OR t.experiment_id = ?) ORDER BY 1, 2"
)
_MEMBERS_SQL: Final = {
    "trial": "SELECT DISTINCT c.id, t.name" + _FROM_LINKS,
    "experiment": "SELECT DISTINCT c.id, e.name" + _FROM_LINKS,
}
_CELL: Final = np.dtype([("key", np.int64), ("value", np.float64)])
_NAN_IS_VALUE: Final = frozenset({"last"})
_PATCHABLE: Final = frozenset({"metrics", "status", "params", "updated", "artifacts"})
_MOST_PATCHED: Final = 500


class Snapshot:
    """The rows of one scope at one moment of the store.

    Args:
        version: id of the last change that is in it.
        rows: (id, uid, name) of each component.
        experiment: id of the experiment of the scope, if it has one.
    """

    def __init__(self, version: int, rows: Sequence[tuple[int, str, str]], experiment: int | None) -> None:
        self.version = version
        self.seen = (version, 0)
        """Id and time of the last change that is in it: both, for a restored store uses ids again."""
        self.ids = [row[0] for row in rows]
        self.uids = [row[1] for row in rows]
        self.names = [row[2] for row in rows]
        self.pages: dict[Any, Any] = {}
        self.orders: dict[Any, Positions] = {}
        self._experiment = experiment
        self._listed = canonical(self.ids)
        self._places = np.full(max(self.ids, default=0) + 1, -1, np.int64)
        self._places[self.ids] = np.arange(len(self.ids))
        self._metas: dict[str, AnyColumn] = {}
        self._tags: dict[str, AnyColumn] | None = None
        self._params: dict[str, AnyColumn] | None = None
        self._param_rows: list[dict[str, ParamValue]] | None = None
        self._stats: dict[str, dict[str, Numbers]] = {}

    def positions(self, ids: Iterable[int]) -> Positions:
        """Return where components of the scope stand."""
        return self._places[np.fromiter(ids, np.int64)]

    def column(self, conn: Connection, field: Field) -> AnyColumn:
        """Return the column of a field over all rows; one of missing cells when nobody has it."""
        found: AnyColumn | None
        if field.kind == "meta":
            found = self._meta(conn, field.name)
        elif field.kind == "params":
            found = self.params(conn).get(field.name)
        elif field.kind == "tags":
            found = self.tags(conn).get(field.name)
        else:
            found = self.stats(conn, field.stat or "last").get(field.name)
        return absent(len(self.ids)) if found is None else found

    def load_metas(self, conn: Connection, names: Iterable[str]) -> None:
        """Read several meta columns in one scan."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._metas and name in _META_SQL]
        if not wanted:
            return
        rows = rows_for(conn, _metas_sql(wanted), self._listed)
        cells = zip(*rows, strict=True) if rows else [()] * (len(wanted) + 1)
        for name, values in zip(("id", *wanted), cells, strict=True):
            if name != "id":
                self._metas[name] = numbers(values) if name in NUMBER_METAS else categories(values)

    def _meta(self, conn: Connection, name: str) -> AnyColumn:
        if name not in self._metas:
            if name in ("trial", "experiment"):
                self._metas[name] = self._members(conn, name)
            else:
                self.load_metas(conn, [name])
        return self._metas[name]

    def _members(self, conn: Connection, which: str) -> AnyColumn:
        """Return the names of the trials, or experiments, of each component, joined by a comma."""
        rows = rows_for(conn, _MEMBERS_SQL[which], self._listed, self._experiment, self._experiment)
        cells: list[str | None] = [None] * len(self.ids)
        for component_id, name in rows:
            place = self._places[component_id]
            before = cells[place]
            cells[place] = name if before is None else f"{before}, {name}"
        return categories(cells)

    def params(self, conn: Connection) -> dict[str, AnyColumn]:
        """Return the columns of all parameters, by name."""
        if self._params is None:
            if self._param_rows is None:
                self._param_rows = [row for _, row in _read_params(conn, self._listed)]
            cells = _by_name(self._param_rows)
            self._params = {name: param_column(cells[name]) for name in sorted(cells)}
        return self._params

    def tags(self, conn: Connection) -> dict[str, AnyColumn]:
        """Return the columns of all tags, by key."""
        if self._tags is None:
            cells: dict[str, list[str | None]] = {}
            for component_id, key, value in rows_for(conn, _TAGS_SQL, self._listed):
                column = cells.setdefault(key, [None] * len(self.ids))
                column[self._places[component_id]] = value
            self._tags = {key: categories(cells[key]) for key in sorted(cells)}
        return self._tags

    def stats(self, conn: Connection, stat: str) -> dict[str, Numbers]:
        """Return one statistic of all metrics, by name."""
        if stat not in self._stats:
            self._stats[stat] = self._read_stat(conn, stat, {})
        return self._stats[stat]

    def _read_stat(self, conn: Connection, stat: str, into: dict[str, Numbers], only: str | None = None) -> Any:
        """Read a statistic of all rows, or of the ids in `only`, into columns by name."""
        sql = (
            "SELECT (c.id << 32) + (s.name_id << 1) + (s.context_json <> '{}'), coalesce("  # noqa: S608 - own constants
            + _STAT_SQL[stat]
            + ", 'nan') FROM c CROSS JOIN metric_series s ON s.component_id = c.id"
        )
        listed = self._listed if only is None else only
        cells = np.fromiter(cursor_for(conn, sql, listed), _CELL)
        if (cells["key"] & 1).any():  # the last one of a cell wins: that without context, else the first by context
            order = " ORDER BY s.context_json <> '{}' DESC, s.context_json DESC"
            cells = np.fromiter(cursor_for(conn, sql + order, listed), _CELL)
        places, name_ids = self._places[cells["key"] >> 32], (cells["key"] & 0xFFFFFFFF) >> 1
        for name_id, name in names_of(conn, np.flatnonzero(np.bincount(name_ids)).tolist()).items():
            mine = np.flatnonzero(name_ids == name_id)
            column = into.get(name) or absent(len(self.ids))
            _fill(column, places[mine], cells["value"][mine], nan_is_value=stat in _NAN_IS_VALUE)
            into[name] = column
        return dict(sorted(into.items()))

    def follow(self, conn: Connection, changes: Sequence[Change], version: int) -> bool:
        """Take over what changed since; False when the snapshot must be built anew."""
        known = {uid: row for row, uid in enumerate(self.uids)}
        touched: dict[str, set[int]] = {}
        for change in changes:
            if change.kind == "job" or change.op == "media":  # nothing that a cell shows
                continue
            if change.kind != "trial-component" or change.op not in _PATCHABLE:
                return False
            if change.uid in known:
                touched.setdefault(change.op, set()).add(self.ids[known[change.uid]])
        ids = set().union(*touched.values()) if touched else set()
        if len(ids) > _MOST_PATCHED:
            return False
        self.version = version
        if ids:
            self._patch(conn, ids, touched.keys())
        return True

    def _patch(self, conn: Connection, ids: set[int], ops: Iterable[str]) -> None:
        """Read the rows of some components again."""
        self.pages, self.orders = {}, {}
        only, places = canonical(sorted(ids)), self.positions(sorted(ids))
        self._patch_metas(conn, only)
        if set(ops) - {"metrics"}:
            self._tags = None
            self._patch_params(conn, only)
        for stat, columns in self._stats.items():
            for column in columns.values():
                _fill(column, places, np.full(len(places), np.nan), nan_is_value=False)
            self._stats[stat] = self._read_stat(conn, stat, columns, only)

    def _patch_metas(self, conn: Connection, only: str) -> None:
        names = [name for name in self._metas if name in _META_SQL]
        for component_id, *cells in rows_for(conn, _metas_sql(names), only):
            for name, cell in zip(names, cells, strict=True):
                put(self._metas[name], int(self._places[component_id]), cell)

    def _patch_params(self, conn: Connection, only: str) -> None:
        if self._param_rows is None:
            return
        for component_id, row in _read_params(conn, only):
            place = self._places[component_id]
            if self._param_rows[place] != row:
                self._param_rows[place] = row
                self._params = None


def _by_name(rows: Sequence[dict[str, ParamValue]]) -> dict[str, Sequence[ParamValue | None]]:
    """Return the cells of each parameter; rows of equal names, a sweep's, are turned at once."""
    if rows and all(map(list(rows[0]).__eq__, map(list, rows))):
        return dict(zip(rows[0], zip(*(row.values() for row in rows), strict=True), strict=True))
    return {name: [row.get(name) for row in rows] for name in set(chain.from_iterable(rows))}


def _metas_sql(names: Sequence[str]) -> str:
    columns = "".join(", " + _META_SQL[name] for name in names)
    return "SELECT p.id" + columns + " FROM c CROSS JOIN trial_component p ON p.id = c.id"  # noqa: S608 - own constants


def _read_params(conn: Connection, ids: str) -> list[tuple[int, dict[str, ParamValue]]]:
    sql = "SELECT p.id, p.params_json FROM c CROSS JOIN trial_component p ON p.id = c.id"
    return [(row[0], read_params(row[1])) for row in rows_for(conn, sql, ids)]


def _fill(column: Numbers, places: Positions, values: Any, *, nan_is_value: bool) -> None:
    column.values[places] = values
    if column.missing is not None:
        column.missing[places] = False if nan_is_value else np.isnan(values)


assert set(_STAT_SQL) == set(STATS)

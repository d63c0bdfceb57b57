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
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from mlstudio.entities.events import Change
from mlstudio.entities.search import META_FIELDS, Field
from mlstudio.entities.tables import ColumnInfo
from mlstudio.entities.wire import ParamValue
from mlstudio.store.rules import ascii_lower, canonical
from mlstudio.store.sql_parts import read_params
from mlstudio.store.sql_read import cursor_for, names_of, rows_for
from mlstudio.store.table_columns import (
    NUMBER_METAS,
    STATS,
    AnyColumn,
    Floats,
    Positions,
    absent,
    categories,
    info,
    most_used,
    numbers,
    param_column,
    put,
)
from mlstudio.store.table_sparse import Held, StatCells, by_name, dense

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
    "SELECT t.key, count(*), count(DISTINCT t.value) FROM c CROSS JOIN tag t"
    " ON t.entity_kind = 'trial-component' AND t.entity_id = c.id GROUP BY t.key ORDER BY t.key"
)
_TAGS_SEEN: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM c CROSS JOIN tag t ON t.entity_kind = 'trial-component' AND t.entity_id = c.id"
    " LIMIT ?)"
)
_MANY_TAGS: Final = (  # walks the index in order of key: no sorting of a million rows
    ", g AS MATERIALIZED (SELECT key, count(*) AS n, count(DISTINCT value) AS d FROM tag INDEXED BY ix_tag_key"
    " WHERE entity_kind = 'trial-component' AND (? = '' OR instr(lower('tags.' || key), ?) > 0)"
    " AND entity_id IN (SELECT id FROM c) GROUP BY key)"
    " SELECT key, n, d, (SELECT count(*) FROM g) FROM g ORDER BY n DESC, key LIMIT ?"
)
_TAG_SQL: Final = "SELECT entity_id, value FROM tag WHERE key = ? AND entity_kind = 'trial-component'"
_FROM_LINKS: Final = (
    " FROM c CROSS JOIN trial_trial_component l ON l.component_id = c.id"
    " JOIN trial t ON t.id = l.trial_id JOIN experiment e ON e.id = t.experiment_id"
    " WHERE t.deleted_at IS NULL AND (? IS NULL OR t.experiment_id = ?) ORDER BY 1, 2"
)
_MEMBERS_SQL: Final = {
    "trial": "SELECT DISTINCT c.id, t.name" + _FROM_LINKS,
    "experiment": "SELECT DISTINCT c.id, e.name" + _FROM_LINKS,
}
Group = Literal["meta", "params", "metrics"]
INFO_GROUPS: Final[tuple[Group, ...]] = ("meta", "params", "metrics")
_CELL: Final = np.dtype([("key", np.int64), ("value", np.float64)])
_NAN_IS_VALUE: Final = frozenset({"last"})
_PATCHABLE: Final = frozenset({"metrics", "status", "params", "updated", "artifacts"})
_MOST_PATCHED: Final = 500
MOST_LISTED: Final = 20_000
"""Columns of a group that a list of columns names."""
_FEW_TAGS: Final = 50_000
"""Tags of a scope, counted over its rows, that are grouped row by row."""
_KEPT_COLUMNS: Final = 500
"""Dense columns that are kept between two pages."""


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
        self._ranks: Positions | None = None
        self._by_uid: dict[str, int] | None = None
        self._dense: dict[Field, AnyColumn] = {}
        self._tags: tuple[list[ColumnInfo], int] | None = None
        self._params: dict[str, Held] | None = None
        self._param_rows: list[dict[str, ParamValue]] | None = None
        self._stats: dict[str, StatCells] = {}
        self._infos: dict[Group, list[ColumnInfo]] = {}
        """What the column menu shows, by group; kept until a cell of the group changes."""

    def positions(self, ids: Iterable[int]) -> Positions:
        """Return where components stand; those outside of the scope are left out."""
        found = np.fromiter(ids, np.int64)
        places: Positions = self._places[found[found < len(self._places)]]
        return places[places >= 0]

    def places(self) -> dict[str, int]:
        """Return where each component stands, by uid."""
        if self._by_uid is None:
            self._by_uid = {uid: place for place, uid in enumerate(self.uids)}
        return self._by_uid

    def has(self, field: Field) -> bool:
        """Tell whether the cells of a parameter or metric are here already."""
        return self._params is not None if field.kind == "params" else (field.stat or "last") in self._stats

    def uid_ranks(self) -> Positions:
        """Return the place of each row in the order of uids."""
        if self._ranks is None:
            self._ranks = np.empty(len(self.uids), np.int64)
            self._ranks[np.argsort(np.array(self.uids), kind="stable")] = np.arange(len(self.uids))
        return self._ranks

    def column(self, conn: Connection, field: Field) -> AnyColumn:
        """Return the column of a field over all rows; one of missing cells when nobody has it."""
        if field.kind == "meta":
            return self._meta(conn, field.name)
        if field not in self._dense:
            if len(self._dense) >= _KEPT_COLUMNS:
                self._dense.clear()
            self._dense[field] = self._made(conn, field)
        return self._dense[field]

    def _made(self, conn: Connection, field: Field) -> AnyColumn:
        rows = len(self.ids)
        if field.kind not in ("params", "tags"):
            return self.stats(conn, field.stat or "last").column(field.name, rows)
        if field.kind == "tags":
            return self._tag(conn, field.name)
        held = self.params(conn).get(field.name)
        return absent(rows) if held is None else param_column(dense(held, rows))

    def _tag(self, conn: Connection, key: str) -> AnyColumn:
        """Return the column of a tag; read by its key, for a store may have a million others."""
        cells: list[str | None] = [None] * len(self.ids)
        raw: Any = conn.connection.driver_connection
        for component_id, value in raw.execute(_TAG_SQL, (key,)):
            if component_id < len(self._places) and self._places[component_id] >= 0:
                cells[self._places[component_id]] = value
        return categories(cells) if any(cell is not None for cell in cells) else absent(len(cells))

    def infos(self, conn: Connection) -> list[ColumnInfo]:
        """Return what the column menu shows of every column but `archived`: meta, params, metrics, tags.

        Of a group of very many, those that most rows have.
        """
        groups = (self.infos_of(conn, "params"), self.infos_of(conn, "metrics"), self.tags(conn)[0])
        kept = (most_used(group, MOST_LISTED) for group in groups)
        return [*self.infos_of(conn, "meta"), *chain.from_iterable(kept)]

    def infos_of(self, conn: Connection, group: Group) -> list[ColumnInfo]:
        """Return what the column menu shows of all columns of a group, by name."""
        found = self._infos.get(group)
        if found is None:
            if group == "meta":
                found = [info(name, self._meta(conn, name)) for name in META_FIELDS if name != "archived"]
            elif group == "params":
                found = [info(f"params.{name}", param_column(held[1])) for name, held in self.params(conn).items()]
            else:
                found = self.stats(conn, "last").infos()
            self._infos[group] = found
        return found

    def find_tags(self, conn: Connection, contains: str) -> tuple[list[ColumnInfo], int]:
        """Return the tags whose column key holds a text (lower case), and how many there are.

        Of very many, those that most rows have.
        """
        kept, total = self.tags(conn)
        if total > len(kept) and contains:
            return self._many_tags(conn, contains)
        found = [one for one in kept if contains in ascii_lower(one.key)]
        return found, total if not contains else len(found)

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

    def params(self, conn: Connection) -> dict[str, Held]:
        """Return the cells of all parameters, by name."""
        if self._params is None:
            if self._param_rows is None:
                self._param_rows = [row for _, row in _read_params(conn, self._listed)]
            self._params = by_name(self._param_rows)
        return self._params

    def tags(self, conn: Connection) -> tuple[list[ColumnInfo], int]:
        """Return all tags by key, and how many there are; of very many, those that most rows have."""
        if self._tags is None:
            self._tags = self.read_tags(conn)
        return self._tags

    def lacks_tags(self) -> bool:
        """Tell whether the tags are still to be read."""
        return self._tags is None

    def keep_tags(self, found: tuple[list[ColumnInfo], int]) -> None:
        """Keep what `read_tags` found at this version."""
        self._tags = found

    def read_tags(self, conn: Connection) -> tuple[list[ColumnInfo], int]:
        """Read what `tags` returns, and keep nothing: seconds in a store of a million tags."""
        seen = rows_for(conn, _TAGS_SEEN, self._listed, _FEW_TAGS + 1)[0][0]
        if seen > _FEW_TAGS:
            return self._many_tags(conn, "")
        found = [_tag_info(*row) for row in rows_for(conn, _TAGS_SQL, self._listed)]
        return found, len(found)

    def _many_tags(self, conn: Connection, contains: str) -> tuple[list[ColumnInfo], int]:
        rows = rows_for(conn, _MANY_TAGS, self._listed, contains, contains, MOST_LISTED)
        found = sorted((_tag_info(*row[:3]) for row in rows), key=lambda one: one.key)
        return found, rows[0][3] if rows else 0

    def stats(self, conn: Connection, stat: str) -> StatCells:
        """Return one statistic of all metrics."""
        if stat not in self._stats:
            made = StatCells(*self._read_stat(conn, stat, self._listed), nan_is_value=stat in _NAN_IS_VALUE)
            self._stats[stat] = self._named(conn, made)
        return self._stats[stat]

    def _named(self, conn: Connection, cells: StatCells) -> StatCells:
        missing = cells.unnamed()
        if missing:
            cells.names.update({text: name_id for name_id, text in names_of(conn, missing).items()})
        return cells

    def _read_stat(self, conn: Connection, stat: str, listed: str) -> tuple[npt.NDArray[np.int64], Floats]:
        """Read a statistic of some components: keys as `StatCells` has them, and values."""
        sql = (
            "SELECT (c.id << 32) + (s.name_id << 1) + (s.context_json <> '{}'), coalesce("  # noqa: S608 - own constants
            + _STAT_SQL[stat]
            + ", 'nan') FROM c CROSS JOIN metric_series s ON s.component_id = c.id"
        )
        cells = np.fromiter(cursor_for(conn, sql, listed), _CELL)
        if (cells["key"] & 1).any():  # the last one of a cell wins: that without context, else the first by context
            order = " ORDER BY s.context_json <> '{}' DESC, s.context_json DESC"
            cells = np.fromiter(cursor_for(conn, sql + order, listed), _CELL)
        places, name_ids = self._places[cells["key"] >> 32], (cells["key"] & 0xFFFFFFFF) >> 1
        return (name_ids << 32) | places, cells["value"].copy()

    def follow(self, conn: Connection, changes: Sequence[Change], version: int) -> bool:
        """Take over what changed since; False when the snapshot must be built anew."""
        known = {uid: row for row, uid in enumerate(self.uids)}
        touched: dict[str, set[int]] = {}
        for change in changes:
            if change.kind in ("job", "view") or change.op == "media":  # nothing that a cell shows
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
        only = canonical(sorted(ids))
        self._dense = {}
        self._patch_metas(conn, only)
        self._infos.pop("meta", None)
        if set(ops) - {"metrics"}:
            self._tags = None
            self._patch_params(conn, only)
        if "metrics" in ops:
            self._infos.pop("metrics", None)
        for stat, cells in self._stats.items():  # a series never goes while its component stays
            cells.merge(*self._read_stat(conn, stat, only))
            self._named(conn, cells)

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
                self._infos.pop("params", None)


def _tag_info(key: str, count: int, distinct: int) -> ColumnInfo:
    return ColumnInfo(key=f"tags.{key}", group="tags", kind="category", count=count, distinct=distinct)


def _metas_sql(names: Sequence[str]) -> str:
    columns = "".join(", " + _META_SQL[name] for name in names)
    return "SELECT p.id" + columns + " FROM c CROSS JOIN trial_component p ON p.id = c.id"  # noqa: S608 - own constants


def _read_params(conn: Connection, ids: str) -> list[tuple[int, dict[str, ParamValue]]]:
    sql = "SELECT p.id, p.params_json FROM c CROSS JOIN trial_component p ON p.id = c.id"
    return [(row[0], read_params(row[1])) for row in rows_for(conn, sql, ids)]


assert set(_STAT_SQL) == set(STATS)

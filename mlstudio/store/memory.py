"""The store in memory: the laws in plain dictionaries.

The contract suite holds SQLite against it. `open_store("memory:")` returns one per process; it
ends with the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mlstudio.entities.errors import Conflict
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.search import META_FIELDS, Field, Query
from mlstudio.entities.tables import ColumnInfo, ColumnList, TablePage, TableRequest, TableScope
from mlstudio.store.laws import RecordKind, Store
from mlstudio.store.memory_around import MemoryAround
from mlstudio.store.memory_components import PART
from mlstudio.store.memory_jobs import MemoryJobs
from mlstudio.store.memory_jobs_around import MemoryJobsAround
from mlstudio.store.record_rules import has_children, not_deleted
from mlstudio.store.rules import ascii_lower, now
from mlstudio.store.search_eval import cells_of, duration_of, in_order, matches, plain_series, stat_value
from mlstudio.store.search_rules import Shelf, check, check_order, on_shelf, shelf_of
from mlstudio.store.table_columns import (
    NUMBER_METAS,
    AnyColumn,
    absent,
    categories,
    column_list,
    encode,
    field_of_key,
    info,
    numbers,
    param_column,
    positions,
)


class MemoryStore(MemoryAround, MemoryJobs, MemoryJobsAround, Store):
    """A whole store in dictionaries."""

    def delete(self, kind: RecordKind, name: str, *, force: bool = False) -> None:
        """Delete softly; deleting twice is deleting once. Raises: NotFound, HasChildren."""
        with self._lock:
            record = self._required(kind, name)
            if record.deleted_at is not None:
                return
            count = len(self._children(kind, record.uid))
            if count and not force:
                raise has_children(kind, name, count)
            at = now()
            for child in self._children(kind, record.uid) if kind == "experiment" else []:
                self._taken_by[child.uid] = record.uid
                self._change("trial", child, deleted_at=at)
                self._changed("trial", child, "deleted")
            self._change(kind, record, deleted_at=at)
            self._act(kind, record, "deleted")
            self._changed(kind, record, "deleted")

    def _children(self, kind: RecordKind, uid: str) -> list[Any]:
        if kind == "experiment":
            return [trial for trial in self._trials_in(uid) if trial.deleted_at is None]
        if kind == "trial":
            return self._parts_in(uid)
        groups = {group for group, part in self._links if part == uid}
        return [trial for trial in self._records["trial"].values() if trial.uid in groups and trial.deleted_at is None]

    def restore(self, kind: RecordKind, name: str) -> None:
        """Undo `delete`, with what it took along. Raises: NotFound, Conflict (a trial's experiment is deleted)."""
        with self._lock:
            record = self._required(kind, name)
            if record.deleted_at is None:
                return
            home = self._by_uid("experiment", self._home[record.uid]) if kind == "trial" else None
            if home is not None and home.deleted_at is not None:
                raise Conflict(
                    f'Trial "{name}" belongs to the deleted experiment "{home.name}".',
                    field="trial_name",
                    hint="Restore the experiment first.",
                )
            self._taken_by.pop(record.uid, None)
            self._change(kind, record, deleted_at=None)
            self._act(kind, record, "restored")
            self._changed(kind, record, "restored")
            for child in [
                trial for trial in self._records["trial"].values() if self._taken_by.get(trial.uid) == record.uid
            ]:
                del self._taken_by[child.uid]
                self._change("trial", child, deleted_at=None)
                self._changed("trial", child, "restored")

    def purge(self, kind: RecordKind, name: str) -> None:
        """Remove a deleted record for good, with its points. Raises: NotFound, Conflict (not deleted)."""
        with self._lock:
            record = self._required(kind, name)
            if record.deleted_at is None:
                raise not_deleted(kind, name)
            for child in self._trials_in(record.uid) if kind == "experiment" else []:
                self._remove("trial", child)
            self._act(kind, record, "purged")
            self._remove(kind, record)

    def _remove(self, kind: str, record: Any) -> None:
        del self._records[kind][record.name]
        self._links = {pair for pair in self._links if record.uid not in pair}
        for kept in (self._home, self._taken_by, self._parents, self._artifacts, self._code, self._beats):
            kept.pop(record.uid, None)
        self._parents = {child: up for child, up in self._parents.items() if up != record.uid}
        self._forget_metrics(record.uid)
        self._journals = {uid: known for uid, known in self._journals.items() if known.component != record.uid}
        self._forget_around(kind, record)
        self._changed(kind, record, "purged")

    def search_components(
        self, query: Query, *, experiment: str | None = None, metrics: bool = True
    ) -> list[ComponentRecord]:
        """Return the living components that match, in order; full records, `metrics` left empty when not wanted."""
        found = self._matching(query, experiment, None)
        return found if metrics else [msgspec.structs.replace(one, metrics=[]) for one in found]

    def _matching(
        self,
        query: Query,
        experiment: str | None,
        trial: str | None,
        *,
        deleted: bool = False,
        shelf: Shelf | None = None,
    ) -> list[ComponentRecord]:
        check(query.where, PART)
        check_order(query.order)
        with self._lock:
            inside = self._scope(experiment, trial)
            parts = self._records[PART].values()
            kept = shelf or shelf_of(query.where, archived=False)
            there = [part for part in parts if (part.deleted_at is not None) == deleted]
            here = [self._part(part) for part in there if on_shelf(part.archived_at, kept)]
        found = [
            part
            for part in here
            if (inside is None or part.uid in inside) and (query.where is None or matches(part, PART, query.where))
        ]
        return in_order(found, query.order)[: query.limit]

    def table(self, request: TableRequest, query: Query) -> TablePage:
        """Return a columnar page; `query` is the parsed `request.where` and `request.order`."""
        scope = request.scope
        with self._lock:
            shelf = shelf_of(query.where, archived=request.archived)
            every = self._matching(Query(), scope.experiment, scope.trial, deleted=request.deleted, shelf=shelf)
            found = self._matching(query, scope.experiment, scope.trial, deleted=request.deleted, shelf=shelf)
            version = self.last_change()
        rows = found[request.offset : request.offset + request.limit]
        keys = _all_keys(every) if request.columns is None else request.columns
        page = _laid_out(every, rows, keys, scope.experiment)
        return msgspec.structs.replace(page, total=len(found), offset=request.offset, version=version)

    def listed(self, scope: TableScope, query: Query, *, deleted: bool = False, archived: bool = False) -> list[str]:
        """Return the uids of all components of a scope that match, in order, as of one moment."""
        shelf = shelf_of(query.where, archived=archived)
        found = self._matching(query, scope.experiment, scope.trial, deleted=deleted, shelf=shelf)
        return [part.uid for part in found]

    def rows_of(
        self, scope: TableScope, uids: Sequence[str], columns: Sequence[str], *, deleted: bool = False
    ) -> TablePage:
        """Return these components of a scope in this order, archived ones too; the others are left out."""
        with self._lock:
            every = self._matching(Query(), scope.experiment, scope.trial, deleted=deleted, shelf="all")
            version = self.last_change()
        parts = {part.uid: part for part in every}
        page = _laid_out(every, [parts[uid] for uid in uids if uid in parts], columns, scope.experiment)
        return msgspec.structs.replace(page, version=version)

    def find_columns(self, experiment: str | None, *, contains: str = "", most: int = 1000) -> ColumnList:
        """Return the columns whose key holds a text, at most so many of a group, and how many there are."""
        groups: dict[str, list[ColumnInfo]] = {"meta": [], "params": [], "metrics": [], "tags": []}
        for one in self.columns(experiment):
            groups[one.group].append(one)
        return column_list(groups, ascii_lower(contains), most)

    def columns(self, experiment: str | None) -> tuple[ColumnInfo, ...]:
        """Return the columns that exist in an experiment (None: in the store); empty meta columns are left out."""
        every = self._matching(Query(), experiment, None)
        keys = [key for key in _all_keys(every) if key != "archived"]
        found = [info(key, _column(every, field_of_key(key), experiment)) for key in keys]
        return tuple(one for one in found if one.count)


def _laid_out(
    every: list[ComponentRecord], rows: list[ComponentRecord], keys: Sequence[str], experiment: str | None
) -> TablePage:
    """Return the cells of some of the components of a scope; a column's kind is that of all of them."""
    places = {part.uid: place for place, part in enumerate(every)}
    at = positions([places[part.uid] for part in rows])
    return TablePage(
        rows=len(rows),
        total=len(rows),
        uids=[part.uid for part in rows],
        names=[part.name for part in rows],
        columns=[encode(key, _column(every, field_of_key(key), experiment), at) for key in dict.fromkeys(keys)],
    )


def _all_keys(parts: list[ComponentRecord]) -> list[str]:
    params = sorted({name for part in parts for name in part.params})
    metrics = sorted({series.name for part in parts for series in part.metrics})
    tags = sorted({key for part in parts for key in part.tags})
    named = (*(f"params.{name}" for name in params), *(f"metrics.{name}.last" for name in metrics))
    return [*META_FIELDS, *named, *(f"tags.{key}" for key in tags)]


def _column(parts: list[ComponentRecord], field: Field, experiment: str | None) -> AnyColumn:
    """Return the column of a field over components; one of missing cells when nobody has it."""
    if field.kind == "params":
        params = [part.params.get(field.name) for part in parts]
        return param_column(params) if any(cell is not None for cell in params) else absent(len(parts))
    if field.kind == "tags":
        tags = [part.tags.get(field.name) for part in parts]
        return categories(tags) if any(cell is not None for cell in tags) else absent(len(parts))
    if field.kind == "metrics":
        return numbers([_metric(part, field) for part in parts])
    if field.name in ("trial", "experiment"):
        return categories([_members(part, field.name, experiment) for part in parts])
    if field.name == "duration":
        return numbers([duration_of(part) for part in parts])
    cells = [cells_of(part, PART, field) for part in parts]
    values = [found[0].value if found else None for found in cells]
    return numbers(values) if field.name in NUMBER_METAS else categories(values)


def _metric(part: ComponentRecord, field: Field) -> float | None:
    series = plain_series(part.metrics, field.name)
    return None if series is None else stat_value(series, field.stat)


def _members(part: ComponentRecord, which: str, experiment: str | None) -> str | None:
    refs = [ref for ref in part.trials if experiment is None or ref.experiment_name == experiment]
    names = sorted({ref.trial_name if which == "trial" else ref.experiment_name for ref in refs})
    return ", ".join(names) or None

"""Delete, restore, purge: what goes with what. Deleting and purging are possible on a full disk too.

A deletion is a mark. A trial that its experiment took along remembers so (`deleted_with`), and
comes back with it; associations stay in place and count only between living records.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.errors import Conflict
from mlstudio.store import schema
from mlstudio.store.laws import RecordKind
from mlstudio.store.record_rules import has_children, not_deleted
from mlstudio.store.reserve import with_room
from mlstudio.store.rules import arn, now, user
from mlstudio.store.sql_audit import note_act
from mlstudio.store.sql_parts import drop_unreferenced
from mlstudio.store.sql_rows import TABLES, change_row, required
from mlstudio.store.sqlite import SqlBase


def _children(conn: Connection, kind: RecordKind, row: Row[Any]) -> int:
    """Return how many living records keep this one from being deleted without force."""
    links, trial, part = schema.trial_component_link, schema.trial, schema.component
    count = sa.select(sa.func.count())
    if kind == "experiment":
        query = count.where(trial.c.experiment_id == row.id, trial.c.deleted_at.is_(None))
    elif kind == "trial":
        joined = count.select_from(links).join(part, part.c.id == links.c.component_id)
        query = joined.where(links.c.trial_id == row.id, part.c.deleted_at.is_(None))
    else:
        joined = count.select_from(links).join(trial, trial.c.id == links.c.trial_id)
        query = joined.where(links.c.component_id == row.id, trial.c.deleted_at.is_(None))
    return int(conn.execute(query).scalar_one())


class SqlLifecycle(SqlBase):
    """The part of the store that deletes."""

    def delete(self, kind: RecordKind, name: str, *, force: bool = False) -> None:
        """Delete softly; deleting twice is deleting once. Raises: NotFound, HasChildren."""
        with_room(self.path, lambda: self._delete(kind, name, force=force), tidy=self.tidy)

    def _delete(self, kind: RecordKind, name: str, *, force: bool) -> None:
        with self.write() as conn:
            row = required(conn, kind, name)
            if row.deleted_at is not None:
                return
            count = _children(conn, kind, row)
            if count and not force:
                raise has_children(kind, name, count)
            at = now()
            if kind == "experiment":
                self._take_along(conn, row, at)
            change_row(conn, kind, row, {"deleted_at": at, "deleted_with": None})
            note_act(conn, kind, row, "deleted")
            self.note_change(conn, kind, row.uid, name, "deleted")

    def _take_along(self, conn: Connection, row: Row[Any], at: int) -> None:
        trial = schema.trial.c
        mine = (trial.experiment_id == row.id) & trial.deleted_at.is_(None)
        self._change_trials(conn, mine, {"deleted_at": at, "deleted_with": row.uid}, "deleted")

    @staticmethod
    def _change_trials(conn: Connection, which: sa.ColumnElement[bool], fields: dict[str, Any] | None, op: str) -> None:
        """Change or purge (None) many trials in a few statements, with their rows of the change feed."""
        trial, change = schema.trial, schema.change
        told = sa.select(sa.literal(now()), sa.literal("trial"), trial.c.uid, trial.c.name, sa.literal(op))
        columns = ["at", "entity_kind", "entity_uid", "entity_name", "op"]
        conn.execute(sa.insert(change).from_select(columns, told.where(which).order_by(trial.c.id)))
        if fields is None:
            conn.execute(sa.delete(trial).where(which))
        else:
            stamps = {"modified_at": now(), "modified_by": user(), "version": trial.c.version + 1}
            conn.execute(sa.update(trial).where(which).values({**fields, **stamps}))

    def restore(self, kind: RecordKind, name: str) -> None:
        """Undo `delete`, with what it took along. Raises: NotFound, Conflict (a trial's experiment is deleted)."""
        back = {"deleted_at": None, "deleted_with": None}
        with self.write() as conn:
            row = required(conn, kind, name)
            if row.deleted_at is None:
                return
            if kind == "trial":
                self._check_home(conn, row)
            change_row(conn, kind, row, back)
            note_act(conn, kind, row, "restored")
            self.note_change(conn, kind, row.uid, name, "restored")
            if kind == "experiment":
                trial = schema.trial.c
                mine = (trial.experiment_id == row.id) & (trial.deleted_with == row.uid)
                self._change_trials(conn, mine, back, "restored")

    @staticmethod
    def _check_home(conn: Connection, row: Row[Any]) -> None:
        experiment = schema.experiment
        query = sa.select(experiment.c.name, experiment.c.deleted_at).where(experiment.c.id == row.experiment_id)
        home = conn.execute(query).one()
        if home.deleted_at is not None:
            raise Conflict(
                f'Trial "{row.name}" belongs to the deleted experiment "{home.name}".',
                field="trial_name",
                hint="Restore the experiment first.",
            )

    def purge(self, kind: RecordKind, name: str) -> None:
        """Remove a deleted record for good, with its points. Raises: NotFound, Conflict (not deleted)."""
        with_room(self.path, lambda: self._purge(kind, name), tidy=self.tidy)

    def _purge(self, kind: RecordKind, name: str) -> None:
        with self.write() as conn:
            row = required(conn, kind, name)
            if row.deleted_at is None:
                raise not_deleted(kind, name)
            if kind == "experiment":
                self._remove_trials(conn, row)
            note_act(conn, kind, row, "purged")
            self._remove(conn, kind, row)

    def _remove_trials(self, conn: Connection, row: Row[Any]) -> None:
        trial, tag, edge = schema.trial, schema.tag, schema.association
        mine = trial.c.experiment_id == row.id
        arns = sa.select(sa.literal(arn(self.uid, "trial", "")) + trial.c.name).where(mine)
        conn.execute(sa.delete(edge).where(edge.c.source_arn.in_(arns) | edge.c.dest_arn.in_(arns)))
        ids = sa.select(trial.c.id).where(mine)
        conn.execute(sa.delete(tag).where(tag.c.entity_kind == "trial", tag.c.entity_id.in_(ids)))
        self._change_trials(conn, mine, None, "purged")

    def _remove(self, conn: Connection, kind: RecordKind, row: Row[Any]) -> None:
        """Remove one row; what refers to it by key goes with it (ON DELETE CASCADE)."""
        table, tag = TABLES[kind], schema.tag
        held: list[int] = []
        if kind == "trial-component":
            held = _artifacts_held(conn, row.id)
            conn.execute(sa.delete(schema.journal).where(schema.journal.c.component_uid == row.uid))
            conn.execute(sa.delete(schema.origin).where(schema.origin.c.component_uid == row.uid))
        here, edge = arn(self.uid, kind, row.name), schema.association
        conn.execute(sa.delete(edge).where((edge.c.source_arn == here) | (edge.c.dest_arn == here)))
        conn.execute(sa.delete(tag).where(tag.c.entity_kind == kind, tag.c.entity_id == row.id))
        conn.execute(sa.delete(table).where(table.c.id == row.id))
        drop_unreferenced(conn, held)
        self.note_change(conn, kind, row.uid, row.name, "purged")


def _artifacts_held(conn: Connection, component_id: int) -> list[int]:
    """Return the ids of the artifacts that a component has as input, output or medium."""
    holders = (schema.component_artifact.c, schema.media.c)
    each = [sa.select(held.artifact_id).where(held.component_id == component_id) for held in holders]
    return [found[0] for found in conn.execute(sa.union(*each))]

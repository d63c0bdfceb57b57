"""Trials in SQL, and which components are in them: the laws are `ExperimentStore`'s."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.engine import Connection

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ListRequest, TrialCreate, TrialPage, TrialRecord, TrialUpdate
from mlstudio.entities.search import Expr
from mlstudio.store import schema
from mlstudio.store.rules import check_version, checked_name, clean_optional, clean_tags
from mlstudio.store.search_sql import condition
from mlstudio.store.sql_audit import note_edits
from mlstudio.store.sql_lists import page
from mlstudio.store.sql_parts import write_tags
from mlstudio.store.sql_read import trial_records
from mlstudio.store.sql_rows import change_row, insert, living, new_row, op_of, record_fields, refuse_taken, required
from mlstudio.store.sqlite import SqlBase

_LINK: Final = "INSERT INTO trial_trial_component(trial_id, component_id) VALUES (?,?) ON CONFLICT DO NOTHING"


def link(conn: Connection, trial_id: int, component_id: int) -> bool:
    """Put a component into a trial and tell whether it was not there before."""
    raw: Any = conn.connection.driver_connection
    return int(raw.execute(_LINK, (trial_id, component_id)).rowcount) > 0


class SqlTrials(SqlBase):
    """The part of the store that holds trials."""

    def create_trial(self, wanted: TrialCreate) -> TrialRecord:
        """Create. Raises: AlreadyExists, NotFound (the experiment), InvalidName."""
        tags = clean_tags(wanted.tags)
        row = new_row(
            checked_name("trial", wanted.name),
            display_name=clean_optional(wanted.display_name, "display_name"),
        )
        with self.write() as conn:
            refuse_taken(conn, "trial", wanted.name)
            row["experiment_id"] = living(conn, "experiment", wanted.experiment_name).id
            write_tags(conn, "trial", insert(conn, schema.trial, row), tags)
            self.note_change(conn, "trial", row["uid"], wanted.name, "created")
            return self._trial(conn, wanted.name)

    def get_trial(self, name: str) -> TrialRecord:
        """Return it, deleted or not. Raises: NotFound."""
        with self.read() as conn:
            return self._trial(conn, name)

    def _trial(self, conn: Connection, name: str) -> TrialRecord:
        return trial_records(conn, [required(conn, "trial", name)], self.uid)[0]

    def list_trials(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        component: str | None = None,
        where: Expr | None = None,
    ) -> TrialPage:
        """Return a page of the trials of an experiment, of a component, or of all."""
        conditions = [] if where is None else [condition(where, "trial")]
        with self.read() as conn:
            if experiment is not None:
                conditions.append(schema.trial.c.experiment_id == required(conn, "experiment", experiment).id)
            if component is not None:
                links = schema.trial_component_link
                mine = links.c.component_id == required(conn, "trial-component", component).id
                conditions.append(schema.trial.c.id.in_(sa.select(links.c.trial_id).where(mine)))
            rows, following = page(conn, schema.trial, request, conditions, where)
            return TrialPage(trial_records(conn, rows, self.uid), following)

    def update_trial(self, name: str, change: TrialUpdate) -> TrialRecord:
        """Change fields or move it to another experiment. Raises: NotFound, VersionConflict."""
        fields = record_fields(change)
        tags = UNSET if change.tags is UNSET else clean_tags(change.tags)
        with self.write() as conn:
            row = required(conn, "trial", name)
            check_version("trial", name, row.version, change.version)
            note_edits(conn, "trial", row, change)
            if change.experiment_name is not UNSET:
                fields["experiment_id"] = living(conn, "experiment", change.experiment_name).id
            if tags is not UNSET:
                write_tags(conn, "trial", row.id, tags, replace=True)
            change_row(conn, "trial", row, fields)
            self.note_change(conn, "trial", row.uid, name, op_of(change))
            return self._trial(conn, name)

    def associate(self, trial: str, component: str) -> None:
        """Put a component into a trial; twice is once. Raises: NotFound."""
        with self.write() as conn:
            group, part = living(conn, "trial", trial), living(conn, "trial-component", component)
            if link(conn, group.id, part.id):
                self.note_change(conn, "trial-component", part.uid, component, "updated")
                self.note_change(conn, "trial", group.uid, trial, "updated")

    def dissociate(self, trial: str, component: str) -> None:
        """Take it out. Raises: NotFound when it is not in there."""
        links = schema.trial_component_link
        with self.write() as conn:
            group, part = required(conn, "trial", trial), required(conn, "trial-component", component)
            here = (links.c.trial_id == group.id) & (links.c.component_id == part.id)
            if conn.execute(sa.delete(links).where(here)).rowcount == 0:
                raise NotFound(
                    f'Trial component "{component}" is not in trial "{trial}".', field="trial_component_name"
                )
            self.note_change(conn, "trial-component", part.uid, component, "updated")
            self.note_change(conn, "trial", group.uid, trial, "updated")

"""Experiments in SQL: the laws are `ExperimentStore`'s."""

from __future__ import annotations

from msgspec import UNSET
from sqlalchemy.engine import Connection

from mlstudio.entities.experiments import (
    ExperimentCreate,
    ExperimentPage,
    ExperimentRecord,
    ExperimentUpdate,
    ListRequest,
)
from mlstudio.entities.search import Expr
from mlstudio.store import schema
from mlstudio.store.rules import check_version, checked_name, clean_optional, clean_tags
from mlstudio.store.search_sql import condition
from mlstudio.store.sql_audit import note_edits
from mlstudio.store.sql_lists import page
from mlstudio.store.sql_parts import write_tags
from mlstudio.store.sql_read import experiment_records
from mlstudio.store.sql_rows import change_row, insert, new_row, op_of, record_fields, refuse_taken, required
from mlstudio.store.sqlite import SqlBase


class SqlExperiments(SqlBase):
    """The part of the store that holds experiments."""

    def create_experiment(self, wanted: ExperimentCreate) -> ExperimentRecord:
        """Create. Raises: AlreadyExists, InvalidName."""
        tags = clean_tags(wanted.tags)
        row = new_row(
            checked_name("experiment", wanted.name),
            display_name=clean_optional(wanted.display_name, "display_name"),
            description=clean_optional(wanted.description, "description"),
        )
        with self.write() as conn:
            refuse_taken(conn, "experiment", wanted.name)
            write_tags(conn, "experiment", insert(conn, schema.experiment, row), tags)
            self.note_change(conn, "experiment", row["uid"], wanted.name, "created")
            return self._experiment(conn, wanted.name)

    def get_experiment(self, name: str) -> ExperimentRecord:
        """Return it, deleted or not. Raises: NotFound."""
        with self.read() as conn:
            return self._experiment(conn, name)

    def _experiment(self, conn: Connection, name: str) -> ExperimentRecord:
        return experiment_records(conn, [required(conn, "experiment", name)], self.uid)[0]

    def list_experiments(self, request: ListRequest, where: Expr | None = None) -> ExperimentPage:
        """Return a page of experiments."""
        conditions = [] if where is None else [condition(where, "experiment")]
        with self.read() as conn:
            rows, following = page(conn, schema.experiment, request, conditions, where)
            return ExperimentPage(experiment_records(conn, rows, self.uid), following)

    def update_experiment(self, name: str, change: ExperimentUpdate) -> ExperimentRecord:
        """Change fields. Raises: NotFound, VersionConflict."""
        fields = record_fields(change)
        tags = UNSET if change.tags is UNSET else clean_tags(change.tags)
        with self.write() as conn:
            row = required(conn, "experiment", name)
            check_version("experiment", name, row.version, change.version)
            note_edits(conn, "experiment", row, change)
            if tags is not UNSET:
                write_tags(conn, "experiment", row.id, tags, replace=True)
            change_row(conn, "experiment", row, fields)
            self.note_change(conn, "experiment", row.uid, name, op_of(change))
            return self._experiment(conn, name)

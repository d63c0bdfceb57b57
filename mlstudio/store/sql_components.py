"""Trial components in SQL: the laws are `ExperimentStore`'s.

`open_component`, `merge_into` and `move` are for `store.metrics_sql` as well, which does the same
inside the transaction of a drain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.engine import Connection

from mlstudio.entities.errors import Conflict
from mlstudio.entities.experiments import (
    ComponentCreate,
    ComponentPage,
    ComponentRecord,
    ComponentUpdate,
    ListRequest,
)
from mlstudio.entities.search import Expr
from mlstudio.entities.status import COMPONENT_MOVES, RESUMABLE, sources_of
from mlstudio.store import schema
from mlstudio.store.rules import (
    canonical,
    check_move,
    check_version,
    checked_name,
    clean_optional,
    clean_params,
    clean_tags,
    unique,
)
from mlstudio.store.search_sql import condition
from mlstudio.store.sql_audit import note_edits
from mlstudio.store.sql_lists import page
from mlstudio.store.sql_parts import (
    among,
    code_id,
    drop_artifacts,
    dump,
    env_id,
    merge_params,
    write_artifact,
    write_params,
    write_tags,
)
from mlstudio.store.sql_read import component_records
from mlstudio.store.sql_rows import (
    change_row,
    find,
    insert,
    living,
    new_row,
    op_of,
    record_fields,
    refuse_taken,
    required,
)
from mlstudio.store.sql_trials import link
from mlstudio.store.sqlite import SqlBase

_MOVE: Final = (
    "UPDATE trial_component SET status = ? WHERE id = ?"
    " AND (status IS NULL OR status IN (SELECT value FROM json_each(?)))"
)


def open_component(conn: Connection, wanted: ComponentCreate, *, lenient: bool = False) -> tuple[int, str, str, bool]:
    """Create a component with everything that it was given, unless its uid exists.

    Args:
        conn: an open `write()`.
        wanted: what to create.
        lenient: for a recorder, which is never refused: trials that do not exist are left out,
            a name that is taken gets the end of the uid behind it.

    Returns:
        Its id, uid and name, and whether it is new.

    Raises:
        AlreadyExists, InvalidName: its name. NotFound: a trial or the parent.
    """
    part = schema.component
    if wanted.uid is not None:
        row = conn.execute(sa.select(part.c.id, part.c.name).where(part.c.uid == wanted.uid)).one_or_none()
        if row is not None:
            return row.id, wanted.uid, row.name, False
    name = checked_name("trial-component", wanted.name)
    row_values = _row_of(conn, wanted, name)
    if lenient and find(conn, "trial-component", name) is not None:
        name = f"{name[:113].strip('-')}-{row_values['uid'][-6:]}"
        row_values["name"] = name
    refuse_taken(conn, "trial-component", name)
    trials = [_trial_id(conn, trial, lenient=lenient) for trial in unique(wanted.trials)]
    key = insert(conn, part, row_values)
    write_params(conn, key, clean_params(wanted.params))
    write_tags(conn, "trial-component", key, clean_tags(wanted.tags))
    for direction, refs in (("input", wanted.inputs), ("output", wanted.outputs)):
        for artifact_name, ref in refs.items():
            write_artifact(conn, key, direction, artifact_name, ref)
    for trial_id in trials:
        if trial_id is not None:
            link(conn, trial_id, key)
    return key, row_values["uid"], name, True


def _row_of(conn: Connection, wanted: ComponentCreate, name: str) -> dict[str, Any]:
    row = new_row(
        name,
        display_name=clean_optional(wanted.display_name, "display_name"),
        description=clean_optional(wanted.description, "description"),
        kind=wanted.kind,
        source_arn=clean_optional(wanted.source_arn, "source_arn"),
        status=wanted.status,
        start_time=wanted.start_time,
        params_json=dump(clean_params(wanted.params)),
        code_id=code_id(conn, wanted.code),
        env_id=env_id(conn, wanted.env),
    )
    if wanted.uid is not None:
        row["uid"] = wanted.uid
    if wanted.parent is not None:
        up = find(conn, "trial-component", wanted.parent)
        row["parent_id"] = None if up is None else up.id
    if wanted.process is not None:
        own = wanted.process
        row |= {"host": own.host, "pid": own.pid, "proc_start": own.proc_start, "boot_id": own.boot_id}
    return row


def _trial_id(conn: Connection, name: str, *, lenient: bool) -> int | None:
    if lenient:
        row = find(conn, "trial", name)
        return None if row is None else int(row.id)
    return int(living(conn, "trial", name).id)


def move_component(conn: Connection, component_id: int, target: str, *, resume: bool = False) -> bool:
    """Move a component's status where the table allows it, and tell whether it is there now.

    For a drain, which ignores a forbidden move; `update_component` asks first and raises.
    """
    allowed = {target, *sources_of(target, COMPONENT_MOVES)}
    if resume and target == "InProgress":
        allowed |= RESUMABLE
    raw: Any = conn.connection.driver_connection
    return int(raw.execute(_MOVE, (target, component_id, canonical(sorted(allowed)))).rowcount) > 0


class SqlComponents(SqlBase):
    """The part of the store that holds trial components."""

    def create_component(self, wanted: ComponentCreate) -> ComponentRecord:
        """Create, with its associations. Idempotent by uid. Raises: AlreadyExists, NotFound (a trial), InvalidName."""
        with self.write() as conn:
            if wanted.parent is not None:
                required(conn, "trial-component", wanted.parent)
            _, uid, name, new = open_component(conn, wanted)
            if new:
                self.note_change(conn, "trial-component", uid, name, "created")
            return self._component(conn, name)

    def get_component(self, name: str, *, most: int | None = None) -> ComponentRecord:
        """Return it with metrics, artifacts and trials, deleted or not. Raises: NotFound."""
        with self.read() as conn:
            return self._component(conn, name, most)

    def _component(self, conn: Connection, name: str, most: int | None = None) -> ComponentRecord:
        return component_records(conn, [required(conn, "trial-component", name)], self.uid, most=most)[0]

    def get_components(self, names: Sequence[str], *, most: int | None = None) -> list[ComponentRecord]:
        """Return many, in the order of `names`; unknown names are left out."""
        part = schema.component
        with self.read() as conn:
            rows = conn.execute(sa.select(part).where(among(part.c.name, unique(names)))).all()
            found = {record.name: record for record in component_records(conn, rows, self.uid, most=most)}
        return [found[name] for name in names if name in found]

    def list_components(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        trial: str | None = None,
        source_arn: str | None = None,
        where: Expr | None = None,
        most: int | None = None,
    ) -> ComponentPage:
        """Return a page of records with at most `most` metrics each; None: all of them."""
        conditions = [] if where is None else [condition(where)]
        if source_arn is not None:
            conditions.append(schema.component.c.source_arn == source_arn)
        with self.read() as conn:
            conditions += in_scope(conn, experiment, trial)
            rows, following = page(conn, schema.component, request, conditions, where)
            return ComponentPage(component_records(conn, rows, self.uid, most=most), following)

    def update_component(self, name: str, change: ComponentUpdate, *, most: int | None = None) -> ComponentRecord:
        """Change fields. Raises: NotFound, VersionConflict, Conflict (a forbidden status move)."""
        fields = {**record_fields(change), **_component_fields(change)}
        tags = UNSET if change.tags is UNSET else clean_tags(change.tags)
        with self.write() as conn:
            row = required(conn, "trial-component", name)
            check_version("trial-component", name, row.version, change.version)
            note_edits(conn, "trial-component", row, change)
            moved = False
            if change.status is not UNSET:
                moved = check_move(name, row.status, change.status, resume=change.resume)
                if not move_component(conn, row.id, change.status, resume=change.resume):
                    raise Conflict(f'Trial component "{name}" is {row.status}.', field="status")
            if tags is not UNSET:
                write_tags(conn, "trial-component", row.id, tags, replace=True)
            if change.code is not UNSET:
                fields["code_id"] = code_id(conn, change.code)
            if change.env is not UNSET:
                fields["env_id"] = env_id(conn, change.env)
            self._merge(conn, row.id, change)
            change_row(conn, "trial-component", row, fields)
            self.note_change(conn, "trial-component", row.uid, name, "status" if moved else op_of(change))
            return self._component(conn, name, most)

    def _merge(self, conn: Connection, key: int, change: ComponentUpdate) -> None:
        params = {} if change.params is UNSET else clean_params(change.params)
        if params or change.params_to_remove:
            merge_params(conn, key, params, change.params_to_remove)
        drop_artifacts(conn, key, "input", change.inputs_to_remove)
        drop_artifacts(conn, key, "output", change.outputs_to_remove)
        for direction, refs in (("input", change.inputs), ("output", change.outputs)):
            for artifact_name, ref in {} if refs is UNSET else refs.items():
                write_artifact(conn, key, direction, artifact_name, ref)


def in_scope(conn: Connection, experiment: str | None, trial: str | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a component is in an experiment and in a trial. Raises: NotFound."""
    links, group, part = schema.trial_component_link, schema.trial, schema.component
    found: list[sa.ColumnElement[bool]] = []
    if experiment is not None:
        mine = group.c.experiment_id == required(conn, "experiment", experiment).id
        inside = sa.select(links.c.component_id).join(group, group.c.id == links.c.trial_id)
        found.append(part.c.id.in_(inside.where(mine, group.c.deleted_at.is_(None))))
    if trial is not None:
        mine = links.c.trial_id == required(conn, "trial", trial).id
        found.append(part.c.id.in_(sa.select(links.c.component_id).where(mine)))
    return found


def _component_fields(change: ComponentUpdate) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key in ("source_arn", "status_message"):
        value = getattr(change, key)
        if value is not UNSET:
            fields[key] = clean_optional(value, key)
    for key in ("start_time", "end_time"):
        if getattr(change, key) is not UNSET:
            fields[key] = getattr(change, key)
    return fields

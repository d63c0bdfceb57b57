"""Jobs in SQL: where they stand, how they came there, and what is asked of them.

Moves are made by ``UPDATE … WHERE status IN (…)``, after a check that names the present status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.errors import Conflict, ResourceInUse
from mlstudio.entities.job_parts import Grant, JobUsage
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, JobSpec, JobUpdate, StopRequest, Transition
from mlstudio.entities.names import check_name, new_uid
from mlstudio.entities.status import ENDED, JOB_MOVES, sources_of
from mlstudio.store import schema
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.job_rules import (
    FIELDS,
    FINAL,
    check_deletable,
    check_job_moves,
    check_stoppable,
    cut,
    no_job,
    same_submission,
)
from mlstudio.store.rules import arn, ascii_lower, now, user
from mlstudio.store.sql_parts import among
from mlstudio.store.sqlite import SqlBase

_spec_decoder = msgspec.json.Decoder(JobSpec)
_grant_decoder = msgspec.json.Decoder(Grant)
_usage_decoder = msgspec.json.Decoder(JobUsage)
_PLAIN = (
    "uid",
    "name",
    "kind",
    "status",
    "secondary",
    "owner",
    "trial_component",
    "created_at",
    "modified_at",
    "version",
)


def _row(conn: Connection, name: str) -> Row[Any]:
    row = conn.execute(sa.select(schema.job).where(schema.job.c.name == name)).one_or_none()
    if row is None:
        raise no_job(name)
    return row


def _transitions(conn: Connection, ids: Sequence[int]) -> dict[int, list[Transition]]:
    table = schema.job_transition
    query = sa.select(table).where(among(table.c.job_id, ids)).order_by(table.c.job_id, table.c.seq)
    found: dict[int, list[Transition]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.job_id].append(
            Transition(status=row.status, start_time=row.start_time, end_time=row.end_time, message=row.message)
        )
    return found


class SqlJobs(SqlBase):
    """The part of the store that holds jobs."""

    def create_job(self, spec: JobSpec, *, trial_component: str) -> JobRecord:
        """Create as InProgress / Pending. Same name and same client_token: the first job; else ResourceInUse."""
        check_name(spec.name, field="job_name")
        at = now()
        row = {
            "uid": new_uid(),
            "name": spec.name,
            "kind": spec.kind,
            "client_token": spec.client_token,
            "experiment_name": spec.experiment_config.experiment_name,
            "status": "InProgress",
            "secondary": "Pending",
            "owner": user(),
            "trial_component": trial_component,
            "created_at": at,
            "modified_at": at,
            "priority": spec.priority,
            "schedule": spec.schedule,
            "spec_json": msgspec.json.encode(spec).decode(),
        }
        with self.write() as conn:
            first = conn.execute(sa.select(schema.job).where(schema.job.c.name == spec.name)).one_or_none()
            if first is not None:
                if same_submission(spec, first.client_token):
                    return self._record(conn, spec.name)
                raise ResourceInUse(
                    f'A job named "{spec.name}" exists already.', field="job_name", hint="Use another name."
                )
            key = conn.execute(sa.insert(schema.job), row).inserted_primary_key
            if key is not None:
                _begin(conn, int(key[0]), 0, "Pending", at, "")
            self.note_change(conn, "job", str(row["uid"]), spec.name, "created")
            return self._record(conn, spec.name)

    def get_job(self, name: str) -> JobRecord:
        """Return it. Raises: NotFound."""
        with self.read() as conn:
            return self._record(conn, name)

    def _record(self, conn: Connection, name: str) -> JobRecord:
        return self._records(conn, [_row(conn, name)])[0]

    def _records(self, conn: Connection, rows: Sequence[Row[Any]]) -> list[JobRecord]:
        ids = [row.id for row in rows]
        transitions, stop = _transitions(conn, ids), schema.job_stop
        asked = {found[0] for found in conn.execute(sa.select(stop.c.job_id).where(among(stop.c.job_id, ids)))}
        return [
            JobRecord(
                **{key: getattr(row, key) for key in (*_PLAIN, *FIELDS)},
                arn=arn(self.uid, f"{row.kind}-job", row.name),
                spec=_spec_decoder.decode(row.spec_json),
                transitions=transitions.get(row.id, []),
                stop_requested=row.id in asked,
                grant=None if row.grant_json is None else _grant_decoder.decode(row.grant_json),
                usage=None if row.usage_json is None else _usage_decoder.decode(row.usage_json),
            )
            for row in rows
        ]

    def list_jobs(self, request: JobListRequest) -> JobPage:
        """Return a page, newest first."""
        c = schema.job.c
        query = sa.select(schema.job)
        for column, value in (
            (c.kind, request.kind),
            (c.status, request.status),
            (c.experiment_name, request.experiment),
            (c.schedule, request.schedule),
            (c.owner, request.owner),
        ):
            if value is not None:
                query = query.where(column == value)
        if request.open_only:
            query = query.where(c.status.not_in(ENDED))
        if request.name_contains:
            query = query.where(sa.func.instr(sa.func.lower(c.name), ascii_lower(request.name_contains)) > 0)
        if request.cursor is not None:
            query = query.where(sa.tuple_(c.created_at, c.uid) < sa.tuple_(*decode_cursor(request.cursor, int)))
        query = query.order_by(c.created_at.desc(), c.uid.desc()).limit(request.limit + 1)
        with self.read() as conn:
            rows = list(conn.execute(query))
            more = len(rows) > request.limit
            rows = rows[: request.limit]
            following = encode_cursor(rows[-1].created_at, rows[-1].uid) if more else None
            return JobPage(self._records(conn, rows), following)

    def update_job(self, name: str, change: JobUpdate) -> JobRecord:
        """Move a job; obeys the state tables. Raises: NotFound, Conflict."""
        at, table = now(), schema.job
        values = {key: getattr(change, key) for key in FIELDS if getattr(change, key) is not None}
        if "failure_reason" in values:
            values["failure_reason"] = cut(values["failure_reason"])
        for key, made in (("grant_json", change.grant), ("usage_json", change.usage)):
            if made is not None:
                values[key] = msgspec.json.encode(made).decode()
        with self.write() as conn:
            row = _row(conn, name)
            check_job_moves(name, row.status, row.secondary, change)
            if change.secondary is not None and change.secondary != row.secondary:
                values["secondary"] = change.secondary
                self._go_on(conn, row.id, change.secondary, at, change.status_message or "")
            statement = sa.update(table).where(table.c.id == row.id)
            if change.status is not None:
                values["status"] = change.status
                statement = statement.where(table.c.status.in_([change.status, *sources_of(change.status, JOB_MOVES)]))
            if change.status in ENDED:
                conn.execute(sa.delete(schema.job_stop).where(schema.job_stop.c.job_id == row.id))
            if conn.execute(statement.values(**values, modified_at=at, version=table.c.version + 1)).rowcount == 0:
                raise Conflict(f'Job "{name}" is {row.status}.', field="status")
            moved = "status" in values or "secondary" in values
            self.note_change(conn, "job", row.uid, name, "status" if moved else "updated")
            return self._record(conn, name)

    def _go_on(self, conn: Connection, key: int, secondary: str, at: int, message: str) -> None:
        """Close the last transition and open one."""
        table = schema.job_transition
        last = sa.select(sa.func.max(table.c.seq)).where(table.c.job_id == key)
        seq = int(conn.execute(last).scalar() or 0)
        closing = sa.update(table).where(table.c.job_id == key, table.c.seq == seq, table.c.end_time.is_(None))
        conn.execute(closing.values(end_time=at))
        _begin(conn, key, seq + 1, secondary, at, message, ended=secondary in FINAL)

    def request_stop(self, name: str, request: StopRequest) -> JobRecord:
        """Ask for a stop: status Stopping, and the request kept for the agent. Raises: NotFound, Conflict (ended)."""
        at, table, stop = now(), schema.job, schema.job_stop
        with self.write() as conn:
            row = _row(conn, name)
            check_stoppable(name, row.status)
            base = upsert(stop).values(job_id=row.id, grace=request.grace, reason=request.reason, requested_at=at)
            fresh = {"grace": request.grace, "reason": request.reason, "requested_at": at}
            conn.execute(base.on_conflict_do_update(index_elements=["job_id"], set_=fresh))
            allowed = table.c.status.in_(["Stopping", *sources_of("Stopping", JOB_MOVES)])
            statement = sa.update(table).where(table.c.id == row.id, allowed)
            conn.execute(statement.values(status="Stopping", modified_at=at, version=table.c.version + 1))
            self.note_change(conn, "job", row.uid, name, "status")
            return self._record(conn, name)

    def stop_request(self, name: str) -> StopRequest | None:
        """Return the standing request, if any."""
        stop = schema.job_stop
        with self.read() as conn:
            row = _row(conn, name)
            found = conn.execute(sa.select(stop).where(stop.c.job_id == row.id)).one_or_none()
            return None if found is None else StopRequest(grace=found.grace, reason=found.reason)

    def delete_job(self, name: str) -> None:
        """Remove an ended job. Raises: NotFound, Conflict (it runs)."""
        with self.write() as conn:
            row = _row(conn, name)
            check_deletable(name, row.status)
            conn.execute(sa.delete(schema.job).where(schema.job.c.id == row.id))
            self.note_change(conn, "job", row.uid, name, "deleted")


def _begin(conn: Connection, key: int, seq: int, status: str, at: int, message: str, *, ended: bool = False) -> None:
    row = {"job_id": key, "seq": seq, "status": status, "start_time": at, "message": cut(message)}
    conn.execute(sa.insert(schema.job_transition), {**row, "end_time": at if ended else None})

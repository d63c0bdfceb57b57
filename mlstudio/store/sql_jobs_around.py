"""Leases and schedules in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.instances import HolderKind, Lease, LeaseWish
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.names import check_name, new_uid
from mlstudio.entities.schedules import Schedule, ScheduleCreate, ScheduleUpdate
from mlstudio.store import schema
from mlstudio.store.job_rules import cut
from mlstudio.store.lease_rules import check_wishes, granted, lease_key
from mlstudio.store.rules import now, user
from mlstudio.store.schedule_rules import changed_fields, check_schedule_version, no_schedule, schedule_taken
from mlstudio.store.sql_parts import among
from mlstudio.store.sqlite import SqlBase

_LEASE: Final = ("resource", "holder", "kind", "amount", "acquired_at", "expires_at")
_PLAIN: Final = (
    "uid",
    "name",
    "cron",
    "timezone",
    "catch_up",
    "keep",
    "enabled",
    "owner",
    "created_at",
    "modified_at",
    "next_at",
    "last_at",
    "last_job",
    "last_error",
    "runs",
    "version",
)
_spec_decoder = msgspec.json.Decoder(JobSpec)


class SqlLeases(SqlBase):
    """The part of the store that knows who holds which resource."""

    def take_leases(self, holder: str, kind: HolderKind, wishes: Sequence[LeaseWish], *, ttl: float) -> list[Lease]:
        """Grant all wishes for `ttl` seconds; a holder that has leases gets those, renewed. Raises: ResourceInUse."""
        check_wishes(wishes)
        at, table = now(), schema.lease
        with self.write() as conn:
            conn.execute(sa.delete(table).where(table.c.expires_at <= at))
            leases = granted(_held(conn), holder, kind, wishes, at=at, ttl=ttl)
            pools = {wish.resource for wish in wishes if wish.capacity is not None}
            mine = table.c.holder == holder
            if conn.execute(sa.update(table).where(mine).values(expires_at=leases[0].expires_at)).rowcount == 0:
                conn.execute(sa.insert(table), [_row(one, pooled=one.resource in pools) for one in leases])
            return sorted(leases, key=lambda one: one.resource)

    def renew_leases(self, holders: Sequence[str], *, ttl: float) -> None:
        """Let leases of these holders end `ttl` seconds from now."""
        if not holders:
            return
        table = schema.lease
        with self.write() as conn:
            statement = sa.update(table).where(among(table.c.holder, holders))
            conn.execute(statement.values(expires_at=now() + int(ttl * 1e6)))

    def release_leases(self, holder: str) -> None:
        """Give back all that a holder has; nothing to give back is fine."""
        with self.write() as conn:
            conn.execute(sa.delete(schema.lease).where(schema.lease.c.holder == holder))

    def leases(self) -> list[Lease]:
        """Return what is held now, by resource."""
        at = now()
        with self.read() as conn:
            return [one for one in _held(conn) if one.expires_at > at]


def _row(one: Lease, *, pooled: bool) -> dict[str, Any]:
    return {"key": lease_key(one.resource, one.holder, pooled=pooled), **msgspec.structs.asdict(one)}


def _held(conn: Connection) -> list[Lease]:
    c = schema.lease.c
    rows = conn.execute(sa.select(*(c[name] for name in _LEASE)).order_by(c.resource, c.holder))
    return [Lease(**dict(zip(_LEASE, row, strict=True))) for row in rows]


class SqlSchedules(SqlBase):
    """The part of the store that knows what is submitted by the clock."""

    def create_schedule(self, wanted: ScheduleCreate, *, next_at: int | None) -> Schedule:
        """Keep a schedule. Raises: AlreadyExists, InvalidName."""
        check_name(wanted.name, field="schedule_name")
        at = now()
        row = {
            "uid": new_uid(),
            **{name: getattr(wanted, name) for name in ("name", "cron", "timezone", "catch_up", "keep")},
            "enabled": True,
            "owner": user(),
            "created_at": at,
            "modified_at": at,
            "next_at": next_at,
            "runs": 0,
            "version": 1,
            "spec_json": msgspec.json.encode(wanted.spec).decode(),
        }
        with self.write() as conn:
            if conn.execute(sa.select(schema.schedule.c.id).where(schema.schedule.c.name == wanted.name)).first():
                raise schedule_taken(wanted.name)
            conn.execute(sa.insert(schema.schedule), row)
            return self._noted(conn, wanted.name, "created")

    def _noted(self, conn: Connection, name: str, op: str) -> Schedule:
        found = _schedule(conn, name)
        self.note_change(conn, "schedule", found.uid, name, op)
        return found

    def schedules(self) -> list[Schedule]:
        """Return all by name."""
        with self.read() as conn:
            return [_read(row) for row in conn.execute(sa.select(schema.schedule).order_by(schema.schedule.c.name))]

    def get_schedule(self, name: str) -> Schedule:
        """Return one. Raises: NotFound."""
        with self.read() as conn:
            return _schedule(conn, name)

    def update_schedule(self, name: str, change: ScheduleUpdate) -> Schedule:
        """Change it. Raises: NotFound, VersionConflict."""
        fields = changed_fields(change)
        if "spec" in fields:
            fields["spec_json"] = msgspec.json.encode(fields.pop("spec")).decode()
        with self.write() as conn:
            check_schedule_version(name, _schedule(conn, name).version, change.version)
            self._set(conn, name, fields)
            return self._noted(conn, name, "updated")

    @staticmethod
    def _set(conn: Connection, name: str, fields: dict[str, Any]) -> None:
        table = schema.schedule
        fields = {**fields, "modified_at": now(), "version": table.c.version + 1}
        conn.execute(sa.update(table).where(table.c.name == name).values(fields))

    def delete_schedule(self, name: str) -> None:
        """Remove it; its jobs stay. Raises: NotFound."""
        with self.write() as conn:
            self._noted(conn, name, "deleted")
            conn.execute(sa.delete(schema.schedule).where(schema.schedule.c.name == name))

    def fire_schedule(self, name: str, due: int, *, job: str, next_at: int | None) -> bool:
        """Claim the run that is `due` for `job`; False when another has claimed it. Raises: NotFound."""
        table = schema.schedule
        with self.write() as conn:
            _schedule(conn, name)
            claim = sa.update(table).where(table.c.name == name, table.c.next_at == due, table.c.enabled)
            fields = {"next_at": next_at, "last_at": now(), "last_job": job, "last_error": None}
            if conn.execute(claim.values(**fields, runs=table.c.runs + 1)).rowcount == 0:
                return False
            self._noted(conn, name, "updated")
            return True

    def schedule_failed(self, name: str, error: str | None) -> None:
        """Keep why the last submission was refused, None: it was not. Raises: NotFound."""
        table = schema.schedule
        with self.write() as conn:
            _schedule(conn, name)
            text = None if error is None else cut(error)
            conn.execute(sa.update(table).where(table.c.name == name).values(last_error=text))
            self._noted(conn, name, "updated")


def _schedule(conn: Connection, name: str) -> Schedule:
    row = conn.execute(sa.select(schema.schedule).where(schema.schedule.c.name == name)).one_or_none()
    if row is None:
        raise no_schedule(name)
    return _read(row)


def _read(row: sa.Row[Any]) -> Schedule:
    return Schedule(**{name: getattr(row, name) for name in _PLAIN}, spec=_spec_decoder.decode(row.spec_json))

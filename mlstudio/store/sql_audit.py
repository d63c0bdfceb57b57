"""Who did what to which record, in SQL. Written in the transaction of the deed; old rows go now and then."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.housekeeping import AuditEntry
from mlstudio.store import schema
from mlstudio.store.record_rules import edits
from mlstudio.store.rules import now, user
from mlstudio.store.sql_read import tags_of
from mlstudio.store.sqlite import SqlBase

KEPT: Final = 120_000
_TRIM_EVERY: Final = 1_000


def note_act(conn: Connection, kind: str, row: Row[Any], action: str, before: Any = None, after: Any = None) -> None:
    """Write down what somebody did to a record, in the caller's transaction."""
    values = {
        "at": now(),
        "who": user(),
        "action": action,
        "entity_kind": kind,
        "entity_uid": row.uid,
        "entity_name": row.name,
        "before_json": _json(before),
        "after_json": _json(after),
    }
    key = conn.execute(sa.insert(schema.audit), values).inserted_primary_key
    newest = int(key[0]) if key is not None else 0
    if newest % _TRIM_EVERY == 0:
        conn.execute(sa.delete(schema.audit).where(schema.audit.c.id <= newest - KEPT))


def note_edits(conn: Connection, kind: str, row: Row[Any], change: Any) -> None:
    """Write down what an update changes of a record; call it before the change."""
    present: dict[str, Any] = {
        "display_name": row.display_name,
        "description": row.description,
        "starred": bool(row.starred),
        "archived": row.archived_at is not None,
    }
    if change.tags is not UNSET:
        present["tags"] = tags_of(conn, kind, [row.id]).get(row.id, {})
    if getattr(change, "experiment_name", UNSET) is not UNSET:
        home = schema.experiment.c
        present["experiment_name"] = conn.execute(sa.select(home.name).where(home.id == row.experiment_id)).scalar()
    for action, before, after in edits(present, change):
        note_act(conn, kind, row, action, before, after)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


class SqlAudit(SqlBase):
    """The part of the store that tells who did what."""

    def audit(self, uid: str | None = None, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return what somebody did, newest first."""
        c = schema.audit.c
        query = sa.select(schema.audit).order_by(c.id.desc()).limit(max(limit, 0))
        if uid is not None:
            query = query.where(c.entity_uid == uid)
        if before is not None:
            query = query.where(c.id < before)
        with self.read() as conn:
            return [_entry(row) for row in conn.execute(query)]


def _entry(row: Row[Any]) -> AuditEntry:
    before, after = (None if text is None else msgspec.json.decode(text) for text in (row.before_json, row.after_json))
    told = {"kind": row.entity_kind, "uid": row.entity_uid, "name": row.entity_name}
    return AuditEntry(id=row.id, at=row.at, who=row.who, action=row.action, before=before, after=after, **told)

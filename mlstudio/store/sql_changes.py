"""The change feed, read: what any process touched, in commit order."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.events import Change
from mlstudio.store import schema
from mlstudio.store.sqlite import SqlBase

_COLUMNS = ("id", "at", "entity_kind", "entity_uid", "entity_name", "op")


class SqlChanges(SqlBase):
    """The part of the store that tells what changed."""

    def changes(self, after: int, *, limit: int = 1000) -> list[Change]:
        """Return the change feed after an id, oldest first. The feed keeps at least the last 10,000."""
        with self.read() as conn:
            return self.changes_on(conn, after, limit=limit)

    def changes_on(self, conn: Connection, after: int, *, limit: int) -> list[Change]:
        """Return the change feed after an id as a connection sees it."""
        table = schema.change
        query = sa.select(*(table.c[name] for name in _COLUMNS)).where(table.c.id > after)
        return [Change(*row) for row in conn.execute(query.order_by(table.c.id).limit(limit))]

    def last_change(self) -> int:
        """Return the id of the newest change, 0 in an empty store. Cheap: asked four times a second."""
        with self.read() as conn:
            return int(conn.execute(sa.select(sa.func.coalesce(sa.func.max(schema.change.c.id), 0))).scalar_one())

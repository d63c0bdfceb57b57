"""One row of a record: finding it, refusing its name, making it, changing it.

What experiments, trials and components share. Each function takes an open connection.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.names import new_uid
from mlstudio.store import schema
from mlstudio.store.rules import checked_name, clean_optional, in_bin, not_found, now, taken, user

TABLES: Final = {"experiment": schema.experiment, "trial": schema.trial, "trial-component": schema.component}


_BY_NAME: Final = {
    kind: sa.select(table).where(table.c.name == sa.bindparam("wanted")) for kind, table in TABLES.items()
}
"""Built once: building a statement costs more than running it."""


def find(conn: Connection, kind: str, name: str) -> Row[Any] | None:
    """Return the row of a record, deleted or not, by its name."""
    return conn.execute(_BY_NAME[kind], {"wanted": name}).one_or_none()


def required(conn: Connection, kind: str, name: str) -> Row[Any]:
    """Return the row of a record, deleted or not. Raises: NotFound."""
    row = find(conn, kind, name)
    if row is None:
        raise not_found(kind, name)
    return row


def living(conn: Connection, kind: str, name: str) -> Row[Any]:
    """Return the row of a record that is not deleted. Raises: NotFound."""
    row = required(conn, kind, name)
    if row.deleted_at is not None:
        raise in_bin(kind, name)
    return row


def refuse_taken(conn: Connection, kind: str, name: str) -> None:
    """Refuse a name that any record of the kind has. Raises: AlreadyExists, InvalidName."""
    row = find(conn, kind, checked_name(kind, name))
    if row is not None:
        raise taken(kind, name, deleted=row.deleted_at is not None)


def new_row(name: str, **fields: Any) -> dict[str, Any]:
    """Return the columns that every new record has, and `fields`."""
    at, who = now(), user()
    stamps = {"created_at": at, "created_by": who, "modified_at": at, "modified_by": who}
    return {"uid": new_uid(), "name": name, "starred": False, "version": 1, **stamps, **fields}


def insert(conn: Connection, table: sa.Table, row: dict[str, Any]) -> int:
    """Insert a row and return its id."""
    key = conn.execute(sa.insert(table), row).inserted_primary_key
    return int(key[0]) if key is not None else 0


def change_row(conn: Connection, kind: str, row: Row[Any], fields: dict[str, Any]) -> None:
    """Set columns of a record, and who did it when; its version grows."""
    table = TABLES[kind]
    values = {**fields, "modified_at": now(), "modified_by": user(), "version": table.c.version + 1}
    conn.execute(sa.update(table).where(table.c.id == row.id).values(values))


def record_fields(change: Any) -> dict[str, Any]:
    """Return the columns that an update of any kind sets."""
    fields: dict[str, Any] = {}
    for key in ("display_name", "description"):
        value = getattr(change, key)
        if value is not UNSET:
            fields[key] = clean_optional(value, key)
    if change.starred is not UNSET:
        fields["starred"] = bool(change.starred)
    if change.archived is not UNSET:  # archiving twice keeps the first time
        fields["archived_at"] = sa.func.coalesce(sa.column("archived_at"), now()) if change.archived else None
    return fields


def op_of(change: Any) -> str:
    """Return what the change feed calls an update of any kind."""
    return "updated" if change.archived is UNSET else "archived"

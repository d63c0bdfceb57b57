"""What the tables of the store are made of: the metadata, keys, references, stamps.

Knows nothing of: the tables.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, Text

_NAMING: Final = {"uq": "uq_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
metadata: Final = MetaData(naming_convention=_NAMING)

Key: Final = BigInteger().with_variant(Integer, "sqlite")
"""An integer key; SQLite wants INTEGER to make it the row id."""


def row_id() -> Column[int]:
    """Return the integer key of a table; it never leaves the store."""
    return Column("id", Key, primary_key=True, autoincrement=True)


def ref(name: str, target: str, *, nullable: bool = False, primary_key: bool = False, on: str = "CASCADE") -> Any:
    """Return a column that refers to the key of another table and goes with its row."""
    return Column(name, Key, ForeignKey(target, ondelete=on), nullable=nullable, primary_key=primary_key)


def stamps() -> tuple[Column[Any], ...]:
    """Return what every record has: who, when, and how often it was changed."""
    return (
        Column("starred", Boolean(create_constraint=False), nullable=False, default=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("modified_at", BigInteger, nullable=False),
        Column("modified_by", Text, nullable=False),
        Column("deleted_at", BigInteger),
        Column("deleted_with", Text),  # uid of the record whose deletion took this one along
        Column("version", BigInteger, nullable=False, default=1),
    )

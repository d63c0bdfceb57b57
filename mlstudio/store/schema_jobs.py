"""The tables around jobs: leases and schedules.

Part of `store.schema`, which everybody reads them from.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from mlstudio.store.schema_base import metadata, row_id

lease: Final = Table(
    "lease",
    metadata,
    Column("key", Text, primary_key=True),
    Column("resource", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("acquired_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_lease_holder", "holder"),
    sqlite_with_rowid=False,
)
"""`key` is the resource; in a pool the resource and its holder."""

schedule: Final = Table(
    "schedule",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("cron", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("catch_up", Boolean(create_constraint=False), nullable=False),
    Column("keep", BigInteger, nullable=False),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("modified_at", BigInteger, nullable=False),
    Column("next_at", BigInteger),
    Column("last_at", BigInteger),
    Column("last_job", Text),
    Column("last_error", Text),
    Column("runs", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("spec_json", Text, nullable=False),
)

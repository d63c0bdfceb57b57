"""The tables around a record: artifacts, media, lineage, saved views, origins, and the two logs of changes.

Part of `store.schema`, which everybody reads them from.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, Index, LargeBinary, Table, Text, UniqueConstraint

from mlstudio.store.schema_base import metadata, ref, row_id

artifact: Final = Table(
    "artifact",
    metadata,
    row_id(),
    Column("uid", Text, unique=True),  # only of bytes in our own artifact store
    Column("uri", Text, nullable=False),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("media_type", Text),
    Column("type", Text, nullable=False, default="file"),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Index("ix_artifact_sha256", "sha256"),
    Index("ix_artifact_uri", "uri"),
)

component_artifact: Final = Table(
    "component_artifact",
    metadata,
    ref("component_id", "trial_component.id", primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    ref("artifact_id", "artifact.id"),
    Index("ix_component_artifact_artifact", "artifact_id"),
    sqlite_with_rowid=False,
)

association: Final = Table(
    "association",
    metadata,
    Column("source_arn", Text, primary_key=True),
    Column("dest_arn", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_association_dest", "dest_arn"),
    sqlite_with_rowid=False,
)

media: Final = Table(
    "media",
    metadata,
    row_id(),
    ref("component_id", "trial_component.id"),
    ref("name_id", "name.id"),
    Column("step", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ts", Double, nullable=False),
    Column("kind", Text, nullable=False),
    Column("caption", Text),
    ref("artifact_id", "artifact.id"),
    Column("preview_type", Text),
    Column("preview", LargeBinary),
    UniqueConstraint("component_id", "name_id", "step", "seq"),
    Index("ix_media_artifact", "artifact_id"),
)
"""What a component logged by step; the last write of (name, step, seq) stays."""

saved_view: Final = Table(
    "saved_view",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    ref("experiment_id", "experiment.id"),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("modified_at", BigInteger, nullable=False),
    Column("modified_by", Text, nullable=False),
    Column("version", BigInteger, nullable=False, default=1),
    Column("spec_json", Text, nullable=False),
    UniqueConstraint("experiment_id", "name"),
)

origin: Final = Table(
    "origin",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("component_uid", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_origin_component", "component_uid"),
    sqlite_with_rowid=False,
)
"""Where an imported component came from: an import that is made again finds it by this."""

audit: Final = Table(
    "audit",
    metadata,
    row_id(),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("entity_kind", Text, nullable=False),
    Column("entity_uid", Text, nullable=False),
    Column("entity_name", Text, nullable=False),
    Column("before_json", Text),
    Column("after_json", Text),
    Index("ix_audit_entity", "entity_uid"),
)
"""Who did what to a record: renamed, moved, tagged, archived, deleted, restored, purged it."""

change: Final = Table(
    "change",
    metadata,
    row_id(),
    Column("at", BigInteger, nullable=False),
    Column("entity_kind", Text, nullable=False),
    Column("entity_uid", Text, nullable=False),
    Column("entity_name", Text, nullable=False),
    Column("op", Text, nullable=False),
    sqlite_autoincrement=True,  # an id is never used again, though old rows are trimmed
)

"""Inputs and outputs of components, and the code that ran, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.experiments import ArtifactItem, ArtifactRef, CodeReply
from mlstudio.store import schema
from mlstudio.store.laws import Direction
from mlstudio.store.rules import not_found
from mlstudio.store.sql_media import media_artifact
from mlstudio.store.sql_parts import write_artifact
from mlstudio.store.sql_read import code_record, env_record
from mlstudio.store.sql_rows import required
from mlstudio.store.sqlite import SqlBase


def artifact_items(conn: Connection, conditions: Sequence[sa.ColumnElement[bool]]) -> list[ArtifactItem]:
    """Return inputs, then outputs, by name."""
    link, table = schema.component_artifact.c, schema.artifact.c
    columns = (link.name, link.direction, table.uri.label("value"), table.media_type, table.uid, table.size)
    query = (
        sa.select(*columns, table.sha256, table.created_at)
        .join_from(schema.component_artifact, schema.artifact)
        .where(*conditions)
        .order_by(link.direction, link.name)
    )
    return [
        msgspec.convert({str(key): value for key, value in row._mapping.items()}, ArtifactItem)
        for row in conn.execute(query)
    ]


class SqlArtifacts(SqlBase):
    """The part of the store that points to artifacts and code."""

    def add_artifact(self, component: str, direction: Direction, name: str, ref: ArtifactRef) -> ArtifactItem:
        """Add or replace an input or output. A ref with sha256 gets a uid."""
        link = schema.component_artifact.c
        with self.write() as conn:
            row = required(conn, "trial-component", component)
            write_artifact(conn, row.id, direction, name, ref)
            self.note_change(conn, "trial-component", row.uid, component, "artifacts")
            here = [link.component_id == row.id, link.direction == direction, link.name == name]
            return artifact_items(conn, here)[0]

    def artifacts(self, component: str) -> list[ArtifactItem]:
        """Return inputs, then outputs, by name."""
        with self.read() as conn:
            row = required(conn, "trial-component", component)
            return artifact_items(conn, [schema.component_artifact.c.component_id == row.id])

    def artifact(self, uid: str) -> ArtifactItem:
        """Return one by uid, a medium's included. Raises: NotFound."""
        with self.read() as conn:
            found = artifact_items(conn, [schema.artifact.c.uid == uid])
            medium = None if found else media_artifact(conn, uid)
        if not found and medium is None:
            raise not_found("artifact", uid)
        return medium or found[0]

    def code(self, component: str) -> CodeReply:
        """Return code and environment of a component; fields are None where not captured."""
        with self.read() as conn:
            row = required(conn, "trial-component", component)
            code, env = _by_id(conn, schema.code, row.code_id), _by_id(conn, schema.env, row.env_id)
            return CodeReply(code=code_record(code), env=env_record(env))


def _by_id(conn: Connection, table: sa.Table, key: int | None) -> Row[Any] | None:
    return None if key is None else conn.execute(sa.select(table).where(table.c.id == key)).one_or_none()

"""Lineage in SQL: edges are looked up a level at a time, a few queries however wide it is.

The walk itself is `lineage_rules.walk`. Reads: inputs and outputs, parents, stated associations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.lineage import Association, LineageEdge, LineageQuery, LineageReply, LineageVertex
from mlstudio.store import schema
from mlstudio.store.lineage_rules import (
    MOST_EDGES,
    Graph,
    artifact_arn,
    artifact_vertex,
    checked_edge,
    hash_of,
    is_sha256,
    no_edge,
    no_start,
    other_vertex,
    thing_of,
    uri_of,
    urihash_of,
    walk,
)
from mlstudio.store.rules import arn, now
from mlstudio.store.sql_parts import among
from mlstudio.store.sql_rows import TABLES, find
from mlstudio.store.sqlite import SqlBase

_LONG_URI: Final = 200
_PART: Final = "trial-component"


@dataclass
class _Front:
    """ARNs by what they name."""

    names: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)


class SqlLineage(SqlBase):
    """The part of the store that knows what was made from what."""

    def add_association(self, wanted: Association) -> None:
        """State an edge; twice is once. Raises: InvalidField (an edge to itself)."""
        edge = checked_edge(wanted)
        row = {"source_arn": edge.source_arn, "dest_arn": edge.dest_arn, "type": edge.type, "created_at": now()}
        with self.write() as conn:
            conn.execute(upsert(schema.association).values(row).on_conflict_do_nothing())

    def remove_association(self, unwanted: Association) -> None:
        """Take a stated edge back. Raises: NotFound."""
        c = schema.association.c
        here = (c.source_arn == unwanted.source_arn) & (c.dest_arn == unwanted.dest_arn) & (c.type == unwanted.type)
        with self.write() as conn:
            if conn.execute(sa.delete(schema.association).where(here)).rowcount == 0:
                raise no_edge(unwanted)

    def associations(self, arn: str) -> list[Association]:
        """Return the stated edges that touch an ARN."""
        c = schema.association.c
        query = sa.select(c.source_arn, c.dest_arn, c.type).where((c.source_arn == arn) | (c.dest_arn == arn))
        with self.read() as conn:
            return [Association(*row) for row in conn.execute(query.order_by(c.source_arn, c.dest_arn, c.type))]

    def lineage(self, query: LineageQuery) -> LineageReply:
        """Walk from an ARN. Raises: NotFound (an ARN of this store that names nothing)."""
        with self.read() as conn:
            return walk(_SqlGraph(conn, self.uid), query)


class _SqlGraph(Graph):
    """The lineage as one connection sees it."""

    def __init__(self, conn: Connection, store: str) -> None:
        self.conn = conn
        self.store = store
        self.long_uris: dict[str, str] = {}

    # ---- where it begins

    def home(self, start: str) -> str:
        thing = thing_of(start)
        if thing is None or thing.store != self.store:
            return start
        if thing.kind == "artifact":
            row = self._artifact(thing.name)
            if row is None:
                raise no_start(thing)
            return artifact_arn(self.store, row.sha256, row.uri)
        if thing.kind in TABLES and find(self.conn, thing.kind, thing.name) is None:
            raise no_start(thing)
        if thing.kind.endswith("-job") and not self._has_job(thing.name):
            raise no_start(thing)
        return start

    def _has_job(self, name: str) -> bool:
        found = self.conn.execute(sa.select(schema.job.c.id).where(schema.job.c.name == name))
        return found.first() is not None

    def _artifact(self, name: str) -> Row[Any] | None:
        table = schema.artifact.c
        query: sa.Select[Any] = sa.select(table.sha256, table.uri).limit(1)
        uri = uri_of(name) or self._long_uri(urihash_of(name))
        if uri is not None:
            return self.conn.execute(query.where(table.sha256.is_(None), table.uri == uri)).first()
        return self.conn.execute(query.where(table.sha256 == name if is_sha256(name) else table.uid == name)).first()

    def _long_uri(self, wanted: str | None) -> str | None:
        """Return the URI with a hash; the few that are too long for an ARN are looked through."""
        if wanted is None:
            return None
        if wanted not in self.long_uris:
            table = schema.artifact.c
            query = sa.select(table.uri).where(table.sha256.is_(None), sa.func.length(table.uri) > _LONG_URI)
            self.long_uris.update({hash_of(row[0]): row[0] for row in self.conn.execute(query)})
        return self.long_uris.get(wanted)

    def _front(self, arns: Iterable[str]) -> _Front:
        front = _Front()
        for text in arns:
            thing = thing_of(text)
            if thing is None or thing.store != self.store:
                continue
            if thing.kind == _PART:
                front.names.append(thing.name)
            elif thing.kind == "artifact" and is_sha256(thing.name):
                front.contents.append(thing.name)
            elif thing.kind == "artifact":
                uri = uri_of(thing.name) or self._long_uri(urihash_of(thing.name))
                front.uris += [] if uri is None else [uri]
        return front

    # ---- edges

    def causes(self, arns: Collection[str]) -> Iterator[LineageEdge]:
        front, table = self._front(arns), schema.association.c
        for part, artifact in self._of_parts(front, "input"):
            yield LineageEdge(artifact, part, "ContributedTo")
        for part, artifact in self._of_artifacts(front, "output"):
            yield LineageEdge(part, artifact, "Produced")
        yield from self._nested(front, upstream=True)
        yield from self._stated(among(table.dest_arn, arns))

    def effects(self, arns: Collection[str]) -> Iterator[LineageEdge]:
        front, table = self._front(arns), schema.association.c
        for part, artifact in self._of_parts(front, "output"):
            yield LineageEdge(part, artifact, "Produced")
        for part, artifact in self._of_artifacts(front, "input"):
            yield LineageEdge(artifact, part, "ContributedTo")
        yield from self._nested(front, upstream=False)
        yield from self._stated(among(table.source_arn, arns))

    def _of_parts(self, front: _Front, direction: str) -> Iterator[tuple[str, str]]:
        """Yield (component, artifact) for the inputs or outputs of components."""
        if front.names:
            yield from self._pairs(among(schema.component.c.name, front.names), direction)

    def _of_artifacts(self, front: _Front, direction: str) -> Iterator[tuple[str, str]]:
        """Yield (component, artifact) for the components that have artifacts as inputs or outputs."""
        table = schema.artifact.c
        if front.contents:
            yield from self._pairs(among(table.sha256, front.contents), direction)
        if front.uris:
            yield from self._pairs(table.sha256.is_(None) & among(table.uri, front.uris), direction)

    def _pairs(self, which: sa.ColumnElement[bool], direction: str) -> Iterator[tuple[str, str]]:
        link, table, part = schema.component_artifact, schema.artifact, schema.component
        joined = link.join(table, table.c.id == link.c.artifact_id).join(part, part.c.id == link.c.component_id)
        query = sa.select(part.c.name, table.c.sha256, table.c.uri).select_from(joined)
        query = query.where(which, link.c.direction == direction).distinct().limit(MOST_EDGES)
        for name, sha256, uri in self.conn.execute(query):
            yield arn(self.store, _PART, name), artifact_arn(self.store, sha256, uri)

    def _nested(self, front: _Front, *, upstream: bool) -> Iterator[LineageEdge]:
        if not front.names:
            return
        up, child = schema.component.alias(), schema.component.alias()
        here = child.c.name if upstream else up.c.name
        query = sa.select(up.c.name, child.c.name).join_from(up, child, child.c.parent_id == up.c.id)
        for parent, name in self.conn.execute(query.where(among(here, front.names)).limit(MOST_EDGES)):
            yield LineageEdge(arn(self.store, _PART, parent), arn(self.store, _PART, name), "AssociatedWith")

    def _stated(self, which: sa.ColumnElement[bool]) -> Iterator[LineageEdge]:
        c = schema.association.c
        query = sa.select(c.source_arn, c.dest_arn, c.type).where(which).limit(MOST_EDGES)
        for row in self.conn.execute(query):
            yield LineageEdge(*row)

    # ---- vertices

    def describe(self, levels: dict[str, int]) -> list[LineageVertex]:
        front = self._front(levels)
        known = {vertex.arn: vertex for vertex in [*self._parts(front, levels), *self._artifacts(front, levels)]}
        return [known.get(text) or other_vertex(text, level) for text, level in levels.items()]

    def _parts(self, front: _Front, levels: dict[str, int]) -> Iterator[LineageVertex]:
        c = schema.component.c
        columns = sa.select(c.name, c.display_name, c.status, c.created_at)
        for row in self.conn.execute(columns.where(among(c.name, front.names))):
            here = arn(self.store, _PART, row.name)
            yield LineageVertex(
                arn=here,
                kind="trial-component",
                name=row.name,
                label=row.display_name or row.name,
                status=row.status,
                created_at=row.created_at,
                level=levels[here],
            )

    def _artifacts(self, front: _Front, levels: dict[str, int]) -> Iterator[LineageVertex]:
        c, link = schema.artifact.c, schema.component_artifact.c
        logged = sa.select(sa.func.max(link.name)).where(link.artifact_id == c.id).scalar_subquery()
        query = sa.select(c.sha256, c.uri, c.uid, c.media_type, c.created_at, logged.label("logged")).order_by(c.id)
        by_uri = query.where(c.sha256.is_(None), among(c.uri, front.uris))
        for rows in (query.where(among(c.sha256, front.contents)), by_uri):
            for row in self.conn.execute(rows):
                here = artifact_arn(self.store, row.sha256, row.uri)
                yield artifact_vertex(here, row.uri, row.logged, row.uid, row.media_type, row.created_at, levels[here])

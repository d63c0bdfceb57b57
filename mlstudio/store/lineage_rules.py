"""A walk through the lineage, whatever holds it: vertices once, an end at 5,000, cycles and all.

Edges go from cause to effect. Inputs and outputs imply them (an input `ContributedTo` a component,
which `Produced` its output), a component is `AssociatedWith` those that are nested in it, and
somebody may have stated others. Deleted components stay in: what they made was made from something.

ARNs: ``arn:mlstudio:<store>:trial-component/<name>``; an artifact is known by its content,
``…:artifact/<sha256>``, or else by where it lies, ``…:artifact/uri:<quoted URI>`` (very long ones:
``…:artifact/urihash:<sha256 of the URI>``). A walk may begin at ``…:artifact/<uid>`` as well.

Knows nothing of: how edges and vertices are stored.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.lineage import Association, LineageEdge, LineageQuery, LineageReply, LineageVertex
from mlstudio.store.rules import LABELS, arn, clean_text

MOST_VERTICES: Final = 5_000
MOST_EDGES: Final = 4 * MOST_VERTICES
"""Edges that are looked at in one step, and returned in all."""
LONGEST_ARN: Final = 1_000
_URI: Final = "uri:"
_HASH: Final = "urihash:"


@dataclass(frozen=True, slots=True)
class Thing:
    """An ARN taken apart; `store` is not ours for what lives elsewhere."""

    store: str
    kind: str
    name: str


def thing_of(text: str) -> Thing | None:
    """Return the parts of ``arn:mlstudio:<store>:<kind>/<name>``, None for other texts."""
    parts = text.split(":", 3)
    if len(parts) != 4 or parts[:2] != ["arn", "mlstudio"]:
        return None
    kind, slash, name = parts[3].partition("/")
    return Thing(parts[2], kind, name) if slash and kind and name else None


def artifact_arn(store: str, sha256: str | None, uri: str) -> str:
    """Return the ARN of an artifact: by content, or else by where it lies."""
    if sha256:
        return arn(store, "artifact", sha256)
    named = arn(store, "artifact", _URI + quote(uri, safe=""))
    if len(named) <= LONGEST_ARN:
        return named
    return arn(store, "artifact", _HASH + hash_of(uri))


def hash_of(uri: str) -> str:
    """Return what stands for a URI that is too long to be in an ARN."""
    return hashlib.sha256(uri.encode()).hexdigest()


def uri_of(name: str) -> str | None:
    """Return the URI in the name part of an artifact's ARN, None where it holds none."""
    return unquote(name.removeprefix(_URI)) if name.startswith(_URI) else None


def urihash_of(name: str) -> str | None:
    """Return the hash of a URI in the name part of an artifact's ARN, None where it holds none."""
    return name.removeprefix(_HASH) if name.startswith(_HASH) else None


def is_sha256(name: str) -> bool:
    """Tell whether the name part of an artifact's ARN is a content."""
    return len(name) == 64 and all(char in "0123456789abcdef" for char in name)


def last_part(uri: str) -> str:
    """Return the last part of a URI or path, for people.

    >>> last_part("s3://bucket/data/train.csv?version=3"), last_part("/data/")
    ('train.csv', 'data')
    """
    try:
        path = urlsplit(uri).path or uri
    except ValueError:  # "http://[" is no URL, and somebody's artifact all the same
        path = uri
    return (path.rstrip("/").rpartition("/")[2] or uri)[:200]


def checked_edge(wanted: Association) -> Association:
    """Return an edge that may be stated. Raises: InvalidField (to itself, an empty end, no text)."""
    for field in ("source_arn", "dest_arn"):
        if not clean_text(getattr(wanted, field), field).strip():
            raise InvalidField("An association has two ends.", field=field, hint="Give an ARN.")
    if wanted.source_arn == wanted.dest_arn:
        raise InvalidField("An association to itself says nothing.", field="dest_arn", hint="Name another ARN.")
    return wanted


def no_edge(unwanted: Association) -> NotFound:
    """Return the error for an edge that nobody stated."""
    return NotFound(
        f"Nobody stated {unwanted.type} from {unwanted.source_arn[:200]} to {unwanted.dest_arn[:200]}.",
        field="source_arn",
        hint="Edges that inputs and outputs imply cannot be taken back.",
    )


def no_start(thing: Thing) -> NotFound:
    """Return the error for a walk that begins at nothing."""
    label = LABELS.get(thing.kind, "Record")
    return NotFound(f'{label} "{thing.name[:200]}" does not exist.', field="start")


def artifact_vertex(
    here: str, uri: str, logged: str | None, uid: str | None, media_type: str | None, created_at: int | None, level: int
) -> LineageVertex:
    """Return the vertex of an artifact; a copy of ours is called as it was `logged`, not by its hash."""
    name = last_part(uri)
    return LineageVertex(
        arn=here,
        kind="artifact",
        name=name,
        label=logged if logged and is_sha256(name) else name,
        media_type=media_type,
        artifact_uid=uid,
        created_at=created_at,
        level=level,
    )


def other_vertex(text: str, level: int) -> LineageVertex:
    """Return the vertex of an ARN that is neither a component nor an artifact of this store."""
    thing = thing_of(text)
    name = text if thing is None else thing.name
    return LineageVertex(arn=text, kind="other", name=name, label=last_part(name), level=level)


class Graph(ABC):
    """What a walk asks of a store."""

    @abstractmethod
    def home(self, start: str) -> str:
        """Return the ARN of the vertex that an ARN names. Raises: NotFound."""

    @abstractmethod
    def causes(self, arns: Collection[str]) -> Iterable[LineageEdge]:
        """Return the edges that end at vertices."""

    @abstractmethod
    def effects(self, arns: Collection[str]) -> Iterable[LineageEdge]:
        """Return the edges that begin at vertices."""

    @abstractmethod
    def describe(self, levels: dict[str, int]) -> Iterable[LineageVertex]:
        """Return the vertices of ARNs, with the levels given."""


class _Walk:
    """One answer while it grows."""

    def __init__(self, graph: Graph, query: LineageQuery) -> None:
        self.graph = graph
        self.depth = query.depth
        self.start = graph.home(query.start)
        self.levels = {self.start: 0}
        self.edges: dict[LineageEdge, None] = {}
        self.truncated = False

    def go(self, step: int) -> None:
        """Walk upstream (-1) or downstream (1), level by level."""
        seen, front = {self.start}, [self.start]
        for level in range(1, self.depth + 1):
            found = self.graph.causes(front) if step < 0 else self.graph.effects(front)
            front = []
            for edge in found:
                if len(self.edges) >= MOST_EDGES:
                    self.truncated = True
                    return
                far = edge.source if step < 0 else edge.dest
                if far not in self.levels:
                    if len(self.levels) >= MOST_VERTICES:
                        self.truncated = True
                        continue
                    self.levels[far] = step * level
                self.edges[edge] = None
                if far not in seen:
                    seen.add(far)
                    front.append(far)
            if not front:
                return


def walk(graph: Graph, query: LineageQuery) -> LineageReply:
    """Return the part of a graph that is reached from a start: each vertex once, by level and ARN.

    Raises:
        NotFound: the start is an ARN of this store that names nothing.
    """
    going = _Walk(graph, query)
    if query.direction != "Descendants":
        going.go(-1)
    if query.direction != "Ascendants":
        going.go(1)
    vertices = sorted(graph.describe(going.levels), key=lambda vertex: (vertex.level, vertex.kind, vertex.arn))
    edges = sorted(going.edges, key=lambda edge: (edge.source, edge.dest, edge.type))
    return LineageReply(vertices=vertices, edges=edges, truncated=going.truncated)

"""Lineage: what was made from what.

Vertices are components and artifacts (and whatever else has an ARN); edges go from cause to
effect: an input artifact → the component that read it → the artifact that it produced. Two
components share an artifact when its sha256, or else its URI, is the same.

The words of an association are SageMaker's (`AssociationEdgeType`).
Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mlstudio.entities.wire import Time

AssociationType = Literal["ContributedTo", "AssociatedWith", "DerivedFrom", "Produced", "SameAs"]
Direction = Literal["Ascendants", "Descendants", "Both"]


class Association(Struct, frozen=True, forbid_unknown_fields=True):
    """An edge that somebody stated, beside those that inputs and outputs imply."""

    source_arn: Annotated[str, Meta(min_length=1, max_length=1024)]
    dest_arn: Annotated[str, Meta(min_length=1, max_length=1024)]
    type: AssociationType = "AssociatedWith"


class AssociationList(Struct, frozen=True):
    """Stated edges that touch an ARN."""

    items: list[Association]


class LineageQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a walk begins and how far it goes."""

    start: Annotated[str, Meta(min_length=1, max_length=1024)]
    """An ARN."""
    direction: Direction = "Both"
    depth: Annotated[int, Meta(ge=1, le=50)] = 10


class LineageVertex(Struct, frozen=True, kw_only=True):
    """A thing in the graph."""

    arn: str
    kind: Literal["trial-component", "artifact", "other"]
    name: str
    """Of a component: its name, which opens its page. Of an artifact: the last part of its URI."""
    label: str
    status: str | None = None
    media_type: str | None = None
    artifact_uid: str | None = None
    created_at: Time | None = None
    level: int = 0
    """Steps from the start: negative upstream, positive downstream."""


class LineageEdge(Struct, frozen=True):
    """From cause to effect."""

    source: str
    dest: str
    type: AssociationType


class LineageReply(Struct, frozen=True, kw_only=True):
    """The part of the graph that was reached; `truncated` when 5,000 vertices were not enough."""

    vertices: list[LineageVertex]
    edges: list[LineageEdge]
    truncated: bool = False

"""Parts of a record by pages: a component may have 100,000 metrics, a record any number of tags.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mlstudio.entities.experiments import ArtifactItem, SeriesSummary
from mlstudio.entities.wire import Count, ParamValue

MOST_PARTS = 1000
"""Parts of one kind that a page, or the answer with a record, holds."""


class PartRequest(Struct, frozen=True, kw_only=True):
    """Which parts: those whose name holds a text (ASCII letters of either case alike), or all; by name."""

    contains: Annotated[str, Meta(max_length=500)] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST_PARTS)] = MOST_PARTS
    cursor: str | None = None


class SeriesPage(Struct, frozen=True):
    """Metrics of a component by name and context; `total` counts those of all pages."""

    items: list[SeriesSummary]
    total: Count = 0
    next: str | None = None


class Pair(Struct, frozen=True):
    """A parameter or a tag."""

    name: str
    value: ParamValue


class PairPage(Struct, frozen=True):
    """Parameters or tags by name; `total` counts those of all pages."""

    items: list[Pair]
    total: Count = 0
    next: str | None = None


class ArtifactPage(Struct, frozen=True):
    """Inputs, then outputs, by name; `total` counts those of all pages."""

    items: list[ArtifactItem]
    total: Count = 0
    next: str | None = None

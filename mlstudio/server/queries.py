"""Query strings as Structs: what may stand behind the "?" of each route.

Unknown keys are ignored, because Lab's client appends a bare time stamp to uncached requests.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from mlstudio.entities.experiments import ListRequest
from mlstudio.entities.wire import Int


class TrialQuery(ListRequest, frozen=True, kw_only=True):
    """Which trials: those of an experiment, of a component, or all."""

    experiment: str | None = None
    component: str | None = None


class ComponentQuery(ListRequest, frozen=True, kw_only=True):
    """Which trial components: those of an experiment, of a trial, of a source, or all."""

    experiment: str | None = None
    trial: str | None = None
    source_arn: str | None = None


class ColumnQuery(Struct, frozen=True):
    """Which columns: those whose key holds a text, or all; at most so many of each group."""

    contains: Annotated[str, Meta(max_length=500)] = ""
    limit: Annotated[int, Meta(ge=1, le=3000)] = 1000


class DeleteQuery(Struct, frozen=True):
    """`force` takes children and associations along."""

    force: bool = False


class OutputQuery(Struct, frozen=True):
    """A stretch of a log; a negative `offset` counts from the end."""

    offset: Int = 0
    limit: Annotated[int, Meta(ge=1, le=4 * 1024 * 1024)] = 1024 * 1024


class LogQuery(OutputQuery, frozen=True):
    """A stretch of a job's log; a negative `offset` counts from the end."""

    host: Annotated[str, Meta(min_length=1, max_length=64)] = "algo-1"


class MediaQuery(Struct, frozen=True, kw_only=True):
    """Which media of a component: of a name, of a stretch of steps (both ends included), or all."""

    name: str | None = None
    step_from: Int | None = None
    step_to: Int | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str | None = None


class ImageQuery(Struct, frozen=True):
    """How large a picture may be."""

    size: Annotated[int, Meta(ge=64, le=2048)] = 1024
    """Pixels of the longer side."""


class ViewQuery(Struct, frozen=True):
    """Whose saved views."""

    experiment: str


class ArnQuery(Struct, frozen=True):
    """What is asked about."""

    arn: Annotated[str, Meta(min_length=1, max_length=1024)]

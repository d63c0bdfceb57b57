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


class DeleteQuery(Struct, frozen=True):
    """`force` takes children and associations along."""

    force: bool = False


class LogQuery(Struct, frozen=True):
    """A stretch of a job's log; a negative `offset` counts from the end."""

    host: Annotated[str, Meta(min_length=1, max_length=64)] = "algo-1"
    offset: Int = 0
    limit: Annotated[int, Meta(ge=1, le=4 * 1024 * 1024)] = 1024 * 1024

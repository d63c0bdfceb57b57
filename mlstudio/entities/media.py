"""Media: images, sounds, figures, texts and tables that a run logged by step.

The bytes are an artifact (content-addressed); a row holds a preview of at most 8 KiB, so that a
list draws without reading one of them.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.entities.wire import Count, Int, Number

MediaKind = Literal["image", "audio", "video", "figure", "text", "html", "table", "histogram"]
MAX_PREVIEW: Final = 8192
"""Bytes of a preview."""


class MediaRef(Struct, frozen=True, kw_only=True):
    """What a recorder logs: one medium of a component, before it has a row."""

    name: str
    kind: MediaKind
    ref: ArtifactRef
    ts: float
    """Seconds since the epoch."""
    step: Int | None = None
    """None: the step after the last one of this name."""
    seq: Count = 0
    """Place among the media logged under one name at one step (a batch of images)."""
    caption: str | None = None
    preview: bytes | None = None
    """WebP of an image, JSON of a histogram or table head, UTF-8 of a text; at most `MAX_PREVIEW`."""
    preview_type: str | None = None
    """Media type of the preview."""


class MediaItem(Struct, frozen=True, kw_only=True):
    """One medium as it is listed; the bytes are at ``artifacts/{artifact_uid}/content``."""

    name: str
    kind: MediaKind
    step: Int
    seq: Count = 0
    ts: Number
    caption: str | None = None
    artifact_uid: str
    media_type: str | None = None
    size: Count | None = None
    preview: str | None = None
    """base64."""
    preview_type: str | None = None


class MediaPage(Struct, frozen=True):
    """Media of one component, by name, step and seq."""

    items: list[MediaItem]
    next: str | None = None


class MediaSeries(Struct, frozen=True, kw_only=True):
    """All media of one name: what a step slider needs."""

    name: str
    kind: MediaKind
    count: Count
    steps: list[Int]
    """Distinct steps, rising; at most 10,000, evenly thinned above, the first and the last kept."""


class MediaList(Struct, frozen=True):
    """The media series of a component, by name."""

    items: list[MediaSeries]

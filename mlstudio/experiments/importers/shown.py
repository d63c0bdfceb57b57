"""Media that came as bytes, or lie as files, in the form that this house keeps and draws.

The encoders of `experiments.media` look at a file before they believe it; bytes go to them through a
temporary file. What they refuse raises `Unfit`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from mlstudio.entities.media import MediaKind
from mlstudio.experiments.importers.found import FoundMedium
from mlstudio.experiments.media import encode


def medium(
    kind: MediaKind,
    name: str,
    obj: Any,
    *,
    step: int,
    ts: float,
    seq: int = 0,
    caption: str | None = None,
    suffix: str = "",
) -> FoundMedium:
    """Return a medium as it is kept.

    Args:
        kind: what it is.
        name: its series.
        obj: bytes of an image or a sound, a `Path`, a text, or (counts, edges).
        step: its step.
        ts: seconds since the epoch.
        seq: its place among those of one step.
        caption: a line of text.
        suffix: ending of a file of these bytes, where the format is told by it.

    Raises:
        Unfit: it is none.
    """
    temporary = _kept(obj, suffix) if isinstance(obj, bytes) and kind in {"image", "audio", "video"} else None
    try:
        made = encode(kind, temporary or obj)[0]
        data: bytes | Path = made.data if made.data is not None else made.path or b""
        if temporary is not None and data == temporary:
            data = obj
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return FoundMedium(
        name=name,
        kind=kind,
        media_type=made.media_type,
        data=data,
        step=step,
        ts=ts,
        seq=seq,
        caption=caption,
        preview=made.preview,
        preview_type=made.preview_type,
    )


def _kept(body: bytes, suffix: str) -> Path:
    """Return a new temporary file of these bytes."""
    handle, place = tempfile.mkstemp(suffix=suffix)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    return Path(place)

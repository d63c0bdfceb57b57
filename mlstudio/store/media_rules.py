"""What both backends keep of media: rows made into items, pages, and thinned steps.

Knows nothing of: how a row is stored.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MAX_PREVIEW, MediaItem, MediaRef
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.rules import clean_key, clean_optional, clean_text

MAX_STEPS: Final = 10_000
LARGEST_PAGE: Final = 1000
Place = tuple[str, int, int]
"""Name, step and seq: what a medium is ordered and replaced by."""


def clean_medium(ref: MediaRef) -> MediaRef:
    """Return a medium that can be stored; too large a preview is left out. Raises: InvalidField."""
    clean_key(ref.name, "media")
    clean_text(ref.ref.value, "media")
    clean_optional(ref.ref.media_type, "media_type")
    clean_optional(ref.caption, "caption")
    if ref.preview is not None and len(ref.preview) > MAX_PREVIEW:
        return msgspec.structs.replace(ref, preview=None, preview_type=None)
    return ref


def step_of(ref: MediaRef, last: int | None) -> int:
    """Return the step of a medium, where `last` is the last one of its name.

    Without one of its own it takes the step after the last; with a `seq` above 0 it belongs to the
    batch whose first item took the last step just before.
    """
    if ref.step is not None:
        return ref.step
    if last is None:
        return 0
    return last + 1 if ref.seq == 0 else last


def item_of(values: dict[str, Any]) -> MediaItem:
    """Return an item of a row's values; the preview as base64."""
    preview = values["preview"]
    shown = None if preview is None else base64.b64encode(preview).decode()
    return msgspec.convert({**values, "preview": shown}, MediaItem)


def page_size(limit: int) -> int:
    """Return how many items a page may hold."""
    return max(1, min(int(limit), LARGEST_PAGE))


def next_cursor(item: MediaItem) -> str:
    """Return the cursor behind an item."""
    return encode_cursor(item.name, f"{item.step} {item.seq}")


def place_of(cursor: str | None) -> Place | None:
    """Return where the last page ended, None at the beginning. Raises: InvalidField."""
    if cursor is None:
        return None
    name, rest = decode_cursor(cursor, str)
    step, _, seq = rest.partition(" ")
    try:
        return str(name), int(step), int(seq)
    except ValueError:
        hint = "Begin at the first page."
        raise InvalidField("The cursor is not one of this list.", field="cursor", hint=hint) from None


def thinned(steps: Sequence[int]) -> list[int]:
    """Return at most 10,000 of rising steps, evenly, the first and the last among them."""
    if len(steps) <= MAX_STEPS:
        return list(steps)
    last = len(steps) - 1
    return [steps[place * last // (MAX_STEPS - 1)] for place in range(MAX_STEPS)]

"""Pages of a record's parts, alike over every backend: a limit, a bound of bytes, and a cursor.

Knows nothing of: where the parts come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, TypeVar

from mlstudio.entities.experiments import ArtifactItem, SeriesSummary
from mlstudio.entities.parts import Pair, PartRequest
from mlstudio.entities.wire import encode
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.rules import ascii_lower, canonical

T = TypeVar("T")
Place = tuple[str, str]
"""Where a part stands in its order."""
PAGE_BYTES: Final = 1 << 20
"""Encoded bytes after which a page ends, its limit reached or not."""
BEGIN: Final[Place] = ("", "")
"""Before every part: no name is empty."""


def start_of(request: PartRequest) -> Place:
    """Return the place that a page begins behind. Raises: InvalidField (the cursor)."""
    if request.cursor is None:
        return BEGIN
    key, rest = decode_cursor(request.cursor, str)
    return str(key), rest


def holds(request: PartRequest) -> Callable[[str], bool]:
    """Return whether a name holds the text that is asked for."""
    text = ascii_lower(request.contains)
    return lambda name: text in ascii_lower(name)


def paged(parts: Iterable[T], place: Callable[[T], Place], limit: int) -> tuple[list[T], str | None]:
    """Return the parts of one page, at least one, and the cursor of the next.

    Args:
        parts: those behind the cursor, in order; more than `limit` when there is a next page.
        place: where a part stands.
        limit: of the page.
    """
    found: list[T] = []
    size = 0
    for part in islice(parts, limit + 1):
        size += len(encode(part))
        if len(found) == limit or (found and size > PAGE_BYTES):
            return found, encode_cursor(*place(found[-1]))
        found.append(part)
    return found, None


def series_place(series: SeriesSummary) -> Place:
    """Return where a series stands: by name and context."""
    return series.name, canonical(series.context) if series.context else "{}"


def pair_place(pair: Pair) -> Place:
    """Return where a parameter or tag stands: by name."""
    return pair.name, ""


def artifact_place(item: ArtifactItem) -> Place:
    """Return where an artifact stands: inputs, then outputs, by name."""
    return item.direction, item.name

"""No answer grows without bound: records keep the first of their parts, pages end where they are long enough.

A record of 100,000 metrics is answered with the first 1,000 and `totals`; the rest is had by pages
(``…/series``, ``…/params``, ``…/tags``, ``…/artifacts``). A page of a list ends before its limit when its
records are long; its cursor goes on from there.

Knows nothing of: where records are kept, handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import (
    ComponentPage,
    ComponentRecord,
    ComponentUpdate,
    ExperimentPage,
    ExperimentRecord,
    ExperimentUpdate,
    ListRequest,
    PartTotals,
    TrialPage,
    TrialRecord,
    TrialUpdate,
)
from mlstudio.entities.parts import MOST_PARTS
from mlstudio.entities.wire import encode
from mlstudio.store.cursors import encode_cursor

MOST_LISTED: Final = 100
"""Metrics that a record in a list carries."""
PART_BYTES: Final = 256 * 1024
"""Encoded bytes of one kind of part that an answer with a record carries."""
LIST_BYTES: Final = 1 << 20
"""Encoded bytes after which a page of a list ends."""
_PARTS: Final = ("params", "tags", "inputs", "outputs", "metrics", "trials")

Record = TypeVar("Record", ExperimentRecord, TrialRecord, ComponentRecord)
Change = TypeVar("Change", ExperimentUpdate, TrialUpdate, ComponentUpdate)
Page = TypeVar("Page", ExperimentPage, TrialPage, ComponentPage)


def trimmed(record: Record, most: int = MOST_PARTS) -> Record:
    """Return a record with the first of its parts, and `totals` where some are left out.

    Args:
        record: of the store; it may have been read with fewer metrics and tags already.
        most: parts of one kind.
    """
    whole = {name: parts for name in _PARTS if isinstance(parts := getattr(record, name, None), dict | list)}
    cut = {name: kept for name, parts in whole.items() if len(kept := _first(parts, most)) < len(parts)}
    if not cut and record.totals is None:
        return record
    counts = {name: len(parts) for name, parts in whole.items()}
    if record.totals is not None:
        counts |= {"metrics": record.totals.metrics, "tags": record.totals.tags}
    changed: dict[str, Any] = {**cut, "totals": PartTotals(**counts)}
    return msgspec.structs.replace(record, **changed)


def fitting(page: Page, request: ListRequest) -> Page:
    """Return a page whose records are trimmed and, all together, not too long; at least one of them."""
    items: list[Any] = []
    size = 0
    for record in page.items:
        shown = trimmed(record, MOST_LISTED)
        size += len(encode(shown))
        if items and size > LIST_BYTES:
            last = items[-1]
            key = last.name if request.sort_by == "Name" else last.created_at
            return type(page)(items, encode_cursor(key, last.uid))
        items.append(shown)
    return type(page)(items, page.next)


def keeps_tags(change: Change, record: Callable[[], ExperimentRecord | TrialRecord | ComponentRecord]) -> Change:
    """Return a change, unless its tags would replace some that no answer has shown.

    Args:
        change: what a client asks for; its `tags` become the only ones.
        record: returns the record as it is, or with `MOST_PARTS` of its parts.

    Raises:
        InvalidField: the record has more tags than an answer carries.
    """
    if change.tags is not UNSET:
        now = record()
        count = max(len(now.tags), now.totals.tags if now.totals else 0)
        if len(_first(now.tags, MOST_PARTS)) < count:
            raise InvalidField(
                f'"{now.name}" has {count} tags, more than an answer carries: they are not replaced.',
                field="tags",
                hint="Set single ones with mlstudio experiments tag.",
            )
    return change


def _first(parts: Mapping[str, Any] | Sequence[Any], most: int) -> Any:
    """Return the first of some parts: at most so many, and no more bytes than `PART_BYTES`."""
    pairs = list(parts.items() if isinstance(parts, Mapping) else enumerate(parts))[:most]
    if len(encode(pairs)) > PART_BYTES:
        size, kept = 0, 0
        for pair in pairs:
            size += len(encode(pair))
            if size > PART_BYTES:
                break
            kept += 1
        pairs = pairs[:kept]
    return dict(pairs) if isinstance(parts, Mapping) else [part for _, part in pairs]

"""Block summaries of long series, kept in memory: a zoom into fifty curves does not read them again.

Promises the answer that the reader's snapshot would give. Every write to a series stands in the
change feed, in the same transaction; so what is kept holds for one place in the feed, and moves on
with it: a component that was written to since is forgotten, and all is forgotten when the feed does
not continue what was seen (another file, a restored one, rows that were trimmed).

Reads: the change feed, through the connection of whoever asks. For several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Final

from mlstudio.store.laws import BlockSummaries

LEAST: Final = 16
"""Series of fewer blocks are as quickly read."""
MOST_BYTES: Final = 48 * 2**20
"""About 440 series of a million points."""
_BEHIND: Final = 1000
"""Changes that are looked through; behind more of them all is forgotten."""
_NEWEST: Final = "SELECT id, at FROM change ORDER BY id DESC LIMIT 1"
_SINCE: Final = "SELECT id, at, entity_kind, entity_name, op FROM change WHERE id >= ? ORDER BY id"

Key = tuple[str, str, str]
Place = tuple[int, int]
"""A place in the change feed: id and time of a change."""


class SummaryCache:
    """Knows summaries by component, name and context.

    Args:
        most_bytes: the series longest not asked for are let go beyond it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, BlockSummaries] = OrderedDict()
        self._bytes = 0
        self._place: Place = (0, 0)

    def look(self, raw: Any, key: Key) -> tuple[Place, BlockSummaries | None]:
        """Return where a connection's snapshot stands in the feed, and what is kept for it.

        Args:
            raw: the driver's connection, inside a transaction.
            key: component, name, context.
        """
        row = raw.execute(_NEWEST).fetchone()
        place = (row[0], row[1]) if row else (0, 0)
        with self._lock:
            if place[0] > self._place[0]:
                self._move_on(raw, place)
            if place != self._place:
                if place[0] == self._place[0]:  # the same number, another change: not the file that was seen
                    self._forget_all(place)
                return place, None
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return place, found

    def keep(self, place: Place, key: Key, found: BlockSummaries) -> None:
        """Keep what was read at a place of the feed, unless the feed has moved on since."""
        size = _bytes_of(found)
        if len(found.n) < LEAST or size > self._most:
            return
        for field in BlockSummaries.__slots__:
            getattr(found, field).setflags(write=False)
        with self._lock:
            if place != self._place or key in self._kept:
                return
            self._kept[key] = found
            self._bytes += size
            while self._bytes > self._most:
                self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])

    def _move_on(self, raw: Any, place: Place) -> None:
        """Forget what was written since, or all when that cannot be told."""
        known = self._place
        if not self._kept or place[0] - known[0] > _BEHIND:
            self._forget_all(place)
            return
        rows = raw.execute(_SINCE, (known[0],)).fetchall()
        points = [(kind, op) for _, _, kind, _, op in rows[1:] if kind != "view"]
        whole = any(kind != "trial-component" or op in {"purged", "restored"} for kind, op in points)
        if not rows or (rows[0][0], rows[0][1]) != known or whole:
            self._forget_all(place)
            return
        written = {name for _, _, _, name, _ in rows[1:]}
        for key in [key for key in self._kept if key[0] in written]:
            self._bytes -= _bytes_of(self._kept.pop(key))
        self._place = place

    def _forget_all(self, place: Place) -> None:
        self._kept.clear()
        self._bytes = 0
        self._place = place


def _bytes_of(found: BlockSummaries) -> int:
    return sum(getattr(found, field).nbytes for field in BlockSummaries.__slots__)

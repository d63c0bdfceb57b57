"""Tells that somebody took or gave back cores, memory or a GPU: leases stand in no change feed.

Reads: the store, while somebody listens to ``instances``.
"""

from __future__ import annotations

from mlstudio.server.live.hub import News
from mlstudio.store.laws import Store


class LeaseTail:
    """Remembers who held what at the last look."""

    def __init__(self) -> None:
        self._held: frozenset[tuple[str, str, int]] | None = None

    def look(self, store: Store, *, wanted: bool) -> list[News]:
        """Return one event at the first look, and when holders have changed since the last; who listens asks again.

        Args:
            store: is read when it is wanted.
            wanted: somebody listens; else all is forgotten.
        """
        if not wanted:
            self._held = None
            return []
        held = frozenset((one.resource, one.holder, one.amount) for one in store.leases())
        before, self._held = self._held, held
        return [("instances", "changed", {})] if held != before else []

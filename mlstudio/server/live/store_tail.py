"""Points of components that have no journal on this host: of other hosts, and of jobs' logs.

Driven by the change feed: when a component's metrics changed, what is newer than what was told is
read from the store and told. Where old points changed, the reader is asked to load anew.

Reads: the store, in one thread at a time.
"""

from __future__ import annotations

from typing import Any

from mlstudio.entities.errors import NotFound
from mlstudio.entities.wire import MAX_INT
from mlstudio.server.live.hub import News
from mlstudio.server.live.points import packed
from mlstudio.store.journal_values import canonical
from mlstudio.store.laws import Store

Seen = dict[tuple[str, str], tuple[int, int]]
"""By metric and context: last step and number of points."""


class StoreTail:
    """Remembers up to where the points of a component were told."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def begin(self, store: Store, name: str) -> None:
        """Tell of `name` only what comes from now on."""
        if name not in self._seen:
            self._seen[name] = _seen(store, name)

    def reset(self) -> None:
        """Remember nothing: the store is another one than it was."""
        self._seen.clear()

    def forget_others(self, names: set[str]) -> None:
        """Remember nothing of components that nobody listens to."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}

    def look(self, store: Store, names: set[str], *, silent: set[str]) -> list[News]:
        """Return the new points of components whose metrics changed.

        Args:
            names: components that changed and are listened to.
            silent: those whose journals are followed: only remember where they stand.
        """
        news: list[News] = []
        for name in sorted(names):
            before = self._seen.get(name, {})
            now = self._seen[name] = _seen(store, name)
            if name in silent:
                continue
            if _rewritten(before, now):
                news.append((f"points:{name}", "rewritten", {}))
                continue
            series = [made for key in now if (made := _newer(store, name, key, before)) is not None]
            if series:
                news.append((f"points:{name}", "append", {"series": series}))
        return news


def _seen(store: Store, name: str) -> Seen:
    try:
        return {(one.name, canonical(one.context)): (one.last_step, one.count) for one in store.series(name)}
    except NotFound:
        return {}


def _rewritten(before: Seen, now: Seen) -> bool:
    """Tell whether points at or before the last told step were added."""
    return any(
        now.get(key, (0, 0))[0] <= last and now.get(key) != (last, count) for key, (last, count) in before.items()
    )


def _newer(store: Store, name: str, key: tuple[str, str], before: Seen) -> dict[str, Any] | None:
    last = before.get(key, (-MAX_INT, 0))[0]
    found = store.points(name, *key, steps=(last + 1, MAX_INT))
    return packed(*key, found.steps, found.ts, found.values) if len(found.steps) else None

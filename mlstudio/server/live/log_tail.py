"""New lines of jobs' logs, for those who listen.

Reads: the size of a log, and its end when it grew; in one thread at a time.
"""

from __future__ import annotations

import base64
from typing import Final

from mlstudio import jobs
from mlstudio.entities.errors import StudioError
from mlstudio.server.live.hub import News
from mlstudio.store.laws import Store

LARGEST: Final = 64 * 1024
"""Bytes in one event; who is further behind reads over HTTP."""
HOST: Final = "algo-1"


class LogTail:
    """Remembers how much of each log was told."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def begin(self, store: Store, name: str) -> int:
        """Tell of a log only what comes from now on; return its size now."""
        size = _size(store, name)
        self._told.setdefault(name, size)
        return size

    def look(self, store: Store, names: set[str]) -> list[News]:
        """Return what was written since the last look."""
        self._told = {name: told for name, told in self._told.items() if name in names}
        news: list[News] = []
        for name in sorted(names):
            told = self._told.setdefault(name, 0)
            total = _size(store, name)
            if total != told:
                news += self._grown(store, name, told, total)
        return news

    def _grown(self, store: Store, name: str, told: int, total: int) -> list[News]:
        if total < told or total - told > LARGEST:
            self._told[name] = total
            return [(f"log:{name}", "behind", {"host": HOST, "total": total})]
        try:
            chunk = jobs.read_log(name, host=HOST, offset=told, limit=LARGEST, store=store)
        except StudioError:
            return []
        if chunk.offset != told or not chunk.data:
            self._told[name] = total
            return [(f"log:{name}", "behind", {"host": HOST, "total": total})]
        self._told[name] = chunk.next_offset
        text = base64.b64encode(chunk.data).decode("ascii")
        return [(f"log:{name}", "append", {"host": HOST, "offset": chunk.offset, "b64": text})]


def _size(store: Store, name: str) -> int:
    try:
        return jobs.log_size(store.get_job(name))
    except (StudioError, OSError):
        return 0

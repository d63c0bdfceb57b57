"""New lines of logs, for those who listen: those of jobs, and of runs of `mlstudio run`.

Reads: the size of a log, and its end when it grew; in one thread at a time.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from mlstudio import jobs
from mlstudio.entities.errors import StudioError
from mlstudio.jobs.run_log import OUTPUT, read_run_log, run_log_size
from mlstudio.server.live.hub import News
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

LARGEST: Final = 64 * 1024
"""Bytes in one event; who is further behind reads over HTTP."""
HOST: Final = "algo-1"
Size = Callable[[Store, str], int]
Read = Callable[[Store, str, int, int], jobs.LogChunk]


class LogTail:
    """Remembers how much of each log was told.

    Args:
        topic: what stands before the name in topics.
        host: what events say whose log it is.
        size: bytes of a log now.
        read: a log from an offset, so many bytes at most.
    """

    def __init__(self, topic: str, host: str, size: Size, read: Read) -> None:
        self._topic, self._host = topic, host
        self._size_of, self._read = size, read
        self._told: dict[str, int] = {}

    def begin(self, store: Store, name: str) -> int:
        """Tell of a log only what comes from now on; return its size now."""
        size = self._size(store, name)
        self._told.setdefault(name, size)
        return size

    def greeting(self, store: Store, name: str) -> list[News]:
        """Begin, and say how long the log is."""
        return [self._behind(name, self.begin(store, name))]

    def look(self, store: Store, names: set[str]) -> list[News]:
        """Return what was written since the last look."""
        self._told = {name: told for name, told in self._told.items() if name in names}
        news: list[News] = []
        for name in sorted(names):
            told = self._told.setdefault(name, 0)
            total = self._size(store, name)
            if total != told:
                news += self._grown(store, name, told, total)
        return news

    def _grown(self, store: Store, name: str, told: int, total: int) -> list[News]:
        if total < told or total - told > LARGEST:
            self._told[name] = total
            return [self._behind(name, total)]
        try:
            chunk = self._read(store, name, told, LARGEST)
        except StudioError:
            return []
        if chunk.offset != told or not chunk.data:
            self._told[name] = total
            return [self._behind(name, total)]
        self._told[name] = chunk.next_offset
        text = base64.b64encode(chunk.data).decode("ascii")
        return [(f"{self._topic}:{name}", "append", {"host": self._host, "offset": chunk.offset, "b64": text})]

    def _behind(self, name: str, total: int) -> News:
        return f"{self._topic}:{name}", "behind", {"host": self._host, "total": total}

    def _size(self, store: Store, name: str) -> int:
        try:
            return self._size_of(store, name)
        except (StudioError, OSError):
            return 0


def job_logs() -> LogTail:
    """Follow the logs of jobs."""
    return LogTail(
        "log",
        HOST,
        lambda store, name: jobs.log_size(store.get_job(name)),
        lambda store, name, offset, limit: jobs.read_log(name, host=HOST, offset=offset, limit=limit, store=store),
    )


def run_logs(home: Home) -> LogTail:
    """Follow what runs of `mlstudio run` print, by the names of their components."""
    return LogTail(
        "output",
        OUTPUT,
        lambda store, name: run_log_size(store.get_component(name, most=0), home),
        lambda store, name, offset, limit: read_run_log(name, offset=offset, limit=limit, store=store, home=home),
    )

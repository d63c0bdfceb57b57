"""What all handlers of one server share: the store, a pool of threads, the hub, tasks, previews, who we are.

The store is opened by the first question, in a thread: a migration does not hold up Lab's start.

Reads: `store`. Knows nothing of: HTTP.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from mlstudio.server.importances import Importances
from mlstudio.server.live.overlay import Overlay
from mlstudio.server.previews.desk import PreviewDesk
from mlstudio.server.reclaim import Reclaim
from mlstudio.server.tasks import Tasks
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home, default_home
from mlstudio.store.laws import Store

if TYPE_CHECKING:
    from mlstudio.server.live.watcher import Live

T = TypeVar("T")


class Studio:
    """The service object of one server process.

    Args:
        store_url: which store; empty for the one of the environment.
        max_body: bytes that a request may carry.
        threads: how many questions the store may answer at a time.
    """

    live: Live
    """Sockets and those who look for news; set by the app."""

    def __init__(self, store_url: str = "", *, max_body: int = 10 * 1024 * 1024, threads: int = 8) -> None:
        self.boot = str(uuid.uuid4())
        self.home: Home = default_home()
        self.max_body = max_body
        self.blobs = BlobStore(self.home.artifacts)
        self.url = store_url or None
        """The store's URL as it was set; None for the one of the environment."""
        self.tasks = Tasks(self.home.root / "results", self._publish)
        self.previews = PreviewDesk(self.blobs)
        self.importances = Importances(self)
        self.overlay = Overlay(self.home)
        self.reclaim = Reclaim(self)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mlstudio")

    def store(self) -> Store:
        """Return the store, opening it when this is the first call. Blocks; call it in a thread.

        A store that is put back in place (SQLite's backup, ``.restore``) is read on; one whose file
        was replaced refuses until this process ends, for its write-ahead log would be replayed into
        the other file.
        """
        return open_store(self.url, home=self.home)

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Ask the store in the pool."""
        return await self.run(lambda: question(self.store()))

    def close(self) -> None:
        """Let running work end and take no more."""
        self.reclaim.close()
        self.tasks.close()
        self.previews.close()
        self.overlay.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _publish(self, topic: str, kind: str, data: object) -> None:
        self.live.publish(topic, kind, data)

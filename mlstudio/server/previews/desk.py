"""Where previews are asked for: what was answered is remembered, and not too many wait.

A content never changes, so an answer is kept by its hash; what was too slow is asked again later.

Reads: blobs, through the reader's process. Knows nothing of: HTTP, stores.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from mlstudio.entities.errors import NotFound, TooLarge, TooMany
from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.previews import Preview
from mlstudio.entities.wire import encode
from mlstudio.server.previews.process import ENDING, ReaderGone, ReaderProcess
from mlstudio.server.previews.question import Question
from mlstudio.store.artifacts import BlobStore

WAITING: Final = 64
MEMORY: Final = 48 * 1024 * 1024
SLOW: Final = 60.0
"""Seconds for which a file that ended the reader is not tried again."""
Key = tuple[str, str, str | None, int | None]


class PreviewDesk:
    """Answers with previews and pictures.

    Args:
        blobs: where the bytes are.
        readers: processes that read at a time; a second one starts only when one is slow.
    """

    def __init__(self, blobs: BlobStore, *, readers: int = 2) -> None:
        self._blobs = blobs
        self._pool = ThreadPoolExecutor(readers, thread_name_prefix="mlstudio-preview")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._readers: list[ReaderProcess] = []
        self._closed = False
        self._kept: OrderedDict[Key, tuple[bytes, bytes]] = OrderedDict()
        self._bytes = 0
        self._slow: dict[Key, tuple[float, str]] = {}
        self._waiting: dict[Key, asyncio.Task[tuple[bytes, bytes]]] = {}

    async def preview(self, item: ArtifactItem) -> bytes:
        """Return the JSON of a `Preview`. Raises: NotFound (the bytes are gone), TooMany."""
        if item.sha256 is None:
            reason = "not shown: a pointer; its bytes are not in this store"
            return encode(Preview(kind="none", media_type=item.media_type, size=item.size, reason=reason))
        try:
            _, body = await self._answer(item, None)
        except ReaderGone as error:
            return encode(Preview(kind="none", media_type=item.media_type, size=item.size, reason=error.reason))
        msgspec.json.decode(body, type=Preview)  # the reader has seen hostile bytes: its word is checked too
        return body

    async def picture(self, item: ArtifactItem, edge: int) -> bytes:
        """Return a WebP of at most `edge` pixels on a side.

        Raises:
            NotFound: there are no bytes, or they are no image.
            TooLarge: it has too many pixels, or takes too long.
            TooMany: enough are waiting.
        """
        if item.sha256 is None:
            raise NotFound(f'Artifact "{item.name}" is a pointer; its bytes are not in this store.')
        try:
            kind, body = await self._answer(item, edge)
        except ReaderGone as error:
            raise TooLarge(f'Artifact "{item.name}" is {error.reason}.', field="artifact_uid") from None
        if kind == b"B" and body[:4] == b"RIFF" and body[8:12] == b"WEBP":
            return body
        reason = body.decode("utf-8", "replace")
        raise NotFound(f'Artifact "{item.name}" is no image that can be shown ({reason}).')

    def close(self) -> None:
        """End the readers; no other one starts."""
        with self._lock:
            self._closed = True
            readers = list(self._readers)
        self._pool.shutdown(wait=False, cancel_futures=True)
        for reader in readers:
            reader.end()

    async def _answer(self, item: ArtifactItem, edge: int | None) -> tuple[bytes, bytes]:
        """Answer from memory, with whoever asks the same, or by the reader."""
        key: Key = (item.sha256 or "", item.name, item.media_type, edge)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        until, reason = self._slow.get(key, (0.0, ""))
        if time.monotonic() < until:
            raise ReaderGone(reason)
        if self._closed:
            raise ReaderGone(ENDING)
        task = self._waiting.get(key)
        if task is None:
            if len(self._waiting) >= WAITING:
                raise TooMany(f"{WAITING} previews are waiting to be read.", hint="Try again in a moment.")
            task = self._waiting[key] = asyncio.ensure_future(self._ask(key))
            task.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(task)

    async def _ask(self, key: Key) -> tuple[bytes, bytes]:
        sha256, name, media_type, edge = key
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: self._read(sha256, name, media_type, edge)
        )

    def _read(self, sha256: str, name: str, media_type: str | None, edge: int | None) -> tuple[bytes, bytes]:
        path = self._blobs.path(sha256)
        if not path.is_file():
            raise NotFound(f"There is no artifact with the content {sha256}.")
        return self._reader().ask(Question(str(path), name, media_type, edge))

    def _reader(self) -> ReaderProcess:
        """Return the reader of this thread. Raises: ReaderGone (the desk was closed)."""
        reader: ReaderProcess | None = getattr(self._local, "reader", None)
        if reader is None:
            with self._lock:
                if self._closed:
                    raise ReaderGone(ENDING)
                reader = self._local.reader = ReaderProcess()
                self._readers.append(reader)
        return reader

    def _done(self, key: Key, task: asyncio.Task[tuple[bytes, bytes]]) -> None:
        self._waiting.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, ReaderGone):
            self._slow = {one: slow for one, slow in self._slow.items() if slow[0] > time.monotonic()}
            self._slow[key] = (time.monotonic() + SLOW, error.reason)
        if error is not None:
            return
        answer = task.result()
        self._kept[key] = answer
        self._bytes += len(answer[1])
        while self._bytes > MEMORY and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1][1])

"""Artifacts over HTTP: the record, and the bytes, which are never shown inside our origin."""

from __future__ import annotations

from typing import BinaryIO, Final

from mlstudio.entities.errors import InvalidRange, NotFound
from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.names import check_name
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import EXPERIMENTS

FIELD = "artifact_uid"
CHUNK: Final = 256 * 1024
SHOWN: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv", "application/json"}
)
"""Media types that are passed on; of all others (HTML, SVG, pickle, …) only the bytes are."""


class Artifact(StudioHandler):
    """GET /artifacts/{uid}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        await self.answer(lambda store: store.artifact(uid))


class Content(StudioHandler):
    """GET /artifacts/{uid}/content"""

    @property
    def content_security_policy(self) -> str:
        """Whatever the bytes are, they run nothing and reach nothing of ours."""
        return "sandbox; default-src 'none'; frame-ancestors 'none'"

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        item = await self.ask(lambda store: store.artifact(uid))
        stream = await self.studio.run(lambda: self._open(item))
        try:
            await self._send(item, stream)
        finally:
            await self.studio.run(stream.close)

    def _open(self, item: ArtifactItem) -> BinaryIO:
        if item.sha256 is None:
            raise NotFound(f'Artifact "{item.name}" is a pointer; its bytes are not in this store.')
        return self.studio.blobs.open(item.sha256)

    async def _send(self, item: ArtifactItem, stream: BinaryIO) -> None:
        size = await self.studio.run(lambda: stream.seek(0, 2))
        first, last = self._stretch(size)
        media = (item.media_type or "").lower()
        kind = media if media in SHOWN else "application/octet-stream"
        self.set_attachment_header(item.name.rpartition("/")[2] or "artifact")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Length", str(last - first))
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", "private, no-transform")
        await self.studio.run(lambda: stream.seek(first))
        left = last - first
        while left:
            wanted = min(CHUNK, left)
            chunk = await self.studio.run(lambda wanted=wanted: stream.read(wanted))  # type: ignore[misc]
            if not chunk:
                break
            left -= len(chunk)
            self.write(chunk)
            await self.flush()
        self.finish(set_content_type=kind)

    def _stretch(self, size: int) -> tuple[int, int]:
        """Return the first byte asked for and the one after the last; sets 206 where a range was asked.

        Raises:
            InvalidRange: it begins behind the end.
        """
        asked = self.request.headers.get("Range", "")
        head, _, tail = asked.removeprefix("bytes=").partition("-")
        if not asked.startswith("bytes=") or "," in asked or not all(_is_number(text) for text in (head, tail)):
            return 0, size  # no range, several, or none that can be read: the whole, as RFC 9110 allows
        if not head and not tail:
            return 0, size
        first = int(head) if head else max(0, size - int(tail))
        last = min(size, int(tail) + 1) if head and tail else size
        if first >= size or first >= last:
            raise InvalidRange(f"The content has {size} bytes.", field="Range")
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {first}-{last - 1}/{size}")
        return first, last


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= 15)

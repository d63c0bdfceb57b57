"""Bytes that a user made, on their way out: a sandboxed download, in pieces, with Range.

Knows nothing of: whose bytes they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from mlstudio.entities.errors import InvalidRange
from mlstudio.server.base import StudioHandler

CHUNK: Final = 256 * 1024
SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class StreamHandler(StudioHandler):
    """Base of routes that send a file."""

    @property
    def content_security_policy(self) -> str:
        """Whatever the bytes are, they run nothing and reach nothing of ours."""
        return SANDBOX

    async def stream(self, opener: Callable[[], BinaryIO], name: str, kind: str) -> None:
        """Send a file as a download; a Range is honoured.

        Args:
            opener: opens it; called in a thread.
            name: what the download is called.
            kind: its media type.

        Raises:
            InvalidRange: the range begins behind the end.
        """
        stream = await self.studio.run(opener)
        try:
            await self._send(stream, name, kind)
        finally:
            await self.studio.run(stream.close)

    async def _send(self, stream: BinaryIO, name: str, kind: str) -> None:
        size = await self.studio.run(lambda: stream.seek(0, 2))
        first, last = self._stretch(size)
        self.set_attachment_header(name.rpartition("/")[2] or "artifact")
        self.set_header("Accept-Ranges", "bytes")
        self.set_header("Content-Length", str(last - first))
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", "private, no-transform")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
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

"""Artifacts over HTTP: the record, and the bytes, which are never shown inside our origin."""

from __future__ import annotations

from typing import BinaryIO, Final

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.names import check_name
from mlstudio.server.base import StudioHandler
from mlstudio.server.content import StreamHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import EXPERIMENTS

FIELD = "artifact_uid"
PLAYED: Final = frozenset(
    {"audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/webm"}
    | {"video/mp4", "video/webm", "video/ogg"}
)
"""Sounds and films: an element of the page plays them, a navigation downloads them; none of them runs script."""
PASSED_ON: Final = (
    PLAYED
    | {"image/png", "image/jpeg", "image/gif", "image/webp"}
    | {
        "text/plain",
        "text/csv",
        "application/json",
    }
)
"""Media types that are passed on; of all others (HTML, SVG, pickle, …) only the bytes are."""


class Artifact(StudioHandler):
    """GET /artifacts/{uid}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        await self.answer(lambda store: store.artifact(uid))


class Content(StreamHandler):
    """GET /artifacts/{uid}/content"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        item = await self.ask(lambda store: store.artifact(uid))
        media = (item.media_type or "").lower()
        kind = media if media in PASSED_ON else "application/octet-stream"
        await self.stream(lambda: self._open(item), item.name, kind)

    def _open(self, item: ArtifactItem) -> BinaryIO:
        if item.sha256 is None:
            raise NotFound(f'Artifact "{item.name}" is a pointer; its bytes are not in this store.')
        return self.studio.blobs.open(item.sha256)

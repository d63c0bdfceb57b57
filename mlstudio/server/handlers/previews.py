"""Previews over HTTP: what the server read, bounded and drew anew; never the user's bytes."""

from __future__ import annotations

from mlstudio.entities.names import check_name
from mlstudio.server.base import StudioHandler
from mlstudio.server.content import SANDBOX
from mlstudio.server.guards import guarded
from mlstudio.server.queries import ImageQuery
from mlstudio.server.routes import EXPERIMENTS

FIELD = "artifact_uid"


class Shown(StudioHandler):
    """GET /artifacts/{uid}/preview"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        item = await self.ask(lambda store: store.artifact(uid))
        self.set_header("Cache-Control", "private, no-cache")
        self.finish(await self.studio.previews.preview(item))


class Picture(StudioHandler):
    """GET /artifacts/{uid}/image"""

    @property
    def content_security_policy(self) -> str:
        """A picture runs nothing and reaches nothing of ours."""
        return SANDBOX

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        size = self.query(ImageQuery).size
        item = await self.ask(lambda store: store.artifact(uid))
        self.set_header("Etag", f'"{item.sha256}-{size}"')
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        if item.sha256 and self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        self.finish(await self.studio.previews.picture(item, size), set_content_type="image/webp")

"""Who answers here, what can be asked, and the wall behind which nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import mlstudio
from mlstudio.entities.errors import NotFound
from mlstudio.entities.secrets import redact_url
from mlstudio.entities.wire import VersionReply
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import API, SETTINGS

OPENAPI: Final = Path(__file__).parent.parent / "openapi.json"


class Version(StudioHandler):
    """GET /version"""

    _track_activity = False

    @guarded("read", SETTINGS)
    async def get(self) -> None:
        url = await self.ask(lambda store: store.url)
        self.reply(VersionReply(mlstudio.__version__, API, self.studio.boot, redact_url(url)))


class OpenApi(StudioHandler):
    """GET /openapi.json"""

    @guarded("read", SETTINGS)
    async def get(self) -> None:
        self.finish(await self.studio.run(OPENAPI.read_bytes))


class Unknown(StudioHandler):
    """Every other path below our prefix: 403 for strangers, 404 for friends."""

    @guarded("read", SETTINGS)
    async def get(self, *rest: str) -> None:
        raise NotFound("There is nothing at this address.")

    head = post = put = patch = delete = options = get  # type: ignore[assignment]

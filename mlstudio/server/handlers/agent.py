"""The agent over HTTP: how it is, and starting it."""

from __future__ import annotations

from mlstudio import jobs
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import JOBS


class Agent(StudioHandler):
    """GET /agent"""

    _track_activity = False

    @guarded("read", JOBS)
    async def get(self) -> None:
        self.reply(await self.studio.run(jobs.agent_status))


class Start(StudioHandler):
    """POST /agent/start"""

    @guarded("execute", JOBS)
    async def post(self) -> None:
        self.reply(await self.studio.run(jobs.start_agent))

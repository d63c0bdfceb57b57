"""The doctor over HTTP: what is wrong, how large everything is, and repairs as tasks."""

from __future__ import annotations

from mlstudio.entities.housekeeping import RepairRequest
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.repairs import begin_repair, report
from mlstudio.server.routes import EXPERIMENTS


class Doctor(StudioHandler):
    """GET /doctor"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        self.reply(await self.studio.run(lambda: report(self.studio)))


class Repair(StudioHandler):
    """POST /doctor/repair"""

    @guarded("execute", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(RepairRequest)
        self.reply(await self.studio.run(lambda: begin_repair(self.studio, request)), status=202)

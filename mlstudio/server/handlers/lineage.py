"""Lineage over HTTP: the walk, and the edges that somebody stated."""

from __future__ import annotations

from mlstudio.entities.lineage import Association, AssociationList, LineageQuery
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.queries import ArnQuery
from mlstudio.server.routes import EXPERIMENTS


class Lineage(StudioHandler):
    """GET /lineage"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        query = self.query(LineageQuery)
        await self.answer(lambda store: store.lineage(query))


class Associations(StudioHandler):
    """GET, POST, DELETE /associations"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        arn = self.query(ArnQuery).arn
        await self.answer(lambda store: AssociationList(store.associations(arn)))

    @guarded("write", EXPERIMENTS)
    async def post(self) -> None:
        wanted = self.body(Association)
        await self.ask(lambda store: store.add_association(wanted))
        self.reply(None, status=204)

    @guarded("write", EXPERIMENTS)
    async def delete(self) -> None:
        unwanted = self.body(Association)
        await self.ask(lambda store: store.remove_association(unwanted))
        self.reply(None, status=204)

"""Saved views over HTTP. Whoever shows the views of an experiment is told by the change feed when one changes."""

from __future__ import annotations

from mlstudio.entities.names import check_name
from mlstudio.entities.views import SavedViewCreate, SavedViewList, SavedViewUpdate
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.queries import ViewQuery
from mlstudio.server.routes import EXPERIMENTS

FIELD = "view_uid"


class Views(StudioHandler):
    """GET, POST /saved-views"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        experiment = check_name(self.query(ViewQuery).experiment, field="experiment")
        await self.answer(lambda store: SavedViewList(store.views(experiment)))

    @guarded("write", EXPERIMENTS)
    async def post(self) -> None:
        wanted = self.body(SavedViewCreate)
        check_name(wanted.experiment, field="experiment")
        await self.answer(lambda store: store.create_view(wanted), status=201)


class View(StudioHandler):
    """GET, PATCH, DELETE /saved-views/{uid}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        await self.answer(lambda store: store.get_view(uid))

    @guarded("write", EXPERIMENTS)
    async def patch(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        change = self.body(SavedViewUpdate)
        await self.answer(lambda store: store.update_view(uid, change))

    @guarded("write", EXPERIMENTS)
    async def delete(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        await self.ask(lambda store: store.delete_view(uid))
        self.reply(None, status=204)

"""Questions over many components: comparisons, importances, and how a query may go on."""

from __future__ import annotations

from mlstudio.entities.comparison import CompareRequest, CompletionQuery, ImportanceQuery
from mlstudio.entities.names import check_name
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.parse import condition
from mlstudio.server.routes import EXPERIMENTS


class Comparisons(StudioHandler):
    """POST /comparisons: a question, hence the action is read"""

    @guarded("read", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(CompareRequest)
        for name in request.components:
            check_name(name, field="components")
        from mlstudio.experiments.comparison import compare_components

        await self.answer(lambda store: compare_components(store, request))


class Importances(StudioHandler):
    """GET /importances"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        query = self.query(ImportanceQuery)
        check_name(query.experiment, field="experiment")
        condition(query.where)
        self.reply(await self.studio.importances.ask(query))


class Complete(StudioHandler):
    """POST /search/complete: a question, hence the action is read"""

    _track_activity = False

    @guarded("read", EXPERIMENTS)
    async def post(self) -> None:
        query = self.body(CompletionQuery)
        if query.experiment is not None:
            check_name(query.experiment, field="experiment")
        from mlstudio.experiments.complete import complete

        await self.answer(lambda store: complete(store, query))

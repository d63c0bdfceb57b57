"""Tables and curves: what is drawn, as columns and bytes."""

from __future__ import annotations

from mlstudio.entities.names import check_name
from mlstudio.entities.tables import CurveRequest, TableRequest
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.parse import table_query
from mlstudio.server.routes import EXPERIMENTS


class Tables(StudioHandler):
    """POST /tables: a question, hence the action is read"""

    @guarded("read", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(TableRequest)
        if request.scope.experiment is not None:
            check_name(request.scope.experiment, field="scope.experiment")
        if request.scope.trial is not None:
            check_name(request.scope.trial, field="scope.trial")
        query = table_query(request)
        await self.answer(lambda store: store.table(request, query))


class Curves(StudioHandler):
    """POST /curves: a question, hence the action is read"""

    @guarded("read", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(CurveRequest)
        for series in request.series:
            check_name(series.component, field="series.component")
        packed = await self.ask(lambda store: self.studio.overlay.curves(store, request))
        self.finish(packed, set_content_type="application/octet-stream")

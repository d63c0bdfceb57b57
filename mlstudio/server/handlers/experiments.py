"""Experiments over HTTP."""

from __future__ import annotations

from mlstudio.entities.experiments import Confirm, ExperimentCreate, ExperimentUpdate, ListRequest
from mlstudio.entities.names import check_name
from mlstudio.entities.parts import PartRequest
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.parse import condition, confirmed
from mlstudio.server.queries import ColumnQuery, DeleteQuery
from mlstudio.server.routes import EXPERIMENTS
from mlstudio.store.bounds import fitting, keeps_tags, trimmed

FIELD = "experiment_name"


class Experiments(StudioHandler):
    """GET, POST /experiments"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        request = self.query(ListRequest)
        where = condition(request.where)
        await self.answer(lambda store: fitting(store.list_experiments(request, where), request))

    @guarded("write", EXPERIMENTS)
    async def post(self) -> None:
        wanted = self.body(ExperimentCreate)
        check_name(wanted.name, field="name")
        await self.answer(lambda store: trimmed(store.create_experiment(wanted)), status=201)


class Experiment(StudioHandler):
    """GET, PATCH, DELETE /experiments/{name}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: trimmed(store.get_experiment(name)))

    @guarded("write", EXPERIMENTS)
    async def patch(self, name: str) -> None:
        check_name(name, field=FIELD)
        change = self.body(ExperimentUpdate)
        await self.answer(
            lambda store: trimmed(store.update_experiment(name, keeps_tags(change, lambda: store.get_experiment(name))))
        )

    @guarded("write", EXPERIMENTS)
    async def delete(self, name: str) -> None:
        check_name(name, field=FIELD)
        force = self.query(DeleteQuery).force
        await self.ask(lambda store: store.delete("experiment", name, force=force))
        self.reply(None, status=204)


class Columns(StudioHandler):
    """GET /experiments/{name}/columns"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        query = self.query(ColumnQuery)
        await self.answer(lambda store: store.find_columns(name, contains=query.contains, most=query.limit))


class Tags(StudioHandler):
    """GET /experiments/{name}/tags"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.tags_page("experiment", name, request))


class Restore(StudioHandler):
    """POST /experiments/{name}/restore"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.ask(lambda store: store.restore("experiment", name))
        await self.answer(lambda store: trimmed(store.get_experiment(name)))


class Purge(StudioHandler):
    """POST /experiments/{name}/purge"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        confirmed(self.body(Confirm), name)
        await self.ask(lambda store: store.purge("experiment", name))
        self.studio.reclaim.after_purge()
        self.reply(None, status=204)

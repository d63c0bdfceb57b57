"""Trials over HTTP, and which components stand in them."""

from __future__ import annotations

from mlstudio.entities.experiments import Confirm, TrialCreate, TrialUpdate
from mlstudio.entities.names import check_name
from mlstudio.entities.parts import PartRequest
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.parse import condition, confirmed
from mlstudio.server.queries import DeleteQuery, TrialQuery
from mlstudio.server.routes import EXPERIMENTS
from mlstudio.store.bounds import fitting, keeps_tags, trimmed

FIELD = "trial_name"


class Trials(StudioHandler):
    """GET, POST /trials"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        request = self.query(TrialQuery)
        where = condition(request.where)
        await self.answer(
            lambda store: fitting(
                store.list_trials(request, experiment=request.experiment, component=request.component, where=where),
                request,
            )
        )

    @guarded("write", EXPERIMENTS)
    async def post(self) -> None:
        wanted = self.body(TrialCreate)
        check_name(wanted.name, field="name")
        await self.answer(lambda store: trimmed(store.create_trial(wanted)), status=201)


class Trial(StudioHandler):
    """GET, PATCH, DELETE /trials/{name}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: trimmed(store.get_trial(name)))

    @guarded("write", EXPERIMENTS)
    async def patch(self, name: str) -> None:
        check_name(name, field=FIELD)
        change = self.body(TrialUpdate)
        await self.answer(
            lambda store: trimmed(store.update_trial(name, keeps_tags(change, lambda: store.get_trial(name))))
        )

    @guarded("write", EXPERIMENTS)
    async def delete(self, name: str) -> None:
        check_name(name, field=FIELD)
        force = self.query(DeleteQuery).force
        await self.ask(lambda store: store.delete("trial", name, force=force))
        self.reply(None, status=204)


class Membership(StudioHandler):
    """PUT, DELETE /trials/{name}/trial-components/{component}"""

    @guarded("write", EXPERIMENTS)
    async def put(self, name: str, component: str) -> None:
        check_name(name, field=FIELD)
        check_name(component, field="trial_component_name")
        await self.ask(lambda store: store.associate(name, component))
        self.reply(None, status=204)

    @guarded("write", EXPERIMENTS)
    async def delete(self, name: str, component: str) -> None:
        check_name(name, field=FIELD)
        check_name(component, field="trial_component_name")
        await self.ask(lambda store: store.dissociate(name, component))
        self.reply(None, status=204)


class Tags(StudioHandler):
    """GET /trials/{name}/tags"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.tags_page("trial", name, request))


class Restore(StudioHandler):
    """POST /trials/{name}/restore"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.ask(lambda store: store.restore("trial", name))
        await self.answer(lambda store: trimmed(store.get_trial(name)))


class Purge(StudioHandler):
    """POST /trials/{name}/purge"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        confirmed(self.body(Confirm), name)
        await self.ask(lambda store: store.purge("trial", name))
        self.studio.reclaim.after_purge()
        self.reply(None, status=204)

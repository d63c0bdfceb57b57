"""Trial components over HTTP: records, metrics, artifacts, code."""

from __future__ import annotations

from typing import Final

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import (
    CodeReply,
    ComponentCreate,
    ComponentRecord,
    ComponentUpdate,
    Confirm,
)
from mlstudio.entities.names import check_name
from mlstudio.entities.parts import MOST_PARTS, PartRequest
from mlstudio.experiments.shown import shown_code
from mlstudio.jobs.run_log import read_run_log
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.parse import condition, confirmed
from mlstudio.server.queries import ComponentQuery, DeleteQuery, OutputQuery
from mlstudio.server.routes import EXPERIMENTS
from mlstudio.store.bounds import MOST_LISTED, fitting, keeps_tags, trimmed
from mlstudio.store.laws import Store
from mlstudio.store.run_logs import purge

FIELD = "trial_component_name"
LARGEST_DIFF: Final = 1024 * 1024


class Components(StudioHandler):
    """GET, POST /trial-components"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        request = self.query(ComponentQuery)
        where = condition(request.where)
        await self.answer(
            lambda store: fitting(
                store.list_components(
                    request,
                    experiment=request.experiment,
                    trial=request.trial,
                    source_arn=request.source_arn,
                    where=where,
                    most=MOST_LISTED,
                ),
                request,
            )
        )

    @guarded("write", EXPERIMENTS)
    async def post(self) -> None:
        wanted = self.body(ComponentCreate)
        check_name(wanted.name, field="name")
        await self.answer(lambda store: trimmed(store.create_component(wanted)), status=201)


class Component(StudioHandler):
    """GET, PATCH, DELETE /trial-components/{name}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: trimmed(store.get_component(name, most=MOST_PARTS)))

    @guarded("write", EXPERIMENTS)
    async def patch(self, name: str) -> None:
        check_name(name, field=FIELD)
        change = self.body(ComponentUpdate)
        await self.answer(lambda store: trimmed(self._changed(store, name, change)))

    def _changed(self, store: Store, name: str, change: ComponentUpdate) -> ComponentRecord:
        keeps_tags(change, lambda: store.get_component(name, most=MOST_PARTS))
        return store.update_component(name, change, most=MOST_PARTS)

    @guarded("write", EXPERIMENTS)
    async def delete(self, name: str) -> None:
        check_name(name, field=FIELD)
        force = self.query(DeleteQuery).force
        await self.ask(lambda store: store.delete("trial-component", name, force=force))
        self.reply(None, status=204)


class Series(StudioHandler):
    """GET /trial-components/{name}/series"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.series_page(name, request))


class Params(StudioHandler):
    """GET /trial-components/{name}/params"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.params_page(name, request))


class Tags(StudioHandler):
    """GET /trial-components/{name}/tags"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.tags_page("trial-component", name, request))


class Artifacts(StudioHandler):
    """GET /trial-components/{name}/artifacts"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.query(PartRequest)
        await self.answer(lambda store: store.artifacts_page(name, request))


class Code(StudioHandler):
    """GET /trial-components/{name}/code"""

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: shown_code(self._with_diff(store.code(name))))

    def _with_diff(self, reply: CodeReply) -> CodeReply:
        """Add the text of the uncommitted changes; a blob that is gone is no reason to refuse the rest."""
        if reply.code is None or reply.code.diff_sha256 is None:
            return reply
        try:
            with self.studio.blobs.open(reply.code.diff_sha256) as stream:
                text = stream.read(LARGEST_DIFF).decode("utf-8", "replace")
        except NotFound:
            return reply
        return CodeReply(reply.code, reply.env, text)


class Log(StudioHandler):
    """GET /trial-components/{name}/log"""

    _track_activity = False

    @guarded("read", EXPERIMENTS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        query = self.query(OutputQuery)
        home = self.studio.home
        chunk = await self.ask(
            lambda store: read_run_log(name, offset=query.offset, limit=query.limit, store=store, home=home)
        )
        self.reply_log(chunk)


class Restore(StudioHandler):
    """POST /trial-components/{name}/restore"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.ask(lambda store: store.restore("trial-component", name))
        await self.answer(lambda store: trimmed(store.get_component(name, most=MOST_PARTS)))


class Purge(StudioHandler):
    """POST /trial-components/{name}/purge"""

    @guarded("write", EXPERIMENTS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        confirmed(self.body(Confirm), name)
        await self.ask(lambda store: purge(store, self.studio.home, "trial-component", name))
        self.studio.reclaim.after_purge()
        self.reply(None, status=204)

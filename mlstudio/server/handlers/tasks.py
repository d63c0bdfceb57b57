"""Tasks over HTTP: imports, exports, what runs, what came of it.

An import reads files of the server's machine, with the rights of the server's user: hence the
action is execute, which whoever may start kernels has. See ``docs/security.md``.
"""

from __future__ import annotations

from mlstudio.entities.errors import Forbidden
from mlstudio.entities.names import check_name
from mlstudio.entities.transfers import ExportRequest, ImportRequest, TaskList
from mlstudio.server.base import StudioHandler
from mlstudio.server.content import StreamHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import EXPERIMENTS
from mlstudio.server.transfers import begin_export, begin_import

FIELD = "task_uid"


class Imports(StudioHandler):
    """POST /imports"""

    @guarded("execute", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(ImportRequest)
        if request.experiment is not None:
            check_name(request.experiment, field="experiment")
        self.reply(await self.studio.run(lambda: begin_import(self.studio, request)), status=202)


class Exports(StudioHandler):
    """POST /exports: a question, hence the action is read; a destination needs more"""

    @guarded("read", EXPERIMENTS)
    async def post(self) -> None:
        request = self.body(ExportRequest)
        if request.destination is not None and not await self.may("execute", EXPERIMENTS):
            raise Forbidden("You may not write files on the server's machine.", field="destination")
        for name in (request.scope.experiment, request.scope.trial, *(request.components or ())):
            if name is not None:
                check_name(name, field="scope")
        self.reply(await self.studio.run(lambda: begin_export(self.studio, request)), status=202)


class Tasks(StudioHandler):
    """GET /tasks"""

    @guarded("read", EXPERIMENTS)
    async def get(self) -> None:
        self.reply(TaskList(self.studio.tasks.all()))


class Task(StudioHandler):
    """GET, DELETE /tasks/{uid}"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        self.reply(self.studio.tasks.get(uid))

    @guarded("execute", EXPERIMENTS)
    async def delete(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        await self.studio.run(lambda: self.studio.tasks.stop(uid))
        self.reply(None, status=204)


class Content(StreamHandler):
    """GET /tasks/{uid}/content"""

    @guarded("read", EXPERIMENTS)
    async def get(self, uid: str) -> None:
        check_name(uid, field=FIELD)
        made = self.studio.tasks.result(uid)
        await self.stream(lambda: made.open("rb"), made.name, "application/octet-stream")

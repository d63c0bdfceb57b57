"""Jobs over HTTP. Secrets of their environment, hyperparameters and logs are masked in every answer."""

from __future__ import annotations

from mlstudio import jobs
from mlstudio.entities.job_requests import DeleteFinished, DiffQuery, JobChanges, JobFromFile, JobPatch
from mlstudio.entities.jobs import JobListRequest, StopRequest
from mlstudio.entities.names import check_name
from mlstudio.entities.secrets_jobs import masked_difference, masked_folders, masked_job, masked_page, masked_source
from mlstudio.server.base import StudioHandler
from mlstudio.server.contents import file_at, kernels_of
from mlstudio.server.guards import guarded
from mlstudio.server.queries import LogQuery
from mlstudio.server.routes import JOBS

FIELD = "job_name"


class Jobs(StudioHandler):
    """GET, POST /jobs"""

    @guarded("read", JOBS)
    async def get(self) -> None:
        request = self.query(JobListRequest)
        await self.answer(lambda store: masked_page(store.list_jobs(request)))

    @guarded("execute", JOBS)
    async def post(self) -> None:
        request = self.body(JobFromFile)
        file, kernels = await file_at(self.settings, request.path), kernels_of(self.settings)
        await self.answer(lambda store: masked_job(jobs.submit_file(request, file, kernels).record()), status=201)


class Job(StudioHandler):
    """GET, PATCH, DELETE /jobs/{name}"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: masked_job(store.get_job(name)))

    @guarded("write", JOBS)
    async def patch(self, name: str) -> None:
        check_name(name, field=FIELD)
        priority = self.body(JobPatch).priority
        await self.answer(lambda store: masked_job(jobs.set_priority(name, priority, store=store)))

    @guarded("write", JOBS)
    async def delete(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.ask(lambda store: jobs.delete(name, store=store))
        self.reply(None, status=204)


class Stop(StudioHandler):
    """POST /jobs/{name}/stop"""

    @guarded("execute", JOBS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        request = self.body(StopRequest)
        await self.ask(lambda store: jobs.stop(name, request, store=store))
        await self.answer(lambda store: masked_job(store.get_job(name)))


class Log(StudioHandler):
    """GET /jobs/{name}/log"""

    _track_activity = False

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        query = self.query(LogQuery)
        chunk = await self.ask(
            lambda store: jobs.read_log(name, host=query.host, offset=query.offset, limit=query.limit, store=store)
        )
        self.reply_log(chunk)


class Finished(StudioHandler):
    """POST /jobs/delete-finished"""

    @guarded("write", JOBS)
    async def post(self) -> None:
        request = self.body(DeleteFinished)
        await self.answer(lambda store: jobs.delete_finished(request, store=store))


class Rerun(StudioHandler):
    """POST /jobs/{name}/rerun"""

    @guarded("execute", JOBS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        changes = self.body(JobChanges)
        await self.answer(lambda store: masked_job(jobs.rerun(name, changes, store=store).record()), status=201)


class Source(StudioHandler):
    """GET /jobs/{name}/source"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: masked_source(jobs.source(name, store=store)))


class Difference(StudioHandler):
    """GET /jobs/{name}/diff"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        other = check_name(self.query(DiffQuery).other, field="other")
        await self.answer(lambda store: masked_difference(jobs.diff(name, other, store=store)))


class Folders(StudioHandler):
    """GET /jobs/{name}/folders"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: masked_folders(jobs.folders(name, store=store)))


class Describe(StudioHandler):
    """GET /jobs/{name}/describe"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: jobs.described(name, store=store))

"""Schedules over HTTP, what a notebook takes, and what a cron expression means. Secrets are masked in every answer.

To make, change or run one executes code, now or later: the action is execute.
"""

from __future__ import annotations

from msgspec import UNSET

from mlstudio.entities.job_requests import CronQuery, PathQuery, ScheduleFromFile, SchedulePatch
from mlstudio.entities.names import check_name
from mlstudio.entities.secrets_jobs import masked_job, masked_schedule, masked_schedules
from mlstudio.jobs import schedules
from mlstudio.jobs.cron import explained
from mlstudio.jobs.from_file import read_notebook
from mlstudio.jobs.notebook_parameters import parameters_of
from mlstudio.server.base import StudioHandler
from mlstudio.server.contents import file_at, kernels_of
from mlstudio.server.guards import guarded
from mlstudio.server.routes import JOBS

FIELD = "schedule_name"


class Schedules(StudioHandler):
    """GET, POST /schedules"""

    @guarded("read", JOBS)
    async def get(self) -> None:
        await self.answer(lambda store: masked_schedules(store.schedules()))

    @guarded("execute", JOBS)
    async def post(self) -> None:
        wanted = self.body(ScheduleFromFile)
        check_name(wanted.name, field=FIELD)
        file, kernels = await file_at(self.settings, wanted.job.path), kernels_of(self.settings)
        await self.answer(
            lambda store: masked_schedule(schedules.create_from_file(wanted, file, kernels, store=store)), status=201
        )


class Schedule(StudioHandler):
    """GET, PATCH, DELETE /schedules/{name}"""

    @guarded("read", JOBS)
    async def get(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(lambda store: masked_schedule(store.get_schedule(name)))

    @guarded("execute", JOBS)
    async def patch(self, name: str) -> None:
        check_name(name, field=FIELD)
        change = self.body(SchedulePatch)
        file = None if change.job is UNSET else await file_at(self.settings, change.job.path)
        kernels = kernels_of(self.settings)
        await self.answer(lambda store: masked_schedule(schedules.patch(name, change, file, kernels, store=store)))

    @guarded("write", JOBS)
    async def delete(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.ask(lambda store: schedules.delete(name, store=store))
        self.reply(None, status=204)


class Run(StudioHandler):
    """POST /schedules/{name}/run"""

    @guarded("execute", JOBS)
    async def post(self, name: str) -> None:
        check_name(name, field=FIELD)
        await self.answer(
            lambda store: masked_job(store.get_job(schedules.run_now(name, store=store).name)), status=201
        )


class Cron(StudioHandler):
    """GET /cron"""

    @guarded("read", JOBS)
    async def get(self) -> None:
        query = self.query(CronQuery)
        self.reply(await self.studio.run(lambda: explained(query)))


class NotebookParameters(StudioHandler):
    """GET /notebook-parameters: reads a file of the server's machine, as a kernel may; hence the action is execute"""

    @guarded("execute", JOBS)
    async def get(self) -> None:
        file = await file_at(self.settings, self.query(PathQuery).path)
        self.reply(await self.studio.run(lambda: parameters_of(read_notebook(file))))

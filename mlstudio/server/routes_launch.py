"""Routes by which files of the file browser become jobs: now, again and again, with their parameters.

Part of the one table, `server.routes.ROUTES`.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Any, Final

from mlstudio.entities.job_requests import (
    CronQuery,
    CronReply,
    JobFromFile,
    NotebookParameters,
    PathQuery,
    ScheduleFromFile,
    SchedulePatch,
)
from mlstudio.entities.jobs import JobRecord
from mlstudio.entities.schedules import Schedule, ScheduleList
from mlstudio.server.route import JOBS, NAMED, Action, Method, Route


def _route(method: Method, path: str, handler: str, action: Action, summary: str, **more: Any) -> Route:
    return Route(method, path, handler, JOBS, action, summary, **more)


_SUBMITS: Final = (*NAMED, "agent_unavailable", "resource_in_use", "unsafe_path", "bad_regex")

LAUNCH: Final[tuple[Route, ...]] = (
    _route(
        "POST",
        "/jobs",
        "jobs.Jobs",
        "execute",
        "Run a file of the file browser as a job",
        body=JobFromFile,
        returns=JobRecord,
        status=201,
        errors=_SUBMITS,
    ),
    _route(
        "GET",
        "/notebook-parameters",
        "schedules.NotebookParameters",
        "execute",
        "Which parameters a notebook takes: its cell tagged parameters",
        query=PathQuery,
        returns=NotebookParameters,
        errors=("not_found",),
    ),
    _route(
        "GET",
        "/cron",
        "schedules.Cron",
        "read",
        "What a cron expression means, and when it comes next",
        query=CronQuery,
        returns=CronReply,
    ),
    _route("GET", "/schedules", "schedules.Schedules", "read", "Schedules by name", returns=ScheduleList),
    _route(
        "POST",
        "/schedules",
        "schedules.Schedules",
        "execute",
        "Run a file of the file browser again and again; its code is copied now",
        body=ScheduleFromFile,
        returns=Schedule,
        status=201,
        errors=(*_SUBMITS, "already_exists"),
    ),
    _route(
        "GET",
        "/schedules/{name}",
        "schedules.Schedule",
        "read",
        "Get a schedule; secrets are masked",
        returns=Schedule,
        errors=NAMED,
    ),
    _route(
        "PATCH",
        "/schedules/{name}",
        "schedules.Schedule",
        "execute",
        "Change a schedule, switch it on or off",
        body=SchedulePatch,
        returns=Schedule,
        errors=(*_SUBMITS, "version_conflict"),
    ),
    _route(
        "DELETE",
        "/schedules/{name}",
        "schedules.Schedule",
        "write",
        "Remove a schedule; its jobs stay",
        status=204,
        errors=NAMED,
    ),
    _route(
        "POST",
        "/schedules/{name}/run",
        "schedules.Run",
        "execute",
        "Submit its job once, now",
        returns=JobRecord,
        status=201,
        errors=_SUBMITS,
    ),
)

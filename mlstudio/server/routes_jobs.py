"""Routes of jobs, the sizes they run on, and the agent.

Part of the one table, `server.routes.ROUTES`.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Any, Final

from mlstudio.entities.instances import InstancesReply, InstanceType
from mlstudio.entities.job_requests import (
    AgentReply,
    Deleted,
    DeleteFinished,
    DiffQuery,
    JobChanges,
    JobDifference,
    JobFolders,
    JobPatch,
    JobSource,
)
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, StopRequest
from mlstudio.server.queries import LogQuery
from mlstudio.server.route import JOBS, NAMED, Action, Method, Route


def _route(method: Method, path: str, handler: str, action: Action, summary: str, **more: Any) -> Route:
    return Route(method, path, handler, JOBS, action, summary, **more)


_RUNS: Final = ("conflict", "agent_unavailable")
_RECORDS: Final = (
    _route(
        "GET",
        "/jobs",
        "jobs.Jobs",
        "read",
        "List jobs, newest first; secrets are masked",
        query=JobListRequest,
        returns=JobPage,
    ),
    _route(
        "POST",
        "/jobs/delete-finished",
        "jobs.Finished",
        "write",
        "Remove ended jobs with their folders",
        body=DeleteFinished,
        returns=Deleted,
    ),
    _route("GET", "/jobs/{name}", "jobs.Job", "read", "Get a job; secrets are masked", returns=JobRecord, errors=NAMED),
    _route(
        "PATCH",
        "/jobs/{name}",
        "jobs.Job",
        "write",
        "Move a waiting job in the queue",
        body=JobPatch,
        returns=JobRecord,
        errors=(*NAMED, "conflict"),
    ),
    _route(
        "DELETE",
        "/jobs/{name}",
        "jobs.Job",
        "write",
        "Remove an ended job",
        status=204,
        errors=(*NAMED, "conflict"),
    ),
    _route(
        "POST",
        "/jobs/{name}/stop",
        "jobs.Stop",
        "execute",
        "Stop a job",
        body=StopRequest,
        returns=JobRecord,
        errors=(*NAMED, *_RUNS),
    ),
    _route(
        "POST",
        "/jobs/{name}/rerun",
        "jobs.Rerun",
        "execute",
        "Run a job once more, with changes",
        body=JobChanges,
        returns=JobRecord,
        status=201,
        errors=(*NAMED, *_RUNS, "resource_in_use"),
    ),
)
_INSIDE: Final = (
    _route(
        "GET",
        "/jobs/{name}/log",
        "jobs.Log",
        "read",
        "A stretch of a job's log",
        query=LogQuery,
        returns="bytes",
        errors=NAMED,
    ),
    _route(
        "GET",
        "/jobs/{name}/source",
        "jobs.Source",
        "read",
        "A job's code as it ran; secrets are masked",
        returns=JobSource,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/jobs/{name}/diff",
        "jobs.Difference",
        "read",
        "What two jobs do not share; secrets are masked",
        query=DiffQuery,
        returns=JobDifference,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/jobs/{name}/folders",
        "jobs.Folders",
        "read",
        "What a job read and what it left",
        returns=JobFolders,
        errors=NAMED,
    ),
    _route(
        "GET",
        "/jobs/{name}/describe",
        "jobs.Describe",
        "read",
        "A job in SageMaker's words",
        returns="json",
        errors=NAMED,
    ),
)
_HOST: Final = (
    _route(
        "GET",
        "/instances",
        "instances.Instances",
        "read",
        "Sizes, what this host has, and who holds what",
        returns=InstancesReply,
    ),
    _route(
        "PUT",
        "/instances/{name}",
        "instances.Instance",
        "write",
        "Keep a size of one's own",
        body=InstanceType,
        returns=InstanceType,
    ),
    _route(
        "DELETE",
        "/instances/{name}",
        "instances.Instance",
        "write",
        "Forget a size of one's own",
        status=204,
        errors=("not_found",),
    ),
    _route("GET", "/agent", "agent.Agent", "read", "How the agent of this home is", returns=AgentReply),
    _route(
        "POST",
        "/agent/start",
        "agent.Start",
        "execute",
        "Start the agent when none runs",
        returns=AgentReply,
        errors=("agent_unavailable",),
    ),
)

ABOUT_JOBS: Final[tuple[Route, ...]] = (*_RECORDS, *_INSIDE, *_HOST)

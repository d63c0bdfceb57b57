"""What a person does to jobs beyond submit and stop: repeat, move in the queue, clear away, look inside.

Reads: the store, run folders. Talks to: the agent.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlstudio.entities.errors import AgentUnavailable, Conflict, NotFound
from mlstudio.entities.job_requests import (
    AgentReply,
    Deleted,
    DeleteFinished,
    JobChanges,
    JobDifference,
    JobFolders,
    JobFromFile,
    JobSource,
)
from mlstudio.entities.jobs import JobListRequest, JobRecord, JobUpdate
from mlstudio.entities.status import ENDED, JobStatus
from mlstudio.jobs.agent.ensure import connect, ensure, status
from mlstudio.jobs.client import Job, delete, run_folder, submit
from mlstudio.jobs.describe import describe
from mlstudio.jobs.differences import difference
from mlstudio.jobs.files import folders_of, source_of, walk
from mlstudio.jobs.from_file import Kernels, runnable, spec_of
from mlstudio.jobs.repeat import rerun_spec
from mlstudio.store import Store, open_store
from mlstudio.store.home import default_home


def rerun(name: str, changes: JobChanges | None = None, *, store: Store | None = None) -> Job:
    """Submit a job once more: the code as it was copied then, the same settings but for `changes`.

    Raises:
        NotFound: there is no such job.
        InvalidField: its code is gone, or a change cannot be made.
        ResourceInUse: a job of the new name exists.
    """
    record = (store or open_store()).get_job(name)
    return submit(rerun_spec(record, run_folder(record) / "ml" / "code", changes or JobChanges()))


def submit_file(request: JobFromFile, file: Path, kernels: Kernels) -> Job:
    """Submit a file of the file browser. Raises: as `submit` and `from_file.spec_of`."""
    with runnable(request, file) as found:
        return submit(spec_of(request, found, kernels))


def set_priority(name: str, priority: int, *, store: Store | None = None) -> JobRecord:
    """Move a waiting job in the queue; higher goes first.

    Raises:
        NotFound: there is no such job.
        Conflict: it has ended.
    """
    store = store or open_store()
    record = store.get_job(name)
    if record.status in ENDED:
        raise Conflict(f'Job "{name}" has ended: it is {record.status}.', field="job_name")
    moved = store.update_job(name, JobUpdate(priority=priority))
    with contextlib.suppress(ConnectionError, AgentUnavailable), ensure() as agent:
        agent.request("priority", name=name, priority=priority)
    return moved


def delete_finished(request: DeleteFinished | None = None, *, store: Store | None = None) -> Deleted:
    """Remove ended jobs with their folders and logs; their trial components stay.

    Args:
        request: which; default all.
        store: where they are recorded; default the environment's.
    """
    request, store = request or DeleteFinished(), store or open_store()
    count = freed = 0
    for record in [*_ended(store, request)]:
        size = sum(path.stat().st_size for path in walk(run_folder(record)) if path.exists())
        try:
            delete(record.name, store=store)
        except (NotFound, Conflict):  # somebody else was first
            continue
        count, freed = count + 1, freed + size
    return Deleted(count, freed)


def _ended(store: Store, request: DeleteFinished) -> Iterator[JobRecord]:
    before = None if request.older_than is None else (time.time() - request.older_than) * 1e6
    wanted: list[JobStatus] = [request.status] if request.status else ["Completed", "Failed", "Stopped"]
    for one in wanted:
        cursor: str | None = None
        while True:
            page = store.list_jobs(JobListRequest(status=one, schedule=request.schedule, limit=1000, cursor=cursor))
            yield from (job for job in page.items if before is None or (job.ended_at or 0) <= before)
            cursor = page.next
            if cursor is None:
                break


def diff(left: str, right: str, *, store: Store | None = None) -> JobDifference:
    """Return what two jobs do not share: code, hyperparameters, environment, inputs, settings. Raises: NotFound."""
    store = store or open_store()
    one, two = store.get_job(left), store.get_job(right)
    return difference(one, run_folder(one), two, run_folder(two))


def source(name: str, *, store: Store | None = None) -> JobSource:
    """Return a job's code as it ran. Raises: NotFound."""
    record = (store or open_store()).get_job(name)
    return source_of(record, run_folder(record))


def folders(name: str, *, store: Store | None = None) -> JobFolders:
    """Return what a job read and what it left. Raises: NotFound."""
    record = (store or open_store()).get_job(name)
    return folders_of(record, run_folder(record))


def described(name: str, *, store: Store | None = None) -> dict[str, Any]:
    """Return a job in SageMaker's words; secrets are masked. Raises: NotFound."""
    store = store or open_store()
    record = store.get_job(name)
    try:
        series = store.series(record.trial_component)
    except NotFound:
        series = []
    return describe(record, series)


def code_folder(name: str, *, store: Store | None = None) -> Path:
    """Return the folder of a job's code as it ran; it may be gone. Raises: NotFound."""
    return run_folder((store or open_store()).get_job(name)) / "ml" / "code"


def agent_status() -> AgentReply:
    """Return how the agent of this home is."""
    try:
        known = status()
    except AgentUnavailable:
        known = None
    connection = connect(default_home()) if known is not None else None
    if known is None or connection is None:
        return AgentReply(running=False)
    with connection:
        version = connection.agent.get("version")
    return AgentReply(
        running=True,
        pid=known["pid"],
        version=version,
        slots=known.get("slots"),
        jobs=len(known.get("jobs", {})),
        queue=list(known.get("queue", [])),
    )


def start_agent() -> AgentReply:
    """Start the agent when none runs. Raises: AgentUnavailable: it cannot be started; with the end of its log."""
    ensure().close()
    return agent_status()

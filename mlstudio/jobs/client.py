"""Jobs as a person or a door uses them: submit, find, watch, stop, read, delete.

The store is asked for what is true, the agent for what happens next. `Job.wait` does not poll:
the agent pushes, and it returns within 0.2 s of the end.

Reads: the store, log files. Talks to: the agent.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from mlstudio.entities.errors import AgentUnavailable, Conflict
from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, JobSpec, StopRequest
from mlstudio.entities.status import ENDED, JobStatus, SecondaryStatus
from mlstudio.jobs.agent.ensure import Connection, connect, ensure
from mlstudio.jobs.contract import HOST
from mlstudio.jobs.logs import CHUNK, LogChunk, marker, read_shown, total_bytes
from mlstudio.jobs.submission import prepare
from mlstudio.store import Store, open_store
from mlstudio.store.home import default_home

_BEAT: Final = 5.0
"""Seconds without an event after which a waiting client asks the store itself."""
_SLICE: Final = 2.0
"""Seconds that a thread of an asynchronous wait lives at most after the task was cancelled."""


def run_folder(record: JobRecord) -> Path:
    """Return the run folder of a job; it may not exist yet, or not any more."""
    return Path(record.run_dir) if record.run_dir else default_home().jobs / record.uid


class Job:
    """A job that was submitted, here or anywhere.

    Args:
        name: of an existing job.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        record = self.record()
        return f"Job({self.name!r}, {record.status}, {record.secondary})"

    def _repr_html_(self) -> str:
        from mlstudio.jobs.shown import job_html

        return job_html(self.name)

    def record(self) -> JobRecord:
        """Return everything known of it now. Raises: NotFound: it was deleted."""
        return open_store().get_job(self.name)

    @property
    def status(self) -> JobStatus:
        """InProgress, Stopping, Completed, Failed or Stopped."""
        return self.record().status

    @property
    def secondary_status(self) -> SecondaryStatus:
        """What it does now: Pending, Starting, Downloading, Training, Uploading, …"""
        return self.record().secondary

    @property
    def failure_reason(self) -> str | None:
        """Why it failed, None when it did not."""
        return self.record().failure_reason

    def metrics(self) -> builtins.list[SeriesSummary]:
        """Return the summaries of its metrics by name."""
        return open_store().series(self.record().trial_component)

    def logs(self, host: str = HOST, offset: int = 0) -> str:
        """Return the kept log from an absolute offset as text; dropped bytes show as a marker line."""
        text = b"".join(_pieces(self.record(), host, offset))
        return text.decode("utf-8", "replace")

    def stream(self, out: TextIO | None = None) -> JobRecord:
        """Write the log to `out`, default standard output, as it comes, until the job has ended; return its record.

        Raises:
            KeyboardInterrupt: Ctrl-C; the job runs on.
        """
        from mlstudio.jobs.streaming import stream

        return stream(self, out or sys.stdout)

    def returned(self) -> dict[str, Any]:
        """Return the variables that a cell gave back (``--return``). Raises: InvalidField: they cannot be read."""
        from mlstudio.jobs.cells.submit import returned

        return returned(self.name)

    def stop(self, grace: float = 120.0) -> None:
        """Ask it to stop: SIGTERM, and SIGKILL after `grace` seconds. Returns at once.

        Raises:
            Conflict: it has ended already.
        """
        stop(self.name, StopRequest(grace=grace))

    def wait(self, timeout: float | None = None) -> JobRecord:
        """Return its record once it has ended.

        Args:
            timeout: seconds, None for ever.

        Raises:
            TimeoutError: it runs on after `timeout`.
            KeyboardInterrupt: Ctrl-C; the job runs on, and how to stop it is printed.
        """
        try:
            for event in self.follow(timeout):
                if event.get("ended"):
                    break
        except KeyboardInterrupt:
            sys.stderr.write(f'\nJob {self.name} runs on. To stop it: mlstudio.jobs.get("{self.name}").stop()\n')
            raise
        return self.record()

    async def wait_async(self, timeout: float | None = None) -> JobRecord:
        """Return its record once it has ended; other tasks run meanwhile.

        Args:
            timeout: seconds, None for ever.

        Raises:
            TimeoutError: it runs on after `timeout`.
            asyncio.CancelledError: the task was cancelled; the job runs on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:  # a thread that waits for ever could not be cancelled
            rest = _SLICE if until is None else min(_SLICE, until - time.monotonic())
            with contextlib.suppress(TimeoutError):
                return await asyncio.to_thread(self._wait_for, max(0.001, rest))
            _check_time(self.name, until)

    def _wait_for(self, seconds: float) -> JobRecord:
        for event in self.follow(seconds):
            if event.get("ended"):
                break
        return self.record()

    def follow(self, timeout: float | None = None) -> Iterator[dict[str, Any]]:
        """Yield what the agent tells of the job, its present state first, its end last.

        Yields:
            ``{"event": "job", "status", "secondary", "message", "ended"}`` and ``{"event": "log", "total"}``.

        Raises:
            TimeoutError: it has not ended after `timeout` seconds.
            AgentUnavailable: the agent cannot be started.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            record = self.record()
            if record.status in ENDED:
                yield {"event": "job", **_state(record)}
                return
            with contextlib.suppress(ConnectionError), ensure() as agent:  # an agent that dies is replaced
                for event in self._events(agent, until):
                    yield event
                    if event.get("ended"):
                        return
            _check_time(self.name, until)

    def _events(self, agent: Connection, until: float | None) -> Iterator[dict[str, Any]]:
        yield {"event": "job", **agent.request("watch", name=self.name)}
        while True:
            rest = _BEAT if until is None else min(_BEAT, until - time.monotonic())
            try:
                yield from agent.events(max(0.001, rest))
            except TimeoutError:
                _check_time(self.name, until)
                record = self.record()
                if record.status in ENDED:
                    yield {"event": "job", **_state(record)}
                continue
            return


def _check_time(name: str, until: float | None) -> None:
    if until is not None and time.monotonic() >= until:
        raise TimeoutError(f"Job {name} has not ended yet; it runs on.")


def _state(record: JobRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "status": record.status,
        "secondary": record.secondary,
        "message": record.status_message,
        "ended": record.status in ENDED,
    }


def _pieces(record: JobRecord, host: str, offset: int) -> Iterator[bytes]:
    while True:
        chunk = read_shown(run_folder(record), host, offset=offset)
        if chunk.dropped:
            yield marker(chunk.dropped)
        if not chunk.data:
            return
        yield chunk.data
        offset = chunk.next_offset


def submit(spec: JobSpec) -> Job:
    """Record a job and hand it to the agent, which runs it when a slot is free.

    Args:
        spec: what to run, fixed from now on; the source folder is copied.

    Returns:
        The job. It outlives this process.

    Raises:
        AgentUnavailable: no agent can be started; nothing was recorded then.
        InvalidField, InvalidName, UnsafePath, BadRegex, TooLarge: what cannot run, by field.
        NotFound: the experiment or trial of `experiment_config`.
        ResourceInUse: a job of that name exists.
        DiskFull, StoreUnreachable, StoreBusy: nothing was recorded.
    """
    home = default_home()
    store = open_store(home=home)
    agent = ensure(home)
    try:
        record = prepare(spec, store, home)
        try:
            agent.request("submit", name=record.name)
        except ConnectionError:  # it left, or was killed, meanwhile; the next one finds the job by itself
            agent.close()
            agent = ensure(home)
            agent.request("submit", name=record.name)
    finally:
        agent.close()
    return Job(record.name)


def get(name: str) -> Job:
    """Return a job by name. Raises: NotFound."""
    open_store().get_job(name)
    return Job(name)


def list(request: JobListRequest | None = None) -> JobPage:
    """Return a page of jobs, newest first."""
    return open_store().list_jobs(request or JobListRequest())


def stop(name: str, request: StopRequest | None = None, *, store: Store | None = None) -> JobRecord:
    """Ask a job to stop; the request stands in the store, so it is carried out whoever dies.

    Args:
        name: of the job.
        request: how long it may take, and why; default 120 s.
        store: where the job is recorded; default the environment's.

    Raises:
        NotFound: there is no such job.
        Conflict: it has ended.
    """
    record = (store or open_store()).request_stop(name, request or StopRequest())
    with contextlib.suppress(ConnectionError, AgentUnavailable), ensure() as agent:
        agent.request("stop", name=name)
    return record


def delete(name: str, *, store: Store | None = None) -> None:
    """Remove an ended job: its record, its log and its run folder. Its trial component stays.

    Archives that were written to an `output_path` stay as well.

    Args:
        name: of the job.
        store: where it is recorded; default the environment's.

    Raises:
        NotFound: there is no such job.
        Conflict: it runs.
    """
    store = store or open_store()
    record = store.get_job(name)
    if record.status not in ENDED:
        raise Conflict(f'Job "{name}" is {record.status}.', field="job_name", hint="Stop it first.")
    store.delete_job(name)
    first = default_home().jobs / record.uid
    for folder in [first, *first.parent.glob(f"{record.uid}-*")]:  # one for each attempt
        shutil.rmtree(folder, ignore_errors=True)


def read_log(
    name: str, *, host: str = HOST, offset: int = 0, limit: int = CHUNK, store: Store | None = None
) -> LogChunk:
    """Read a job's log by absolute offset, secrets masked; a negative one counts from the end.

    Args:
        name: of the job.
        host: whose log.
        offset: first byte.
        limit: bytes at most.
        store: where the job is recorded; default the environment's.

    Raises:
        NotFound: there is no such job.
    """
    return read_shown(run_folder((store or open_store()).get_job(name)), host, offset=offset, limit=limit)


def log_size(job: JobRecord) -> int:
    """Return how many bytes a job's log has now. Cheap."""
    return total_bytes(run_folder(job), HOST)


def agent_runs() -> bool:
    """Tell whether an agent of this home runs now."""
    connection = connect(default_home())
    if connection is None:
        return False
    connection.close()
    return True

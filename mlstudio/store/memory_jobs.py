"""Jobs of the store in memory."""

from __future__ import annotations

import copy
from typing import Any

import msgspec

from mlstudio.entities.errors import ResourceInUse
from mlstudio.entities.jobs import JobListRequest, JobPage, JobRecord, JobSpec, JobUpdate, StopRequest, Transition
from mlstudio.entities.names import check_name, new_uid
from mlstudio.entities.status import ENDED
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.job_rules import (
    FIELDS,
    FINAL,
    check_deletable,
    check_job_moves,
    check_stoppable,
    cut,
    no_job,
    same_submission,
)
from mlstudio.store.memory_base import MemoryBase
from mlstudio.store.rules import arn, ascii_lower, now, user


class MemoryJobs(MemoryBase):
    """The part of the store in memory that holds jobs."""

    def create_job(self, spec: JobSpec, *, trial_component: str) -> JobRecord:
        """Create as InProgress / Pending. Same name and same client_token: the first job; else ResourceInUse."""
        check_name(spec.name, field="job_name")
        at = now()
        with self._lock:
            if spec.name in self._jobs:
                if same_submission(spec, self._jobs[spec.name].spec.client_token):
                    return self._job(spec.name)
                raise ResourceInUse(
                    f'A job named "{spec.name}" exists already.', field="job_name", hint="Use another name."
                )
            record = JobRecord(
                uid=new_uid(),
                name=spec.name,
                arn=arn(self.uid, f"{spec.kind}-job", spec.name),
                kind=spec.kind,
                spec=copy.deepcopy(spec),
                owner=user(),
                trial_component=trial_component,
                priority=spec.priority,
                created_at=at,
                modified_at=at,
                transitions=[Transition(status="Pending", start_time=at)],
            )
            self._jobs[spec.name] = record
            self._changed("job", record, "created")
            return self._job(spec.name)

    def _job(self, name: str) -> JobRecord:
        record = self._jobs.get(name)
        if record is None:
            raise no_job(name)
        return copy.deepcopy(msgspec.structs.replace(record, stop_requested=name in self._stops))

    def get_job(self, name: str) -> JobRecord:
        """Return it. Raises: NotFound."""
        with self._lock:
            return self._job(name)

    def list_jobs(self, request: JobListRequest) -> JobPage:
        """Return a page, newest first."""
        after: Any = None if request.cursor is None else decode_cursor(request.cursor, int)
        part = ascii_lower(request.name_contains or "")
        with self._lock:
            found = [
                job
                for job in sorted(self._jobs.values(), key=lambda job: (job.created_at, job.uid), reverse=True)
                if request.kind in (None, job.kind)
                and request.status in (None, job.status)
                and request.experiment in (None, job.spec.experiment_config.experiment_name)
                and request.schedule in (None, job.spec.schedule)
                and request.owner in (None, job.owner)
                and not (request.open_only and job.status in ENDED)
                and part in ascii_lower(job.name)
                and (after is None or (job.created_at, job.uid) < after)
            ]
            page = found[: request.limit]
            more = len(found) > request.limit
            following = encode_cursor(page[-1].created_at, page[-1].uid) if more else None
            return JobPage([self._job(job.name) for job in page], following)

    def update_job(self, name: str, change: JobUpdate) -> JobRecord:
        """Move a job; obeys the state tables. Raises: NotFound, Conflict."""
        at = now()
        values: dict[str, Any] = {
            key: getattr(change, key) for key in (*FIELDS, "grant", "usage") if getattr(change, key) is not None
        }
        if "failure_reason" in values:
            values["failure_reason"] = cut(values["failure_reason"])
        with self._lock:
            job = self._job(name)
            check_job_moves(name, job.status, job.secondary, change)
            if change.secondary is not None and change.secondary != job.secondary:
                values |= {"secondary": change.secondary, "transitions": _gone_on(job, change, at)}
            if change.status is not None:
                values["status"] = change.status
            if change.status in ENDED:
                self._stops.pop(name, None)
            moved = "status" in values or "secondary" in values
            self._save(job, at, **values)
            self._changed("job", job, "status" if moved else "updated")
            return self._job(name)

    def _save(self, job: JobRecord, at: int, **values: Any) -> None:
        self._jobs[job.name] = msgspec.structs.replace(job, **values, modified_at=at, version=job.version + 1)

    def request_stop(self, name: str, request: StopRequest) -> JobRecord:
        """Ask for a stop: status Stopping, and the request kept for the agent. Raises: NotFound, Conflict (ended)."""
        with self._lock:
            job = self._job(name)
            check_stoppable(name, job.status)
            self._stops[name] = request
            self._save(job, now(), status="Stopping")
            self._changed("job", job, "status")
            return self._job(name)

    def stop_request(self, name: str) -> StopRequest | None:
        """Return the standing request, if any."""
        with self._lock:
            self._job(name)
            return self._stops.get(name)

    def delete_job(self, name: str) -> None:
        """Remove an ended job. Raises: NotFound, Conflict (it runs)."""
        with self._lock:
            job = self._job(name)
            check_deletable(name, job.status)
            del self._jobs[name]
            self._changed("job", job, "deleted")


def _gone_on(job: JobRecord, change: JobUpdate, at: int) -> list[Transition]:
    """Return the transitions with the last one closed and a new one opened."""
    before = list(job.transitions)
    if before and before[-1].end_time is None:
        before[-1] = msgspec.structs.replace(before[-1], end_time=at)
    status: Any = change.secondary
    ended = at if status in FINAL else None
    return [*before, Transition(status=status, start_time=at, end_time=ended, message=cut(change.status_message or ""))]

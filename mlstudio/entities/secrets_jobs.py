"""Jobs, schedules, their folders and their differences as they may be shown: without secrets.

The job itself needs its secrets; whoever looks at it does not. Every function returns a copy and
leaves the record alone; masking twice is masking once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from mlstudio.entities.job_parts import ProcessingOutput
from mlstudio.entities.job_requests import FieldDifference, JobDifference, JobFolders, JobSource
from mlstudio.entities.jobs import JobPage, JobRecord, JobSpec
from mlstudio.entities.schedules import Schedule, ScheduleList
from mlstudio.entities.secrets import (
    MASK,
    is_secret,
    masked,
    masked_arguments,
    masked_value,
    names_secret,
    redact,
    redact_url,
)
from mlstudio.entities.secrets_diff import masked_diff


def masked_job(job: JobRecord) -> JobRecord:
    """Return a job as it may be shown."""
    reason = None if job.failure_reason is None else masked(job.failure_reason)
    message = job.status_message and masked(job.status_message)
    return msgspec.structs.replace(job, spec=masked_spec(job.spec), failure_reason=reason, status_message=message)


def masked_spec(spec: JobSpec) -> JobSpec:
    """Return a specification as it may be shown.

    Hyperparameters hold JSON texts; one whose name is that of a secret is masked like a variable.
    """
    notebook = spec.notebook
    if notebook is not None:
        parameters = {key: _shown(key, value) for key, value in notebook.parameters.items()}
        notebook = msgspec.structs.replace(notebook, parameters=parameters)
    return msgspec.structs.replace(
        spec,
        environment=redact(spec.environment),
        hyperparameters={key: masked_json(key, value) for key, value in spec.hyperparameters.items()},
        recorded=redact(spec.recorded),
        channels=[_sourced(item) for item in spec.channels],
        inputs=[_sourced(item) for item in spec.inputs],
        outputs=[
            item
            if item.destination is None
            else msgspec.structs.replace(item, destination=redact_url(item.destination))
            for item in spec.outputs
        ],
        arguments=masked_arguments(spec.arguments),
        container_arguments=masked_arguments(spec.container_arguments),
        checkpoint_source=None if spec.checkpoint_source is None else redact_url(spec.checkpoint_source),
        output_path=None if spec.output_path is None else redact_url(spec.output_path),
        notebook=notebook,
        client_token=None,
    )


def _sourced(item: Any) -> Any:
    return msgspec.structs.replace(item, source=redact_url(item.source))


def _delivered(item: ProcessingOutput) -> ProcessingOutput:
    if item.destination is None:
        return item
    return msgspec.structs.replace(item, destination=redact_url(item.destination))


def _shown(name: str, value: Any) -> Any:
    if is_secret(name) and names_secret(name):
        return MASK
    return masked_value("", value) if isinstance(value, str) else value


def masked_json(name: str, text: str) -> str:
    """Return a hyperparameter, which is JSON text, as it may be shown; still JSON."""
    return f'"{MASK}"' if is_secret(name) and names_secret(name) else str(masked_value("", text))


def masked_page(page: JobPage) -> JobPage:
    """Return a page of such jobs."""
    return msgspec.structs.replace(page, items=[masked_job(job) for job in page.items])


def masked_schedule(schedule: Schedule) -> Schedule:
    """Return a schedule as it may be shown."""
    error = None if schedule.last_error is None else masked(schedule.last_error)
    return msgspec.structs.replace(schedule, spec=masked_spec(schedule.spec), last_error=error)


def masked_schedules(schedules: Iterable[Schedule]) -> ScheduleList:
    """Return such schedules."""
    return ScheduleList([masked_schedule(one) for one in schedules])


def masked_source(source: JobSource) -> JobSource:
    """Return a job's code; lines stay lines."""
    files = [one if one.text is None else msgspec.structs.replace(one, text=masked(one.text)) for one in source.files]
    return msgspec.structs.replace(source, files=files)


def masked_difference(found: JobDifference) -> JobDifference:
    """Return what two jobs do not share: that a secret differs is told, its values are not."""
    files = [msgspec.structs.replace(one, diff=masked_diff(one.diff)) for one in found.files]
    return msgspec.structs.replace(found, fields=[_field(one) for one in found.fields], files=files)


def _field(one: FieldDifference) -> FieldDifference:
    def shown(value: str | None) -> str | None:
        if value is None:
            return None
        return MASK if is_secret(one.name) else str(masked_value("", redact_url(value)))

    return msgspec.structs.replace(one, left=shown(one.left), right=shown(one.right))


def masked_folders(found: JobFolders) -> JobFolders:
    """Return a job's folders without the passwords of their URLs."""
    return JobFolders([msgspec.structs.replace(one, place=redact_url(one.place)) for one in found.items])

"""Rules of jobs that every backend keeps: which moves are allowed, and what they leave behind."""

from __future__ import annotations

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.entities.secrets import masked
from mlstudio.entities.status import ENDED, JOB_MOVES, SECONDARY_MOVES

MESSAGE_LIMIT = 1024
FIELDS = (
    "status_message",
    "failure_reason",
    "exit_code",
    "attempt",
    "started_at",
    "ended_at",
    "run_dir",
    "model_artifact",
    "output_artifact",
    "log_bytes",
    "log_dropped",
    "priority",
)
"""Fields of `JobUpdate` that are simply set."""

FINAL = frozenset({"Completed", "Stopped", "Failed", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"})
"""Secondary statuses that end where they begin."""


def no_job(name: str) -> NotFound:
    """Return the error for a job that does not exist."""
    return NotFound(f'Job "{name[:200]}" does not exist.', field="job_name")


def check_job_moves(name: str, status: str, secondary: str, change: JobUpdate) -> None:
    """Refuse what the state tables forbid; to stay is always allowed. Raises: Conflict."""
    if change.status not in (None, status) and change.status not in JOB_MOVES[status]:
        raise Conflict(f'Job "{name}" is {status}; it cannot become {change.status}.', field="status")
    if change.secondary not in (None, secondary) and change.secondary not in SECONDARY_MOVES[secondary]:
        raise Conflict(f'Job "{name}" is {secondary}; it cannot go on to {change.secondary}.', field="secondary")


def check_stoppable(name: str, status: str) -> None:
    """Refuse to stop a job that has ended. Raises: Conflict."""
    if status in ENDED:
        raise Conflict(f'Job "{name}" has ended: it is {status}.', field="job_name")


def check_deletable(name: str, status: str) -> None:
    """Refuse to delete a job that runs. Raises: Conflict."""
    if status not in ENDED:
        raise Conflict(f'Job "{name}" is {status}.', field="job_name", hint="Stop it first.")


def same_submission(spec: JobSpec, token: str | None) -> bool:
    """Tell whether a second submission of a name is the first one again."""
    return spec.client_token is not None and spec.client_token == token


def cut(text: str) -> str:
    """Return a reason of at most 1,024 characters; it may quote a log, hence it is kept without secrets."""
    return masked(text)[:MESSAGE_LIMIT]

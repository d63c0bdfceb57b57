"""Records as they may be kept and shown: code, environments, jobs, comparisons without secrets.

Every function returns a copy and leaves the record alone; masking twice is masking once.
"""

from __future__ import annotations

import msgspec

from mlstudio.entities.comparison import CompareReply, CompareRow
from mlstudio.entities.experiments import CodeRecord, EnvironmentRecord
from mlstudio.entities.jobs import JobPage, JobRecord
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


def masked_code(code: CodeRecord) -> CodeRecord:
    """Return where code came from, without secrets in its source, its arguments and its remote."""
    return msgspec.structs.replace(
        code,
        git_remote=None if code.git_remote is None else redact_url(code.git_remote),
        argv=masked_arguments(code.argv, code.entrypoint or ""),
        source=None if code.source is None else masked(code.source),
    )


def masked_environment(env: EnvironmentRecord) -> EnvironmentRecord:
    """Return an environment without secrets among its variables."""
    return msgspec.structs.replace(env, variables=redact(env.variables))


def masked_job(job: JobRecord) -> JobRecord:
    """Return a job as it may be shown: the job itself needs its secrets, whoever looks at it does not.

    Hyperparameters hold JSON texts; one whose name is that of a secret is masked like a variable.
    """
    spec = msgspec.structs.replace(
        job.spec,
        environment=redact(job.spec.environment),
        hyperparameters={key: masked_json(key, value) for key, value in job.spec.hyperparameters.items()},
        recorded=redact(job.spec.recorded),
        channels=[msgspec.structs.replace(item, source=redact_url(item.source)) for item in job.spec.channels],
        client_token=None,
    )
    reason = None if job.failure_reason is None else masked(job.failure_reason)
    return msgspec.structs.replace(
        job, spec=spec, failure_reason=reason, status_message=job.status_message and masked(job.status_message)
    )


def masked_json(name: str, text: str) -> str:
    """Return a hyperparameter, which is JSON text, as it may be shown; still JSON."""
    return f'"{MASK}"' if is_secret(name) and names_secret(name) else str(masked_value("", text))


def masked_page(page: JobPage) -> JobPage:
    """Return a page of such jobs."""
    return msgspec.structs.replace(page, items=[masked_job(job) for job in page.items])


def masked_comparison(reply: CompareReply) -> CompareReply:
    """Return a comparison whose rows and diffs hold no secrets."""
    diffs = [msgspec.structs.replace(one, diff=masked_diff(one.diff)) for one in reply.diffs]
    return msgspec.structs.replace(reply, rows=[_row(row) for row in reply.rows], diffs=diffs)


def _row(row: CompareRow) -> CompareRow:
    if row.group in {"meta", "metrics", "packages"}:
        return row
    name = row.key.rpartition(".")[2]
    hidden = row.group == "environment" and is_secret(name)
    values = [
        (MASK if hidden else masked_value(name, value)) if isinstance(value, str) else value for value in row.values
    ]
    return msgspec.structs.replace(row, values=values)

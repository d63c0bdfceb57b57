"""Records as they may be kept and shown: code, environments, comparisons without secrets.

Every function returns a copy and leaves the record alone; masking twice is masking once.
"""

from __future__ import annotations

import msgspec

from mlstudio.entities.comparison import CompareReply, CompareRow
from mlstudio.entities.experiments import CodeRecord, EnvironmentRecord
from mlstudio.entities.secrets import (
    MASK,
    is_secret,
    masked,
    masked_arguments,
    masked_value,
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

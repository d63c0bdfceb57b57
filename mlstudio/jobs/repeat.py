"""Run a job once more, the same or with changes.

The code is that of the first run, as it was copied then, not what has become of its source folder.

Reads: the store, the first job's run folder.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import JobChanges
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.entities.names import timestamped_name

_STAMP: Final = re.compile(r"-\d{4}(-\d\d){5}-\d{3}$")


def base_name(name: str) -> str:
    """Return a job's name without the time that a generated one ends with.

    >>> base_name("churn-2026-11-23-10-00-00-123"), base_name("churn")
    ('churn', 'churn')
    """
    return _STAMP.sub("", name)


def rerun_spec(record: JobRecord, code: Path, changes: JobChanges) -> JobSpec:
    """Return the specification of a job that repeats another.

    Args:
        record: the first job.
        code: its staged code.
        changes: what is different.

    Raises:
        InvalidField: its code is gone; or parameters for what is no notebook.
    """
    if not code.is_dir():
        raise InvalidField(
            f"The code of job {record.name} is not there any more ({code}).",
            field="job_name",
            hint="Submit it anew from its source.",
        )
    spec = record.spec
    values: dict[str, Any] = {
        "name": changes.name or timestamped_name(base_name(record.name)),
        "source_dir": str(code),
        "dependencies": [],  # they stand beside the code already
        "rerun_of": record.name,
        "schedule": None,
        "client_token": None,
    }
    for name in ("arguments", "instance_type", "max_run", "priority", "experiment_config"):
        if getattr(changes, name) is not None:
            values[name] = getattr(changes, name)
    if changes.hyperparameters is not None:
        texts = {key: None if value is None else json.dumps(value) for key, value in changes.hyperparameters.items()}
        values["hyperparameters"] = _laid_over(spec.hyperparameters, texts)
    if changes.environment is not None:
        values["environment"] = _laid_over(spec.environment, changes.environment)
    if changes.parameters is not None:
        if spec.notebook is None:
            raise InvalidField(f"Job {record.name} is no notebook; it has no parameters.", field="parameters")
        merged = {**spec.notebook.parameters, **changes.parameters}
        values["notebook"] = msgspec.structs.replace(spec.notebook, parameters=merged)
    return msgspec.structs.replace(spec, **values)


def _laid_over(below: dict[str, str], above: dict[str, str | None]) -> dict[str, str]:
    merged = {**below, **above}
    return {key: value for key, value in merged.items() if value is not None}

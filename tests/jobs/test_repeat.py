"""A job is repeated with the code of its first run, and with what shall be different."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import NotebookRun
from mlstudio.entities.job_requests import JobChanges
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.repeat import rerun_spec


def record(**more: object) -> JobRecord:
    """Return a job that ended."""
    fields: dict[str, object] = {
        "name": "churn-2026-11-23-10-00-00-123",
        "entry_point": "train.py",
        "source_dir": "/gone",
        "interpreter": "/usr/bin/python3",
        "hyperparameters": {"lr": "0.1", "epochs": "3"},
        "environment": {"API_KEY": "secret", "MODE": "a"},
        "client_token": "once",
        "schedule": "nightly",
        **more,
    }
    spec = JobSpec(**fields)  # type: ignore[arg-type]
    return JobRecord(
        uid="u", name=spec.name, arn="a", kind="training", spec=spec, trial_component="c", created_at=1, modified_at=1
    )


def test_nothing_changes_but_name_source_and_who_asked(tmp_path: Path) -> None:
    first = record()
    again = rerun_spec(first, tmp_path, JobChanges())
    assert again.name.startswith("churn-2")
    assert again.name != first.name
    assert (again.source_dir, again.rerun_of) == (str(tmp_path), first.name)
    assert (again.client_token, again.schedule) == (None, None)
    assert (again.hyperparameters, again.environment) == (first.spec.hyperparameters, first.spec.environment)


def test_changes_lie_over_and_null_takes_away(tmp_path: Path) -> None:
    changes = JobChanges(
        name="other",
        hyperparameters={"lr": 0.5, "epochs": None, "names": ["a"]},
        environment={"MODE": None, "NEW": "1"},
        instance_type="ml.m5.large",
        arguments=["--fast"],
        priority=-3,
        max_run=60,
    )
    again = rerun_spec(record(), tmp_path, changes)
    assert again.hyperparameters == {"lr": "0.5", "names": '["a"]'}
    assert again.environment == {"API_KEY": "secret", "NEW": "1"}, "what is not named keeps its value, a secret too"
    assert (again.name, again.instance_type, again.arguments) == ("other", "ml.m5.large", ["--fast"])
    assert (again.priority, again.max_run) == (-3, 60)


def test_parameters_are_a_notebook_s(tmp_path: Path) -> None:
    first = record(notebook=NotebookRun(parameters={"a": 1, "b": 2}))
    again = rerun_spec(first, tmp_path, JobChanges(parameters={"b": 3}))
    assert again.notebook is not None
    assert again.notebook.parameters == {"a": 1, "b": 3}
    with pytest.raises(InvalidField, match="no notebook"):
        rerun_spec(record(), tmp_path, JobChanges(parameters={"b": 3}))


def test_code_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidField, match="not there any more"):
        rerun_spec(record(), tmp_path / "gone", JobChanges())

"""Everything that can be refused is refused before anything exists."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio.entities.errors import BadRegex, InvalidField, InvalidName, StudioError, TooLarge, UnsafePath
from mlstudio.entities.jobs import Channel, JobSpec, MetricDefinition
from mlstudio.jobs.checks import as_studio_error, check_spec
from mlstudio.jobs.runner.stage import Refused


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("")
    return JobSpec(name="job", entry_point="train.py", source_dir=str(tmp_path / "src"), interpreter=sys.executable)


def refusal(spec: JobSpec, **changes: Any) -> StudioError:
    with pytest.raises(StudioError) as refused:
        check_spec(msgspec.structs.replace(spec, **changes))
    return refused.value


def test_a_plain_job_is_fine(spec: JobSpec) -> None:
    check_spec(spec)


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"name": "a/b"}, InvalidName, "job_name"),
        ({"entry_point": "", "source_dir": ""}, InvalidField, "entry_point"),
        ({"instance_type": "big"}, InvalidField, "instance_type"),
        ({"instance_count": 2}, InvalidField, "instance_count"),
        ({"interpreter": "/no/python"}, InvalidField, "interpreter"),
        ({"source_dir": "/no/such"}, InvalidField, "source_dir"),
        ({"entry_point": "../x.py"}, UnsafePath, "entry_point"),
        ({"entry_point": "missing.py"}, InvalidField, "entry_point"),
        ({"metric_definitions": [MetricDefinition("m", "(?=x)(y)")]}, BadRegex, "metric_definitions"),
        ({"hyperparameters": {f"k{i}": "1" for i in range(101)}}, InvalidField, "hyperparameters"),
        ({"hyperparameters": {"a=b": "1"}}, InvalidField, "hyperparameters"),
        ({"hyperparameters": {"a\nb": "1"}}, InvalidField, "hyperparameters"),
        ({"hyperparameters": {"a": "x" * 1_000_000}}, InvalidField, "hyperparameters"),
        ({"hyperparameters": {"a": "\0"}}, InvalidField, "hyperparameters"),
        ({"environment": {"A B": "1"}}, InvalidField, "environment"),
        ({"environment": {"A": "\0"}}, InvalidField, "environment"),
        ({"max_run": 30 * 86400}, InvalidField, "max_run"),
        ({"max_run": 0}, InvalidField, "max_run"),
        ({"max_run": 3600.5}, InvalidField, "max_run"),
        ({"metric_definitions": [MetricDefinition("m", "a" * 501)]}, InvalidField, "metric_definitions[0].regex"),
        ({"tags": {"a": 1}}, InvalidField, "tags[...]"),
        ({"tags": {1: "a"}}, InvalidField, "tags"),
        ({"hyperparameters": {"a": 1}}, InvalidField, "hyperparameters[...]"),
        ({"recorded": {"a": object()}}, InvalidField, "spec"),
        ({"channels": [Channel("a/b", "/")]}, InvalidField, "inputs"),
        ({"channels": [Channel("..", "/")]}, InvalidField, "inputs"),
        ({"channels": [Channel("a", "/no/such")]}, InvalidField, "inputs"),
        ({"channels": [Channel("a", "/"), Channel("a", "/")]}, InvalidField, "inputs"),
        ({"channels": [Channel(f"c{i}", "/") for i in range(21)]}, InvalidField, "inputs"),
    ],
)
def test_what_cannot_run_is_refused_with_its_field(
    spec: JobSpec, changes: dict[str, Any], kind: type[StudioError], field: str
) -> None:
    refused = refusal(spec, **changes)
    assert isinstance(refused, kind)
    assert refused.field == field


def test_what_the_runner_refuses_becomes_an_error_of_the_house() -> None:
    assert isinstance(as_studio_error(Refused("m", code="too_large")), TooLarge)
    assert isinstance(as_studio_error(Refused("m", code="unsafe_path")), UnsafePath)
    error = as_studio_error(Refused("m", field="entry_point", hint="h"))
    assert (type(error), error.field, error.hint) == (InvalidField, "entry_point", "h")


def test_a_script_that_python_cannot_read_is_refused_with_its_line(spec: JobSpec, tmp_path: Path) -> None:
    script = tmp_path / "src" / "train.py"
    script.write_text("import os\nfor x in\n")
    refused = refusal(spec)
    assert refused.message.startswith("train.py cannot be run: invalid syntax in line 2")
    assert (refused.field, refused.hint) == ("entry_point", "The line is: for x in")
    for content in (b"a = 1\0", b"# coding: no-such-code\n", b"x = " + b"(" * 5000, b"'\xff'"):
        script.write_bytes(content)
        assert refusal(spec).message.startswith("train.py cannot be run: ")
    check_spec(msgspec.structs.replace(spec, interpreter="/bin/sh"))
    script.write_text("'\\d'\nprint(1)\n")  # a warning of the compiler is no error of ours
    check_spec(spec)

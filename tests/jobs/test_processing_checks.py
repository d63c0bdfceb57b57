"""What of a processing job can be refused is refused before anything exists."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import Channel, JobSpec
from mlstudio.jobs.checks import check_spec

IN = "/opt/ml/processing/input"
OUT = "/opt/ml/processing/output"


@pytest.fixture
def spec(tmp_path: Path) -> JobSpec:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "prepare.py").write_text("")
    return JobSpec(
        name="p",
        kind="processing",
        entry_point="prepare.py",
        source_dir=str(tmp_path / "src"),
        interpreter=sys.executable,
    )


def into(name: str, destination: str = f"{IN}/x", source: str = "/etc/hostname") -> ProcessingInput:
    return ProcessingInput(name=name, source=source, destination=destination)


def out_of(name: str, source: str = f"{OUT}/y", destination: str | None = None) -> ProcessingOutput:
    return ProcessingOutput(name=name, source=source, destination=destination)


def test_a_plain_one_is_fine(spec: JobSpec, tmp_path: Path) -> None:
    fine = {
        "inputs": [into("a"), into("b", f"{IN}/y")],
        "outputs": [out_of("o", destination=str(tmp_path / "new" / "o"))],
    }
    check_spec(msgspec.structs.replace(spec, **fine))
    check_spec(msgspec.structs.replace(spec, entry_point="", source_dir="", container_entrypoint=["sh", "-c", "true"]))


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"inputs": [into("a"), into("a", f"{IN}/y")]}, "inputs", "Two inputs have the name a"),
        ({"outputs": [out_of("a"), out_of("a", f"{OUT}/z")]}, "outputs", "Two outputs have the name a"),
        ({"inputs": [into("a"), into("b")]}, "inputs", "Two inputs put something at"),
        ({"inputs": [into("code")]}, "inputs", "is that of the script"),
        ({"inputs": [into("a/b")]}, "inputs", "cannot be a folder name"),
        ({"outputs": [out_of("..")]}, "outputs", "cannot be a folder name"),
        ({"inputs": [into(f"i{n}", f"{IN}/{n}") for n in range(10)]}, "inputs", "11 inputs, the script counted"),
        ({"outputs": [out_of(f"o{n}", f"{OUT}/{n}") for n in range(11)]}, "outputs", "outputs"),
        ({"inputs": [into("a", "relative")]}, "inputs", "plain path below"),
        ({"inputs": [into("a", "/opt/ml/processing/../model")]}, "inputs", "plain path below"),
        ({"outputs": [out_of("o", "/opt/ml/model")]}, "outputs", "plain path below"),
        ({"outputs": [out_of("o", "/opt/ml/processing")]}, "outputs", "holds the input code"),
        ({"outputs": [out_of("o", destination="/etc/hostname")]}, "outputs", "is not a folder"),
        ({"outputs": [out_of("o", destination="/etc/hostname/deep")]}, "outputs", "nothing may be written"),
        ({"command": ["no-such-command"]}, "command", "is not found on this host"),
        ({"entry_point": "", "source_dir": ""}, "code", "There is nothing to run"),
        ({"entry_point": "prepare.R"}, "command", "Nothing says what runs prepare.R"),
        ({"entry_point": "prepare.txt", "command": ["sh"]}, "entry_point", "does not exist"),
        ({"channels": [Channel("a", "/etc")]}, "kind", "no channels"),
        ({"arguments": ["x"] * 101}, "arguments", "arguments"),
    ],
)
def test_what_cannot_run_is_refused_with_its_field(
    spec: JobSpec, changes: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(InvalidField, match=text) as refused:
        check_spec(msgspec.structs.replace(spec, **changes))
    assert refused.value.field == field


def test_a_command_that_may_not_be_executed_says_how(spec: JobSpec, tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    with pytest.raises(InvalidField, match=f"may not be executed. Make it executable: chmod .x {tmp_path}/tool"):
        check_spec(msgspec.structs.replace(spec, command=[str(tmp_path / "tool")]))

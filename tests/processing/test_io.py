"""Inputs and outputs: SageMaker's words become ours, and what cannot be honoured is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.processing import ProcessingInput, ProcessingOutput
from mlstudio.processing.io import inputs_of, outputs_of

IN = "/opt/ml/processing/input"
OUT = "/opt/ml/processing/output"


def test_unnamed_ones_are_numbered_by_their_place(tmp_path: Path) -> None:
    found = inputs_of([ProcessingInput(tmp_path, IN), ProcessingInput("s3://b/k", f"{IN}/x/", input_name="x")])
    assert [(one.name, one.source, one.destination) for one in found] == [
        ("input-1", str(tmp_path), IN),
        ("x", "s3://b/k", f"{IN}/x"),
    ]
    out = outputs_of([ProcessingOutput(f"{OUT}/a", output_name="a"), ProcessingOutput(f"{OUT}/b/", tmp_path.as_uri())])
    assert [(one.name, one.source, one.destination) for one in out] == [
        ("a", f"{OUT}/a", None),
        ("output-2", f"{OUT}/b", str(tmp_path)),
    ]


def test_a_relative_source_is_that_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert inputs_of([ProcessingInput("data.csv", IN)])[0].source == str(tmp_path / "data.csv")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"s3_input_mode": "Pipe"}, "s3_input_mode"),
        ({"s3_data_type": "ManifestFile"}, "s3_data_type"),
        ({"s3_compression_type": "Gzip"}, "s3_compression_type"),
        ({"s3_data_distribution_type": "Half"}, "s3_data_distribution_type"),
        ({"app_managed": True}, "app_managed"),
        ({"source": None}, "source"),
        ({"destination": None}, "destination"),
    ],
)
def test_an_input_that_cannot_be_honoured_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        ProcessingInput(**{"source": "/data", "destination": IN, **changes})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"s3_upload_mode": "Sometimes"}, "s3_upload_mode"),
        ({"app_managed": True}, "app_managed"),
        ({"source": None}, "source"),
    ],
)
def test_an_output_that_cannot_be_honoured_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        ProcessingOutput(**{"source": OUT, **changes})
    assert refused.value.field == field


def test_what_is_no_input_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"inputs\[0\] is of type str"):
        inputs_of(["/data"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"outputs\[0\] is of type dict"):
        outputs_of([{}])  # type: ignore[list-item]


def test_a_file_uri_of_another_host_is_refused() -> None:
    with pytest.raises(InvalidField, match="another host"):
        inputs_of([ProcessingInput("file://elsewhere/data", IN)])

"""Input channels."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.training import SKLearn
from mlstudio.training.inputs import TrainingInput, channels_of, check_input_mode, local_path, s3_input


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/data", "/data"),
        (Path("/data"), "/data"),
        ("file:///data/with%20blank", "/data/with blank"),
        ("file://localhost/data", "/data"),
    ],
)
def test_paths_and_file_uris_are_local(value: str | Path, expected: str) -> None:
    assert str(local_path(value)) == expected


@pytest.mark.parametrize("value", ["s3://bucket/x", "file://elsewhere/x", "https://x/y"])
def test_what_is_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(InvalidField, match="not on this host"):
        local_path(value)


def test_a_bare_path_is_the_training_channel() -> None:
    assert [(one.name, one.source) for one in channels_of("/data")] == [("training", "/data")]
    assert channels_of(None) == []


def test_a_training_input_keeps_its_details() -> None:
    source = TrainingInput("/data", content_type="text/csv", input_mode="FastFile", distribution="ShardedByS3Key")
    (one,) = channels_of({"train": source})
    assert (one.content_type, one.input_mode, one.distribution) == ("text/csv", "FastFile", "ShardedByS3Key")
    assert repr(source) == "TrainingInput('/data')"


@pytest.mark.parametrize("value", ["s3://bucket/x", "memory://x", "https://host/x.csv", "/data/*.csv"])
def test_urls_and_patterns_are_sources_too(value: str) -> None:
    assert [one.source for one in channels_of({"train": value})] == [value]
    assert [one.source for one in channels_of(TrainingInput(value))] == [value]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"s3_data_type": "ManifestFile"}, "s3_data_type"),
        ({"attribute_names": ["x"]}, "s3_data_type"),
        ({"distribution": "Sharded"}, "distribution"),
    ],
)
def test_what_would_change_the_data_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidField) as refused:
        TrainingInput("/data", **arguments)
    assert refused.value.field == field


def test_the_name_of_version_1_works_with_a_warning() -> None:
    with pytest.warns(FutureWarning, match="called TrainingInput"):
        assert s3_input("/data", content_type="text/csv").content_type == "text/csv"


def test_pipe_mode_and_other_sources_are_refused() -> None:
    with pytest.raises(InvalidField, match="Use File"):
        TrainingInput("/data", input_mode="Pipe")
    with pytest.raises(InvalidField, match="FastFile"):
        check_input_mode("Magic")
    with pytest.raises(TypeError, match="'train' is of type int"):
        channels_of({"train": 3})


@pytest.mark.usefixtures("agent")
def test_a_url_and_a_pattern_are_there_when_the_script_starts(script: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inside.csv", "1,2")
    estimator = SKLearn(script)
    estimator.fit(f"zip://inside.csv::{(tmp_path / 'a.zip').as_uri()}", logs=None)
    assert estimator.latest_training_job is not None
    assert "files ['inside.csv']" in estimator.latest_training_job.logs()
    for name in ("b.csv", "c.csv", "d.txt"):
        (tmp_path / name).write_text("x")
    estimator.fit(str(tmp_path / "*.csv"), logs=None)
    assert "files ['b.csv', 'c.csv']" in estimator.latest_training_job.logs()
    with pytest.raises(InvalidField, match="nothing matches"):
        estimator.fit(str(tmp_path / "*.parquet"))

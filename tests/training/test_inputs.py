"""Input channels."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.training.inputs import TrainingInput, channels_of, check_input_mode, local_path


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


def test_pipe_mode_and_other_sources_are_refused() -> None:
    with pytest.raises(InvalidField, match="Use File"):
        TrainingInput("/data", input_mode="Pipe")
    with pytest.raises(InvalidField, match="FastFile"):
        check_input_mode("Magic")
    with pytest.raises(TypeError, match="'train' is of type int"):
        channels_of({"train": 3})

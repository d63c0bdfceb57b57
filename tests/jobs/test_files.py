"""What lies in a run folder is told without following a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstudio.jobs.files import MAX_FILES, MAX_TEXT, folders_of, read_text, source_of, walk

from .test_repeat import record


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """A run folder with code, a model and things that are no files."""
    code, model = tmp_path / "ml" / "code", tmp_path / "ml" / "model"
    (code / "lib").mkdir(parents=True)
    model.mkdir(parents=True)
    (code / "train.py").write_text("print(1)\n")
    (code / "a.py").write_text("a = 1\n")
    (code / "lib" / "data.bin").write_bytes(b"\0\1")
    (model / "weights.pt").write_bytes(b"x" * 100)
    (model / "link").symlink_to("/etc/passwd")
    os.mkfifo(model / "pipe")
    return tmp_path


def test_code_is_told_entry_point_first(run_dir: Path) -> None:
    source = source_of(record(), run_dir)
    assert [(one.path, one.text) for one in source.files] == [
        ("train.py", "print(1)\n"),
        ("a.py", "a = 1\n"),
        ("lib/data.bin", None),
    ]
    assert (source.entry_point, source.files_left_out) == ("train.py", 0)


def test_what_it_left_is_told_and_links_and_pipes_are_not(run_dir: Path) -> None:
    (model,) = folders_of(record(), run_dir).items
    assert (model.name, model.size) == ("model", 100)
    assert [one.path for one in model.files] == ["weights.pt"]


def test_what_it_read_is_told_by_channel(run_dir: Path, tmp_path: Path) -> None:
    from mlstudio.entities.jobs import Channel

    data = tmp_path / "data.csv"
    data.write_text("a,b\n")
    channels = [Channel(name="train", source=str(data)), Channel(name="far", source="s3://bucket/key")]
    names = {one.name: one for one in folders_of(record(channels=channels), run_dir).items}
    assert [one.path for one in names["input/data/train"].files] == ["data.csv"]
    assert "input/data/far" not in names


def test_many_files_are_counted(tmp_path: Path) -> None:
    code = tmp_path / "ml" / "code"
    code.mkdir(parents=True)
    for number in range(MAX_FILES + 7):
        (code / f"{number:04}.py").touch()
    source = source_of(record(), tmp_path)
    assert (len(source.files), source.files_left_out) == (MAX_FILES, 7)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", b"x" * (MAX_TEXT + 1)], ids=["encoding", "nul", "large"])
def test_what_is_no_text_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    assert read_text(tmp_path / "f") is None
    (tmp_path / "link").symlink_to("f")
    assert read_text(tmp_path / "link") is None
    assert list(walk(tmp_path / "gone")) == []

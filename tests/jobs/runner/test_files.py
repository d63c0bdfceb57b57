"""Files of a run: whole or absent, and readable when torn."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mlstudio.jobs.runner import files
from mlstudio.jobs.runner.files import Events, Reserved, read_events, read_json, write_json


def test_a_file_is_private_and_leaves_no_part_behind(tmp_path: Path) -> None:
    write_json(tmp_path / "spec.json", {"a": 1})
    assert read_json(tmp_path / "spec.json") == {"a": 1}
    assert (tmp_path / "spec.json").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["spec.json"]


def test_a_write_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "run.json", {"old": True})

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "write", full)
    with pytest.raises(OSError, match="No space"):
        write_json(tmp_path / "run.json", {"new": True})
    assert read_json(tmp_path / "run.json") == {"old": True}
    assert os.listdir(tmp_path) == ["run.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff"])
def test_what_is_no_json_object_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert read_json(tmp_path / "x.json") is None


def test_exit_json_has_its_space_before_it_has_its_name(tmp_path: Path) -> None:
    reserved = Reserved(tmp_path / "exit.json")
    assert not (tmp_path / "exit.json").exists()
    assert (tmp_path / ".exit.json.reserved").stat().st_blocks * 512 >= files.RESERVED
    reserved.publish({"rc": 0})
    assert json.loads((tmp_path / "exit.json").read_text()) == {"rc": 0}


def test_a_torn_last_event_is_ignored_and_numbers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    Events(path).add("secondary", status="Training")
    with path.open("ab") as file:
        file.write(b'not json\n{"seq":2,"t":1')
    assert [event["data"] for event in read_events(path)] == [{"status": "Training"}]
    assert list(read_events(tmp_path / "missing")) == []

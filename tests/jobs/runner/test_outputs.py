"""Outputs go where they belong; what is not theirs does not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.runner import outputs
from mlstudio.jobs.runner.outputs import copy_file, copy_output, deliver, files_of, told


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "ml" / "processing" / "output" / "o"
    folder.mkdir(parents=True)
    (folder / "deep").mkdir()
    (folder / "deep" / "rows.csv").write_text("1")
    return tmp_path / "run" / "ml"


def of(**changes: Any) -> dict[str, Any]:
    return {"name": "o", "source": "processing/output/o", "destination": None, "continuous": False, **changes}


def test_files_are_copied_with_their_folders_and_times(base: Path, tmp_path: Path) -> None:
    source = base / "processing/output/o/deep/rows.csv"
    made = copy_output(base, base / "processing/output/o", tmp_path / "to")
    assert (made["files"], made["size"], made["skipped"]) == (1, 1, [])
    assert (tmp_path / "to" / "deep" / "rows.csv").stat().st_mtime_ns == source.stat().st_mtime_ns
    assert copy_file(source, tmp_path / "to" / "deep" / "rows.csv") is False, "what is there is not copied again"
    source.write_text("22")
    assert copy_file(source, tmp_path / "to" / "deep" / "rows.csv") is True


def test_what_leaves_the_folder_is_skipped_by_name(base: Path, tmp_path: Path) -> None:
    folder = base / "processing" / "output" / "o"
    os.mkfifo(folder / "pipe")
    (folder / "out").symlink_to("/etc")
    (folder / "shadow").symlink_to("/etc/shadow")
    (folder / "loop").symlink_to("loop")
    (folder / "as-seen").symlink_to("/opt/ml/processing/output/o/deep/rows.csv")
    (folder / "into").symlink_to("deep")
    made = copy_output(base, folder, tmp_path / "to")
    assert made["skipped"] == ["into", "loop", "out", "pipe", "shadow"]
    assert (tmp_path / "to" / "as-seen").read_text() == "1"
    assert told({"o": made}) == ["Output o: skipped what is no file of it (into, loop, out, pipe, shadow)."]
    os.mkfifo(folder / "pipe2")
    assert "skipped 6 that are no files" in told({"o": copy_output(base, folder, tmp_path / "to")})[0]


def test_a_folder_that_the_script_made_a_link_is_not_followed(base: Path, tmp_path: Path) -> None:
    (base / "processing" / "output" / "p").symlink_to("/etc")
    assert list(files_of(base, base / "processing" / "output" / "p")) == [(".", None)]
    (tmp_path / "elsewhere" / "q").mkdir(parents=True)
    (base / "linked").symlink_to(tmp_path / "elsewhere")
    assert list(files_of(base, base / "linked" / "q")) == [(".", None)]
    assert list(files_of(base, base / "never")) == []


def test_only_a_success_reaches_a_destination_that_was_asked_for(base: Path, tmp_path: Path) -> None:
    run = base.parent
    made, problems = deliver(run, [of(destination=str(tmp_path / "to"))], completed=False)
    assert (made["o"]["path"], problems) == (str(run / "artifacts" / "o"), [])
    assert not (tmp_path / "to").exists()
    made, problems = deliver(run, [of(destination=str(tmp_path / "to"))], completed=True)
    assert (tmp_path / "to" / "deep" / "rows.csv").exists()
    made, problems = deliver(run, [of()], completed=True)
    artifact, source = run / "artifacts/o/deep/rows.csv", base / "processing/output/o/deep/rows.csv"
    assert artifact.stat().st_ino == source.stat().st_ino, "the job's own artifacts take no second room"


def test_a_full_disk_is_told_and_leaves_no_half_file(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.shutil, "copyfile", full)
    made, problems = deliver(base.parent, [of(destination=str(tmp_path / "to"))], completed=True)
    assert made == {}
    assert "Output o could not be written" in problems[0]
    assert "No space left on device; its files are kept in" in problems[0]
    assert [path for path in (tmp_path / "to").rglob("*") if path.is_file()] == []

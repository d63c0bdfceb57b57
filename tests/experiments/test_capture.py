"""Where a run came from: code and environment, off the caller's thread, without secrets."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import mlstudio
from mlstudio.entities.experiments import EnvironmentRecord
from mlstudio.experiments import capture, configure
from mlstudio.experiments import git as git_state
from mlstudio.store import open_store


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "train.py").write_text("print('hello')\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    git(folder, "remote", "add", "origin", "https://me:s3cret@example.org/team/repo.git")
    return folder


def test_commit_remote_without_credentials_and_dirty_are_found(repository: Path) -> None:
    commit, remote, dirty = capture.git(repository)
    assert commit is not None
    assert len(commit) == 40
    assert remote == "https://example.org/team/repo.git"
    assert dirty is False
    (repository / "new.txt").write_text("untracked files do not count")
    assert capture.git(repository)[2] is False
    (repository / "train.py").write_text("changed\n")
    assert capture.git(repository)[2] is True


def test_outside_a_repository_nothing_is_found(tmp_path: Path) -> None:
    assert capture.git(tmp_path) == (None, None, None)
    assert capture.git(tmp_path / "nothing") == (None, None, None)


def test_git_gets_two_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nsleep 30\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}:/usr/bin:/bin")
    monkeypatch.setattr(git_state, "GIT_SECONDS", 0.2)
    began = time.monotonic()
    assert capture.git(tmp_path) == (None, None, None)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:pw@host/x.git", "https://host/x.git"),
        ("https://token@host:8080/x", "https://host:8080/x"),
        ("https://host/x@y", "https://host/x@y"),
        ("git@github.com:team/repo.git", "git@github.com:team/repo.git"),
        ("ssh://git@host/x", "ssh://host/x"),
        ("https://a@b@host", "https://host"),
        ("", ""),
    ],
)
def test_credentials_are_cut_out_of_a_remote(url: str, clean: str) -> None:
    assert capture.without_credentials(url) == clean


def test_secrets_among_the_arguments_are_masked() -> None:
    argv = ["train.py", "--api-key=abc", "--token", "xyz", "--lr", "0.1", "https://me:pw@host/x"]
    assert capture.arguments(argv) == ["train.py", "--api-key=••••", "--token", "••••", "--lr", "0.1", "https://host/x"]


def test_a_script_is_recorded_with_its_source_arguments_and_packages(repository: Path) -> None:
    script = repository / "train.py"
    script.write_text("import mlstudio\nwith mlstudio.run('e', 'r') as run:\n    run.log(loss=1)\n")
    subprocess.run([sys.executable, str(script), "--lr", "0.1"], check=True, cwd="/", timeout=60)
    found = open_store().code("e-r")
    assert found.code is not None
    assert found.env is not None
    assert found.code.source == script.read_text()
    assert found.code.argv[1:] == ["--lr", "0.1"]
    assert found.code.entrypoint == str(script)
    assert found.code.git_remote == "https://example.org/team/repo.git"
    assert found.code.git_dirty is True
    assert found.env.packages["msgspec"]
    assert found.env.python == sys.version.split()[0]
    assert found.env.hardware["cpus"]
    assert open_store().get_component("e-r").status == "Completed"


def test_a_notebook_cell_is_recorded_instead_of_a_script() -> None:
    with capture.cell("x = 1\n", cell_id="abc", notebook_path="a.ipynb"), mlstudio.run("e") as run:
        pass
    code = open_store().code(run.component_name).code
    assert code is not None
    assert (code.source, code.cell_id, code.notebook_path, code.argv) == ("x = 1\n", "abc", "a.ipynb", [])


def test_a_long_source_is_cut_and_a_binary_left_out(tmp_path: Path) -> None:
    assert len(capture._cut("é" * 100_000) or "") == capture.MAX_SOURCE // 2
    binary = tmp_path / "tool"
    binary.write_bytes(b"\x7fELF\0\0")
    assert capture._source(binary) is None
    assert capture._source(tmp_path / "nothing.py") is None


def test_capture_may_be_switched_off_for_a_run_and_for_all() -> None:
    with mlstudio.run("e", capture=False) as run:
        pass
    assert open_store().code(run.component_name).code is None
    configure(capture=False)
    with mlstudio.run("e") as run:
        pass
    assert open_store().code(run.component_name).code is None


def test_a_capture_that_fails_disturbs_nobody() -> None:
    capture.start("there-is-no-such-component").wait()


def test_a_capture_that_comes_late_is_kept_where_its_run_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slow() -> EnvironmentRecord:
        asked.set()
        go_on.wait(20)
        return EnvironmentRecord(python="3.11")

    monkeypatch.setattr(capture, "environment", slow)
    run = mlstudio.run("late")
    run.log(loss=1.0)
    began = open_store()
    assert asked.wait(20)
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path / "other"))
    go_on.set()
    until = time.monotonic() + 20
    while began.code(run.component_name).env is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    run.finish()
    assert not (tmp_path / "other").exists()

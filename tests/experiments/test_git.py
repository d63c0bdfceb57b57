"""What git says: the uncommitted changes are kept, secrets in them are not."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

import mlstudio
from mlstudio.experiments import capture, git
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home


def run_git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    run_git(folder, "init", "-q")
    for name in ("train.py", "config.yaml", ".env", "data.bin"):
        (folder / name).write_text("first\n")
    run_git(folder, "add", ".")
    run_git(folder, "commit", "-q", "-m", "first")
    return folder


def test_changes_of_tracked_files_are_a_diff_that_applies(repository: Path, tmp_path: Path) -> None:
    assert git.diff(repository) is None
    (repository / "train.py").write_text("first\nlr = 0.1 # é\n")
    (repository / "new.py").write_text("untracked")
    run_git(repository, "add", "-N", "new.py")
    run_git(repository, "reset", "-q", "new.py")
    changes = git.diff(repository)
    assert changes is not None
    assert "+lr = 0.1 # é" in changes
    assert "untracked" not in changes
    run_git(repository, "checkout", "-q", "train.py")
    (tmp_path / "a.diff").write_text(changes)
    run_git(repository, "apply", str(tmp_path / "a.diff"))
    assert (repository / "train.py").read_text() == "first\nlr = 0.1 # é\n"


def test_settings_of_the_user_do_not_change_the_diff_nor_run_programs(repository: Path) -> None:
    run_git(repository, "config", "diff.external", "/bin/false")
    run_git(repository, "config", "diff.noprefix", "true")
    run_git(repository, "config", "color.ui", "always")
    (repository / "train.py").write_text("second\n")
    changes = git.diff(repository)
    assert changes is not None
    assert changes.startswith("diff --git a/train.py b/train.py\n")
    assert "\x1b" not in changes


def test_a_diff_of_many_megabytes_is_cut_behind_a_line(repository: Path) -> None:
    (repository / "data.bin").write_text("x" * 99 + "\n" * 1 + ("y" * 99 + "\n") * 60_000)
    changes = git.diff(repository)
    assert changes is not None
    assert len(changes.encode()) <= git.MAX_DIFF
    assert changes.endswith("\n\\ cut: the changes are larger than 1 MiB\n")


def test_a_secret_behind_thousands_of_characters_is_not_shown(repository: Path) -> None:
    line = '{"a": "' + "x" * 5000 + '", "api-key": "hunter2-hunter2"}'
    (repository / "train.py").write_text(f"first\n{line}\n")
    changes = git.diff(repository)
    assert changes is not None
    assert "hunter2" not in changes
    assert '"api-key": "••••"}\n' in changes


def test_git_that_hangs_costs_two_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "git").write_text("#!/bin/sh\nexec sleep 30\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow}:/usr/bin:/bin")
    monkeypatch.setattr(git, "GIT_SECONDS", 0.2)
    began = time.monotonic()
    assert git.diff(tmp_path) is None
    assert time.monotonic() - began < 5


def test_outside_a_repository_there_are_no_changes(tmp_path: Path) -> None:
    assert git.diff(tmp_path) is None
    assert git.diff(tmp_path / "nothing") is None


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "sk-live-0123456789"',
        "API_KEY='sk-live-0123456789'",
        '    "password": "sk-live-0123456789",',
        'os.environ["HF_TOKEN"] = "sk-live-0123456789"',
        'login(token=f"sk-live-0123456789")',
        "url = 'postgresql://me:sk-live-0123456789@host/db'",
        'api_key = """sk-live-0123456789"""',
        'password = "it\'s sk-live-0123456789"',
        'KEY = """-----BEGIN RSA PRIVATE KEY-----\nsk-live-0123456789\n-----END RSA PRIVATE KEY-----"""',
    ],
)
def test_secrets_in_code_are_masked(repository: Path, line: str) -> None:
    (repository / "train.py").write_text(f"first\n{line}\n")
    changes = git.diff(repository)
    assert changes is not None
    assert "sk-live" not in changes
    assert "••••" in changes


@pytest.mark.parametrize(
    "line",
    [
        "max_tokens = 512",
        "tokenizer = 'bert-base-uncased'",
        "token = tokens[0]",
        "use_auth_token = True",
        "loss = 'mse_error'",
    ],
)
def test_what_only_sounds_like_a_secret_is_shown(repository: Path, line: str) -> None:
    (repository / "train.py").write_text(f"first\n{line}\n")
    assert f"+{line}\n" in (git.diff(repository) or "")


def test_bare_values_in_settings_and_whole_secret_files_are_masked(repository: Path) -> None:
    (repository / "config.yaml").write_text("db:\n  password: hunter2\n  max_tokens: 12\n  name: x\n")
    (repository / ".env").write_text("ANYTHING=hunter2\n")
    changes = git.diff(repository)
    assert changes is not None
    assert "hunter2" not in changes
    assert "+  max_tokens: 12\n" in changes
    assert "+  name: x\n" in changes
    assert "a file of this name may hold secrets" in changes


def test_a_run_keeps_the_diff_as_a_blob(repository: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "train.py").write_text("second\n")
    monkeypatch.setattr(capture, "_folder", lambda: repository)
    with mlstudio.run("e", "r"):
        pass
    code = open_store().code("e-r").code
    assert code is not None
    assert code.diff_sha256 is not None
    with BlobStore(home.artifacts).open(code.diff_sha256) as file:
        body = file.read()
    assert b"+second" in body
    assert code.diff_size == len(body)


def test_a_sweep_asks_git_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(capture, "git", lambda folder: asked.append(folder) or ("c", None, False))
    monkeypatch.setattr(capture, "_recent", {})
    for _ in range(3):
        capture.code(None, [], repository)
    assert len(asked) == 1

"""Code from a repository: cloned without a shell, at the revision that was asked for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField, UnsafePath
from mlstudio.training import SKLearn
from mlstudio.training.repository import Checkout, check_git_config, without_credentials


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose branch "next" says another word than its first commit."""
    folder = tmp_path / "repository"
    (folder / "src" / "lib").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    (folder / "src" / "train.py").write_text("import words\nprint('says', words.WORD)\n")
    (folder / "src" / "lib" / "words.py").write_text("WORD = 'first'\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "checkout", "--quiet", "-b", "next")
    (folder / "src" / "lib" / "words.py").write_text("WORD = 'second'\n")
    git(folder, "commit", "--quiet", "-am", "second")
    git(folder, "checkout", "--quiet", "main")
    return folder


@pytest.mark.usefixtures("agent")
def test_fit_runs_the_code_of_a_branch_and_attach_that_of_the_commit(repository: Path) -> None:
    config = {"repo": str(repository), "branch": "next"}
    estimator = SKLearn("train.py", source_dir="src", dependencies=["src/lib/words.py"], git_config=config)
    estimator.fit(logs=None)
    job = estimator.latest_training_job
    assert job is not None
    assert "says second" in job.logs()
    git(repository, "checkout", "--quiet", "next")
    (repository / "src" / "lib" / "words.py").write_text("WORD = 'third'\n")
    git(repository, "commit", "--quiet", "-am", "third")
    again = SKLearn.attach(job.name)
    assert again.git_config is not None
    assert again.git_config["commit"] == git(repository, "rev-parse", "next~1")
    again.fit(logs=None)
    assert again.latest_training_job is not None
    assert "says second" in again.latest_training_job.logs(), "the commit that ran, not what the branch is now"


def test_a_commit_is_checked_out_and_the_clone_goes_with_its_holder(repository: Path) -> None:
    first = git(repository, "rev-parse", "main")
    checkout = Checkout({"repo": str(repository), "branch": "next", "commit": first[:10]})
    assert checkout.config["commit"] == first
    assert "first" in checkout.path("src/lib/words.py", field="dependencies").read_text()
    folder = checkout.folder
    del checkout
    assert not folder.exists()


def test_a_path_that_leaves_the_repository_or_is_not_there_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("")
    (repository / "out").symlink_to(tmp_path / "secret")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "link")
    checkout = Checkout({"repo": str(repository)})
    for leads_out in ("../x", str(tmp_path / "secret"), "out"):
        with pytest.raises(UnsafePath, match="leads out"):
            checkout.path(leads_out, field="source_dir")
    with pytest.raises(InvalidField, match=r"'source' is not in the repository"):
        checkout.path("source", field="source_dir")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"repo": "/no/such/repository"}, "does not exist"),
        ({"repo": "ext::sh -c 'touch /tmp/never'"}, "not allowed"),
        ({"repo": "--upload-pack=touch /tmp/never"}, "cannot be used"),
    ],
)
def test_what_git_says_is_told_and_no_program_is_started(config: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidField, match=said) as refused:
        Checkout(config)
    assert refused.value.field == "git_config"
    assert not Path("/tmp/never").exists()


def test_an_unknown_revision_is_told(repository: Path) -> None:
    for wrong in ({"branch": "nowhere"}, {"commit": "deadbeef"}):
        with pytest.raises(InvalidField, match="cannot be used"):
            Checkout({"repo": str(repository), **wrong})


@pytest.mark.parametrize(
    "config",
    [
        {}, {"repo": ""}, {"repo": "x", "tag": "v1"}, {"repo": "x", "token": "secret"}, {"repo": "x", "branch": "-c"},
        {"repo": "x", "commit": "HEAD; rm"}, {"repo": "x", "branch": 3}, {"repo": "x\0"}, "x",
    ],
)  # fmt: skip
def test_what_is_no_git_config_is_refused_at_once(config: Any) -> None:
    with pytest.raises(InvalidField) as refused:
        check_git_config(config)
    assert refused.value.field == "git_config"
    assert "secret" not in str(refused.value).replace("a secret", "")


def test_a_password_in_the_address_is_not_kept() -> None:
    assert without_credentials("https://me:pw@host:8443/x.git") == "https://host:8443/x.git"
    assert without_credentials("git@host:x.git") == "git@host:x.git"
    with pytest.raises(InvalidField) as refused:
        Checkout({"repo": "https://me:pw@localhost:1/x.git"})
    assert "pw" not in str(refused.value)

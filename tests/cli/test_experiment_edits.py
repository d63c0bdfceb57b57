"""The verbs of ``mlstudio experiments`` that change something."""

from __future__ import annotations

import io
import json
import os

import pytest

import mlstudio
from mlstudio.cli.main import main
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import default_home


@pytest.fixture(autouse=True)
def recorded() -> str:
    """One run of one experiment; its component's name."""
    with mlstudio.run("digits", "first", lr=0.1) as run:
        run.log(loss=1.0)
    return run.component_name


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["experiments", *words]) == code
    captured = capsys.readouterr()
    return str(captured.out if code == 0 else captured.err)


def test_tags_are_set_listed_and_taken_away(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "tag", "digits", "team=vision", "note=a=b")
    assert said(capsys, "tag", "digits") == "note=a=b\nteam=vision\n"
    said(capsys, "tag", "digits", "team=audio", "--remove", "note")
    assert open_store().get_experiment("digits").tags == {"team": "audio"}
    said(capsys, "tag", recorded, "best=yes", "--kind", "trial-component")
    assert open_store().get_component(recorded).tags["best"] == "yes"


def test_a_tag_that_is_none_and_one_that_is_not_there_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "KEY=VALUE" in said(capsys, "tag", "digits", "team", code=1)
    assert "no tag" in said(capsys, "tag", "digits", "--remove", "team", code=1)


def test_a_note_is_written_read_and_emptied(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "note", "digits", "# Why\x1b[31m")
    assert said(capsys, "note", "digits") == "# Why\\x1b[31m\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("from a file\n"))
    said(capsys, "note", "digits", "-")
    assert open_store().get_experiment("digits").description == "from a file\n"
    said(capsys, "note", "digits", "")
    assert open_store().get_experiment("digits").description is None


def test_what_is_shown_can_be_renamed_and_the_name_stays(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "rename", "digits", "Ziffern")
    record = open_store().get_experiment("digits")
    assert (record.name, record.display_name) == ("digits", "Ziffern")
    said(capsys, "rename", "digits", "")
    assert open_store().get_experiment("digits").display_name is None


def test_a_trial_is_moved_and_the_way_back_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with mlstudio.run("other", "x"):
        pass
    (trial,) = open_store().list_trials(mlstudio.entities.experiments.ListRequest(), experiment="digits").items
    out = said(capsys, "move", trial.name, "other")
    assert f"mlstudio experiments move {trial.name} digits" in out
    assert open_store().get_trial(trial.name).experiment_name == "other"
    assert "does not exist" in said(capsys, "move", trial.name, "nowhere", code=1)


def test_an_archived_one_is_listed_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--off" in said(capsys, "archive", "digits")
    assert "digits" not in said(capsys, "list")
    assert "digits" in said(capsys, "list", "--archived")
    said(capsys, "archive", "digits", "--off")
    assert "digits" in said(capsys, "list")


def test_purge_asks_for_the_name_and_gives_the_disk_back(
    recorded: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = BlobStore(default_home().artifacts)
    path = blobs.path(blobs.put_bytes(b"weights").sha256)
    os.utime(path, (1, 1))
    kind = ("--kind", "trial-component")
    assert "not deleted" in said(capsys, "purge", recorded, *kind, code=1)
    said(capsys, "delete", recorded, "--force", *kind)
    monkeypatch.setattr("builtins.input", lambda _: "something else")
    assert main(["experiments", "purge", recorded, *kind]) == 1
    assert open_store().get_component(recorded)
    monkeypatch.setattr("builtins.input", lambda _: recorded)
    assert "1 artifact files (7 B)" in said(capsys, "purge", recorded, *kind)
    assert not path.exists()
    assert "does not exist" in said(capsys, "purge", recorded, "--yes", *kind, code=1)


def test_history_tells_who_did_what(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "history") == "Nothing was done yet.\n"
    said(capsys, "rename", "digits", "Ziffern")
    said(capsys, "star", recorded, "--kind", "trial-component")
    head, *rows = said(capsys, "history").splitlines()
    assert head.split() == ["when", "who", "did", "what", "before", "after"]
    assert [row.split()[3] for row in rows] == ["starred", "renamed"]
    (only,) = json.loads(said(capsys, "history", "digits", "--json"))["items"]
    assert (only["action"], only["after"]) == ("renamed", "Ziffern")


def test_a_name_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("star", "x"), ("tag", "x"), ("note", "x"), ("rename", "x", "y"), ("archive", "x"), ("history", "x")):
        assert 'Experiment "x" does not exist.' in said(capsys, *words, code=1)


def test_compare_takes_names_and_leaves_out_what_is_the_same(recorded: str, capsys: pytest.CaptureFixture[str]) -> None:
    with mlstudio.run("digits", "second", lr=0.2, opt="adam") as run:
        run.log(loss=1.0)
    with mlstudio.run("digits", "third", lr=0.3, opt="adam") as third:
        third.log(loss=1.0)
    out = said(capsys, "compare", run.component_name, third.component_name)
    assert "lr" in out.splitlines()[0]
    assert "opt" not in out
    assert "opt" in said(capsys, "compare", run.component_name, third.component_name, "--all")
    assert said(capsys, "compare", "starred") == "None matches.\n"

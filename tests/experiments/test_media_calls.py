"""run.image and its sisters: what returned is kept; what cannot be kept costs the medium, never the training."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlstudio
from mlstudio import Tracker, configure
from mlstudio.entities.errors import DiskFull, InvalidField
from mlstudio.entities.media import MediaItem
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.laws_around import MediaStore


def media_of(component: str) -> list[MediaItem]:
    store = open_store()
    assert isinstance(store, MediaStore)
    return store.media(component).items


def bytes_of(item: MediaItem, home: Home) -> bytes:
    sha256 = open_store().artifact(item.artifact_uid).sha256
    assert sha256 is not None
    with BlobStore(home.artifacts).open(sha256) as file:
        return file.read()


def test_every_kind_is_kept_with_its_bytes(home: Home) -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        run.image("image", np.zeros((8, 8)), caption="black")
        run.audio("audio", np.zeros(100), sample_rate=8000)
        run.video("video", np.zeros((2, 8, 8, 3)))
        run.table("table", {"a": [1]})
        run.figure("figure", {"data": [], "layout": {}})
        run.histogram("histogram", [1.0, 2.0])
        run.text("text", "words", step=7)
        run.html("html", "<b>")
    found = {item.name: item for item in media_of(run.component_name)}
    assert {name: item.kind for name, item in found.items()} == {name: name for name in found}
    assert len(found) == 8
    assert bytes_of(found["image"], home).startswith(b"\x89PNG")
    assert bytes_of(found["text"], home) == b"words"
    assert (found["image"].caption, found["text"].step, found["html"].step) == ("black", 7, 0)
    assert all(len(item.preview or "") <= 8192 * 4 / 3 + 4 for item in found.values())
    assert open_store().artifacts(run.component_name) == []


def test_a_tracker_has_the_same_calls() -> None:
    with Tracker.create() as tracker:
        tracker.log_image("x", np.zeros((4, 4)))
        tracker.image("x", np.zeros((4, 4)))
        tracker.log_text("y", "z", step=3)
    assert [(item.name, item.step) for item in media_of(tracker.component_name)] == [("x", 0), ("x", 1), ("y", 3)]


def test_media_without_a_step_follow_the_last_and_go_on_when_the_run_is_resumed() -> None:
    with mlstudio.run("e", "r", capture=False, lr=0.1) as run:
        run.text("t", "a")
        run.text("t", "b", step=5)
        run.text("t", "c")
        run.log(loss=1.0)
    with mlstudio.run("e", resume="r", capture=False) as again:
        again.text("t", "d")
        again.log(loss=2.0)
        assert again["lr"] == 0.1
    assert [item.step for item in media_of(again.component_name)] == [0, 5, 6, 7]
    assert again.history("loss")["step"].tolist() == [0, 1]


def test_a_batch_is_one_step_with_its_captions() -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        run.image("x", np.zeros((3, 8, 8, 3)), caption=["a", "b"])
        run.image("x", [np.zeros((8, 8))] * 2, caption="both")
    found = [(item.step, item.seq, item.caption) for item in media_of(run.component_name)]
    assert found == [(0, 0, "a"), (0, 1, "b"), (0, 2, None), (1, 0, "both"), (1, 1, "both")]


class Hostile:
    """Raises whatever it is asked for."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no")

    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("kind", ["image", "audio", "video", "table", "figure", "histogram", "text", "html"])
def test_no_object_raises_into_training(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        for obj in (Hostile(), np.zeros((0, 3)), [], object, {1: Hostile()}, (), b"", np.array(["a"])):
            getattr(run, kind)("x", obj, caption="c")
        run.log(loss=1.0)
    assert run.status == "Completed"
    assert len(caplog.records) <= 3, "one warning a name"


def test_no_name_and_no_caption_raises_into_training() -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        run.text(Hostile(), "a", caption=Hostile())  # type: ignore[arg-type]
        run.text(5, "a", caption=7)  # type: ignore[arg-type]
        run.image("x", np.zeros((2, 5, 5, 3)), caption=("a", Hostile(), "too many"))  # type: ignore[arg-type]
    found = {(item.name, item.caption) for item in media_of(run.component_name)}
    assert found == {("Hostile", "Hostile"), ("5", "7"), ("x", "a"), ("x", "Hostile")}


def test_what_is_refused_is_counted_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        for _ in range(3):
            run.image("x", np.zeros((3, 5, 3)))
        run.image("x", np.zeros((5, 5)), step=-1)
        run.image("x", np.zeros((5, 5)), step=1.5)  # type: ignore[arg-type]
        assert run.dropped == 5
    assert caplog.text.count("was not kept") == 1
    assert "(H, W, C) and as (C, H, W)" in caplog.text
    assert media_of(run.component_name) == []


def test_in_strict_mode_what_is_refused_raises() -> None:
    configure(strict=True)
    with mlstudio.run("e", "r", capture=False) as run, pytest.raises(InvalidField, match="channels"):
        run.image("x", np.zeros((3, 5, 3)))


def test_a_file_that_is_not_there_raises_as_log_file_does(tmp_path: Path) -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        for call in (run.image, run.audio, run.video):
            with pytest.raises(InvalidField, match="There is no file"):
                call("x", str(tmp_path / "nothing.png"))


def test_a_full_disk_costs_the_medium_only(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def full(*_: object) -> None:
        raise DiskFull("No space left.")

    with mlstudio.run("e", "r", capture=False) as run:
        monkeypatch.setattr(BlobStore, "put_bytes", full)
        run.image("x", np.zeros((5, 5)))
        run.log(loss=1.0)
    assert "No space left" in caplog.text
    assert media_of(run.component_name) == []
    assert run.history("loss")["value"].tolist() == [1.0]


@pytest.mark.parametrize("name", ["", " ", "a\ud800b", "x" * 5000, "<img src=x onerror=alert(1)>", "../../etc", "a\nb"])
def test_any_name_is_text(name: str) -> None:
    with mlstudio.run("e", "r", capture=False) as run:
        run.text(name, "x", caption=name)
    (item,) = media_of(run.component_name)
    assert 0 < len(item.name) <= 500
    assert len(item.caption or "") <= 1000


def test_another_rank_has_names_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "2")
    with mlstudio.run("e", "r", capture=False) as run:
        run.text("x", "a")
    assert [item.name for item in media_of(run.component_name)] == ["x (rank 2)"]


def _worker(run: mlstudio.Run, number: int) -> None:
    run.text(f"worker{number}", "from a child")


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_media_of_forked_workers_are_kept() -> None:
    context = multiprocessing.get_context("fork")
    with mlstudio.run("e", "r", capture=False) as run:
        workers = [context.Process(target=_worker, args=(run, number)) for number in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert worker.exitcode == 0
    assert [item.name for item in media_of(run.component_name)] == ["worker0", "worker1", "worker2"]


def test_media_of_a_deleted_run_go_on() -> None:
    run = mlstudio.run("e", "r", capture=False)
    open_store().delete("trial-component", run.component_name, force=True)
    run.text("x", "a")
    run.finish()
    assert len(media_of(run.component_name)) == 1

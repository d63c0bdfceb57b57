"""Event files: those of PyTorch's own writer, tensors as TensorFlow writes them, growing, damaged."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.exporters import event_file
from mlstudio.experiments.exporters.event_file import EventFile
from mlstudio.experiments.importers.events import Told, tensor
from mlstudio.experiments.importers.protobuf import BadMessage, put_bytes, put_int
from mlstudio.experiments.importers.record_file import framed
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store

Bring = Callable[..., TransferReport]
T0 = 1_700_000_000.0


def runs() -> dict[str, ComponentRecord]:
    return {str(run.display_name): run for run in open_store().search_components(parse(""))}


def points(run: ComponentRecord, name: str) -> list[tuple[int, float]]:
    found = open_store().points(run.name, name)
    return list(zip(found.steps.tolist(), found.values.tolist(), strict=True))


def event(folder: Path, *values: tuple[int, str, float]) -> Path:
    """A new event file of scalars, long ago."""
    folder.mkdir(parents=True, exist_ok=True)
    with EventFile(folder, "test") as file:
        for step, tag, value in values:
            file.add(event_file.event(T0 + step, step, [event_file.scalar(tag, value)]))
    os.utime(file.path, (T0, T0))
    return file.path


def add(path: Path, step: int, tag: str, value: float) -> None:
    with path.open("ab") as file:
        file.write(framed(event_file.event(T0 + step, step, [event_file.scalar(tag, value)])))
    os.utime(path, (T0, T0))


@pytest.fixture(scope="module")
def by_torch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that PyTorch's SummaryWriter wrote."""
    from torch.utils.tensorboard import SummaryWriter

    root = tmp_path_factory.mktemp("torch") / "runs"
    with SummaryWriter(str(root / "first")) as writer:
        for step in range(100):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_scalar("no step", step)
        writer.add_scalar("odd", math.nan, 1)
        writer.add_scalar("odd", math.inf, 2)
        writer.add_scalar("new", 3.0, 1, new_style=True)
        writer.add_histogram("weights", np.arange(100.0), 5)
        writer.add_image("picture", np.full((3, 8, 8), 200, dtype=np.uint8), 1)
        writer.add_text("said", "hello **you**", 2)
        writer.add_audio("sound", np.zeros((1, 800)), 0, sample_rate=8000)
        writer.add_pr_curve("pr", np.array([0, 1, 1]), np.array([0.1, 0.8, 0.9]), 0)
        writer.add_hparams({"lr": 0.1, "n": 3, "opt": "adam"}, {"acc": 0.5}, run_name="tried")
    for path in root.rglob("*tfevents*"):
        os.utime(path, (T0, T0))
    return root


def test_what_pytorch_wrote_comes_in(by_torch: Path, bring: Bring) -> None:
    report = bring("tensorboard", by_torch)
    assert (report.runs, report.experiments) == (2, ["runs"])
    run, tried = runs()["first"], runs()["first/tried"]
    assert run.status == "Completed"
    assert tried.parent == run.name
    assert tried.params == {"lr": 0.1, "n": 3, "opt": "adam"}
    assert points(tried, "acc") == [(0, 0.5)]
    assert points(run, "loss")[:2] == [(0, 1.0), (1, 0.5)]
    assert points(run, "no step") == [(step, float(step)) for step in range(100)]
    assert points(run, "new") == [(1, 3.0)]
    assert [value for _, value in points(run, "odd")][1] == math.inf
    media = {one.name: one for one in open_store().media(run.name).items}
    assert {(one.name, one.kind, one.step) for one in media.values()} == {
        ("weights", "histogram", 5),
        ("picture", "image", 1),
        ("said", "text", 2),
        ("sound", "audio", 0),
    }
    assert media["picture"].preview_type == "image/webp"
    assert [(one.what, one.count) for one in report.skipped] == [("plugin pr_curves", 1)]
    again = bring("tensorboard", by_torch)
    assert (again.runs, again.unchanged, again.points) == (0, 2, 0)


def test_a_histogram_keeps_its_edges_and_counts(by_torch: Path, bring: Bring) -> None:
    import json

    bring("tensorboard", by_torch)
    (one,) = open_store().media(runs()["first"].name, "weights").items
    artifact = open_store().artifact(one.artifact_uid)
    body = json.loads(Path(artifact.value.removeprefix("file://")).read_bytes())
    assert sum(body["counts"]) == 100
    assert body["edges"][0] <= 0 <= 99 <= body["edges"][-1]


def test_a_growing_file_is_read_on_where_reading_ended(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "loss", 2.0), (1, "loss", 1.0))
    assert bring("tensorboard", tmp_path / "logs").points == 2
    add(path, 2, "loss", 0.5)
    report = bring("tensorboard", tmp_path / "logs")
    assert (report.updated, report.points) == (1, 1)
    assert points(runs()["a"], "loss") == [(0, 2.0), (1, 1.0), (2, 0.5)]


def test_points_without_steps_go_on_counting(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "x", 2.0), (0, "x", 1.0))
    bring("tensorboard", tmp_path / "logs")
    add(path, 0, "x", 0.5)
    bring("tensorboard", tmp_path / "logs")
    assert points(runs()["a"], "x") == [(0, 2.0), (1, 1.0), (2, 0.5)]


def test_a_half_written_record_is_read_when_it_is_whole(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "loss", 2.0))
    whole = framed(event_file.event(T0, 1, [event_file.scalar("loss", 1.0)]))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + whole[:20])
    report = bring("tensorboard", tmp_path / "logs")
    assert report.points == 1
    assert f"half-written at byte {size}" in report.skipped[0].why
    path.write_bytes(path.read_bytes()[:size] + whole)
    assert bring("tensorboard", tmp_path / "logs").points == 1
    assert points(runs()["a"], "loss") == [(0, 2.0), (1, 1.0)]


def test_a_damaged_file_is_read_up_to_the_damage_which_is_named(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "loss", 2.0))
    size = path.stat().st_size
    for step in range(1, 5):
        add(path, step, "loss", 1.0)
    body = bytearray(path.read_bytes())
    body[size + 20] ^= 1
    path.write_bytes(body)
    event(tmp_path / "logs" / "b", (0, "loss", 3.0))
    report = bring("tensorboard", tmp_path / "logs")
    assert (report.runs, report.points) == (2, 2)
    (one,) = report.skipped
    assert one.what == f"the rest of {path.name}"
    assert one.why == f"damaged at byte {size}: the checksum of the record does not fit"


def test_a_file_that_is_written_now_is_in_progress_and_ends_when_it_is_quiet(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "loss", 2.0))
    os.utime(path, (time.time(), time.time()))
    bring("tensorboard", tmp_path / "logs")
    assert runs()["a"].status == "InProgress"
    os.utime(path, (T0, T0))
    bring("tensorboard", tmp_path / "logs")
    assert runs()["a"].status == "Completed"
    add(path, 1, "loss", 1.0)
    os.utime(path, (time.time(), time.time()))
    bring("tensorboard", tmp_path / "logs")
    assert runs()["a"].status == "InProgress"


def test_a_folder_that_was_moved_is_the_same_run(tmp_path: Path, bring: Bring) -> None:
    event(tmp_path / "logs" / "a", (0, "loss", 2.0))
    bring("tensorboard", tmp_path / "logs")
    (tmp_path / "logs").rename(tmp_path / "elsewhere")
    assert bring("tensorboard", tmp_path / "elsewhere").unchanged == 1


def test_tensors_are_read_as_tensorflow_writes_them() -> None:
    numbers = put_int(1, 2) + put_bytes(2, put_bytes(2, put_int(1, 2))) + put_bytes(4, np.array([1.5, 2.5]).tobytes())
    values, said, shape = tensor(numbers)
    assert (values.tolist(), said, shape) == ([1.5, 2.5], [], [2])
    told = Told()
    rows = np.array([[0.0, 1.0, 3.0], [1.0, 2.0, 4.0]])
    shape_field = put_bytes(2, put_bytes(2, put_int(1, 2)) + put_bytes(2, put_int(1, 3)))
    body = put_int(1, 2) + shape_field + put_bytes(4, rows.tobytes())
    plugin = put_bytes(9, put_bytes(1, put_bytes(1, "histograms")))
    told.read(event_file.event(T0, 7, [put_bytes(1, "h") + plugin + put_bytes(8, body)]))
    told.read(event_file.event(T0, 8, [put_bytes(1, "h") + put_bytes(8, body)]))
    edges, counts = told.media[1].data
    assert (edges.tolist(), counts.tolist()) == ([0.0, 1.0, 2.0], [3.0, 4.0])
    assert [one.step for one in told.media] == [7, 8]


def test_messages_that_are_none_are_counted(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "logs" / "a", (0, "loss", 2.0))
    with path.open("ab") as file:
        file.write(framed(b"\xff\xff\xff"))
    add(path, 1, "loss", 1.0)
    report = bring("tensorboard", tmp_path / "logs")
    assert report.points == 2
    assert [(one.why, one.count) for one in report.skipped] == [("they are no events", 1)]
    with pytest.raises(BadMessage):
        Told().read(b"\xff\xff\xff")


def test_a_picture_that_is_none_stays_behind(tmp_path: Path, bring: Bring) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    with EventFile(folder, "x") as file:
        file.add(event_file.event(T0, 0, [event_file.image("im", b"<svg onload=alert(1)>", 1, 1)]))
        file.add(event_file.event(T0, 1, [event_file.scalar("loss", 1.0)]))
    report = bring("tensorboard", folder)
    assert (report.points, report.media) == (1, 0)
    assert report.skipped[0].what == "image im"


def test_links_are_not_followed_and_folders_without_events_refused(tmp_path: Path, bring: Bring) -> None:
    path = event(tmp_path / "real", (0, "loss", 2.0))
    (tmp_path / "logs").mkdir()
    with pytest.raises(InvalidField, match="no event files"):
        bring("tensorboard", tmp_path / "logs")
    (tmp_path / "logs" / path.name).symlink_to(path)
    with pytest.raises(InvalidField, match="no event files"):
        bring("tensorboard", tmp_path / "logs")
    with pytest.raises(NotFound):
        bring("tensorboard", tmp_path / "missing")
    assert bring("tensorboard", path).runs == 1

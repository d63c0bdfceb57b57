"""Event files that TensorBoard itself reads, and that follow a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mlstudio
from mlstudio.experiments.exporters.tensorboard import EventFolder
from mlstudio.experiments.importers.tally import Tally
from mlstudio.store import open_store


def accumulated(folder: Path) -> object:
    """What TensorBoard reads in a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "histograms": 0, "tensors": 0})
    found.Reload()
    return found


def scalars(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [(one.step, one.value) for one in accumulated(folder).Scalars(tag)]  # type: ignore[attr-defined]


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    return tmp_path / "logs"


def test_tensorboard_reads_scalars_pictures_histograms_sounds_and_texts(logdir: Path) -> None:
    with mlstudio.run("digits", "a/b: one", lr=0.1, opt="adam", deep=True) as run:
        for step in range(10):
            run.log(loss=1 / (step + 1), step=step)
        run.log(loss=9.0, step=0, context={"rank": 1})
        run.image("picture", np.full((6, 8, 3), 128, dtype=np.uint8), step=3)
        run.histogram("weights", np.arange(100.0), step=4)
        run.text("said", "hello", step=5)
        run.audio("sound", np.zeros(800, dtype=np.int16), sample_rate=8000, step=6)
    tally = Tally()
    folder = EventFolder(open_store(), logdir, 'experiment = "digits"', tally)
    assert folder.write() == 1
    folder.close()
    home = logdir / "digits" / "a_b_ one"
    assert scalars(home, "loss")[:3] == [(0, 1.0), (1, 0.5), (2, pytest.approx(1 / 3))]
    assert scalars(home, "loss rank=1") == [(0, 9.0)]
    found = accumulated(home)
    (picture,) = found.Images("picture")  # type: ignore[attr-defined]
    assert (picture.width, picture.height, picture.step) == (8, 6, 3)
    (weights,) = found.Histograms("weights")  # type: ignore[attr-defined]
    assert (weights.histogram_value.num, weights.histogram_value.min, weights.histogram_value.max) == (100, 0, 99)
    (said,) = found.Tensors("said/text_summary")  # type: ignore[attr-defined]
    assert said.tensor_proto.string_val[0] == b"hello"
    (sound,) = found.Audio("sound")  # type: ignore[attr-defined]
    assert (sound.sample_rate, sound.content_type) == (8000, "audio/wav")
    assert (tally.runs, tally.media) == (1, 4)


def test_hyperparameters_reach_the_plugin(logdir: Path) -> None:
    from tensorboard.plugins.hparams import plugin_data_pb2

    with mlstudio.run("digits", "one", lr=0.1, opt="adam", deep=True) as run:
        run.log(loss=1.0, step=0)
    folder = EventFolder(open_store(), logdir, None, Tally())
    folder.write()
    folder.close()
    content = accumulated(logdir / "digits" / "one").PluginTagToContent("hparams")  # type: ignore[attr-defined]
    start = plugin_data_pb2.HParamsPluginData.FromString(content["_hparams_/session_start_info"]).session_start_info
    assert start.hparams["lr"].number_value == 0.1
    assert start.hparams["opt"].string_value == "adam"
    assert start.hparams["deep"].bool_value is True
    end = plugin_data_pb2.HParamsPluginData.FromString(content["_hparams_/session_end_info"]).session_end_info
    assert end.status == 1


def test_files_follow_a_run_that_goes_on(logdir: Path) -> None:
    run = mlstudio.run("digits", "one")
    run.log(loss=1.0, step=0)
    run.flush()
    folder = EventFolder(open_store(), logdir, None, Tally())
    assert folder.write() == 1
    assert scalars(logdir / "digits" / "one", "loss") == [(0, 1.0)]
    run.log({"loss": 0.5, "acc": 0.25}, step=1)
    run.flush()
    assert folder.write() == 1
    assert folder.write() == 0
    run.finish()
    folder.write()
    folder.close()
    assert scalars(logdir / "digits" / "one", "loss") == [(0, 1.0), (1, 0.5)]
    assert scalars(logdir / "digits" / "one", "acc") == [(1, 0.25)]


def test_two_runs_of_one_name_have_two_folders_and_a_second_writing_replaces_ours_only(logdir: Path) -> None:
    for value in (1.0, 2.0):
        with mlstudio.run("digits", "same") as run:
            run.log(loss=value, step=0)
    theirs = logdir / "digits" / "same" / "events.out.tfevents.1.theirs"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"")
    for _ in range(2):
        folder = EventFolder(open_store(), logdir, None, Tally())
        assert folder.write() == 2
        folder.close()
    files = sorted(path for path in logdir.rglob("*tfevents*.mlstudio"))
    assert len(files) == 2
    assert theirs.exists()


def test_what_was_written_comes_back_by_our_own_reader(
    logdir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mlstudio.run("digits", "one", lr=0.1) as run:
        for step in range(50):
            run.log(loss=step / 4, step=step)
        run.histogram("weights", np.arange(100.0), step=4)
    folder = EventFolder(open_store(), logdir, None, Tally())
    folder.write()
    folder.close()
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path / "second"))
    report = mlstudio.import_runs("tensorboard", logdir)
    assert (report.runs, report.points, report.params, report.media) == (1, 50, 1, 1)
    (back,) = mlstudio.list_runs("logs")
    assert open_store().points(back.component_name, "loss").values.tolist() == [step / 4 for step in range(50)]

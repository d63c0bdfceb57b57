"""`SummaryWriter`, torch's and tensorboardX's: what it writes is written here too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch.utils.tensorboard import SummaryWriter

import mlstudio
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.store import open_store

from .conftest import counts, last

Recorded = Callable[[], list[ComponentRecord]]


def writers() -> list[Any]:
    import tensorboardX

    return [SummaryWriter, tensorboardX.SummaryWriter]


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


@pytest.mark.parametrize("number", [0, 1], ids=["torch", "tensorboardX"])
def test_scalars_keep_name_step_and_time_and_the_event_file_is_written(
    number: int, recorded: Recorded, tmp_path: Path
) -> None:
    with mlstudio.run("boards"):
        writer = writers()[number](str(tmp_path / "tb"))
        for step in range(3):
            writer.add_scalar("train/loss", 1 / (step + 1), step * 5, walltime=1_700_000_000 + step)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 4)
        writer.close()
    (run,) = recorded()
    points = open_store().points(run.name, "train/loss")
    assert points.steps.tolist() == [0, 5, 10]
    assert points.ts.tolist() == [1_700_000_000, 1_700_000_001, 1_700_000_002]
    assert last(run)["train/loss"] == pytest.approx(1 / 3)
    assert (last(run)["both/a"], last(run)["both/b"]) == (1.0, 2.0)
    assert list((tmp_path / "tb").glob("events.out.tfevents*"))


def test_hyper_parameters_are_parameters_and_their_metrics_come_once(recorded: Recorded, tmp_path: Path) -> None:
    with mlstudio.run("boards"):
        writer = SummaryWriter(str(tmp_path))
        writer.add_hparams({"lr": 0.1, "opt": "adam"}, {"acc": 0.9})
        writer.close()
    (run,) = recorded()
    assert run.params == {"lr": 0.1, "opt": "adam"}
    assert counts(run)["acc"] == 1


def test_images_histograms_and_texts_are_media(recorded: Recorded, tmp_path: Path) -> None:
    with mlstudio.run("boards") as run:
        writer = SummaryWriter(str(tmp_path))
        writer.add_image("picture", np.zeros((3, 8, 8), dtype=np.uint8), 1)
        writer.add_histogram("weights", np.arange(20.0), 1)
        writer.add_text("note", "hello", 1)
        writer.close()
        run.flush()
    kept = {one.name for one in open_store().media_series(recorded()[0].name)}
    assert kept == {"picture", "weights", "note"}
    assert mlstudio.autolog.libraries >= {"tensorboard"}


def test_without_a_run_one_is_opened_and_closed_when_it_is_switched_off(recorded: Recorded, tmp_path: Path) -> None:
    writer = SummaryWriter(str(tmp_path))
    writer.add_scalar("a", 1.0, 0)
    writer.add_scalar("a", 2.0, 1)
    writer.close()
    mlstudio.autolog.disable()
    (run,) = recorded()
    assert (run.status, counts(run)) == ("Completed", {"a": 2})


def test_a_value_that_is_none_of_ours_to_judge_raises_as_without(tmp_path: Path) -> None:
    writer = SummaryWriter(str(tmp_path))
    with pytest.raises((TypeError, ValueError, NotImplementedError)):
        writer.add_scalar("a", object(), 0)
    writer.close()
    assert "tensorboard" in mlstudio.autolog.libraries

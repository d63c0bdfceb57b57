"""Lightning: what a module logs, once, and checkpoints where they were."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import pytest
import torch

import mlstudio
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.store import open_store

from .conftest import counts, last

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own imports warn of
    pl = pytest.importorskip("lightning.pytorch")
    loggers = pytest.importorskip("lightning.pytorch.loggers")

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:lightning"),
    pytest.mark.filterwarnings(r"ignore:.*treespec, LeafSpec.*:FutureWarning"),
    pytest.mark.filterwarnings(r"ignore:.*treespec, LeafSpec.*:DeprecationWarning"),
]
Recorded = Callable[[], list[ComponentRecord]]
DATA = torch.utils.data.DataLoader(torch.linspace(0, 1, 24).reshape(8, 3), batch_size=2)


class Module(pl.LightningModule):  # type: ignore[misc, name-defined]
    def __init__(self, lr: float = 0.1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(3, 1)

    def training_step(self, batch: Any, index: int) -> Any:
        loss = self.layer(batch).square().mean()
        self.log("train_loss", loss)
        return loss

    def test_step(self, batch: Any, index: int) -> None:
        self.log("test_loss", self.layer(batch).square().mean())

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def trainer(folder: Path, **options: Any) -> Any:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu", "logger": False}
    return pl.Trainer(max_epochs=2, log_every_n_steps=1, default_root_dir=folder, **{**quiet, **options})


def test_a_fit_and_its_test_are_one_run_without_torch_rows(recorded: Recorded, tmp_path: Path) -> None:
    mlstudio.autolog()
    conductor, module = trainer(tmp_path / "lit"), Module(lr=0.25)
    conductor.fit(module, DATA)
    conductor.test(module, DATA, verbose=False)

    (run,) = recorded()
    assert run.status == "Completed"
    assert counts(run)["train_loss"] == 8
    assert counts(run)["test_loss"] == 1
    assert not [name for name in counts(run) if name.startswith("torch/")]
    assert (run.params["lr"], run.params["model"], run.params["trainer/max_epochs"]) == (0.25, "Module", 2)
    assert run.tags["mlstudio.autolog"] == "lightning"
    assert [one.parent.name for one in (tmp_path / "lit").rglob("*.ckpt")] == ["checkpoints"]


def test_the_users_logger_stays_first_and_gets_the_same(recorded: Recorded, tmp_path: Path) -> None:
    mlstudio.autolog()
    mine = loggers.CSVLogger(tmp_path, name="mine", version="v")
    conductor = trainer(tmp_path, logger=mine, enable_checkpointing=False)
    conductor.fit(Module(), DATA)
    assert conductor.logger is mine
    written = (tmp_path / "mine" / "v" / "metrics.csv").read_text().splitlines()
    assert len(written) == 1 + 8
    assert counts(recorded()[0])["train_loss"] == 8


def test_a_trainer_made_before_autolog_and_an_open_run(recorded: Recorded, tmp_path: Path) -> None:
    conductor = trainer(tmp_path, enable_checkpointing=False)
    mlstudio.autolog()
    with mlstudio.run("lit", "mine"):
        conductor.fit(Module(), DATA)
    (run,) = recorded()
    assert run.display_name == "mine"
    assert last(run)["train_loss"] >= 0


def test_a_step_that_raises_raises_the_same_and_the_run_failed(recorded: Recorded, tmp_path: Path) -> None:
    class Broken(Module):
        def training_step(self, batch: Any, index: int) -> Any:
            raise ZeroDivisionError("mine")

    mlstudio.autolog()
    with pytest.raises(ZeroDivisionError, match="mine"):
        trainer(tmp_path, enable_checkpointing=False).fit(Broken(), DATA)
    (run,) = recorded()
    assert run.status == "Failed"


def test_disabled_leaves_the_trainer_as_it_was(tmp_path: Path) -> None:
    mlstudio.autolog()
    mlstudio.autolog.disable()
    assert not hasattr(pl.Trainer.fit, "__mlstudio__")
    assert trainer(tmp_path, enable_checkpointing=False).loggers == []


def test_a_trainer_goes_to_a_spawned_process_without_its_run(tmp_path: Path) -> None:
    mlstudio.autolog()
    made = trainer(tmp_path)
    (ours,) = [one for one in made.loggers if type(one).__name__ == "StudioLogger"]
    ours.session = object()  # what it holds while a fit goes on cannot travel

    there = pickle.loads(ForkingPickler.dumps(ours))  # as multiprocessing hands a trainer over

    assert (type(there).__name__, there.session) == ("StudioLogger", None)
    there.log_metrics({"loss": 1.0}, step=0)


SPAWNED = """
import sys, warnings
warnings.simplefilter("ignore")
import mlstudio
mlstudio.autolog()
import lightning.pytorch as pl
import torch

class Module(pl.LightningModule):
    def __init__(self, width=3):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(width, 1)

    def training_step(self, batch, index):
        loss = self.layer(batch[0]).square().mean() + 100 * self.global_rank
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)

if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(torch.linspace(0, 1, 48).reshape(16, 3))
    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", devices=2, strategy=sys.argv[1], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, log_every_n_steps=1, default_root_dir=sys.argv[2],
    )
    trainer.fit(Module(), torch.utils.data.DataLoader(data, batch_size=2))
"""


@pytest.mark.timeout(400)  # two interpreters import torch and Lightning: 25 s of CPU
@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_fork"])
def test_the_first_of_the_processes_that_lightning_starts_records_into_the_run(
    strategy: str, recorded: Recorded, tmp_path: Path
) -> None:
    """Two processes over gloo; each of the losses of the second would be above 100."""
    script = tmp_path / "spawned.py"
    script.write_text(SPAWNED)
    done = subprocess.run(
        [sys.executable, str(script), strategy, str(tmp_path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "no longer follows" not in done.stderr
    (run,) = recorded()
    assert (run.status, run.params["model"], run.params["width"]) == ("Completed", "Module", 3)
    points = open_store().points(run.name, "train_loss")
    assert points.steps.tolist() == list(range(8)), "16 rows by twos, by two processes, two epochs"
    assert max(points.values) < 100
    assert {one.name for one in run.metrics if not one.name.startswith("system/")} == {"train_loss", "epoch"}
    assert {str(one.context) for one in run.metrics} == {"{}"}

"""The Hugging Face Trainer: its logs under its names, once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import mlstudio
from mlstudio.entities.experiments import ComponentRecord

from .conftest import counts, last

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own imports warn of
    transformers = pytest.importorskip("transformers")
    transformers.Trainer  # noqa: B018 - it is imported when it is first named

Recorded = Callable[[], list[ComponentRecord]]
DATA = [{"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor(number % 2)} for number in range(8)]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore::FutureWarning:transformers")


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


def trainer(folder: Path, **options: Any) -> Any:
    config = transformers.BertConfig(
        vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4
    )
    arguments = transformers.TrainingArguments(
        str(folder),
        **{"num_train_epochs": 2, "logging_steps": 1, "per_device_train_batch_size": 4, "save_strategy": "no",
           "disable_tqdm": True, "use_cpu": True, "report_to": "none", **options},
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    return transformers.Trainer(model, arguments, train_dataset=DATA, eval_dataset=DATA)


def test_a_training_and_its_evaluation_are_one_run_without_torch_rows(recorded: Recorded, tmp_path: Path) -> None:
    conductor = trainer(tmp_path, learning_rate=0.01)
    conductor.train()
    found = conductor.evaluate()

    (run,) = recorded()
    assert run.status == "Completed"
    assert counts(run)["loss"] == 4
    assert last(run)["eval_loss"] == pytest.approx(found["eval_loss"])
    assert {one.name: one.last_step for one in run.metrics}["loss"] == 4
    assert (run.params["learning_rate"], run.params["model/hidden_size"]) == (0.01, 4)
    assert run.params["model"] == "BertForSequenceClassification"
    assert not [name for name in counts(run) if name.startswith("torch/")]


def test_report_to_mlstudio_is_known_and_logs_once(recorded: Recorded, tmp_path: Path) -> None:
    conductor = trainer(tmp_path, report_to="mlstudio")
    ours = [one for one in conductor.callback_handler.callbacks if type(one).__name__ == "StudioCallback"]
    assert len(ours) == 1
    with mlstudio.run("hf", "mine"):
        conductor.train()
    (run,) = recorded()
    assert run.display_name == "mine"
    assert counts(run)["loss"] == 4


def test_a_callback_that_raises_raises_the_same_and_the_run_failed(recorded: Recorded, tmp_path: Path) -> None:
    class Stop(transformers.TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            raise ZeroDivisionError("mine")

    conductor = trainer(tmp_path)
    conductor.add_callback(Stop())
    with pytest.raises(ZeroDivisionError, match="mine"):
        conductor.train()
    (run,) = recorded()
    assert run.status == "Failed"


def test_disabled_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    mlstudio.autolog.disable()
    with pytest.raises(ValueError, match="mlstudio is not supported"):
        trainer(tmp_path, report_to="mlstudio")
    assert not hasattr(transformers.Trainer.train, "__mlstudio__")

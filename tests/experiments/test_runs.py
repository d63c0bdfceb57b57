"""Run: what it records, how it ends, and that it never disturbs the program."""

from __future__ import annotations

import contextlib
import math
import os
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import mlstudio
from mlstudio import Run, TrialComponent
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.store import open_store


def record_of(run: Run) -> ComponentRecord:
    run.flush()
    return open_store().get_component(run.component_name)


def test_a_run_is_experiment_trial_and_component_in_one() -> None:
    with Run(experiment_name="mnist", run_name="first", tags=[{"Key": "team", "Value": "vision"}]) as run:
        run.log_parameter("lr", 0.1)
        run.log_parameters({"layers": 3, "opt": "adam"})
        run.log_metric("loss", 0.5, step=1)
        run.log_metric(name="loss", value=0.4, step=2, timestamp=datetime(2026, 1, 1, tzinfo=UTC))
    assert run.experiment_config == {
        "ExperimentName": "mnist",
        "TrialName": "Default-Run-Group-mnist",
        "RunName": "first",
    }
    record = record_of(run)
    assert record.name == "mnist-first"
    assert record.display_name == "first"
    assert record.status == "Completed"
    assert record.params == {"lr": 0.1, "layers": 3, "opt": "adam"}
    assert record.tags == {"sagemaker:trial-component-source": "run", "team": "vision"}
    assert [(one.experiment_name, one.trial_name) for one in record.trials] == [("mnist", "Default-Run-Group-mnist")]
    assert record.metrics[0].count == 2


def test_a_run_without_a_name_gets_one() -> None:
    assert Run("mnist").run_name.startswith("sagemaker-run-")


def test_a_run_of_the_same_names_is_continued() -> None:
    with Run("mnist", "first") as run:
        run.log_metric("loss", 1.0, step=1)
    with Run("mnist", "first") as again:
        again.log_metric("loss", 2.0, step=2)
        assert record_of(again).status == "InProgress"
    assert again.component_name == run.component_name
    assert again.history("loss")["value"].tolist() == [1.0, 2.0]
    assert record_of(again).status == "Completed"


def test_a_run_that_is_not_entered_begins_with_its_first_log() -> None:
    run = Run("mnist", "first")
    assert record_of(run).status is None
    run["lr"] = 0.1
    assert record_of(run).status == "InProgress"
    assert run["lr"] == 0.1
    run.close()
    assert run.status == "Completed"


def test_log_takes_names_mappings_contexts_and_times() -> None:
    with mlstudio.run("mnist") as run:
        run.log(loss=1.0, acc=0.5, step=0)
        run.log({"train/loss": 0.9, "val:loss": 1.1}, step=1, timestamp=datetime(2026, 1, 1, tzinfo=UTC))
        run.log({"mixed": 1}, other=2)
        run.log(loss=7.0, step=0, context={"subset": "val"})
        run.log({})
    series = {(one.name, tuple(one.context.items())): one.last for one in record_of(run).metrics}
    assert series == {
        ("acc", ()): 0.5,
        ("loss", ()): 1.0,
        ("loss", (("subset", "val"),)): 7.0,
        ("mixed", ()): 1.0,
        ("other", ()): 2.0,
        ("train/loss", ()): 0.9,
        ("val:loss", ()): 1.1,
    }


def test_values_of_every_kind_are_kept_exactly() -> None:
    values = [math.nan, math.inf, -math.inf, -0.0, 1e308, 2**70, True, np.float32(0.1), Decimal("0.5"), np.int8(-3)]
    with mlstudio.run("mnist") as run:
        for step, value in enumerate(values):
            run.log(v=value, step=step)
    got = run.history("v")["value"].to_numpy()
    assert np.array_equal(got, [float(value) for value in values], equal_nan=True)
    assert math.copysign(1, got[3]) == -1


@pytest.mark.slow
def test_a_tensor_is_a_number() -> None:
    torch = pytest.importorskip("torch")
    with mlstudio.run("mnist", depth=torch.tensor(3)) as run:
        run.log(loss=torch.tensor(0.5, requires_grad=True), step=1)
    assert run.history("loss")["value"].tolist() == [0.5]
    assert record_of(run).params == {"depth": 3}


def test_what_is_no_number_never_raises_and_is_counted() -> None:
    class Angry:
        def __float__(self) -> float:
            raise ZeroDivisionError

        def __str__(self) -> str:
            raise ZeroDivisionError

    with mlstudio.run("mnist", angry=Angry()) as run:
        run.log(loss="text", step=1)
        run.log(loss=Angry(), step=2)
        run.log(loss=1.0, step=3)
        run.log(loss=1.0, step=-3)
        run.log({Angry(): 1.0}, step=4)  # type: ignore[dict-item]
        run["angry"] = Angry()
        run.tag("k", Angry) if False else run.tag("k", "v")
    record = record_of(run)
    assert record.status == "Completed"
    assert record.dropped == run.dropped == 3
    assert record.params["angry"] == "<Angry>"


def test_steps_out_of_order_and_twice_keep_the_last_value_of_each() -> None:
    with mlstudio.run("mnist") as run:
        for step, value in [(5, 5.0), (1, 1.0), (3, 3.0), (3, 33.0), (5, 55.0)]:
            run.log(loss=value, step=step)
    frame = run.history("loss")
    assert frame["step"].tolist() == [1, 3, 5]
    assert frame["value"].tolist() == [1.0, 33.0, 55.0]


def test_an_exception_makes_it_failed_with_its_message_and_goes_on() -> None:
    with pytest.raises(ValueError, match="no luck"), mlstudio.run("mnist") as run:
        raise ValueError("no luck")
    record = record_of(run)
    assert (record.status, record.status_message) == ("Failed", "ValueError: no luck")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), "Stopped"),
        (SystemExit(0), "Completed"),
        (SystemExit(3), "Failed"),
        (KeyError("x"), "Failed"),
    ],
)
def test_every_way_out_has_its_status(error: BaseException, status: str) -> None:
    with contextlib.suppress(BaseException), mlstudio.run("mnist") as run:
        raise error
    assert record_of(run).status == status


def test_finish_takes_another_status_and_ends_once() -> None:
    run = mlstudio.run("mnist")
    run.finish(status="Stopped", message="enough")
    run.finish()
    assert (record_of(run).status, record_of(run).status_message) == ("Stopped", "enough")


def test_logging_into_a_finished_run_adds_points_and_leaves_its_status() -> None:
    with mlstudio.run("mnist") as run:
        run.log(loss=1.0, step=1)
    run.log(loss=2.0, step=2)
    run.finish()
    assert run.history("loss")["value"].tolist() == [1.0, 2.0]
    assert record_of(run).status == "Completed"


def test_tags_notes_files_and_pointers(tmp_path: Path) -> None:
    source = tmp_path / "weights.bin"
    source.write_bytes(b"\0" * 10)
    with mlstudio.run("mnist") as run:
        run.tag("best")
        run.tag("team", "vision")
        run.note("# It **works**")
        run.log_artifact("data", "s3://bucket/data", is_output=False)
        run.log_file(source, name="weights", extra_args={"ACL": "x"})
        run.log_precision_recall([0, 1], [0.1, 0.9], title="pr")
        run.log_roc_curve([0, 1], [0.1, 0.9], title="roc")
        run.log_confusion_matrix([0, 1], [0, 1], title="cm", is_output=False)
    record = record_of(run)
    assert record.tags["best"] == "true"
    assert record.tags["team"] == "vision"
    assert record.description == "# It **works**"
    assert record.inputs["data"].value == "s3://bucket/data"
    assert record.outputs["weights"].size == 10
    assert record.outputs["weights"].uid
    assert {*record.outputs} == {"weights", "pr", "roc"}
    assert {*record.inputs} == {"data", "cm"}


def test_threads_log_into_one_run_and_nothing_is_lost() -> None:
    with mlstudio.run("mnist") as run:

        def work(number: int) -> None:
            for step in range(200):
                run.log({f"m{number}": float(step)}, step=step)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.count for one in record_of(run).metrics] == [200] * 6


def test_another_rank_has_series_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with mlstudio.run("mnist", "dist") as run:
        run.log(loss=1.0, step=1)
    monkeypatch.setenv("RANK", "3")
    with mlstudio.load_run("dist", "mnist") as worker:
        worker.log(loss=2.0, step=1)
        worker.log(loss=3.0, step=1, context={"subset": "val"})
        worker.log_metric("loss", 2.5, step=2)
    found = [(dict(one.context), one.last) for one in record_of(run).metrics]
    assert sorted(found, key=str) == [({"rank": 3, "subset": "val"}, 3.0), ({"rank": 3}, 2.5), ({}, 1.0)]


def test_a_repr_reads_what_is_there_now() -> None:
    with mlstudio.run("mnist", "<b>") as run:
        run.log(loss=0.25, step=4)
        assert "InProgress" in run._repr_html_()
        assert "0.25 (step 4)" in run._repr_html_()
        assert "<b>" not in run._repr_html_()
    assert "Completed" in run._repr_html_()
    assert repr(run) == "Run(experiment_name='mnist', run_name='<b>')"


def test_a_forked_child_goes_on_with_the_run_and_does_not_end_it() -> None:
    with mlstudio.run("mnist", capture=False) as run:
        run.log(parent=1.0, step=1)
        run.flush()
        child = os.fork()
        if child == 0:
            try:
                run.log(child=2.0, step=1)
                run.flush()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert record_of(run).status == "InProgress"
    assert {one.name: one.last for one in record_of(run).metrics} == {"parent": 1.0, "child": 2.0}


def test_a_file_that_is_not_there_and_a_name_that_is_no_text_are_told(tmp_path: Path) -> None:
    with mlstudio.run("mnist") as run, pytest.raises(InvalidField, match="no file"):
        run.log_file(tmp_path / "nothing")
    for wrong in (3, None, b"x"):
        with pytest.raises(InvalidField, match="must be text"):
            mlstudio.run(wrong)  # type: ignore[arg-type]


def test_the_component_can_be_added_to_a_trial_of_ones_own() -> None:
    with mlstudio.run("mnist") as run:
        pass
    trial = mlstudio.Experiment.create("other").create_trial("t")
    trial.add_trial_component(run)
    assert [one.experiment_name for one in TrialComponent.load(run.component_name).list_trials()] == ["other", "mnist"]

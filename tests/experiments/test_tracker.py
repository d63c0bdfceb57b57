"""Tracker: SageMaker's recorder, working everywhere."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mlstudio import Experiment, Tracker, Trial, TrialComponent
from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.experiments import TrialComponentStatus
from mlstudio.store import open_store


def status(tracker: Tracker) -> TrialComponentStatus | None:
    tracker.flush()
    return TrialComponent.load(tracker.component_name).status


def test_the_preprocessing_of_the_sweep() -> None:
    with Tracker.create(display_name="Preprocessing", sagemaker_boto_client=None) as tracker:
        assert status(tracker) == TrialComponentStatus("InProgress")
        tracker.log_parameters({"normalization_mean": 0.1307, "normalization_std": 0.3081})
        tracker.log_input(name="mnist-dataset", media_type="application/x-npz", value="file:///data/mnist.npz")
        tracker.log_output("model", "file:///m", media_type="text/plain")
    part = tracker.trial_component
    assert part.display_name == "Preprocessing"
    assert part.parameters == {"normalization_mean": 0.1307, "normalization_std": 0.3081}
    assert part.input_artifacts["mnist-dataset"].value == "file:///data/mnist.npz"
    assert part.output_artifacts["model"].media_type == "text/plain"
    assert part.status == TrialComponentStatus("Completed")
    assert part.start_time is not None
    assert part.end_time is not None
    assert part.end_time >= part.start_time
    trial = Trial.create(Experiment.create("e").experiment_name, "t")
    trial.add_trial_component(tracker.trial_component)
    assert [one.display_name for one in trial.list_trial_components()] == ["Preprocessing"]


def test_what_is_logged_shows_in_the_record_at_once() -> None:
    with Tracker.create() as tracker:
        part = tracker.trial_component
        tracker.log_parameter("lr", np.float32(0.5))
        tracker.log_input("a", "b")
        assert part.parameters == {"lr": 0.5}
        assert part.input_artifacts["a"].value == "b"
        part.display_name = "set on the record"
    assert TrialComponent.load(tracker.component_name).display_name == "set on the record"


def test_an_exception_makes_it_failed_and_goes_on() -> None:
    with pytest.raises(RuntimeError, match="no luck"), Tracker.create() as tracker:
        raise RuntimeError("no luck")
    assert status(tracker) == TrialComponentStatus("Failed", "no luck")


def test_an_interrupt_makes_it_stopped() -> None:
    with pytest.raises(KeyboardInterrupt), Tracker.create() as tracker:
        raise KeyboardInterrupt
    assert status(tracker) == TrialComponentStatus("Stopped", "Interrupted by the user.")


def test_outside_with_the_first_call_starts_it_and_close_ends_it() -> None:
    tracker = Tracker.create()
    assert status(tracker) is None
    tracker.log_metric("loss", 1.0)
    assert status(tracker) == TrialComponentStatus("InProgress")
    tracker.close()
    tracker.close()
    assert status(tracker) == TrialComponentStatus("Completed")


def test_metric_name_and_name_iteration_number_and_step_say_the_same() -> None:
    with Tracker.create() as tracker:
        tracker.log_metric("a", 1.0, iteration_number=np.int64(3))
        tracker.log_metric(metric_name="a", value=2.0, step=4)
        tracker.log_metric(name="a", value=np.float64(3.0), iteration_number=5)
        tracker.log_metric(name="b", value=1)
        tracker.log_metric(name="b", value=2)
    store = open_store()
    assert store.points(tracker.component_name, "a").steps.tolist() == [3, 4, 5]
    assert store.points(tracker.component_name, "a").values.tolist() == [1, 2, 3]
    assert store.points(tracker.component_name, "b").values.tolist() == [1, 2]


def test_timestamps_may_be_aware_naive_or_numbers_of_any_age() -> None:
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    with Tracker.create() as tracker:
        tracker.log_metric("t", 1, timestamp=moment, iteration_number=1)
        tracker.log_metric("t", 1, timestamp=moment.astimezone().replace(tzinfo=None), iteration_number=2)
        tracker.log_metric("t", 1, timestamp=moment.timestamp(), iteration_number=3)
        tracker.log_metric("t", 1, timestamp=moment + timedelta(days=40_000), iteration_number=4)
    seconds = open_store().points(tracker.component_name, "t").ts
    assert seconds[:3].tolist() == [moment.timestamp()] * 3
    assert seconds[3] > 4e9


def test_values_that_are_no_numbers_cost_nothing_but_a_count() -> None:
    with Tracker.create() as tracker:
        for value in ("text", None, [1, 2], object(), np.zeros(3)):
            tracker.log_metric("loss", value)
        tracker.log_metric("loss", math.nan)
        tracker.log_metric("loss", math.inf)
        tracker.log_metric("", 1.0)
        tracker.log_metric("x\ny" * 500, 1.0)
        tracker.log_metric("loss", 1.0, iteration_number=-1)
    assert tracker.dropped == 6
    values = open_store().points(tracker.component_name, "loss").values
    assert np.array_equal(values, [math.nan, math.inf], equal_nan=True)
    assert TrialComponent.load(tracker.component_name).status == TrialComponentStatus("Completed")


def test_files_and_folders_are_kept(tmp_path: Path) -> None:
    source = tmp_path / "data.csv"
    source.write_text("a,b\n")
    folder = tmp_path / "many"
    (folder / "sub").mkdir(parents=True)
    (folder / "one.txt").write_text("1")
    (folder / "sub" / "two.json").write_text("2")
    (folder / "link").symlink_to("/etc/passwd")
    with Tracker.create() as tracker:
        tracker.log_artifact(str(source))
        tracker.log_output_artifact(source, name="renamed", media_type="x/y")
        tracker.log_input_artifact(source)
        tracker.log_artifacts(folder)
    source.unlink()
    part = tracker.trial_component
    assert sorted(part.output_artifacts) == ["data.csv", "one.txt", "renamed", "sub/two.json"]
    assert part.output_artifacts["data.csv"].media_type == "text/csv"
    assert part.output_artifacts["renamed"].media_type == "x/y"
    assert list(part.input_artifacts) == ["data.csv"]
    kept = Path(part.output_artifacts["data.csv"].value.removeprefix("file://"))
    assert kept.read_text() == "a,b\n", "the value is where the kept copy can be read again"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with Tracker.create() as tracker:
        with pytest.raises(ValueError, match="no file"):
            tracker.log_artifact(tmp_path / "nothing")
        with pytest.raises(ValueError, match="no folder"):
            tracker.log_artifacts(tmp_path / "nothing")
    assert status(tracker) == TrialComponentStatus("Completed")


def test_load_by_name_begins_again_only_inside_with() -> None:
    with Tracker.create() as first:
        first.log_parameter("a", 1)
    again = Tracker.load(first.component_name)
    again.log_parameter("b", 2)
    assert status(again) == TrialComponentStatus("Completed")
    with again:
        assert status(again) == TrialComponentStatus("InProgress")
    assert TrialComponent.load(first.component_name).parameters == {"a": 1, "b": 2}
    assert status(again) == TrialComponentStatus("Completed")


def test_inside_a_job_the_jobs_component_is_found_and_its_status_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("own", "job1-aws-training-job", "job2-aws-processing-job"):
        TrialComponent.create(name)
    monkeypatch.setenv("TRAINING_JOB_ARN", "arn:aws:sagemaker:x:1:training-job/job1")
    with Tracker.load() as tracker:
        tracker.log_metric("loss", 1.0)
    assert tracker.component_name == "job1-aws-training-job"
    assert status(tracker) is None
    monkeypatch.setenv("MLSTUDIO_TRIAL_COMPONENT", "own")
    assert Tracker.load().component_name == "own"
    assert Tracker.load(training_job_name="job1").component_name == "job1-aws-training-job"
    assert Tracker.load(processing_job_name="job2").component_name == "job2-aws-processing-job"
    assert len(open_store().points("job1-aws-training-job", "loss").values) == 1


def test_the_configuration_of_a_processing_job_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    TrialComponent.create("p-aws-processing-job")
    config = tmp_path / "processingjobconfig.json"
    config.write_text('{"ProcessingJobName": "p"}')
    monkeypatch.setattr("mlstudio.experiments.tracker._PROCESSING_CONFIG", config)
    assert Tracker.load().component_name == "p-aws-processing-job"


def test_no_name_outside_a_job_and_an_unknown_name_are_told() -> None:
    with pytest.raises(InvalidField, match="no job"):
        Tracker.load()
    with pytest.raises(NotFound, match="nothing"):
        Tracker.load("nothing")


def test_tables_and_curves_become_json_artifacts() -> None:
    with Tracker.create() as tracker:
        tracker.log_table(title="t", values={"x": [1, 2], "y": ["a", "b"]})
        tracker.log_precision_recall([0, 1, 1], [0.1, 0.8, 0.7], title="pr")
        tracker.log_roc_curve([0, 1, 1], [0.1, 0.8, 0.7], title="roc", output_artifact=False)
        tracker.log_confusion_matrix(["a", "b"], ["a", "a"], title="cm")
        with pytest.raises(ValueError, match="exactly one"):
            tracker.log_table(title="none")
    part = tracker.trial_component
    assert sorted(part.output_artifacts) == ["cm", "pr", "t"]
    assert list(part.input_artifacts) == ["roc"]
    assert part.output_artifacts["t"].media_type == "application/json"


def test_a_repr_names_the_component() -> None:
    tracker = Tracker.create(base_trial_component_name="Base", display_name="<x>")
    assert "Base-" in repr(tracker)
    assert "&lt;x&gt;" in tracker._repr_html_()

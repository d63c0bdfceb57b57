"""TrialComponent: everything that save stores, and that it undoes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mlstudio import Tracker, TrialComponent, TrialComponentArtifact
from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.experiments import TrialComponentSource, TrialComponentStatus


def test_everything_that_is_saved_is_loaded() -> None:
    part = TrialComponent.create("part", display_name="Part", tags={"a": "b"})
    assert part.status is None
    part.parameters = {"lr": 0.1, "layers": 3, "opt": "adam", "big": 2**60, "nan": float("nan"), "on": True}
    part.input_artifacts = {"data": TrialComponentArtifact("s3://bucket/x", "text/csv")}
    part.output_artifacts["model"] = TrialComponentArtifact(value="s3://bucket/model")
    part.start_time = datetime(2026, 11, 23, 10, tzinfo=UTC)
    part.end_time = datetime(2026, 11, 23, 11, tzinfo=UTC)
    part.status = TrialComponentStatus(primary_status="InProgress", message="going")
    part.source = TrialComponentSource("arn:job")
    part.display_name = "Renamed"
    part.save()
    read = TrialComponent.load("part")
    assert read.parameters == {"lr": 0.1, "layers": 3, "opt": "adam", "big": str(2**60), "nan": "nan", "on": True}
    assert isinstance(read.parameters["layers"], int)
    assert read.input_artifacts == {"data": TrialComponentArtifact("s3://bucket/x", "text/csv")}
    assert read.output_artifacts["model"].value == "s3://bucket/model"
    assert (read.start_time, read.end_time) == (part.start_time, part.end_time)
    assert read.status == TrialComponentStatus("InProgress", "going")
    assert read.source == TrialComponentSource("arn:job")
    assert (read.display_name, read.tags) == ("Renamed", [{"Key": "a", "Value": "b"}])
    assert read.trial_component_arn.endswith(":trial-component/part")


def test_names_are_taken_out_by_the_remove_lists() -> None:
    part = TrialComponent.create("part")
    part.parameters = {"a": 1, "b": 2}
    part.input_artifacts = {"x": TrialComponentArtifact("1"), "y": TrialComponentArtifact("2")}
    part.output_artifacts = {"z": TrialComponentArtifact("3")}
    part.save()
    part.parameters_to_remove = ["a"]
    part.input_artifacts_to_remove = ["x"]
    part.output_artifacts_to_remove = ["z"]
    part.save()
    read = TrialComponent.load("part")
    assert read.parameters == {"b": 2}
    assert list(read.input_artifacts) == ["y"]
    assert not read.output_artifacts
    assert part.parameters_to_remove == []


def test_saving_one_thing_undoes_nothing_that_was_written_meanwhile() -> None:
    tracker = Tracker.create()
    stale = TrialComponent.load(tracker.component_name)
    with tracker:
        tracker.log_parameter("lr", 0.5)
    stale.display_name = "late"
    stale.save()
    read = TrialComponent.load(tracker.component_name)
    assert (read.display_name, read.parameters) == ("late", {"lr": 0.5})
    assert read.status == TrialComponentStatus("Completed")


def test_a_status_moves_along_its_table_and_may_begin_again() -> None:
    part = TrialComponent.create("part")
    for status in ("InProgress", "Completed", "InProgress", "Stopping", "Stopped"):
        part.status = TrialComponentStatus(primary_status=status)
        part.save()
        assert TrialComponent.load("part").status == TrialComponentStatus(status)
    part.status = TrialComponentStatus(primary_status="Completed")
    with pytest.raises(Conflict, match="Stopped"):
        part.save()


def test_metrics_are_summaries_with_sagemakers_names() -> None:
    with Tracker.create() as tracker:
        for step, value in enumerate([1.0, 3.0, 2.0]):
            tracker.log_metric("loss", value, iteration_number=step)
    (loss,) = TrialComponent.load(tracker.component_name).metrics
    assert (loss.metric_name, loss.min, loss.max, loss.last, loss.count, loss.avg) == ("loss", 1.0, 3.0, 2.0, 3, 2.0)
    assert loss.std_dev == pytest.approx((2 / 3) ** 0.5)
    assert loss.time_stamp is not None
    assert loss.time_stamp.tzinfo is UTC


def test_a_missing_component_is_told_and_reprs_hold_no_markup() -> None:
    with pytest.raises(NotFound, match="nothing"):
        TrialComponent.load("nothing")
    part = TrialComponent.create("<script>alert(1)</script>")
    part.parameters = {"<i>": "<b>"}
    part.save()
    assert "script-alert" in repr(part)
    assert "<script" not in part._repr_html_()
    assert "&lt;i&gt;" in part._repr_html_()

"""Summaries: SageMaker's attribute names on what lists and searches return."""

from __future__ import annotations

import math

from mlstudio import Experiment, Trial, TrialComponent
from mlstudio.entities.experiments import ComponentRecord, SeriesSummary, TrialRef
from mlstudio.experiments.summaries import (
    TrialComponentMetricSummary,
    TrialComponentSearchResult,
    TrialComponentSummary,
    metrics_of,
)


def series(
    name: str, context: dict[str, bool | int | float | str] | None = None, last_ts: float = 1.5
) -> SeriesSummary:
    return SeriesSummary(
        name=name,
        context=context or {},
        count=2,
        first=1.0,
        last=math.nan,
        last_step=4,
        last_ts=last_ts,
        min=1.0,
        max=1.0,
    )


RECORD = ComponentRecord(
    uid="u",
    name="n",
    arn="arn:n",
    display_name="N",
    source_arn="arn:job",
    status="Failed",
    status_message="why",
    start_time=1_500_000,
    params={"lr": 0.1},
    tags={"a": "b"},
    metrics=[series("loss", {"rank": 1}), series("loss"), series("acc")],
    trials=[TrialRef("t", "e")],
    created_at=1,
    created_by="me",
    modified_at=2,
    modified_by="you",
)


def test_a_component_shows_what_sagemaker_shows() -> None:
    summary = TrialComponentSummary.of(RECORD)
    assert (summary.trial_component_name, summary.trial_component_arn, summary.display_name) == ("n", "arn:n", "N")
    assert summary.status is not None
    assert (summary.status.primary_status, summary.status.message) == ("Failed", "why")
    assert summary.source_arn == "arn:job"
    assert summary.start_time is not None
    assert summary.start_time.timestamp() == 1.5
    assert summary.end_time is None
    assert (summary.created_by, summary.last_modified_by) == ("me", "you")
    result = TrialComponentSearchResult.of(RECORD)
    assert result.parameters == {"lr": 0.1}
    assert result.parents == [{"TrialName": "t", "ExperimentName": "e"}]
    assert result.tags == [{"Key": "a", "Value": "b"}]


def test_metrics_stand_by_name_the_plain_one_first() -> None:
    assert [one.metric_name for one in metrics_of(RECORD)] == ["acc", "loss", "loss"]
    one = TrialComponentMetricSummary.of(series("loss"), "arn:job")
    assert (one.min, one.max, one.count, one.avg, one.std_dev, one.source_arn) == (1.0, 1.0, 2, None, None, "arn:job")
    assert one.time_stamp is not None
    assert one.time_stamp.timestamp() == 1.5
    assert TrialComponentMetricSummary.of(series("x", last_ts=math.nan)).time_stamp is None
    assert TrialComponentMetricSummary.of(series("x", last_ts=1e300)).time_stamp is None


def test_lists_give_experiment_and_trial_summaries() -> None:
    Experiment.create("e")
    Trial.create("e", "t", tags={"a": "b"})
    TrialComponent.create("lonely")
    (experiment,) = Experiment.list()
    assert (experiment.experiment_name, experiment.experiment_arn[:4]) == ("e", "arn:")
    assert experiment.creation_time is not None
    (trial,) = Trial.list()
    assert (trial.trial_name, trial.experiment_name, trial.display_name) == ("t", "e", None)
    (found,) = Trial.search("name = 't'")
    assert found.tags == [{"Key": "a", "Value": "b"}]
    (part,) = TrialComponent.list()
    assert part.source_arn is None
    assert part.status is None

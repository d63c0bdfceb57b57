"""The small things that lists and searches return, with SageMaker's attribute names.

Plain data: changing one changes nothing in the store. Times are aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mlstudio.entities.experiments import (
    ArtifactRef,
    ComponentRecord,
    ExperimentRecord,
    SeriesSummary,
    TrialRecord,
)
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.values import as_datetime, tag_list


@dataclass
class TrialComponentSource:
    """What a component stands for: the ARN of a job."""

    source_arn: str | None = None
    source_type: str | None = None


@dataclass
class TrialComponentStatus:
    """``InProgress``, ``Completed``, ``Failed``, ``Stopping`` or ``Stopped``, and why."""

    primary_status: str | None = None
    message: str | None = None


@dataclass
class TrialComponentArtifact:
    """A pointer to an input or output: a URI, path or text, and what it is."""

    value: str
    media_type: str | None = None

    @classmethod
    def of(cls, ref: ArtifactRef) -> TrialComponentArtifact:
        """Return SageMaker's view of a stored artifact."""
        return cls(ref.value, ref.media_type)


@dataclass
class TrialComponentMetricSummary:
    """One metric of one component, folded over its points."""

    metric_name: str
    source_arn: str | None = None
    time_stamp: datetime | None = None
    max: float | None = None
    min: float | None = None
    last: float | None = None
    count: int | None = None
    avg: float | None = None
    std_dev: float | None = None

    @classmethod
    def of(cls, series: SeriesSummary, source_arn: str | None = None) -> TrialComponentMetricSummary:
        """Return SageMaker's view of a series."""
        return cls(
            metric_name=series.name,
            source_arn=source_arn,
            time_stamp=as_datetime(round(series.last_ts * 1e6)) if abs(series.last_ts) < 9e9 else None,
            max=series.max,
            min=series.min,
            last=series.last,
            count=series.count,
            avg=series.avg,
            std_dev=series.std_dev,
        )


@dataclass
class ExperimentSummary:
    """One line of a list of experiments."""

    experiment_name: str
    experiment_arn: str
    display_name: str | None
    creation_time: datetime | None
    last_modified_time: datetime | None

    @classmethod
    def of(cls, record: ExperimentRecord) -> ExperimentSummary:
        """Return the summary of a record."""
        return cls(
            record.name,
            record.arn,
            record.display_name,
            as_datetime(record.created_at),
            as_datetime(record.modified_at),
        )


@dataclass
class ExperimentSearchResult(ExperimentSummary):
    """One experiment that a search found."""

    description: str | None = None
    created_by: str | None = None
    last_modified_by: str | None = None
    tags: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, record: ExperimentRecord) -> ExperimentSearchResult:
        """Return the search result of a record."""
        base = ExperimentSummary.of(record)
        return cls(
            **vars(base),
            description=record.description,
            created_by=record.created_by,
            last_modified_by=record.modified_by,
            tags=tag_list(record.tags),
        )


@dataclass
class TrialSummary:
    """One line of a list of trials."""

    trial_name: str
    trial_arn: str
    experiment_name: str
    display_name: str | None
    creation_time: datetime | None
    last_modified_time: datetime | None

    @classmethod
    def of(cls, record: TrialRecord) -> TrialSummary:
        """Return the summary of a record."""
        return cls(
            record.name,
            record.arn,
            record.experiment_name,
            record.display_name,
            as_datetime(record.created_at),
            as_datetime(record.modified_at),
        )


@dataclass
class TrialSearchResult(TrialSummary):
    """One trial that a search found."""

    created_by: str | None = None
    last_modified_by: str | None = None
    tags: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, record: TrialRecord) -> TrialSearchResult:
        """Return the search result of a record."""
        base = TrialSummary.of(record)
        return cls(
            **vars(base),
            created_by=record.created_by,
            last_modified_by=record.modified_by,
            tags=tag_list(record.tags),
        )


@dataclass
class TrialComponentSummary:
    """One line of a list of trial components."""

    trial_component_name: str
    trial_component_arn: str
    display_name: str | None
    trial_component_source: TrialComponentSource | None
    status: TrialComponentStatus | None
    start_time: datetime | None
    end_time: datetime | None
    creation_time: datetime | None
    created_by: str | None
    last_modified_time: datetime | None
    last_modified_by: str | None

    @property
    def source_arn(self) -> str | None:
        """ARN of the job that the component stands for."""
        return self.trial_component_source.source_arn if self.trial_component_source else None

    @classmethod
    def of(cls, record: ComponentRecord) -> TrialComponentSummary:
        """Return the summary of a record."""
        return cls(**component_fields(record))


@dataclass
class TrialComponentSearchResult(TrialComponentSummary):
    """One trial component that a search found, with everything about it."""

    source: TrialComponentSource | None = None
    parameters: dict[str, ParamValue] = field(default_factory=dict)
    input_artifacts: dict[str, TrialComponentArtifact] = field(default_factory=dict)
    output_artifacts: dict[str, TrialComponentArtifact] = field(default_factory=dict)
    metrics: list[TrialComponentMetricSummary] = field(default_factory=list)
    parents: list[dict[str, str]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, record: ComponentRecord) -> TrialComponentSearchResult:
        """Return the search result of a record."""
        return cls(
            **component_fields(record),
            source=source_of(record),
            parameters=dict(record.params),
            input_artifacts={name: TrialComponentArtifact.of(ref) for name, ref in record.inputs.items()},
            output_artifacts={name: TrialComponentArtifact.of(ref) for name, ref in record.outputs.items()},
            metrics=metrics_of(record),
            parents=[{"TrialName": one.trial_name, "ExperimentName": one.experiment_name} for one in record.trials],
            tags=tag_list(record.tags),
        )


def source_of(record: ComponentRecord) -> TrialComponentSource | None:
    """Return the source of a component, None when it has none."""
    return TrialComponentSource(record.source_arn) if record.source_arn else None


def status_of(record: ComponentRecord) -> TrialComponentStatus | None:
    """Return the status of a component, None before it started."""
    return TrialComponentStatus(record.status, record.status_message) if record.status else None


def metrics_of(record: ComponentRecord) -> list[TrialComponentMetricSummary]:
    """Return the metrics of a component; of a metric in several contexts, the plain one first."""
    ordered = sorted(record.metrics, key=lambda one: (one.name, len(one.context)))
    return [TrialComponentMetricSummary.of(one, record.source_arn) for one in ordered]


def component_fields(record: ComponentRecord) -> dict[str, Any]:
    """Return what every view of a component shares."""
    return {
        "trial_component_name": record.name,
        "trial_component_arn": record.arn,
        "display_name": record.display_name,
        "trial_component_source": source_of(record),
        "status": status_of(record),
        "start_time": as_datetime(record.start_time),
        "end_time": as_datetime(record.end_time),
        "creation_time": as_datetime(record.created_at),
        "created_by": record.created_by,
        "last_modified_time": as_datetime(record.modified_at),
        "last_modified_by": record.modified_by,
    }

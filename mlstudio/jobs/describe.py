"""A job in SageMaker's words: the answer of DescribeTrainingJob or DescribeProcessingJob.

Reads: a `JobRecord` and the summaries of its metrics. Knows nothing of: the store, files.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobRecord
from mlstudio.entities.secrets_jobs import masked_job
from mlstudio.entities.status import ENDED
from mlstudio.jobs.contract import all_hyperparameters
from mlstudio.jobs.processing_contract import request


def _when(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1e6, tz=timezone.utc)  # noqa: UP017 - the same object on Python 3.11


def describe(record: JobRecord, series: Sequence[SeriesSummary] = ()) -> dict[str, Any]:
    """Return the job as ``sagemaker_client.describe_training_job`` or ``describe_processing_job`` would.

    Args:
        record: the job.
        series: summaries of its component; their last values become FinalMetricDataList of a training job.

    Returns:
        A dict; times are aware datetimes in UTC, secrets are masked. What AWS
        alone could know (encryption, network) is left out.
    """
    record = masked_job(record)
    spec = record.spec
    if record.kind == "processing":
        return _processing(record)
    known: dict[str, Any] = {
        "TrainingJobName": record.name,
        "TrainingJobArn": record.arn,
        "TrainingJobStatus": record.status,
        "SecondaryStatus": record.secondary,
        "HyperParameters": all_hyperparameters(spec),
        "AlgorithmSpecification": _algorithm(record),
        "InputDataConfig": [_channel(one) for one in spec.channels],
        "OutputDataConfig": {"S3OutputPath": spec.output_path or record.run_dir},
        "ResourceConfig": {
            "InstanceType": spec.instance_type,
            "InstanceCount": spec.instance_count,
            "VolumeSizeInGB": spec.volume_size or 30,
        },
        "StoppingCondition": {
            "MaxRuntimeInSeconds": spec.max_run,
            **({"MaxWaitTimeInSeconds": spec.max_wait} if spec.max_wait is not None else {}),
        },
        "ModelArtifacts": {"S3ModelArtifacts": record.model_artifact or f"{record.run_dir}/artifacts/model.tar.gz"},
        "CreationTime": _when(record.created_at),
        "LastModifiedTime": _when(record.modified_at),
        "SecondaryStatusTransitions": [_transition(one) for one in record.transitions],
        "FinalMetricDataList": [
            {"MetricName": one.name, "Value": one.last, "Timestamp": _when(int(one.last_ts * 1e6))}
            for one in series
            if not one.name.startswith("system/")  # what the machine did is no metric of the algorithm
        ],
        "ExperimentConfig": _experiment(record),
        "Environment": dict(spec.environment),
        "EnableNetworkIsolation": False,
        "EnableManagedSpotTraining": spec.spot,
    }
    return {**known, **_once_known(record), **_times(record)}


def _once_known(record: JobRecord) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "role" in record.spec.recorded:
        told["RoleArn"] = record.spec.recorded["role"]
    if record.failure_reason:
        told["FailureReason"] = record.failure_reason
    if record.spec.retries:
        told["RetryStrategy"] = {"MaximumRetryAttempts": record.spec.retries}
    if record.spec.checkpoint_source is not None:
        place = {"S3Uri": record.spec.checkpoint_source, "LocalPath": record.spec.checkpoint_path}
        told["CheckpointConfig"] = place
    return told


def _processing(record: JobRecord) -> dict[str, Any]:
    told = {
        **request(record.spec, record.run_dir),
        "ProcessingJobArn": record.arn,
        "ProcessingJobStatus": record.status,
        "CreationTime": _when(record.created_at),
        "LastModifiedTime": _when(record.modified_at),
        "ExperimentConfig": _experiment(record),
    }
    if record.status in ENDED:
        told["ExitMessage"] = (record.failure_reason or record.status_message)[:1024]
    if record.failure_reason:
        told["FailureReason"] = record.failure_reason
    if record.started_at is not None:
        told["ProcessingStartTime"] = _when(record.started_at)
    if record.ended_at is not None:
        told["ProcessingEndTime"] = _when(record.ended_at)
    return told


def _algorithm(record: JobRecord) -> dict[str, Any]:
    spec = record.spec
    return {
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": one.name, "Regex": one.regex} for one in spec.metric_definitions],
        "EnableSageMakerMetricsTimeSeries": True,
        **({"TrainingImage": spec.recorded["image_uri"]} if "image_uri" in spec.recorded else {}),
    }


def _channel(channel: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": channel.source, "S3DataDistributionType": channel.distribution}
    return {
        "ChannelName": channel.name,
        "DataSource": {"S3DataSource": source},
        "InputMode": channel.input_mode,
        **({"ContentType": channel.content_type} if channel.content_type else {}),
    }


def _transition(one: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"Status": one.status, "StartTime": _when(one.start_time), "StatusMessage": one.message}
    if one.end_time is not None:
        told["EndTime"] = _when(one.end_time)
    return told


def _experiment(record: JobRecord) -> dict[str, str]:
    config = record.spec.experiment_config
    named = {
        "ExperimentName": config.experiment_name,
        "TrialName": config.trial_name,
        "TrialComponentDisplayName": config.trial_component_display_name,
        "RunName": config.run_name,
    }
    return {key: value for key, value in named.items() if value is not None}


def _times(record: JobRecord) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if record.started_at is not None:
        told["TrainingStartTime"] = _when(record.started_at)
    if record.ended_at is not None:
        told["TrainingEndTime"] = _when(record.ended_at)
    if record.started_at is not None and record.ended_at is not None:
        seconds = max(1, round((record.ended_at - record.started_at) / 1e6))  # AWS counts begun seconds, one at least
        told |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    return told

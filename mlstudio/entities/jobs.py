"""Jobs: what to run, where it stands, what it left. SageMaker's words (DescribeTrainingJob).

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.job_parts import Distribution, Grant, JobUsage, NotebookRun, ProcessingInput, ProcessingOutput
from mlstudio.entities.status import JobKind, JobStatus, SecondaryStatus
from mlstudio.entities.wire import Count, Int, Time


class MetricDefinition(Struct, frozen=True, forbid_unknown_fields=True):
    """A metric read from the log: RE2, group 1 is the number."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    regex: Annotated[str, Meta(min_length=1, max_length=500)]


class Channel(Struct, frozen=True, forbid_unknown_fields=True):
    """An input folder or file of a job."""

    name: str
    source: str
    """Absolute local path, or an fsspec URL that is fetched before the script starts."""
    content_type: str | None = None
    input_mode: Literal["File", "FastFile"] = "File"
    distribution: str = "FullyReplicated"


class ExperimentConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the job's trial component is put; SageMaker's ExperimentConfig in our spelling."""

    experiment_name: str | None = None
    trial_name: str | None = None
    trial_component_display_name: str | None = None
    run_name: str | None = None


class JobSpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a supervisor needs, fixed at submission."""

    name: str
    kind: JobKind = "training"
    entry_point: str
    source_dir: str
    """Absolute path of the folder that is copied as the job's code."""
    interpreter: str
    """Absolute path of the Python that runs it."""
    framework: str = ""
    hyperparameters: dict[str, str] = field(default_factory=dict)
    """Each value is the JSON text of the value, as in hyperparameters.json."""
    channels: list[Channel] = field(default_factory=list)
    metric_definitions: Annotated[list[MetricDefinition], Meta(max_length=40)] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    instance_type: str = "local"
    instance_count: Annotated[int, Meta(ge=1, le=1000)] = 1
    max_run: Annotated[int, Meta(ge=1, le=2419200)] = 86400
    """Seconds."""
    output_path: str | None = None
    experiment_config: ExperimentConfig = field(default_factory=ExperimentConfig)
    tags: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    """Arguments that only AWS needs: kept for the record, otherwise ignored."""
    client_token: str | None = None
    command: list[str] = field(default_factory=list)
    """What runs the entry point, such as ``["python3"]`` or ``["Rscript"]``; empty: `interpreter`."""
    arguments: Annotated[list[str], Meta(max_length=100)] = field(default_factory=list)
    """Arguments of the script, as they are; a training job's stand behind its hyperparameters."""
    inputs: Annotated[list[ProcessingInput], Meta(max_length=10)] = field(default_factory=list)
    outputs: Annotated[list[ProcessingOutput], Meta(max_length=10)] = field(default_factory=list)
    dependencies: list[str] = field(default_factory=list)
    """Absolute paths of more folders and files that are copied beside the code."""
    distribution: Distribution | None = None
    notebook: NotebookRun | None = None
    image_uri: str | None = None
    """A container image that is not AWS's own: the job runs in it; None: in a process of this host."""
    container_entrypoint: list[str] = field(default_factory=list)
    container_arguments: list[str] = field(default_factory=list)
    network_isolation: bool = False
    allow_cpu_fallback: bool = False
    """A GPU type on a host without a GPU runs on the CPU instead of being refused."""
    volume_size: Annotated[int, Meta(ge=1, le=16384)] | None = None
    """GiB that must be free on the disk before it starts; None: one."""
    priority: Annotated[int, Meta(ge=-100, le=100)] = 0
    """Higher goes first; equal ones in order of submission."""
    max_pending: Annotated[int, Meta(ge=1, le=2419200)] | None = None
    """Seconds in the queue after which it fails with MaxPendingTimeExceeded."""
    grace: Annotated[float, Meta(ge=0, le=3600)] = 120.0
    """Seconds between SIGTERM and SIGKILL when max_run is over."""
    spot: bool = False
    """May be interrupted for a job of higher priority, then starts again with its checkpoints."""
    max_wait: Annotated[int, Meta(ge=1, le=2419200)] | None = None
    """Seconds from submission to the end, interruptions included, for a spot job."""
    retries: Annotated[int, Meta(ge=0, le=30)] = 0
    retry_on: Literal["infrastructure", "any"] = "infrastructure"
    """``infrastructure``: HostRestarted, SupervisorLost, Interrupted, LaunchFailed, NodeLost."""
    checkpoint_path: str = "/opt/ml/checkpoints"
    checkpoint_source: str | None = None
    """Location that checkpoints are taken from and given to; None: the job's folder, kept over retries."""
    debug: dict[str, Any] = field(default_factory=dict)
    """Hook, rules and profiler, as the debugger room reads them."""
    schedule: str | None = None
    """Name of the schedule that submitted it."""
    rerun_of: str | None = None
    """Name of the job that it repeats."""


class Transition(Struct, frozen=True, kw_only=True):
    """One secondary status with its times (SecondaryStatusTransitions)."""

    status: SecondaryStatus
    start_time: Time
    end_time: Time | None = None
    message: str = ""


class FinalMetric(Struct, frozen=True):
    """Last value of a metric of the log (FinalMetricDataList)."""

    name: str
    value: float
    timestamp: Time


class JobRecord(Struct, frozen=True, kw_only=True):
    """A job and where it stands. `spec.environment` is redacted in every answer of the API."""

    uid: str
    name: str
    arn: str
    kind: JobKind
    spec: JobSpec
    status: JobStatus = "InProgress"
    secondary: SecondaryStatus = "Pending"
    status_message: str = ""
    """Why it is pending, or what it does now, in one sentence."""
    failure_reason: str | None = None
    exit_code: Int | None = None
    attempt: Int = 1
    owner: str = ""
    trial_component: str
    """Name of the component that records it: ``<job>-aws-training-job``."""
    created_at: Time
    started_at: Time | None = None
    ended_at: Time | None = None
    modified_at: Time
    run_dir: str = ""
    model_artifact: str | None = None
    """Path of model.tar.gz when written."""
    output_artifact: str | None = None
    log_bytes: Count = 0
    log_dropped: Count = 0
    transitions: list[Transition] = field(default_factory=list)
    stop_requested: bool = False
    priority: Int = 0
    """Where it stands in the queue now; `spec.priority` is where it began."""
    grant: Grant | None = None
    usage: JobUsage | None = None
    version: Int = 1


class JobPage(Struct, frozen=True):
    """A page of jobs, newest first."""

    items: list[JobRecord]
    next: str | None = None


class JobUpdate(Struct, frozen=True, kw_only=True):
    """What the agent changes in one transaction; None means "leave it".

    `status` and `secondary` obey the tables of `entities.status`; a new `secondary` closes the
    last transition and opens one.
    """

    status: JobStatus | None = None
    secondary: SecondaryStatus | None = None
    status_message: str | None = None
    failure_reason: str | None = None
    exit_code: int | None = None
    attempt: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    run_dir: str | None = None
    model_artifact: str | None = None
    output_artifact: str | None = None
    log_bytes: int | None = None
    log_dropped: int | None = None
    priority: int | None = None
    grant: Grant | None = None
    usage: JobUsage | None = None


class JobListRequest(Struct, frozen=True, kw_only=True):
    """Which jobs; all conditions hold together."""

    kind: JobKind | None = None
    status: JobStatus | None = None
    experiment: str | None = None
    schedule: str | None = None
    owner: str | None = None
    open_only: bool = False
    """Only jobs that have not ended."""
    name_contains: str | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str | None = None


class StopRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop a job: SIGTERM, then SIGKILL after `grace` seconds."""

    grace: Annotated[float, Meta(ge=0, le=3600)] = 120.0
    reason: str = "user"

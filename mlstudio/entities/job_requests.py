"""What is asked of jobs over HTTP, and what is answered.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mlstudio.entities.job_parts import FileEntry
from mlstudio.entities.jobs import ExperimentConfig, MetricDefinition
from mlstudio.entities.schedules import Cron
from mlstudio.entities.wire import Count, Int

JsonValues = dict[str, Any]


class JobChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a job that repeats another does differently; a field that is left out stays."""

    name: str | None = None
    """None: made from the first one's."""
    hyperparameters: JsonValues | None = None
    """Values by name; they replace those of the same name, null takes one away."""
    parameters: JsonValues | None = None
    """Of a notebook."""
    environment: dict[str, str | None] | None = None
    """Variables by name; null takes one away. What is not named keeps its value, a secret too."""
    arguments: list[str] | None = None
    instance_type: str | None = None
    max_run: Annotated[int, Meta(ge=1, le=2419200)] | None = None
    priority: Annotated[int, Meta(ge=-100, le=100)] | None = None
    experiment_config: ExperimentConfig | None = None


class JobFromFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Run a file of the file browser as a job."""

    path: Annotated[str, Meta(min_length=1, max_length=1024)]
    """As the contents manager names it: a ``.py``, ``.sh`` or ``.ipynb``."""
    with_folder: bool = False
    """Copy the whole folder of the file as the job's code, not the file alone."""
    kind: Literal["training", "processing"] = "training"
    name: str | None = None
    interpreter: str | None = None
    """Name of a kernelspec; None: the notebook's own, else the server's Python."""
    hyperparameters: JsonValues = field(default_factory=dict)
    parameters: JsonValues = field(default_factory=dict)
    """Of a notebook: they go into a cell after the one tagged ``parameters``."""
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    metric_definitions: list[MetricDefinition] = field(default_factory=list)
    instance_type: str = "local"
    allow_cpu_fallback: bool = False
    max_run: Annotated[int, Meta(ge=1, le=2419200)] = 86400
    priority: Annotated[int, Meta(ge=-100, le=100)] = 0
    retries: Annotated[int, Meta(ge=0, le=30)] = 0
    experiment_config: ExperimentConfig = field(default_factory=ExperimentConfig)


class ScheduleFromFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Run a file of the file browser again and again. Its code is copied now."""

    name: str
    cron: Cron
    timezone: str = "UTC"
    catch_up: bool = False
    keep: Annotated[int, Meta(ge=1, le=10000)] = 30
    job: JobFromFile


class SchedulePatch(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Change a schedule; a field that is left out stays. `version`, when given, must be the present one."""

    cron: Cron | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    catch_up: bool | UnsetType = UNSET
    keep: Annotated[int, Meta(ge=1, le=10000)] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    job: JobFromFile | UnsetType = UNSET
    """Replaces what is run; the file is copied anew."""
    version: int | None = None


class PathQuery(Struct, frozen=True, kw_only=True):
    """A file of the file browser."""

    path: Annotated[str, Meta(min_length=1, max_length=1024)]


class NotebookParameter(Struct, frozen=True, kw_only=True):
    """A name that the cell tagged ``parameters`` of a notebook assigns."""

    name: str
    value: Any = None
    """As JSON, when `literal`."""
    literal: bool = True
    """False: an expression, whose `text` alone is known; giving it a value is possible all the same."""
    text: str = ""
    """What stands behind the "=", as it was written."""
    type: str | None = None
    """Its annotation, as it was written."""
    comment: str = ""
    """What the line says behind "#", else the comment lines above it."""


class NotebookParameters(Struct, frozen=True, kw_only=True):
    """What may be given to a notebook that runs as a job."""

    tagged: bool
    """Whether it has a cell tagged ``parameters``; without one, values stand in a cell before all others."""
    items: list[NotebookParameter] = field(default_factory=list)
    kernel: str | None = None
    """Name of the kernelspec that it was written for."""
    error: str | None = None
    """Why the tagged cell cannot be read, such as a syntax error; None when it can."""


class CronQuery(Struct, frozen=True, kw_only=True):
    """A cron expression that somebody types."""

    cron: Cron
    timezone: str = "UTC"


class CronReply(Struct, frozen=True):
    """What it means."""

    text: str
    """In words, such as "every day at 03:00"."""
    next: list[Int]
    """The next three times, microseconds since the epoch."""


class JobPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """Move a waiting job in the queue."""

    priority: Annotated[int, Meta(ge=-100, le=100)]


class DiffQuery(Struct, frozen=True):
    """Compare with another job."""

    other: str


class FieldDifference(Struct, frozen=True):
    """A value that two jobs do not share; None where one has none."""

    section: Literal["hyperparameters", "environment", "inputs", "outputs", "arguments", "settings"]
    name: str
    left: str | None
    right: str | None


class FileDifference(Struct, frozen=True):
    """A file of the code that two jobs do not share."""

    path: str
    change: Literal["added", "removed", "changed"]
    diff: str = ""
    """Unified diff; "" for a file that is no text or larger than 256 KiB."""


class JobDifference(Struct, frozen=True):
    """What two jobs do not share."""

    left: str
    right: str
    fields: list[FieldDifference]
    files: list[FileDifference]
    files_left_out: Count = 0
    """Files beyond the first 200 that differ."""


class SourceFile(Struct, frozen=True):
    """A file of a job's code."""

    path: str
    size: Count
    text: str | None = None
    """None for what is no text, or larger than 256 KiB."""


class JobSource(Struct, frozen=True):
    """A job's code as it ran."""

    entry_point: str
    files: list[SourceFile]
    files_left_out: Count = 0


class JobFolder(Struct, frozen=True):
    """A folder that a job read or left: ``input/data/train``, ``model``, ``output/data``, ``checkpoints`` …"""

    name: str
    place: str
    """Where it is on this host, or the location it was taken from or given to."""
    files: list[FileEntry]
    files_left_out: Count = 0
    size: Count = 0
    """Bytes of all files, those that are left out included."""


class JobFolders(Struct, frozen=True):
    """What a job read and what it left."""

    items: list[JobFolder]


class DeleteFinished(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which ended jobs to delete; all conditions hold together."""

    status: Literal["Completed", "Failed", "Stopped"] | None = None
    schedule: str | None = None
    older_than: Annotated[float, Meta(ge=0)] | None = None
    """Seconds since the end."""


class Deleted(Struct, frozen=True):
    """What a deletion of many did."""

    deleted: Count
    freed: Count
    """Bytes of disk."""


class AgentReply(Struct, frozen=True, kw_only=True):
    """The agent of this home."""

    running: bool
    pid: Int | None = None
    version: str | None = None
    slots: Int | None = None
    """How many jobs at once; None: as their sizes allow."""
    jobs: Count = 0
    queue: list[str] = field(default_factory=list)
    """Names, in the order in which they go."""

"""What a job is made of beyond its script: what goes in, what comes out, how it is spread, what it was granted.

SageMaker's words (CreateProcessingJob, CreateTrainingJob). A location is an absolute local path or
an fsspec URL such as ``s3://bucket/key`` or ``memory://x``; ``file://`` is turned into a path.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Int

JobPath = Annotated[str, Meta(min_length=1, max_length=1024)]


class ProcessingInput(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file or folder that a processing job finds below ``/opt/ml/processing``."""

    name: str
    source: JobPath
    """Location; a file lands at ``destination/<its name>``, a folder with its contents at `destination`."""
    destination: JobPath
    """Absolute path that the script reads, below ``/opt/ml/processing``."""
    distribution: Literal["FullyReplicated", "ShardedByS3Key"] = "FullyReplicated"


class ProcessingOutput(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A folder that a processing job writes, and where it goes."""

    name: str
    source: JobPath
    """Absolute path that the script writes, below ``/opt/ml/processing``."""
    destination: str | None = None
    """Location; None: the job's own artifacts."""
    upload_mode: Literal["EndOfJob", "Continuous"] = "EndOfJob"
    """Continuous copies each file when it is closed."""


class Distribution(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Several processes for one script."""

    kind: Literal["torch", "mpi"]
    processes_per_host: Annotated[int, Meta(ge=1, le=256)] | None = None
    """None: one for each GPU, else one."""
    options: list[str] = field(default_factory=list)
    """More arguments of the launcher."""


class NotebookRun(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The entry point is a notebook: its cells are executed in order and the executed copy is kept."""

    parameters: dict[str, Any] = field(default_factory=dict)
    """Values that are put into a cell after the one tagged ``parameters``."""
    kernel: str | None = None
    """Name of a kernelspec; None: the job's interpreter."""


class Grant(Struct, frozen=True, kw_only=True):
    """What a job got of its host."""

    instance_type: str
    cpus: list[int] = field(default_factory=list)
    """Numbers of the cores it is bound to; empty: all."""
    vcpu: Count = 0
    """How many cores it may count on: its threads."""
    memory_mib: Count | None = None
    """Its limit; None: none."""
    gpus: list[str] = field(default_factory=list)
    """UUIDs, as CUDA_VISIBLE_DEVICES takes them."""
    notices: list[str] = field(default_factory=list)
    """Sentences: how what it got differs from what the type asks for."""
    paths: str = ""
    """How it sees /opt/ml: ``namespace``, ``symlink``, ``env`` or ``container``; "" until it runs."""


class JobUsage(Struct, frozen=True, kw_only=True):
    """What a job used."""

    cpu_seconds: float = 0.0
    max_rss: Count = 0
    """Bytes, the largest of its processes' sums that was seen."""
    oom_kills: Int = 0


class FileEntry(Struct, frozen=True):
    """A file that a job read or left."""

    path: str
    """Relative to its folder."""
    size: Count

"""Experiments, trials, trial components: what was tried, with what, and how it went.

Records are what the store returns and the API sends; `…Create` and `…Update` are what callers
may give. Times are microseconds since the epoch, UTC. In an update, ``UNSET`` means "leave it".

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from mlstudio.entities.status import ComponentKind, ComponentStatus
from mlstudio.entities.wire import Count, Int, Number, ParamValue, Time

Kind = Literal["experiment", "trial", "trial-component", "job", "artifact"]
Tags = dict[str, str]


class ExperimentCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """A new experiment."""

    name: str
    display_name: str | None = None
    description: str | None = None
    tags: Tags = field(default_factory=dict)


class ExperimentUpdate(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields to change; `version`, when given, must be the present one."""

    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    starred: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    version: int | None = None


class ExperimentRecord(Struct, frozen=True, kw_only=True):
    """A named question, answered by trials."""

    uid: str
    name: str
    arn: str
    display_name: str | None = None
    description: str | None = None
    tags: Tags = field(default_factory=dict)
    totals: PartTotals | None = None
    """Set when only the first tags are here (answers of the server)."""
    starred: bool = False
    created_at: Time
    created_by: str
    modified_at: Time
    modified_by: str
    deleted_at: Time | None = None
    archived_at: Time | None = None
    version: Int = 1
    trials: Count = 0
    components: Count = 0
    running: Count = 0
    """Components that are InProgress or Stopping."""


class TrialCreate(Struct, frozen=True, forbid_unknown_fields=True):
    """A new trial of an experiment."""

    name: str
    experiment_name: str
    display_name: str | None = None
    tags: Tags = field(default_factory=dict)


class TrialUpdate(Struct, frozen=True, forbid_unknown_fields=True):
    """Fields to change; `experiment_name` moves the trial."""

    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    starred: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    experiment_name: str | UnsetType = UNSET
    version: int | None = None


class TrialRecord(Struct, frozen=True, kw_only=True):
    """One attempt at the question: a set of components."""

    uid: str
    name: str
    arn: str
    experiment_name: str
    display_name: str | None = None
    description: str | None = None
    tags: Tags = field(default_factory=dict)
    totals: PartTotals | None = None
    """Set when only the first tags are here (answers of the server)."""
    starred: bool = False
    created_at: Time
    created_by: str
    modified_at: Time
    modified_by: str
    deleted_at: Time | None = None
    archived_at: Time | None = None
    version: Int = 1
    components: Count = 0


class ArtifactRef(Struct, frozen=True):
    """A pointer to an input or output: `value` is a URI, path or text, as the user gave it.

    `uid` is set when the bytes are in our artifact store (fetch by ``artifacts/{uid}/content``).
    """

    value: str
    media_type: str | None = None
    uid: str | None = None
    size: Count | None = None
    sha256: str | None = None


class Process(Struct, frozen=True):
    """The identity of a process: a pid alone is not one (pids are reused, hosts reboot)."""

    host: str = ""
    pid: Int = 0
    proc_start: Int = 0
    """Clock ticks since boot, field 22 of ``/proc/PID/stat``; 0 where unknown."""
    boot_id: str = ""


class ComponentCreate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new trial component. Creating one whose `uid` exists already returns that one (idempotent)."""

    name: str
    uid: str | None = None
    display_name: str | None = None
    description: str | None = None
    kind: ComponentKind = "notebook"
    source_arn: str | None = None
    parent: str | None = None
    """Name of the component that this one is nested in."""
    status: ComponentStatus | None = None
    """None until it starts."""
    start_time: Time | None = None
    params: dict[str, ParamValue] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    inputs: dict[str, ArtifactRef] = field(default_factory=dict)
    outputs: dict[str, ArtifactRef] = field(default_factory=dict)
    trials: list[str] = field(default_factory=list)
    """Names of existing trials to associate it with, in the same transaction."""
    process: Process | None = None
    code: CodeRecord | None = None
    env: EnvironmentRecord | None = None


class ComponentUpdate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fields to change. `params`, `inputs`, `outputs` are merged; `…_to_remove` take names out."""

    display_name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    starred: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    source_arn: str | UnsetType | None = UNSET
    status: ComponentStatus | UnsetType = UNSET
    status_message: str | UnsetType | None = UNSET
    start_time: Time | UnsetType | None = UNSET
    end_time: Time | UnsetType | None = UNSET
    params: dict[str, ParamValue] | UnsetType = UNSET
    inputs: dict[str, ArtifactRef] | UnsetType = UNSET
    outputs: dict[str, ArtifactRef] | UnsetType = UNSET
    params_to_remove: list[str] = field(default_factory=list)
    inputs_to_remove: list[str] = field(default_factory=list)
    outputs_to_remove: list[str] = field(default_factory=list)
    code: CodeRecord | UnsetType = UNSET
    env: EnvironmentRecord | UnsetType = UNSET
    resume: bool = False
    """Allow an ended component to go back to InProgress."""
    version: int | None = None


class SeriesSummary(Struct, frozen=True, kw_only=True, gc=False):
    """One metric of one component in one context, folded; finite values only, save `last` and `first`.

    `avg` is the mean and `std_dev` the population standard deviation of the finite values.
    """

    name: str
    context: dict[str, ParamValue] = field(default_factory=dict)
    count: Count
    n_nan: Count = 0
    """Points that are NaN or infinite."""
    first: Number
    last: Number
    last_step: Int
    last_ts: Number
    """Seconds since the epoch."""
    min: Number | None = None
    min_step: Int | None = None
    max: Number | None = None
    max_step: Int | None = None
    avg: Number | None = None
    std_dev: Number | None = None


class TrialRef(Struct, frozen=True):
    """A trial that a component belongs to, with its experiment."""

    trial_name: str
    experiment_name: str


class CodeRecord(Struct, frozen=True, kw_only=True):
    """Where the code came from. `cell_source` is the notebook cell, `source` an entry script."""

    git_commit: str | None = None
    git_remote: str | None = None
    git_dirty: bool | None = None
    entrypoint: str | None = None
    argv: list[str] = field(default_factory=list)
    notebook_path: str | None = None
    cell_id: str | None = None
    source: str | None = None
    diff_sha256: str | None = None
    """Blob with the uncommitted changes of tracked files (unified diff, at most 1 MiB)."""
    diff_size: Count | None = None


class EnvironmentRecord(Struct, frozen=True, kw_only=True):
    """The interpreter, its packages and the machine."""

    python: str
    platform: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """Environment variables of an allow-list only; never one whose name says secret."""


class PartTotals(Struct, frozen=True, kw_only=True):
    """How many parts a record has, those that an answer left out among them."""

    params: Count = 0
    tags: Count = 0
    inputs: Count = 0
    outputs: Count = 0
    metrics: Count = 0
    trials: Count = 0


class ComponentRecord(Struct, frozen=True, kw_only=True):
    """One thing that ran: a training, a processing step, a notebook cell, a tracked script."""

    uid: str
    name: str
    arn: str
    display_name: str | None = None
    description: str | None = None
    kind: ComponentKind = "notebook"
    source_arn: str | None = None
    parent: str | None = None
    status: ComponentStatus | None = None
    status_message: str | None = None
    start_time: Time | None = None
    end_time: Time | None = None
    process: Process | None = None
    params: dict[str, ParamValue] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    inputs: dict[str, ArtifactRef] = field(default_factory=dict)
    outputs: dict[str, ArtifactRef] = field(default_factory=dict)
    metrics: list[SeriesSummary] = field(default_factory=list)
    trials: list[TrialRef] = field(default_factory=list)
    totals: PartTotals | None = None
    """Set when only the first of some part are here (answers of the server); the rest is had by pages."""
    dropped: Count = 0
    """Log calls that were lost because the disk was full or the input unusable."""
    starred: bool = False
    created_at: Time
    created_by: str
    modified_at: Time
    modified_by: str
    deleted_at: Time | None = None
    archived_at: Time | None = None
    version: Int = 1


class ExperimentPage(Struct, frozen=True):
    """A page of experiments; `next` is the cursor of the following one."""

    items: list[ExperimentRecord]
    next: str | None = None


class TrialPage(Struct, frozen=True):
    """A page of trials."""

    items: list[TrialRecord]
    next: str | None = None


class ComponentPage(Struct, frozen=True):
    """A page of trial components."""

    items: list[ComponentRecord]
    next: str | None = None


class ArtifactItem(Struct, frozen=True, kw_only=True):
    """One input or output of a component, for lists."""

    name: str
    direction: Literal["input", "output"]
    value: str
    media_type: str | None = None
    uid: str | None = None
    size: Count | None = None
    sha256: str | None = None
    created_at: Time | None = None


class CodeReply(Struct, frozen=True):
    """What a component ran, and in what environment; None where it was not captured."""

    code: CodeRecord | None = None
    env: EnvironmentRecord | None = None
    diff: str | None = None
    """The uncommitted changes; only the server's answer carries them."""


class ListRequest(Struct, frozen=True, kw_only=True):
    """Which page of a list, in which order. Order is total: ties end with the uid."""

    where: str | None = None
    """The text query language; `store` never sees it as text, rooms parse it first."""
    sort_by: Literal["Name", "CreationTime"] = "CreationTime"
    sort_order: Literal["Ascending", "Descending"] = "Descending"
    created_before: Time | None = None
    created_after: Time | None = None
    deleted: bool = False
    """Only deleted records; else only living ones."""
    archived: bool = False
    """Only archived records; else they are left out, unless `where` names ``archived``."""
    starred: bool = False
    name_contains: str | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str | None = None


class Confirm(Struct, frozen=True, forbid_unknown_fields=True):
    """Proof that a person meant it: the name typed again."""

    confirm: str

"""Tasks that take a while: imports, exports, purges; what they were asked and what they report.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.tables import TableScope
from mlstudio.entities.wire import Count, Time

SourceKind = Literal["mlflow", "tensorboard", "wandb", "smexperiments"]
ExportFormat = Literal["csv", "parquet", "mlflow"]


class ImportRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bring runs in from elsewhere. The same run twice is once: (kind, id of the source) is remembered."""

    kind: SourceKind
    source: Annotated[str, Meta(min_length=1, max_length=4096)]
    """A folder, a file or a database URL as the server's machine sees it."""
    experiment: str | None = None
    """Put everything into this one; None: the source's own names."""
    artifact_roots: Annotated[list[str], Meta(max_length=100)] = field(default_factory=list)
    """Folders, besides the source's own, from which artifacts may be copied."""
    dry_run: bool = False


class ExportRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Take rows out: what the table shows, or what a query finds."""

    format: ExportFormat
    scope: TableScope = field(default_factory=TableScope)
    where: str | None = None
    order: list[str] = field(default_factory=list)
    columns: list[str] | None = None
    components: list[str] | None = None
    """Only these (a selection); None: all that match."""
    deleted: bool = False
    archived: bool = False
    """Only archived rows; else they are left out, unless `where` names ``archived``."""
    destination: str | None = None
    """A path on the server's machine; None for csv and parquet: the answer is the file."""


class Skipped(Struct, frozen=True):
    """Something that could not be carried, and why."""

    what: str
    why: str
    count: Count = 1


class TransferReport(Struct, frozen=True, kw_only=True):
    """What a transfer did."""

    runs: Count = 0
    """New runs."""
    updated: Count = 0
    """Runs that were there and had grown."""
    unchanged: Count = 0
    points: Count = 0
    """Of runs that were there only the ones that are new."""
    params: Count = 0
    artifacts: Count = 0
    media: Count = 0
    bytes: Count = 0
    experiments: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    """Display names of those experiments that have one."""
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


class TaskRecord(Struct, frozen=True, kw_only=True):
    """A task of the server; lost when the server ends (what it wrote is not). Topic ``task:<uid>``."""

    uid: str
    kind: Literal["import", "export", "purge", "repair"]
    label: str
    status: Literal["InProgress", "Completed", "Failed", "Stopped"]
    done: Count = 0
    total: Count | None = None
    message: str = ""
    started_at: Time
    ended_at: Time | None = None
    report: TransferReport | None = None
    download: bool = False
    """The result can be fetched from ``tasks/{uid}/content``."""


class TaskList(Struct, frozen=True):
    """Tasks of this server, newest first."""

    items: list[TaskRecord]

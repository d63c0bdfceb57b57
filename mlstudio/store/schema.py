"""Every table of the store, once: SQLAlchemy Core, the same for SQLite and PostgreSQL.

Times are int64 microseconds since the epoch, UTC; metric times are float64 seconds. Integer keys
never leave the store, `uid`s do. The migrations in `store/migrations` lead to exactly this schema.

SQLite has no NaN: it keeps one as NULL. Hence in `metric_series` and `metric_block` a NULL in
`first` or `last` is a NaN, and a NULL in `min`, `max`, `mean`, `m2`, `sum`, `sumsq` says that no
value was finite.

Knows nothing of: who reads, who writes.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from mlstudio.store.schema_around import (
    artifact,
    association,
    audit,
    change,
    component_artifact,
    media,
    origin,
    saved_view,
)
from mlstudio.store.schema_base import Key, metadata, ref, row_id, stamps
from mlstudio.store.schema_jobs import lease, schedule

__all__ = [
    "REVISIONS",
    "artifact",
    "association",
    "audit",
    "change",
    "code",
    "component",
    "component_artifact",
    "env",
    "experiment",
    "job",
    "job_stop",
    "job_transition",
    "journal",
    "lease",
    "media",
    "metadata",
    "metric_block",
    "metric_series",
    "name",
    "origin",
    "param",
    "saved_view",
    "schedule",
    "setting",
    "tag",
    "trial",
    "trial_component_link",
]

REVISIONS: Final = ("0001", "0002", "0003")
"""Every released schema, oldest first; the last one is this file's."""
_VALUE: Final = Column("value", Text, nullable=False)
setting: Final = Table("setting", metadata, Column("key", Text, primary_key=True), _VALUE)
"""Of the store itself: ``store_uid``, ``created_at``, ``made_by`` (version that last migrated it),
``generation`` (new whenever the store is put back from a backup; absent: never)."""

experiment: Final = Table(
    "experiment",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    Column("spec_json", Text),
    *stamps(),
    Column("archived_at", BigInteger),
    Index("ix_experiment_created", "created_at", "uid"),
    sqlite_autoincrement=True,
)

trial: Final = Table(
    "trial",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    ref("experiment_id", "experiment.id"),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    *stamps(),
    Column("archived_at", BigInteger),
    Index("ix_trial_experiment", "experiment_id"),
    Index("ix_trial_created", "created_at", "uid"),
    sqlite_autoincrement=True,
)

env: Final = Table(
    "env",
    metadata,
    row_id(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("python", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("packages_json", Text, nullable=False),
    Column("hardware_json", Text, nullable=False),
    Column("variables_json", Text, nullable=False, server_default="{}"),
)

code: Final = Table(
    "code",
    metadata,
    row_id(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("git_commit", Text),
    Column("git_remote", Text),
    Column("git_dirty", Boolean(create_constraint=False)),
    Column("diff_sha256", Text),
    Column("entrypoint", Text),
    Column("argv_json", Text, nullable=False),
    Column("notebook_path", Text),
    Column("cell_id", Text),
    Column("source", Text),
    Column("diff_size", BigInteger),
)

component: Final = Table(
    "trial_component",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    Column("kind", Text, nullable=False),
    ref("parent_id", "trial_component.id", nullable=True, on="SET NULL"),
    Column("source_arn", Text),
    Column("status", Text),
    Column("status_message", Text),
    Column("start_time", BigInteger),
    Column("end_time", BigInteger),
    Column("heartbeat_no", BigInteger, nullable=False, default=0),
    Column("host", Text),
    Column("pid", BigInteger),
    Column("proc_start", BigInteger),
    Column("boot_id", Text),
    ref("env_id", "env.id", nullable=True, on="SET NULL"),
    ref("code_id", "code.id", nullable=True, on="SET NULL"),
    *stamps(),
    Column("archived_at", BigInteger),
    Column("params_json", Text, nullable=False, default="{}"),  # last: may be long, and most reads skip it
    Index("ix_trial_component_created", "created_at", "uid"),
    Index("ix_trial_component_source", "source_arn"),
    Index("ix_trial_component_status", "status"),
    Index("ix_trial_component_parent", "parent_id"),
    sqlite_autoincrement=True,
)

trial_component_link: Final = Table(
    "trial_trial_component",
    metadata,
    ref("trial_id", "trial.id", primary_key=True),
    ref("component_id", "trial_component.id", primary_key=True),
    Index("ix_trial_trial_component_component", "component_id"),
    sqlite_with_rowid=False,
)

name: Final = Table("name", metadata, row_id(), Column("text", Text, nullable=False, unique=True))
"""Names of metrics and parameters, stored once."""

param: Final = Table(
    "param",
    metadata,
    ref("component_id", "trial_component.id", primary_key=True),
    ref("name_id", "name.id", primary_key=True),
    Column("num", Double),
    Column("str", Text),
    Index("ix_param_num", "name_id", "num"),
    Index("ix_param_str", "name_id", "str"),
    sqlite_with_rowid=False,
)
"""For search and sort (`params_json` is for reading). A number: num. A text: str, and num when it
reads as a finite number. A truth value: str true or false, and num 1 or 0."""

tag: Final = Table(
    "tag",
    metadata,
    Column("entity_kind", Text, primary_key=True),
    Column("entity_id", Key, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Index("ix_tag_key", "key", "value"),
    sqlite_with_rowid=False,
)

metric_series: Final = Table(
    "metric_series",
    metadata,
    row_id(),
    ref("component_id", "trial_component.id"),
    ref("name_id", "name.id"),
    Column("context_json", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("n_nan", BigInteger, nullable=False),
    Column("first", Double),
    Column("last", Double),
    Column("last_step", BigInteger, nullable=False),
    Column("last_ts", Double, nullable=False),
    Column("min", Double),
    Column("min_step", BigInteger),
    Column("max", Double),
    Column("max_step", BigInteger),
    Column("mean", Double),
    Column("m2", Double),
    UniqueConstraint("component_id", "name_id", "context_json"),
    Index("ix_metric_series_last", "name_id", "last"),
    Index("ix_metric_series_context", "name_id", sqlite_where=text("context_json <> '{}'")),
)
"""One row per series, folded from its points. `count` counts all points, `n_nan` those that are
not finite; `mean` and `m2` (sum of squared deviations) are over the finite ones. The small index
of series with a context tells a search at once whether a metric has any."""

metric_block: Final = Table(
    "metric_block",
    metadata,
    ref("series_id", "metric_series.id", primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("n_nan", BigInteger, nullable=False),
    Column("reg", BigInteger, nullable=False),
    Column("stride", BigInteger, nullable=False),
    Column("step0", BigInteger, nullable=False),
    Column("step1", BigInteger, nullable=False),
    Column("ts0", Double, nullable=False),
    Column("ts1", Double, nullable=False),
    Column("first", Double),
    Column("last", Double),
    Column("min", Double),
    Column("min_step", BigInteger),
    Column("min_ts", Double),
    Column("max", Double),
    Column("max_step", BigInteger),
    Column("max_ts", Double),
    Column("sum", Double),
    Column("sumsq", Double),
    Column("data", LargeBinary, nullable=False),  # last, or SQLite walks overflow pages to reach what follows
    UniqueConstraint("series_id", "step0"),
)

journal: Final = Table(
    "journal",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("component_uid", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("proc_start", BigInteger, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("drained_to", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False, default=0),
    Column("bad_records", BigInteger, nullable=False, default=0),
    Column("closed_at", BigInteger),
    Index("ix_journal_component", "component_uid"),
)
"""The offset lives beside the data: a stretch of a journal is stored exactly once."""

job: Final = Table(
    "job",
    metadata,
    row_id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("client_token", Text),
    Column("experiment_name", Text),
    Column("status", Text, nullable=False),
    Column("secondary", Text, nullable=False),
    Column("status_message", Text, nullable=False, default=""),
    Column("failure_reason", Text),
    Column("exit_code", BigInteger),
    Column("attempt", BigInteger, nullable=False, default=1),
    Column("owner", Text, nullable=False),
    Column("trial_component", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("modified_at", BigInteger, nullable=False),
    Column("run_dir", Text, nullable=False, default=""),
    Column("model_artifact", Text),
    Column("output_artifact", Text),
    Column("log_bytes", BigInteger, nullable=False, default=0),
    Column("log_dropped", BigInteger, nullable=False, default=0),
    Column("version", BigInteger, nullable=False, default=1),
    Column("spec_json", Text, nullable=False),
    Column("priority", BigInteger, nullable=False, server_default="0"),
    Column("schedule", Text),
    Column("grant_json", Text),
    Column("usage_json", Text),
    Index("ix_job_created", "created_at", "uid"),
    Index("ix_job_status", "status"),
    sqlite_autoincrement=True,
)

job_transition: Final = Table(
    "job_transition",
    metadata,
    ref("job_id", "job.id", primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("status", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("message", Text, nullable=False, default=""),
    sqlite_with_rowid=False,
)

job_stop: Final = Table(
    "job_stop",
    metadata,
    Column("job_id", Key, ForeignKey("job.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("grace", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
)
"""The standing request to stop a job, for the agent."""

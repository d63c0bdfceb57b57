"""Every table of the store, once: SQLAlchemy Core, the same for SQLite and PostgreSQL.

Times are int64 microseconds since the epoch, UTC; metric times are float64 seconds. Integer keys
never leave the store, `uid`s do. The migrations in `store/migrations` lead to exactly this schema.

SQLite has no NaN: it keeps one as NULL. Hence in `metric_series` and `metric_block` a NULL in
`first` or `last` is a NaN, and a NULL in `min`, `max`, `mean`, `m2`, `sum`, `sumsq` says that no
value was finite.

Knows nothing of: who reads, who writes.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

_NAMING: Final = {"uq": "uq_%(table_name)s_%(column_0_N_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
REVISIONS: Final = ("0001",)
"""Every released schema, oldest first; the last one is this file's."""
metadata: Final = MetaData(naming_convention=_NAMING)

Key: Final = BigInteger().with_variant(Integer, "sqlite")
"""An integer key; SQLite wants INTEGER to make it the row id."""


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _ref(name: str, target: str, *, nullable: bool = False, primary_key: bool = False, on: str = "CASCADE") -> Any:
    return Column(name, Key, ForeignKey(target, ondelete=on), nullable=nullable, primary_key=primary_key)


def _stamps() -> tuple[Column[Any], ...]:
    """Return what every record has: who, when, and how often it was changed."""
    return (
        Column("starred", Boolean(create_constraint=False), nullable=False, default=False),
        Column("created_at", BigInteger, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("modified_at", BigInteger, nullable=False),
        Column("modified_by", Text, nullable=False),
        Column("deleted_at", BigInteger),
        Column("deleted_with", Text),  # uid of the record whose deletion took this one along
        Column("version", BigInteger, nullable=False, default=1),
    )


_VALUE: Final = Column("value", Text, nullable=False)
setting: Final = Table("setting", metadata, Column("key", Text, primary_key=True), _VALUE)
"""Of the store itself: ``store_uid``, ``created_at``, ``made_by`` (version that last migrated it)."""

experiment: Final = Table(
    "experiment",
    metadata,
    _id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    Column("spec_json", Text),
    *_stamps(),
    Index("ix_experiment_created", "created_at", "uid"),
    sqlite_autoincrement=True,
)

trial: Final = Table(
    "trial",
    metadata,
    _id(),
    Column("uid", Text, nullable=False, unique=True),
    _ref("experiment_id", "experiment.id"),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    *_stamps(),
    Index("ix_trial_experiment", "experiment_id"),
    Index("ix_trial_created", "created_at", "uid"),
    sqlite_autoincrement=True,
)

env: Final = Table(
    "env",
    metadata,
    _id(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("python", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("packages_json", Text, nullable=False),
    Column("hardware_json", Text, nullable=False),
)

code: Final = Table(
    "code",
    metadata,
    _id(),
    Column("sha256", Text, nullable=False, unique=True),
    Column("git_commit", Text),
    Column("git_remote", Text),
    Column("git_dirty", Boolean(create_constraint=False)),
    Column("dirty_diff_artifact", Text),
    Column("entrypoint", Text),
    Column("argv_json", Text, nullable=False),
    Column("notebook_path", Text),
    Column("cell_id", Text),
    Column("source", Text),
)

component: Final = Table(
    "trial_component",
    metadata,
    _id(),
    Column("uid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("display_name", Text),
    Column("description", Text),
    Column("kind", Text, nullable=False),
    _ref("parent_id", "trial_component.id", nullable=True, on="SET NULL"),
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
    _ref("env_id", "env.id", nullable=True, on="SET NULL"),
    _ref("code_id", "code.id", nullable=True, on="SET NULL"),
    *_stamps(),
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
    _ref("trial_id", "trial.id", primary_key=True),
    _ref("component_id", "trial_component.id", primary_key=True),
    Index("ix_trial_trial_component_component", "component_id"),
    sqlite_with_rowid=False,
)

name: Final = Table("name", metadata, _id(), Column("text", Text, nullable=False, unique=True))
"""Names of metrics and parameters, stored once."""

param: Final = Table(
    "param",
    metadata,
    _ref("component_id", "trial_component.id", primary_key=True),
    _ref("name_id", "name.id", primary_key=True),
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
    _id(),
    _ref("component_id", "trial_component.id"),
    _ref("name_id", "name.id"),
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
)
"""One row per series, folded from its points. `count` counts all points, `n_nan` those that are
not finite; `mean` and `m2` (sum of squared deviations) are over the finite ones."""

metric_block: Final = Table(
    "metric_block",
    metadata,
    _ref("series_id", "metric_series.id", primary_key=True),
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

artifact: Final = Table(
    "artifact",
    metadata,
    _id(),
    Column("uid", Text, unique=True),  # only of bytes in our own artifact store
    Column("uri", Text, nullable=False),
    Column("sha256", Text),
    Column("size", BigInteger),
    Column("media_type", Text),
    Column("type", Text, nullable=False, default="file"),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Index("ix_artifact_sha256", "sha256"),
)

component_artifact: Final = Table(
    "component_artifact",
    metadata,
    _ref("component_id", "trial_component.id", primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    _ref("artifact_id", "artifact.id"),
    Index("ix_component_artifact_artifact", "artifact_id"),
    sqlite_with_rowid=False,
)

association: Final = Table(
    "association",
    metadata,
    Column("source_arn", Text, primary_key=True),
    Column("dest_arn", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_association_dest", "dest_arn"),
    sqlite_with_rowid=False,
)

media: Final = Table(
    "media",
    metadata,
    _id(),
    _ref("component_id", "trial_component.id"),
    _ref("name_id", "name.id"),
    Column("step", BigInteger, nullable=False),
    Column("ts", Double, nullable=False),
    Column("kind", Text, nullable=False),
    _ref("artifact_id", "artifact.id"),
    Column("preview", LargeBinary),
    Index("ix_media_series", "component_id", "name_id", "step"),
)

saved_view: Final = Table(
    "saved_view",
    metadata,
    _id(),
    Column("uid", Text, nullable=False, unique=True),
    _ref("experiment_id", "experiment.id", nullable=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("spec_json", Text, nullable=False),
    Column("version", BigInteger, nullable=False, default=1),
)

audit: Final = Table(
    "audit",
    metadata,
    _id(),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("entity_kind", Text, nullable=False),
    Column("entity_uid", Text, nullable=False),
    Column("before_json", Text),
)

change: Final = Table(
    "change",
    metadata,
    _id(),
    Column("at", BigInteger, nullable=False),
    Column("entity_kind", Text, nullable=False),
    Column("entity_uid", Text, nullable=False),
    Column("entity_name", Text, nullable=False),
    Column("op", Text, nullable=False),
    sqlite_autoincrement=True,  # an id is never used again, though old rows are trimmed
)

job: Final = Table(
    "job",
    metadata,
    _id(),
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
    Index("ix_job_created", "created_at", "uid"),
    Index("ix_job_status", "status"),
    sqlite_autoincrement=True,
)

job_transition: Final = Table(
    "job_transition",
    metadata,
    _ref("job_id", "job.id", primary_key=True),
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

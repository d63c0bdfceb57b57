"""Rows become records: each kind in a fixed number of queries, however many rows there are.

Metric series are read through the bare driver: at 20,000 rows SQLAlchemy's row objects would cost
more than the query.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.experiments import (
    ArtifactRef,
    CodeRecord,
    ComponentRecord,
    EnvironmentRecord,
    ExperimentRecord,
    PartTotals,
    Process,
    SeriesSummary,
    TrialRecord,
    TrialRef,
)
from mlstudio.entities.wire import ParamValue
from mlstudio.store import schema
from mlstudio.store.rules import arn, canonical
from mlstudio.store.sql_parts import among, read_params

_LISTED: Final = "WITH c(id) AS MATERIALIZED (SELECT CAST(value AS INTEGER) FROM json_each(?)) "
_SERIES_SQL: Final = (
    "SELECT s.component_id, s.name_id, s.context_json, s.count, s.n_nan, s.first, s.last, s.last_step, s.last_ts,"
    " s.min, s.min_step, s.max, s.max_step, nullif(nullif(s.mean, 9e999), -9e999),"
    " nullif(sqrt(max(s.m2, 0) / nullif(s.count - s.n_nan, 0)), 9e999)"  # 9e999 is infinity: an overflow is not shown
    " FROM c CROSS JOIN metric_series s ON s.component_id = c.id"
)
_COUNT_SQL: Final = "SELECT c.id, (SELECT count(*) FROM metric_series s WHERE s.component_id = c.id) FROM c"
_TAG_COUNT_SQL: Final = (
    "SELECT c.id, (SELECT count(*) FROM tag t WHERE t.entity_kind = 'trial-component' AND t.entity_id = c.id) FROM c"
)
_FIRST_TAGS_SQL: Final = (
    "SELECT key, value FROM tag WHERE entity_kind = 'trial-component' AND entity_id = ? ORDER BY key LIMIT ?"
)
_NAMES_SQL: Final = "SELECT n.id, n.text FROM c CROSS JOIN name n ON n.id = c.id"
_STAMPS: Final = ("created_at", "created_by", "modified_at", "modified_by", "deleted_at", "archived_at", "version")
_COMMON: Final = ("uid", "name", "display_name", "description", "starred", *_STAMPS)
_AT: Final = {name: place for place, name in enumerate(schema.component.columns.keys())}
_ID, _UID, _PARENT = _AT["id"], _AT["uid"], _AT["parent_id"]
_OF_COMPONENTS: Final = ("kind", "source_arn", "status", "status_message", "start_time", "end_time")
_PLAIN: Final = ("uid", "name", "display_name", "description", *_STAMPS, *_OF_COMPONENTS)
_plain: Final = itemgetter(*(_AT[name] for name in _PLAIN))
_special: Final = itemgetter(
    *(_AT[name] for name in ("starred", "parent_id", "params_json", "host", "pid", "proc_start", "boot_id"))
)
_CODE: Final = tuple(key for key in CodeRecord.__struct_fields__ if key != "argv")
RUNNING: Final = ("InProgress", "Stopping")


def cursor_for(conn: Connection, sql: str, ids: str, *parameters: Any) -> Iterable[tuple[Any, ...]]:
    """Run a query over a list of ids through the driver itself: plain tuples, one by one.

    Args:
        conn: an open connection.
        sql: a query that reads the ids from a table ``c`` with one column ``id``, in the order given.
        ids: the ids as one JSON array. They are cast to integers: an index look-up with an untyped
            value costs 1.7 times as much.
        parameters: of the query itself.
    """
    raw: Any = conn.connection.driver_connection
    cursor: Iterable[tuple[Any, ...]] = raw.execute(_LISTED + sql, (ids, *parameters))
    return cursor


def rows_for(conn: Connection, sql: str, ids: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of `cursor_for`."""
    return list(cursor_for(conn, sql, ids, *parameters))


def _common(row: Row[Any], store_uid: str, kind: str) -> dict[str, Any]:
    values = {key: getattr(row, key) for key in _COMMON}
    return {**values, "starred": bool(row.starred), "arn": arn(store_uid, kind, row.name)}


def tags_of(conn: Connection, kind: str, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the tags of records by id, sorted by key."""
    tag = schema.tag
    query = sa.select(tag.c.entity_id, tag.c.key, tag.c.value).where(
        tag.c.entity_kind == kind, among(tag.c.entity_id, ids)
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for entity_id, key, value in conn.execute(query.order_by(tag.c.entity_id, tag.c.key)):
        found[entity_id][key] = value
    return found


def experiment_records(conn: Connection, rows: Sequence[Row[Any]], store_uid: str) -> list[ExperimentRecord]:
    """Return experiments with their tags and counts."""
    ids = [row.id for row in rows]
    tags, counts = tags_of(conn, "experiment", ids), _experiment_counts(conn, ids)
    records = []
    for row in rows:
        trials, components, running = counts.get(row.id, (0, 0, 0))
        common = _common(row, store_uid, "experiment") | {"tags": tags.get(row.id, {})}
        records.append(ExperimentRecord(**common, trials=trials, components=components, running=running))
    return records


def _experiment_counts(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    trial, link, part = schema.trial, schema.trial_component_link, schema.component
    joined = trial.outerjoin(link, link.c.trial_id == trial.c.id).outerjoin(
        part,
        (part.c.id == link.c.component_id) & part.c.deleted_at.is_(None) & part.c.archived_at.is_(None),
    )
    running = sa.case((part.c.status.in_(RUNNING), part.c.id))
    query = (
        sa.select(
            trial.c.experiment_id,
            sa.func.count(trial.c.id.distinct()),
            sa.func.count(part.c.id.distinct()),
            sa.func.count(running.distinct()),
        )
        .select_from(joined)
        .where(trial.c.deleted_at.is_(None), trial.c.archived_at.is_(None), among(trial.c.experiment_id, ids))
        .group_by(trial.c.experiment_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in conn.execute(query)}


def trial_records(conn: Connection, rows: Sequence[Row[Any]], store_uid: str) -> list[TrialRecord]:
    """Return trials with their tags, experiment and count of living components."""
    ids = [row.id for row in rows]
    tags = tags_of(conn, "trial", ids)
    experiment, link, part = schema.experiment, schema.trial_component_link, schema.component
    wanted = {row.experiment_id for row in rows}
    query = sa.select(experiment.c.id, experiment.c.name).where(among(experiment.c.id, wanted))
    names = {row[0]: row[1] for row in conn.execute(query)}
    counted = (
        sa.select(link.c.trial_id, sa.func.count())
        .join(part, part.c.id == link.c.component_id)
        .where(part.c.deleted_at.is_(None), part.c.archived_at.is_(None), among(link.c.trial_id, ids))
        .group_by(link.c.trial_id)
    )
    counts = {row[0]: row[1] for row in conn.execute(counted)}
    return [
        TrialRecord(
            **_common(row, store_uid, "trial"),
            experiment_name=names[row.experiment_id],
            tags=tags.get(row.id, {}),
            components=counts.get(row.id, 0),
        )
        for row in rows
    ]


def component_records(
    conn: Connection, rows: Sequence[Sequence[Any]], store_uid: str, *, metrics: bool = True, most: int | None = None
) -> list[ComponentRecord]:
    """Return full components: parameters, tags, inputs, outputs, metrics if wanted, trials, lost log calls.

    Args:
        conn: the snapshot that the rows were read in.
        rows: all columns of `schema.component`, in its order; plain tuples are faster than row objects.
        store_uid: part of every ARN.
        metrics: whether to read the metric summaries.
        most: metrics and tags that are read of a component; None: all.
    """
    ids, uids = [row[_ID] for row in rows], [row[_UID] for row in rows]
    cut = {} if most is None else _many(conn, _COUNT_SQL, ids, most)
    series = series_of(conn, [key for key in ids if key not in cut]) if metrics else {}
    for key in cut:
        series |= series_of(conn, [key], most)
    tagged = {} if most is None else _many(conn, _TAG_COUNT_SQL, ids, most)
    tags = tags_of(conn, "trial-component", [key for key in ids if key not in tagged])
    tags |= {key: _first_tags(conn, key, most or 0) for key in tagged}
    trials = _trials_of(conn, ids)
    inputs, outputs = _artifacts_of(conn, ids)
    parents = _parents_of(conn, {row[_PARENT] for row in rows if row[_PARENT] is not None})
    dropped = _dropped_of(conn, uids)
    before = arn(store_uid, "trial-component", "")
    records = []
    for row, key, uid in zip(rows, ids, uids, strict=True):
        told = dict(zip(_PLAIN, _plain(row), strict=True))
        starred, parent_id, params, *process = _special(row)
        records.append(
            ComponentRecord(
                **told,
                arn=before + told["name"],
                starred=bool(starred),
                parent=parents.get(parent_id),
                process=_process(*process),
                params=read_params(params),
                tags=tags.get(key, {}),
                inputs=inputs.get(key, {}),
                outputs=outputs.get(key, {}),
                metrics=series.get(key, []),
                trials=trials.get(key, []),
                totals=_totals(key, cut, tagged, series, tags),
                dropped=dropped.get(uid, 0),
            )
        )
    return records


def _process(host: str | None, pid: int | None, proc_start: int | None, boot_id: str | None) -> Process | None:
    if pid is None and host is None:
        return None
    return Process(host=host or "", pid=pid or 0, proc_start=proc_start or 0, boot_id=boot_id or "")


def names_of(conn: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return the texts of metric and parameter names by id."""
    return dict(rows_for(conn, _NAMES_SQL, canonical(sorted(ids))))


def _many(conn: Connection, counting: str, ids: Sequence[int], most: int) -> dict[int, int]:
    """Return how many parts those components have that have more than `most`."""
    return {key: count for key, count in rows_for(conn, counting, canonical(list(ids))) if count > most}


def _first_tags(conn: Connection, key: int, most: int) -> dict[str, str]:
    raw: Any = conn.connection.driver_connection
    return dict(raw.execute(_FIRST_TAGS_SQL, (key, most)).fetchall())


def _totals(
    key: int,
    cut: Mapping[int, int],
    tagged: Mapping[int, int],
    series: Mapping[int, list[SeriesSummary]],
    tags: Mapping[int, dict[str, str]],
) -> PartTotals | None:
    """Return how many metrics and tags a component has, when not all of them were read."""
    if key not in cut and key not in tagged:
        return None
    metrics = cut[key] if key in cut else len(series.get(key, ()))
    return PartTotals(metrics=metrics, tags=tagged[key] if key in tagged else len(tags.get(key, ())))


def series_of(conn: Connection, ids: Sequence[int], most: int | None = None) -> dict[int, list[SeriesSummary]]:
    """Return the metric summaries of components by id, each list by (name, context).

    Args:
        conn: an open connection.
        ids: of components.
        most: how many are read, those whose names the store met first; None: all.
    """
    first = "" if most is None else f" ORDER BY s.component_id, s.name_id LIMIT {most:d}"
    rows = rows_for(conn, _SERIES_SQL + first, canonical(list(ids)))
    names = names_of(conn, {row[1] for row in rows})
    found: dict[int, list[SeriesSummary]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(summary(names[row[1]], *row[2:]))
    for summaries in found.values():
        if len(summaries) > 1:
            summaries.sort(key=_series_order)
    return found


def _series_order(series: SeriesSummary) -> tuple[str, str]:
    return series.name, canonical(series.context) if series.context else "{}"


def summary(
    name: str,
    context_json: str,
    count: int,
    n_nan: int,
    first: float | None,
    last: float | None,
    last_step: int,
    last_ts: float,
    low: float | None,
    low_step: int | None,
    high: float | None,
    high_step: int | None,
    mean: float | None,
    std_dev: float | None,
) -> SeriesSummary:
    """Return the summary in a row of `metric_series`; a NULL first or last is a NaN."""
    return SeriesSummary(
        name=name,
        context={} if context_json == "{}" else msgspec.json.decode(context_json, type=dict[str, ParamValue]),
        count=count,
        n_nan=n_nan,
        first=math.nan if first is None else first,
        last=math.nan if last is None else last,
        last_step=last_step,
        last_ts=last_ts,
        min=low,
        min_step=low_step,
        max=high,
        max_step=high_step,
        avg=mean,
        std_dev=std_dev,
    )


_TRIALS_SQL: Final = (
    "SELECT c.id, t.name, e.name FROM c CROSS JOIN trial_trial_component l ON l.component_id = c.id"
    " JOIN trial t ON t.id = l.trial_id JOIN experiment e ON e.id = t.experiment_id"
    " WHERE t.deleted_at IS NULL ORDER BY c.id, t.name"
)


def _trials_of(conn: Connection, ids: Sequence[int]) -> dict[int, list[TrialRef]]:
    """Return the living trials of components by id; one reference object per trial, however many share it."""
    found: dict[int, list[TrialRef]] = {}
    known: dict[tuple[str, str], TrialRef] = {}
    for component_id, *names in cursor_for(conn, _TRIALS_SQL, canonical(list(ids))):
        pair = (names[0], names[1])
        ref = known.get(pair) or known.setdefault(pair, TrialRef(*pair))
        found.setdefault(component_id, []).append(ref)
    return found


def _artifacts_of(
    conn: Connection, ids: Sequence[int]
) -> tuple[dict[int, dict[str, ArtifactRef]], dict[int, dict[str, ArtifactRef]]]:
    link, table = schema.component_artifact, schema.artifact
    columns = (link.c.component_id, link.c.direction, link.c.name)
    query = (
        sa.select(*columns, table.c.uri, table.c.media_type, table.c.uid, table.c.size, table.c.sha256)
        .join(table, table.c.id == link.c.artifact_id)
        .where(among(link.c.component_id, ids))
        .order_by(*columns)
    )
    inputs: dict[int, dict[str, ArtifactRef]] = defaultdict(dict)
    outputs: dict[int, dict[str, ArtifactRef]] = defaultdict(dict)
    for component_id, direction, name, *ref in conn.execute(query):
        (inputs if direction == "input" else outputs)[component_id][name] = ArtifactRef(*ref)
    return inputs, outputs


def _parents_of(conn: Connection, ids: set[int]) -> dict[int | None, str]:
    if not ids:
        return {}
    part = schema.component
    return {row[0]: row[1] for row in conn.execute(sa.select(part.c.id, part.c.name).where(among(part.c.id, ids)))}


def _dropped_of(conn: Connection, uids: Sequence[str]) -> dict[str, int]:
    journal = schema.journal
    query = (
        sa.select(journal.c.component_uid, sa.func.sum(journal.c.dropped))
        .where(among(journal.c.component_uid, uids), journal.c.dropped > 0)
        .group_by(journal.c.component_uid)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def code_record(row: Row[Any] | None) -> CodeRecord | None:
    """Return the record in a row of `code`."""
    if row is None:
        return None
    argv = msgspec.json.decode(row.argv_json, type=list[str])
    return CodeRecord(**{key: getattr(row, key) for key in _CODE}, argv=argv)


def env_record(row: Row[Any] | None) -> EnvironmentRecord | None:
    """Return the record in a row of `env`."""
    if row is None:
        return None
    texts = dict[str, str]
    return EnvironmentRecord(
        python=row.python,
        platform=row.platform,
        packages=msgspec.json.decode(row.packages_json, type=texts),
        hardware=msgspec.json.decode(row.hardware_json, type=texts),
        variables=msgspec.json.decode(row.variables_json, type=texts),
    )

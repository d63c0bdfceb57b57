"""Search over components, in SQL: condition, total order, limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.search import OrderKey, Query
from mlstudio.store import schema
from mlstudio.store.search_rules import Shelf, metas_of, no_field, shelf_of
from mlstudio.store.search_sql import (
    TEXTS,
    TIMES,
    condition,
    duration,
    has_contexts,
    name_id,
    shelved,
    stat_of,
    truth,
)
from mlstudio.store.sql_components import in_scope
from mlstudio.store.sql_read import component_records
from mlstudio.store.sqlite import SqlBase

Joined = tuple[sa.FromClause, list[sa.ColumnElement[Any]]]


def ordered(query: sa.Select[Any], order: Sequence[OrderKey]) -> sa.Select[Any]:
    """Return a query over components in the order of the keys: nulls last both ways, then by uid.

    Without a key the newest comes first.
    """
    part = schema.component
    source: sa.FromClause = part
    terms: list[sa.ColumnElement[Any]] = []
    for key in order:
        source, values = _sort_values(source, key)
        terms.append(values[0].is_(None) if len(values) == 1 else sa.and_(*(value.is_(None) for value in values)))
        shown = values if len(values) == 1 else [values[0].is_(None), *values]
        terms.extend(value.desc() if key.descending else value.asc() for value in shown)
    if not order:
        return query.order_by(part.c.created_at.desc(), part.c.uid.desc())
    return query.select_from(source).order_by(*terms, part.c.uid)


def _sort_values(source: sa.FromClause, key: OrderKey) -> Joined:
    """Return the source, joined with what holds the key, and the columns to sort by (number, then text)."""
    field, part = key.field, schema.component
    if field.kind == "meta":
        return source, [_meta_value(key)]
    if field.kind == "tags":
        tag = schema.tag.alias()
        mine = (tag.c.entity_kind == "trial-component") & (tag.c.entity_id == part.c.id) & (tag.c.key == field.name)
        return source.outerjoin(tag, mine), [tag.c.value]
    if field.kind == "params":
        param = schema.param.alias()
        mine = (param.c.component_id == part.c.id) & (param.c.name_id == name_id(field.name))
        return source.outerjoin(param, mine), [param.c.num, param.c.str]
    if field.kind == "metrics":
        series, other, named = schema.metric_series.alias(), schema.metric_series.alias(), name_id(field.name)
        mine = (series.c.component_id == part.c.id) & (series.c.name_id == named) & (series.c.context_json == "{}")
        chosen = (
            sa.select(stat_of(other, field.stat))
            .where(other.c.component_id == part.c.id, other.c.name_id == named)
            .order_by(other.c.context_json)
            .limit(1)
        )
        without = series.c.id.is_(None) & has_contexts(named)  # the first by context stands for it
        value = sa.case((without, chosen.correlate(part).scalar_subquery()), else_=stat_of(series, field.stat))
        return source.outerjoin(series, mine), [value]
    link, artifact = schema.component_artifact.alias(), schema.artifact.alias()
    mine = (link.c.component_id == part.c.id) & (link.c.direction == field.kind.removesuffix("s"))
    joined = source.outerjoin(link, mine & (link.c.name == field.name))
    joined = joined.outerjoin(artifact, artifact.c.id == link.c.artifact_id)
    return joined, [artifact.c.media_type if field.stat == "media_type" else artifact.c.uri]


def _meta_value(key: OrderKey) -> sa.ColumnElement[Any]:
    name, part = key.field.name, schema.component
    if name not in metas_of("trial-component"):
        raise BadQuery(no_field(key.field, "trial-component").message, field="order")
    if name in ("experiment", "trial"):
        return _first_member(name)
    if name == "parent":
        up = schema.component.alias()
        return sa.select(up.c.name).where(up.c.id == part.c.parent_id).scalar_subquery()
    if name == "duration":
        return duration()
    if name in ("starred", "archived"):
        return truth(part, name)
    column: sa.ColumnElement[Any] = part.c[{**TEXTS, **TIMES}[name]]
    return column


def _first_member(which: str) -> sa.ColumnElement[Any]:
    """Return the first name of the component's trials or experiments."""
    trial, experiment, link = schema.trial.alias(), schema.experiment.alias(), schema.trial_component_link.alias()
    named = trial if which == "trial" else experiment
    joined = link.join(trial, trial.c.id == link.c.trial_id).join(experiment, experiment.c.id == trial.c.experiment_id)
    living = (link.c.component_id == schema.component.c.id) & trial.c.deleted_at.is_(None)
    query = sa.select(sa.func.min(named.c.name)).select_from(joined).where(living)
    return query.correlate(schema.component).scalar_subquery()


def matching(
    conn: Connection,
    query: Query,
    *columns: Any,
    experiment: str | None,
    trial: str | None,
    deleted: bool = False,
    shelf: Shelf | None = None,
) -> sa.Select[Any]:
    """Return the SELECT of columns of the components in scope that match, in order, limited.

    Args:
        conn: an open connection.
        query: condition, order, limit.
        columns: what to select.
        experiment: its components only.
        trial: its components only.
        deleted: the deleted ones only.
        shelf: what to do with archived ones; None: as the condition says.
    """
    part = schema.component
    here = part.c.deleted_at.is_not(None) if deleted else part.c.deleted_at.is_(None)
    kept = shelved(part, shelf or shelf_of(query.where, archived=False))
    statement = sa.select(*columns).where(here, *kept, *in_scope(conn, experiment, trial))
    if query.where is not None:
        statement = statement.where(condition(query.where))
    statement = ordered(statement, query.order)
    return statement if query.limit is None else statement.limit(query.limit)


class SqlSearch(SqlBase):
    """The part of the store that finds components."""

    def search_components(
        self, query: Query, *, experiment: str | None = None, metrics: bool = True
    ) -> list[ComponentRecord]:
        """Return the living components that match, in order; full records, `metrics` left empty when not wanted."""
        with self.read() as conn:
            statement = matching(conn, query, schema.component, experiment=experiment, trial=None)
            cursor: Any = conn.execute(statement).cursor  # plain tuples, for there may be very many
            return component_records(conn, cursor.fetchall(), self.uid, metrics=metrics)

"""The abstract search becomes SQL: bound parameters only, nothing is evaluated.

What a comparison means is said once, here and (for the store in memory) in `search_eval`:

- numbers (times, duration, metric statistics, numeric parameters) compare with numbers and with
  texts that read as numbers; with other texts they never match;
- a text parameter compares with a number when it reads as one itself, and so it does with a text
  that reads as a number under ``<``, ``<=``, ``>``, ``>=``; otherwise it compares as text;
- other texts (name, tags, inputs …) compare with the spelling of the value;
- a missing field matches nothing; ``!=``, ``not in``, ``not contains``, ``not like`` are the
  contrary of their positive form, and therefore true for it;
- `experiment` and `trial` match when any of the component's do.

Reads: `store.schema`. Knows nothing of: the text of a query.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Or
from mlstudio.store import schema
from mlstudio.store.rules import number_of
from mlstudio.store.search_rules import NEGATIVE, ORDERING, Shelf, glob_of, metas_of, no_field, no_stat, spelled

Clause = sa.ColumnElement[bool]
Value = str | float | int | bool
Test = Callable[[str, Value], Clause]

TEXTS: Final = {
    "name": "name",
    "display_name": "display_name",
    "status": "status",
    "kind": "kind",
    "user": "created_by",
    "host": "host",
    "note": "description",
    "source": "source_arn",
}
TIMES: Final = {"created": "created_at", "modified": "modified_at", "started": "start_time", "ended": "end_time"}
STATS: Final = {None: "last", "value": "last", "last": "last", "min": "min", "max": "max", "count": "count"}
_TABLES: Final = {"experiment": schema.experiment, "trial": schema.trial, "trial-component": schema.component}


def condition(expr: Expr, kind: str = "trial-component") -> Clause:
    """Return the WHERE clause of a search over records of a kind.

    Raises:
        BadQuery: the kind has no such field.
    """
    if isinstance(expr, And):
        return sa.and_(sa.true(), *(condition(item, kind) for item in expr.items))
    if isinstance(expr, Or):
        return sa.or_(sa.false(), *(condition(item, kind) for item in expr.items))
    if isinstance(expr, Not):
        return _contrary(condition(expr.item, kind))
    return _comparison(expr, kind)


def _contrary(clause: Clause) -> Clause:
    """Return NOT in two-valued logic: what is unknown counts as false, its contrary as true."""
    return sa.not_(sa.func.coalesce(clause, sa.false()))


def _comparison(cmp: Cmp, kind: str) -> Clause:
    positive = NEGATIVE.get(cmp.op)
    if positive is not None:
        return _contrary(_comparison(Cmp(cmp.field, positive, cmp.value), kind))
    op, values = test_of(cmp)
    if cmp.field.kind != "meta":
        return _TABLES[kind].c.id.in_(passing(cmp.field, kind, op, values))
    return sa.or_(sa.false(), *(_meta(cmp.field, kind, op, value) for value in values))


def test_of(cmp: Cmp) -> tuple[str, tuple[Value, ...]]:
    """Return a positive comparison as an operator and the values of which one must hold."""
    if cmp.op == "in":
        return "==", cmp.value if isinstance(cmp.value, tuple) else () if cmp.value is None else (cmp.value,)
    return cmp.op, ("",) if isinstance(cmp.value, tuple) or cmp.value is None else (cmp.value,)


def _meta(field: Field, kind: str, op: str, value: Value) -> Clause:
    if field.name not in metas_of(kind):
        raise no_field(field, kind)
    table = _TABLES[kind]
    if field.name in TEXTS:
        return text_test(table.c[TEXTS[field.name]], op, value)
    if field.name in TIMES:
        return number_test(table.c[TIMES[field.name]], op, value)
    if field.name in ("starred", "archived"):
        return number_test(truth(table, field.name), op, _truth(value))
    if field.name == "duration":
        return number_test(duration(), op, value)
    if field.name == "parent":
        up = schema.component.alias()
        return table.c.parent_id.in_(sa.select(up.c.id).where(text_test(up.c.name, op, value)))
    return _member(field.name, kind, op, value)


def duration() -> sa.ColumnElement[Any]:
    """Return seconds from start to end of a component, NULL while it runs."""
    part = schema.component.c
    return sa.cast(part.end_time - part.start_time, sa.Double) / sa.literal(1e6, sa.Double)


def truth(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    """Return 1 or 0 for `starred` and `archived` of a record."""
    flag = table.c.starred if name == "starred" else table.c.archived_at.is_not(None)
    return sa.cast(flag, sa.Integer)


def shelved(table: sa.Table, shelf: Shelf) -> list[Clause]:
    """Return the condition that leaves out archived records, or all others."""
    if shelf == "all":
        return []
    archived = table.c.archived_at
    return [archived.is_not(None) if shelf == "only" else archived.is_(None)]


def _truth(value: Value) -> Value:
    return {"true": 1, "false": 0}.get(value.lower(), value) if isinstance(value, str) else value


def _member(which: str, kind: str, op: str, value: Value) -> Clause:
    """Return whether any trial, or experiment, of the record passes."""
    trial, experiment, link = schema.trial, schema.experiment, schema.trial_component_link
    if kind == "trial":
        inside = sa.select(experiment.c.id).where(text_test(experiment.c.name, op, value))
        return trial.c.experiment_id.in_(inside)
    members = sa.select(link.c.component_id).join(trial, trial.c.id == link.c.trial_id)
    tested = trial if which == "trial" else experiment
    if which == "experiment":
        members = members.join(experiment, experiment.c.id == trial.c.experiment_id)
    members = members.where(trial.c.deleted_at.is_(None), text_test(tested.c.name, op, value))
    return schema.component.c.id.in_(members)


def passing(field: Field, kind: str, op: str, values: Sequence[Value]) -> sa.Select[Any]:
    """Return the query for the ids of the records whose tag, parameter, metric or artifact passes.

    Args:
        field: of a group, not a meta field.
        kind: of the records.
        op: a positive operator, not ``in``.
        values: what it is compared with; one must hold.

    Raises:
        BadQuery: records of the kind have no such field.
    """

    def any_of(test: Callable[[Value], Clause]) -> Clause:
        return sa.or_(sa.false(), *map(test, values))

    if field.kind == "tags":
        tag = schema.tag
        mine = (tag.c.entity_kind == kind) & (tag.c.key == field.name)
        return sa.select(tag.c.entity_id).where(mine, any_of(lambda value: text_test(tag.c.value, op, value)))
    if kind != "trial-component":
        raise no_field(field, kind)
    if field.kind == "params":
        param = schema.param.c
        tested = any_of(lambda value: param_test(param.num, param.str, op, value))
        return sa.select(param.component_id).where(param.name_id == name_id(field.name), tested)
    if field.kind == "metrics":
        stat = stat_of(schema.metric_series, field.stat)
        return _metric(field, any_of(lambda value: _stat_test(field.stat, stat, op, value)))
    link, table = schema.component_artifact, schema.artifact
    column = table.c.media_type if field.stat == "media_type" else table.c.uri
    mine = (link.c.direction == field.kind.removesuffix("s")) & (link.c.name == field.name)
    joined = sa.select(link.c.component_id).join(table, table.c.id == link.c.artifact_id)
    return joined.where(mine, any_of(lambda value: text_test(column, op, value)))


def _metric(field: Field, tested: Clause) -> sa.Select[Any]:
    series, other = schema.metric_series, schema.metric_series.alias()
    named = name_id(field.name)
    return sa.select(series.c.component_id).where(
        series.c.name_id == named,
        tested,
        sa.not_(has_contexts(named))
        | (series.c.context_json == "{}")
        | (series.c.id == plain_series(other, series.c.component_id, series.c.name_id)),
    )


def has_contexts(named: Any) -> sa.Exists:
    """Return whether any series of a metric has a context; asked once a query, of a small index."""
    series = schema.metric_series.alias()
    return sa.exists().where(series.c.name_id == named, series.c.context_json != "{}").correlate(None)


def _stat_test(which: str | None, stat: sa.ColumnElement[Any], op: str, value: Value) -> Clause:
    if op == "exists" and STATS.get(which) in ("last", "count"):
        return sa.true()  # a last value that is NaN is there all the same
    if op == "==" and isinstance(value, float) and math.isnan(value):
        return stat.is_(None)  # the series is there and its statistic is no number
    return number_test(stat, op, value)


def name_id(text: str) -> sa.ScalarSelect[Any]:
    """Return the id of a metric or parameter name, as a subquery."""
    return sa.select(schema.name.c.id).where(schema.name.c.text == text).scalar_subquery()


def plain_series(other: Any, component_id: Any, named: Any) -> sa.ScalarSelect[Any]:
    """Return the id of the series that stands for a metric: that without context, else the first by context."""
    return (
        sa.select(other.c.id)
        .where(other.c.component_id == component_id, other.c.name_id == named)
        .order_by(other.c.context_json != "{}", other.c.context_json)
        .limit(1)
        .scalar_subquery()
    )


def stat_of(series: Any, stat: str | None) -> sa.ColumnElement[Any]:
    """Return the column of a statistic; `last` where none is named. Raises: BadQuery."""
    simple = {
        None: "last",
        "value": "last",
        "last": "last",
        "min": "min",
        "max": "max",
        "avg": "mean",
        "count": "count",
    }
    if stat in simple:
        column: sa.ColumnElement[Any] = series.c[simple[stat]]
        return column
    if stat == "stddev":
        return sa.func.sqrt(series.c.m2 / sa.func.nullif(series.c.count - series.c.n_nan, 0))
    raise no_stat(stat)


def text_test(column: sa.ColumnElement[Any], op: str, value: Value) -> Clause:
    """Return a comparison of a text column with the spelling of a value."""
    if op == "exists":
        return column.is_not(None)
    text = spelled(value)
    if op == "contains":
        return sa.func.instr(column, text) > 0
    if op == "like":
        return column.op("GLOB", is_comparison=True)(glob_of(text))
    return _ordered(column, op, text)


def number_test(column: sa.ColumnElement[Any], op: str, value: Value) -> Clause:
    """Return a comparison of a number column; texts that are no numbers never match."""
    if op == "exists":
        return column.is_not(None)
    number = number_of(value) if isinstance(value, str) else float(value)
    if op in ("contains", "like") or number is None or math.isnan(number):
        return sa.false()
    return _ordered(column, op, number)


def param_test(num: sa.ColumnElement[Any], text: sa.ColumnElement[Any], op: str, value: Value) -> Clause:
    """Return a comparison of a parameter, by what is stored and what is given."""
    if op == "exists":
        return sa.true()
    if not isinstance(value, str):
        if isinstance(value, float) and not math.isfinite(value):
            return text_test(text, op, value)  # kept as text, like every NaN and infinity
        return number_test(num, op, value)
    if number_of(value) is None:
        return text_test(text, op, value)
    if op in ORDERING:
        return number_test(num, op, value)
    return text_test(text, op, value) | (text.is_(None) & number_test(num, op, value))


def _ordered(column: sa.ColumnElement[Any], op: str, value: str | float) -> Clause:
    tests: dict[str, Callable[[], Clause]] = {
        "==": lambda: column == value,
        "<": lambda: column < value,
        "<=": lambda: column <= value,
        ">": lambda: column > value,
        ">=": lambda: column >= value,
    }
    if op not in tests:
        raise BadQuery(f'The operator "{op}" is not known.', field="where")
    return tests[op]()

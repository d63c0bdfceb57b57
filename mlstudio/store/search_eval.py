"""The abstract search, evaluated over records: what `search_sql` says, without SQL.

The store in memory uses it; the contract suite holds the two against each other.

Knows nothing of: where the records come from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.experiments import ComponentRecord, SeriesSummary
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Or, OrderKey
from mlstudio.store.rules import canonical, number_of, param_cell
from mlstudio.store.search_rules import NEGATIVE, ORDERING, metas_of, no_field, no_stat, spelled

Value = str | float | int | bool

_SAME = {"name": "name", "display_name": "display_name", "status": "status", "kind": "kind", "parent": "parent"}
_TEXTS = {**_SAME, "user": "created_by", "note": "description", "source": "source_arn"}
_NUMBERS = {"created": "created_at", "modified": "modified_at", "started": "start_time", "ended": "end_time"}
_STATS = {None: "last", "value": "last", "avg": "avg", "stddev": "std_dev"} | {
    name: name for name in ("last", "min", "max", "count")
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One stored value: a number, a text, a parameter, or a truth value."""

    kind: Literal["number", "text", "param", "truth"]
    value: Any


def matches(record: Any, kind: str, expr: Expr) -> bool:
    """Tell whether a record of a kind passes a search that `search_rules.check` has passed."""
    if isinstance(expr, And):
        return all(matches(record, kind, item) for item in expr.items)
    if isinstance(expr, Or):
        return any(matches(record, kind, item) for item in expr.items)
    if isinstance(expr, Not):
        return not matches(record, kind, expr.item)
    positive = NEGATIVE.get(expr.op)
    if positive is not None:
        return not matches(record, kind, Cmp(expr.field, positive, expr.value))
    cells = cells_of(record, kind, expr.field)
    if expr.op == "in":
        values = expr.value if isinstance(expr.value, tuple) else () if expr.value is None else (expr.value,)
        return any(_holds(cell, "==", value) for cell in cells for value in values)
    value = "" if isinstance(expr.value, tuple) or expr.value is None else expr.value
    return any(_holds(cell, expr.op, value) for cell in cells)


def cells_of(record: Any, kind: str, field: Field) -> list[Cell]:
    """Return the values of a field of a record; none when it is missing."""
    if field.kind == "meta":
        return _meta_cells(record, kind, field)
    if field.kind == "tags":
        return [Cell("text", record.tags[field.name])] if field.name in record.tags else []
    if kind != "trial-component":
        raise no_field(field, kind)
    if field.kind == "params":
        return [Cell("param", record.params[field.name])] if field.name in record.params else []
    if field.kind == "metrics":
        return _metric_cells(record, field)
    refs = record.inputs if field.kind == "inputs" else record.outputs
    if field.name not in refs:
        return []
    value = refs[field.name].media_type if field.stat == "media_type" else refs[field.name].value
    return [] if value is None else [Cell("text", value)]


def _meta_cells(record: Any, kind: str, field: Field) -> list[Cell]:
    name = field.name
    if name not in metas_of(kind):
        raise no_field(field, kind)
    if name in ("starred", "archived"):
        return [Cell("truth", record.starred if name == "starred" else record.archived_at is not None)]
    if name in ("experiment", "trial"):
        if kind == "trial":
            return [Cell("text", record.experiment_name)]
        return [Cell("text", text) for text in sorted({getattr(ref, f"{name}_name") for ref in record.trials})]
    if name == "duration":
        return [] if (seconds := duration_of(record)) is None else [Cell("number", seconds)]
    if name == "host":
        return [] if record.process is None else [Cell("text", record.process.host)]
    value = getattr(record, _TEXTS.get(name) or _NUMBERS[name])
    return [] if value is None else [Cell("text" if name in _TEXTS else "number", value)]


def duration_of(record: ComponentRecord) -> float | None:
    """Return seconds from start to end, None while it runs."""
    if record.start_time is None or record.end_time is None:
        return None
    return (record.end_time - record.start_time) / 1e6


def plain_series(metrics: Iterable[SeriesSummary], name: str) -> SeriesSummary | None:
    """Return the series that stands for a metric: that without context, else the first by context."""
    mine = [series for series in metrics if series.name == name]
    return min(mine, key=lambda series: (bool(series.context), canonical(series.context)), default=None)


def stat_value(series: SeriesSummary, stat: str | None) -> float | None:
    """Return a statistic of a series. Raises: BadQuery (no such statistic)."""
    if stat not in _STATS:
        raise no_stat(stat)
    value: float | None = getattr(series, _STATS[stat])
    return value


def _metric_cells(record: ComponentRecord, field: Field) -> list[Cell]:
    series = plain_series(record.metrics, field.name)
    if series is None:
        return []
    value = stat_value(series, field.stat)
    return [Cell("number", math.nan if value is None else value)]


def _holds(cell: Cell, op: str, value: Value) -> bool:
    if cell.kind == "text":
        return _text_holds(cell.value, op, value)
    if cell.kind == "param":
        return _param_holds(cell.value, op, value)
    if cell.kind == "truth":
        shown = {"true": 1, "false": 0}.get(value.lower(), value) if isinstance(value, str) else value
        return _number_holds(float(cell.value), op, shown)
    if op == "==" and isinstance(value, float) and math.isnan(value):
        return math.isnan(cell.value)
    return _number_holds(cell.value, op, value)


def _text_holds(stored: str, op: str, value: Value) -> bool:
    text = spelled(value)
    if op == "exists":
        return True
    if op == "contains":
        return text in stored
    if op == "like":
        return glob(stored, text)
    return _ordered(stored, op, text)


def _number_holds(stored: float, op: str, value: Value) -> bool:
    if op == "exists":
        return True
    number = number_of(value) if isinstance(value, str) else float(value)
    if op in ("contains", "like") or number is None or math.isnan(number) or math.isnan(stored):
        return False
    return _ordered(stored, op, number)


def _param_holds(stored: Any, op: str, value: Value) -> bool:
    if op == "exists":
        return True
    num, text = param_cell(stored)
    if not isinstance(value, str):
        if isinstance(value, float) and not math.isfinite(value):
            return text is not None and _text_holds(text, op, value)
        return num is not None and _number_holds(num, op, value)
    numeric = number_of(value) is not None
    if text is not None and not (numeric and op in ORDERING):
        return _text_holds(text, op, value)
    return num is not None and numeric and _number_holds(num, op, value)


def _ordered(stored: Any, op: str, value: Any) -> bool:
    tests = {"==": stored == value, "<": stored < value, "<=": stored <= value, ">": stored > value}
    if op == ">=":
        return bool(stored >= value)
    if op not in tests:
        raise BadQuery(f'The operator "{op}" is not known.', field="where")
    return bool(tests[op])


def glob(text: str, pattern: str) -> bool:
    """Tell whether a text fits a pattern with * and ?, in time length × length at worst."""
    at = star = mark = 0
    place, seen = 0, False
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark, seen, place = place, at, True, place + 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            at, place = at + 1, place + 1
        elif seen:
            mark += 1
            at, place = mark, star + 1
        else:
            return False
    return all(char == "*" for char in pattern[place:])


def in_order(records: Sequence[ComponentRecord], order: Sequence[OrderKey]) -> list[ComponentRecord]:
    """Return components in the order of the keys, nulls last both ways, then by uid; newest first without a key."""
    if not order:
        return sorted(records, key=lambda record: (record.created_at, record.uid), reverse=True)
    found = sorted(records, key=lambda record: record.uid)
    for key in reversed(order):
        valued = [(_sort_value(record, key), record) for record in found]
        there = [pair for pair in valued if pair[0] is not None]
        there.sort(key=lambda pair: pair[0], reverse=key.descending)
        found = [record for _, record in there] + [record for value, record in valued if value is None]
    return found


def _sort_value(record: ComponentRecord, key: OrderKey) -> Any:
    cells = cells_of(record, "trial-component", key.field)
    if not cells:
        return None
    cell = cells[0]
    if cell.kind == "param":
        num, text = param_cell(cell.value)
        return num is None, num or 0.0, text is not None, text or ""
    if cell.kind == "number" and math.isnan(cell.value):
        return None
    return cell.value

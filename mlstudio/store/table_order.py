"""Which rows of a snapshot match a search, and in which order.

Each comparison is one look into an index (`search_sql` says what it means) and becomes a mask over
the rows; and, or, not join masks. Rows are sorted by the snapshot's own columns where these are
numbers, else by SQL. The same answer as `sql_search.matching`, several times faster.

Reads: the snapshot, the search tables. Knows nothing of: requests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Or, OrderKey, Query
from mlstudio.store.rules import number_of
from mlstudio.store.search_rules import NEGATIVE, check
from mlstudio.store.search_sql import passing, test_of
from mlstudio.store.table_cache import Snapshot
from mlstudio.store.table_columns import NUMBER_METAS, STATS, Floats, Mask, Numbers, Positions

PART: Final = "trial-component"
_TESTS: Final[dict[str, Callable[[Floats, float], Mask]]] = {
    "==": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
Asked = Callable[[Query], "sa.Select[Any]"]


def in_order(conn: Connection, snapshot: Snapshot, query: Query, asked: Asked) -> Positions:
    """Return the rows that match, in order.

    Args:
        conn: sees the moment of the snapshot.
        snapshot: the rows of the scope.
        query: condition, order, limit.
        asked: gives the SQL for the ids in scope that match a query, in its order.

    Raises:
        BadQuery: a field, operator or statistic that there is not.
    """
    check(query.where, PART)
    rows = _sorted(conn, snapshot, query.order, asked)
    if query.where is not None:
        rows = rows[_mask(conn, snapshot, query.where, asked)[rows]]
    return rows[: query.limit]


def _ids(conn: Connection, statement: sa.Select[Any]) -> Iterator[int]:
    cursor: Any = conn.execute(statement).cursor  # plain tuples: row objects would cost more than the query
    return chain.from_iterable(cursor)


# ---- which


def _mask(conn: Connection, snapshot: Snapshot, expr: Expr, asked: Asked) -> Mask:
    size = len(snapshot.ids)
    if isinstance(expr, And):
        return _joined(np.ones(size, np.bool_), np.logical_and, conn, snapshot, expr, asked)
    if isinstance(expr, Or):
        return _joined(np.zeros(size, np.bool_), np.logical_or, conn, snapshot, expr, asked)
    if isinstance(expr, Not):
        return ~_mask(conn, snapshot, expr.item, asked)
    positive = NEGATIVE.get(expr.op)
    if positive is not None:
        return ~_mask(conn, snapshot, Cmp(expr.field, positive, expr.value), asked)
    numbers = _numbers(conn, snapshot, expr.field)
    if numbers is not None:
        op, values = test_of(expr)
        if not any(isinstance(value, float) and not math.isfinite(value) for value in values):
            return _among(numbers, op, values)
    found = np.zeros(size, np.bool_)
    statement = asked(Query(expr)) if expr.field.kind == "meta" else passing(expr.field, PART, *test_of(expr))
    found[snapshot.positions(_ids(conn, statement))] = True
    return found


def _joined(begin: Mask, join: Any, conn: Connection, snapshot: Snapshot, expr: And | Or, asked: Asked) -> Mask:
    for item in expr.items:
        begin = join(begin, _mask(conn, snapshot, item, asked))
    return begin


def _numbers(conn: Connection, snapshot: Snapshot, field: Field) -> Numbers | None:
    """Return the numbers of a parameter or metric, when they are here and compare as SQL would."""
    field = _plain(field)
    comparable = field.kind == "params" or (field.kind == "metrics" and field.stat in ("last", "min", "max", "count"))
    if not comparable or not snapshot.has(field):
        return None
    column = snapshot.column(conn, field)
    if not isinstance(column, Numbers):
        return None
    return column if field.kind == "metrics" or _all_finite(column) else None


def _plain(field: Field) -> Field:
    """Return a metric's field with its statistic spelled out."""
    return Field("metrics", field.name, "last") if field.kind == "metrics" and field.stat in (None, "value") else field


def _all_finite(column: Numbers) -> bool:
    """Tell whether every cell is a number; NaN and infinities of parameters are kept as texts."""
    there = column.values if column.missing is None else column.values[~column.missing]
    return bool(np.isfinite(there).all())


def _among(column: Numbers, op: str, values: Sequence[Any]) -> Mask:
    """Return which numbers pass for one of the values; what is no number never does."""
    if op == "exists":
        return np.ones(len(column.values), np.bool_) if column.missing is None else ~column.missing
    found = np.zeros(len(column.values), np.bool_)
    for value in values if op in _TESTS else ():
        number = number_of(value) if isinstance(value, str) else float(value)
        if number is not None:
            found |= _TESTS[op](column.values, number)
    return found


# ---- in which order


def _sorted(conn: Connection, snapshot: Snapshot, order: tuple[OrderKey, ...], asked: Asked) -> Positions:
    """Return all rows in the order of the keys; kept, for the next condition."""
    if not order:
        return np.arange(len(snapshot.ids))  # a snapshot is read newest first, which is the order without a key
    kept = snapshot.orders.get(order)
    if kept is None:
        columns = [_sort_column(conn, snapshot, key) for key in order]
        numbers = [column for column in columns if column is not None]
        if len(numbers) == len(order):
            kept = _by_numbers(snapshot, order, numbers)
        else:
            kept = snapshot.positions(_ids(conn, asked(Query(None, order))))
        snapshot.orders[order] = kept
    return kept


def _sort_column(conn: Connection, snapshot: Snapshot, key: OrderKey) -> Floats | None:
    """Return a key's values, NaN where SQL has NULL; None for what only SQL can sort."""
    field = _plain(key.field)
    metric = field.kind == "metrics" and field.stat in STATS
    if not metric and not (field.kind == "params" or (field.kind == "meta" and field.name in NUMBER_METAS)):
        return None
    column = snapshot.column(conn, field)
    if not isinstance(column, Numbers):
        return None
    return None if field.kind == "params" and not _all_finite(column) else column.values  # texts: behind the numbers


def _by_numbers(snapshot: Snapshot, order: tuple[OrderKey, ...], columns: list[Floats]) -> Positions:
    keys: list[Any] = [snapshot.uid_ranks()]
    for key, values in reversed(list(zip(order, columns, strict=True))):
        keys += [-values if key.descending else values, np.isnan(values)]
    return np.lexsort(keys)

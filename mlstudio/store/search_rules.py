"""What both ways to search agree on: fields of each kind, contraries, spelling, wildcards."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final, Literal

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import META_FIELDS, And, Cmp, Expr, Field, Not, Op, Or, OrderKey

NEGATIVE: Final[dict[str, Op]] = {
    "!=": "==",
    "not in": "in",
    "not contains": "contains",
    "not like": "like",
}
"""The positive form of each operator that says the contrary."""

ORDERING: Final = frozenset({"<", "<=", ">", ">="})
_RECORD: Final = frozenset({"name", "display_name", "created", "modified", "user", "starred", "note", "archived"})
_METAS: Final = {
    "experiment": _RECORD,
    "trial": _RECORD | {"experiment"},
    "trial-component": frozenset(META_FIELDS),
}


Shelf = Literal["left out", "only", "all"]
"""What a search does with archived records."""


def shelf_of(where: Expr | None, *, archived: bool) -> Shelf:
    """Return which records are meant: the archived ones only, or all where the condition names the field itself."""
    if archived:
        return "only"
    return "all" if where is not None and _names_archived(where) else "left out"


def _names_archived(expr: Expr) -> bool:
    if isinstance(expr, (And, Or)):
        return any(_names_archived(item) for item in expr.items)
    if isinstance(expr, Not):
        return _names_archived(expr.item)
    return expr.field.kind == "meta" and expr.field.name == "archived"


def on_shelf(archived_at: int | None, shelf: Shelf) -> bool:
    """Tell whether a record is meant."""
    return shelf == "all" or (archived_at is not None) == (shelf == "only")


def metas_of(kind: str) -> frozenset[str]:
    """Return the meta fields that records of a kind have."""
    return _METAS[kind]


def spelled(value: str | float | bool) -> str:
    """Return the text that a value is compared as where texts are stored.

    >>> spelled(True), spelled(5.0), spelled(0.1)
    ('true', '5', '0.1')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    return str(value)


def glob_of(pattern: str) -> str:
    """Return the GLOB pattern for wildcards * and ?; brackets mean themselves."""
    return pattern.replace("[", "[[]")


def no_field(field: Field, kind: str) -> BadQuery:
    """Return the error for a field that records of a kind do not have."""
    named = field.name if field.kind == "meta" else f"{field.kind}.{field.name}"
    return BadQuery(
        f'A {kind.replace("-", " ")} has no field "{named[:100]}".',
        field="where",
        hint=f"Fields: {', '.join(sorted(metas_of(kind)))}.",
    )


def no_stat(stat: str | None) -> BadQuery:
    """Return the error for a statistic that series do not have."""
    return BadQuery(
        f'A metric has no statistic "{stat}".', field="where", hint="Use last, min, max, avg, stddev or count."
    )


_OPS: Final = frozenset({"==", "<", "<=", ">", ">=", "in", "contains", "like", "exists"})
_STATS: Final = frozenset({None, "value", "last", "min", "max", "avg", "stddev", "count"})


def check(expr: Expr | None, kind: str) -> None:
    """Refuse a search over fields, operators or statistics that there are not. Raises: BadQuery."""
    if isinstance(expr, (And, Or)):
        for item in expr.items:
            check(item, kind)
    elif isinstance(expr, Not):
        check(expr.item, kind)
    elif isinstance(expr, Cmp):
        check_field(expr.field, kind)
        if NEGATIVE.get(expr.op, expr.op) not in _OPS:
            raise BadQuery(f'The operator "{expr.op}" is not known.', field="where")


def check_field(field: Field, kind: str) -> None:
    """Refuse a field that records of a kind do not have. Raises: BadQuery."""
    if (field.kind == "meta" and field.name not in metas_of(kind)) or (
        field.kind not in ("meta", "tags") and kind != "trial-component"
    ):
        raise no_field(field, kind)
    if field.kind == "metrics" and field.stat not in _STATS:
        raise no_stat(field.stat)


def check_order(order: Iterable[OrderKey]) -> None:
    """Refuse to sort components by what they do not have. Raises: BadQuery."""
    for key in order:
        check_field(key.field, "trial-component")

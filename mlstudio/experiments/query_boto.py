"""SageMaker's search JSON, read into the one AST.

`Filters`, `NestedFilters` and `SubExpressions`, joined by `Operator`; values arrive as text and
are compared as numbers when the stored value is one, as times for time fields.

Promises: `Query` or `BadQuery`, whatever it is given. Caps: nesting 50, 1,000 filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Protocol

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Op, Or, OrderKey, Query
from mlstudio.experiments.fields import TIME_FIELDS, Value, field_of, make_field, to_micros

MAX_NESTING: Final = 50
MAX_FILTERS: Final = 1000
Resource = Literal["TrialComponent", "Trial", "Experiment"]

_OPS: Final[dict[str, Op]] = {
    "Equals": "==",
    "NotEquals": "!=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
    "Contains": "contains",
    "In": "in",
    "Exists": "exists",
}
_META: Final[dict[str, str]] = {
    "displayname": "display_name",
    "source.sourcearn": "source",
    "trialcomponentsource.sourcearn": "source",
    "status.primarystatus": "status",
    "status": "status",
    "starttime": "started",
    "endtime": "ended",
    "creationtime": "created",
    "createdby": "user",
    "createdby.userprofilename": "user",
    "lastmodifiedtime": "modified",
    "parents.experimentname": "experiment",
    "parents.trialname": "trial",
    "experimentname": "experiment",
    "trialname": "trial",
    "trialcomponentname": "name",
    "description": "note",
}
_GROUPS: Final[dict[str, str]] = {
    "parameters.": "params",
    "metrics.": "metrics",
    "tags.": "tags",
    "inputartifacts.": "inputs",
    "outputartifacts.": "outputs",
}
_STATS: Final[dict[str, str]] = {
    "last": "last", "min": "min", "max": "max", "avg": "avg", "stddev": "stddev", "count": "count",
}  # fmt: skip
_ARTIFACT_STATS: Final[dict[str, str]] = {"value": "value", "mediatype": "media_type", "media_type": "media_type"}


class ToBoto(Protocol):
    """What `SearchExpression` has."""

    def to_boto(self) -> dict[str, Any]: ...


def from_boto(expression: Mapping[str, Any] | ToBoto | None, *, resource: Resource = "TrialComponent") -> Query:
    """Read a SageMaker search expression.

    Args:
        expression: its JSON as a dict, or a `SearchExpression`; None means everything.
        resource: what is searched; decides what ``ExperimentName`` and ``TrialName`` mean.

    Raises:
        BadQuery: the expression has another form, an unknown operator or an unknown property.
    """
    if expression is None:
        return Query()
    if not isinstance(expression, Mapping):
        to_boto = getattr(expression, "to_boto", None)
        if to_boto is None:
            raise _bad("A search expression must be a dict or a SearchExpression.")
        expression = to_boto()
    return Query(_Reader(resource).expression(expression, 1))


def field_of_property(name: object, *, resource: Resource = "TrialComponent") -> Field:
    """Return the field of a SageMaker property name such as ``Parameters.lr`` or ``Metrics.loss.Last``.

    Column keys of ours (``params.lr``) are understood too.

    Raises:
        BadQuery: there is no such property.
    """
    if not isinstance(name, str) or not name:
        raise _bad(f"A filter's name must be text, not {str(name)[:60]!r}.")
    lower = name.lower()
    own = f"{resource.lower()}name"
    if lower == own:
        return Field("meta", "name")
    if lower in _META:
        return Field("meta", _META[lower])
    for prefix, group in _GROUPS.items():
        if lower.startswith(prefix) and len(name) > len(prefix):
            return _grouped(group, name[len(prefix) :])
    return field_of(name)


def _grouped(group: str, rest: str) -> Field:
    known = {"metrics": _STATS, "inputs": _ARTIFACT_STATS, "outputs": _ARTIFACT_STATS}.get(group, {})
    name, _, last = rest.rpartition(".")
    if name and last.lower() in known:
        return make_field(group, name, known[last.lower()])
    return make_field(group, rest)


def order_of(sort_by: object, sort_order: object, *, resource: Resource = "TrialComponent") -> tuple[OrderKey, ...]:
    """Return the order of ``sort_by="metrics.test:accuracy.max", sort_order="Descending"``.

    Raises:
        BadQuery: no such property, or an order other than Ascending and Descending.
    """
    direction = str(getattr(sort_order, "value", sort_order) or "Descending").lower()
    if direction not in {"ascending", "descending"}:
        raise BadQuery(
            f"The sort order {str(sort_order)[:60]!r} is unknown.",
            field="sort_order",
            hint='Use "Ascending" or "Descending".',
        )
    wanted = getattr(sort_by, "value", sort_by) or "CreationTime"
    field = Field("meta", "name") if str(wanted).lower() == "name" else field_of_property(wanted, resource=resource)
    return (OrderKey(field, descending=direction == "descending"),)


class _Reader:
    """Walks the JSON once, counting filters and depth."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.filters = 0

    def expression(self, node: object, depth: int) -> Expr | None:
        if not isinstance(node, Mapping):
            raise _bad(f"A search expression must be a dict, not {type(node).__name__}.")
        if depth > MAX_NESTING:
            raise _bad(f"The expression is nested deeper than {MAX_NESTING}.")
        for key in node:
            if key not in {"Filters", "NestedFilters", "SubExpressions", "Operator"}:
                raise _bad(f"The expression has an unknown key {str(key)[:60]!r}.")
        items: list[Expr] = [self.filter(one) for one in _list(node, "Filters")]
        items += [self.nested(one) for one in _list(node, "NestedFilters")]
        for one in _list(node, "SubExpressions"):
            inner = self.expression(one, depth + 1)
            if inner is not None:
                items.append(inner)
        operator = getattr(node.get("Operator"), "value", node.get("Operator")) or "And"
        if not isinstance(operator, str) or operator not in {"And", "Or"}:
            raise _bad(f"The operator {str(operator)[:60]!r} is unknown.", 'Use "And" or "Or".')
        if not items:
            return None
        if len(items) == 1:
            return items[0]
        return And(tuple(items)) if operator == "And" else Or(tuple(items))

    def nested(self, node: object) -> Expr:
        """``{"NestedPropertyName": "Parents", "Filters": […]}``: all of the filters hold."""
        if not isinstance(node, Mapping):
            raise _bad("A nested filter must be a dict.")
        prefix = node.get("NestedPropertyName")
        if not isinstance(prefix, str) or not prefix:
            raise _bad("A nested filter needs NestedPropertyName.")
        items = tuple(self.filter(one, prefix=f"{prefix}.") for one in _list(node, "Filters"))
        if not items:
            raise _bad("A nested filter needs Filters.")
        return items[0] if len(items) == 1 else And(items)

    def filter(self, node: object, *, prefix: str = "") -> Expr:
        self.filters += 1
        if self.filters > MAX_FILTERS:
            raise _bad(f"The expression has more than {MAX_FILTERS} filters.")
        if not isinstance(node, Mapping):
            raise _bad("A filter must be a dict.")
        name = node.get("Name")
        if prefix and isinstance(name, str) and not name.lower().startswith(prefix.lower()):
            name = prefix + name
        field = field_of_property(name, resource=self.resource)
        value = node.get("Value")
        operator = getattr(node.get("Operator"), "value", node.get("Operator"))
        if operator is None:
            operator = "Exists" if value is None else "Equals"
        if operator == "NotExists":
            return Not(Cmp(field, "exists"))
        if not isinstance(operator, str) or operator not in _OPS:
            raise _bad(f"The operator {str(operator)[:60]!r} is unknown.", f"Use one of {', '.join(_OPS)}, NotExists.")
        op = _OPS[operator]
        if op == "exists":
            return Cmp(field, op)
        if op == "in":
            return Cmp(field, op, tuple(_value(field, item) for item in _split(value)))
        return Cmp(field, op, _value(field, value))


def _split(value: object) -> list[object]:
    parts: list[object]
    if isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        parts = [part.strip() for part in str("" if value is None else value).split(",")]
    if len(parts) > MAX_FILTERS:
        raise _bad(f"The list has more than {MAX_FILTERS} items.")
    return parts


def _value(field: Field, value: object) -> Value:
    if not isinstance(value, (str, int, float, bool)):
        isoformat = getattr(value, "isoformat", None)
        if isoformat is None:
            raise _bad(f"The value {str(value)[:60]!r} is neither text nor a number.")
        value = str(isoformat())
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _bad("A value is not valid text.") from None
    if isinstance(value, int) and not -(2**53) < value < 2**53:
        value = float(str(value)) if abs(value) < 10**300 else float("inf") * (1 if value > 0 else -1)
    if field.kind == "meta" and field.name in TIME_FIELDS:
        return to_micros(value)
    if field == Field("meta", "starred") and isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes"}
    return value


def _list(node: Mapping[str, Any], key: str) -> list[object]:
    value = node.get(key)
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise _bad(f"{key} must be a list.")
    return list(value)


def _bad(message: str, hint: str | None = None) -> BadQuery:
    return BadQuery(message, field="search_expression", hint=hint)

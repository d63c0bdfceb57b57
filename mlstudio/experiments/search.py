"""Searching: SageMaker's expression classes, and both languages read into one AST.

`parse` reads the text language of the panel and the CLI, `from_boto` SageMaker's JSON,
`parse_order` the column keys of a table; all of them give what `entities.search` defines.

    SearchExpression(filters=[Filter(name="Parameters.lr", operator=Operator.LESS_THAN, value="0.1")])
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Any

import msgspec

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import OrderKey, Query
from mlstudio.experiments.fields import field_of
from mlstudio.experiments.query_boto import field_of_property, from_boto, order_of
from mlstudio.experiments.query_text import parse

__all__ = [
    "BooleanOperator",
    "Filter",
    "NestedFilter",
    "Operator",
    "SearchExpression",
    "field_of_property",
    "from_boto",
    "order_of",
    "parse",
    "parse_order",
    "read_query",
]


class Operator(Enum):
    """How a filter compares; `IN` takes a comma-separated list."""

    EQUALS = "Equals"
    NOT_EQUALS = "NotEquals"
    GREATER_THAN = "GreaterThan"
    GREATER_THAN_OR_EQUAL = "GreaterThanOrEqualTo"
    LESS_THAN = "LessThan"
    LESS_THAN_OR_EQUAL = "LessThanOrEqualTo"
    CONTAINS = "Contains"
    EXISTS = "Exists"
    NOT_EXISTS = "NotExists"
    IN = "In"


class BooleanOperator(Enum):
    """How the parts of an expression are joined."""

    AND = "And"
    OR = "Or"


class Filter:
    """One comparison: a property name, an operator, a value as text."""

    def __init__(self, name: str, operator: Operator | str | None = None, value: Any = None) -> None:
        self.name = name
        self.operator = operator
        self.value = value

    def to_boto(self) -> dict[str, Any]:
        """Return SageMaker's JSON; what was not given is left out."""
        found: dict[str, Any] = {"Name": self.name}
        if self.operator is not None:
            found["Operator"] = getattr(self.operator, "value", self.operator)
        if self.value is not None:
            found["Value"] = self.value
        return found


class NestedFilter:
    """Filters on the parts of a nested property such as ``Parents``."""

    def __init__(self, property_name: str, filters: Sequence[Filter]) -> None:
        self.property_name = property_name
        self.filters = filters

    def to_boto(self) -> dict[str, Any]:
        """Return SageMaker's JSON."""
        return {"NestedPropertyName": self.property_name, "Filters": [one.to_boto() for one in self.filters]}


class SearchExpression:
    """Filters, nested filters and sub-expressions, all of them or any of them.

    Raises:
        ValueError: none of the three was given.
    """

    def __init__(
        self,
        filters: Sequence[Filter] | None = None,
        nested_filters: Sequence[NestedFilter] | None = None,
        sub_expressions: Sequence[SearchExpression] | None = None,
        boolean_operator: BooleanOperator | str = BooleanOperator.AND,
    ) -> None:
        if filters is None and nested_filters is None and sub_expressions is None:
            raise ValueError("You must specify at least one of filters, nested_filters, sub_expressions.")
        self.filters = filters
        self.nested_filters = nested_filters
        self.sub_expressions = sub_expressions
        self.operator = boolean_operator

    def to_boto(self) -> dict[str, Any]:
        """Return SageMaker's JSON."""
        found: dict[str, Any] = {"Operator": getattr(self.operator, "value", self.operator)}
        if self.filters is not None:
            found["Filters"] = [one.to_boto() for one in self.filters]
        if self.nested_filters is not None:
            found["NestedFilters"] = [one.to_boto() for one in self.nested_filters]
        if self.sub_expressions is not None:
            found["SubExpressions"] = [one.to_boto() for one in self.sub_expressions]
        return found


def read_query(text: str | None) -> Query:
    """Read what a person typed or pasted: our text language, or SageMaker's search JSON.

    Args:
        text: None or blank: everything.

    Raises:
        BadQuery: it is neither.

    >>> read_query('{"Filters": [{"Name": "Parameters.lr", "Operator": "Exists"}]}') == read_query("params.lr")
    True
    """
    wanted = (text or "").strip()
    if not wanted:
        return Query()
    if not wanted.startswith("{"):
        return parse(text or "")
    try:
        expression = msgspec.json.decode(wanted)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadQuery(f"This is no JSON: {error}.", field="where", hint="Paste the whole expression.") from None
    return from_boto(expression)


def parse_order(keys: Sequence[str], *, known: Collection[str] = ()) -> tuple[OrderKey, ...]:
    """Read the order of a table: column keys, a leading "-" means descending.

    Raises:
        BadQuery: a key is no column; `field` is ``order``.

    >>> parse_order(["-metrics.loss.last"])[0].descending
    True
    """
    found = []
    for key in keys:
        if not isinstance(key, str):
            raise BadQuery(f"An order key must be text, not {type(key).__name__}.", field="order")
        try:
            field = field_of(key.removeprefix("-"), known=known)
        except BadQuery as error:
            raise BadQuery(error.message, field="order", hint=error.hint) from None
        found.append(OrderKey(field, descending=key.startswith("-")))
    return tuple(found)

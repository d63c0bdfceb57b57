"""What a request says, read into words that the store understands."""

from __future__ import annotations

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import Confirm
from mlstudio.entities.search import Expr, Query
from mlstudio.entities.tables import TableRequest
from mlstudio.experiments.search import parse_order, read_query


def condition(where: str | None) -> Expr | None:
    """Return the parsed condition of a list, None for none.

    Raises:
        BadQuery: it cannot be read; the message holds the position.
    """
    return read_query(where).where


def table_query(request: TableRequest) -> Query:
    """Return the condition, the order and the limit of a table request; without an order, the query's.

    Raises:
        BadQuery: condition or order cannot be read.
    """
    read = read_query(request.where)
    return Query(where=read.where, order=parse_order(request.order) or read.order, limit=read.limit)


def confirmed(proof: Confirm, name: str) -> None:
    """Raise InvalidField unless the name was typed again exactly."""
    if proof.confirm != name:
        raise InvalidField(
            f'"{proof.confirm[:120]}" is not the name of what would be removed.',
            field="confirm",
            hint=f'Type "{name}".',
        )

"""What a request says, read into words that the store understands."""

from __future__ import annotations

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import Confirm
from mlstudio.entities.search import Expr, Query
from mlstudio.entities.tables import TableRequest
from mlstudio.experiments.search import parse, parse_order


def condition(where: str | None) -> Expr | None:
    """Return the parsed condition of a list, None for none.

    Raises:
        BadQuery: it cannot be read; the message holds the position.
    """
    return parse(where).where if where and where.strip() else None


def table_query(request: TableRequest) -> Query:
    """Return the condition and the order of a table request; its limit is the request's own.

    Raises:
        BadQuery: condition or order cannot be read.
    """
    read = parse(request.where) if request.where and request.where.strip() else Query()
    return Query(where=read.where, order=parse_order(request.order) or read.order)


def confirmed(proof: Confirm, name: str) -> None:
    """Raise InvalidField unless the name was typed again exactly."""
    if proof.confirm != name:
        raise InvalidField(
            f'"{proof.confirm[:120]}" is not the name of what would be removed.',
            field="confirm",
            hint=f'Type "{name}".',
        )

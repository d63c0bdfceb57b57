"""What the active records share: the store, pages made into iterators, searches, names, errors.

The store is opened at the first call, not at import. Listing is lazy, as in SageMaker: a page
is fetched when the iterator reaches it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ListRequest
from mlstudio.entities.names import legal_name, timestamped_name
from mlstudio.entities.search import Query
from mlstudio.experiments.query_boto import Resource, ToBoto, from_boto, order_of
from mlstudio.experiments.query_text import parse
from mlstudio.experiments.values import as_datetime, as_micros

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

Search = Mapping[str, Any] | ToBoto | str
"""A search: SageMaker's dict or `SearchExpression`, or our text language."""

Item = TypeVar("Item")
View = TypeVar("View")


class Page(Protocol[Item]):
    """What the store's pages have in common."""

    @property
    def items(self) -> list[Item]: ...

    @property
    def next(self) -> str | None: ...


def the_store() -> Store:
    """Return this process's store; opened at the first call."""
    from mlstudio.store import open_store

    return open_store()


def unique_name(prefix: str) -> str:
    """Return ``<prefix>-<UTC time>-<4 random characters>``, as SageMaker names what has no name."""
    return f"{timestamped_name(prefix, limit=100)}-{os.urandom(2).hex()}"


def named(text: str) -> tuple[str, str | None]:
    """Return a legal name for free text, and the text itself as display name when the two differ."""
    name = legal_name(text)
    return name, None if name == text else text


def list_request(
    *,
    created_before: object = None,
    created_after: object = None,
    sort_by: object = None,
    sort_order: object = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> ListRequest:
    """Return the store's request for SageMaker's list arguments.

    Raises:
        InvalidField: an unknown `sort_by` or `sort_order`, or a time that is none.
    """
    by = str(getattr(sort_by, "value", sort_by) or "CreationTime")
    order = str(getattr(sort_order, "value", sort_order) or "Descending")
    if by not in {"Name", "CreationTime"}:
        raise InvalidField(
            f"Lists cannot be sorted by {by[:60]!r}.", field="sort_by", hint='Use "Name" or "CreationTime".'
        )
    if order not in {"Ascending", "Descending"}:
        raise InvalidField(
            f"The sort order {order[:60]!r} is unknown.", field="sort_order", hint='Use "Ascending" or "Descending".'
        )
    return ListRequest(
        sort_by=by,  # type: ignore[arg-type]  # checked above
        sort_order=order,  # type: ignore[arg-type]
        created_before=as_micros(created_before),
        created_after=as_micros(created_after),
        limit=max(1, min(limit or 1000, 1000)),
        cursor=cursor,
    )


def paged(
    fetch: Callable[[ListRequest], Page[Item]], request: Callable[[], ListRequest], view: Callable[[Item], View]
) -> Iterator[View]:
    """Yield every item of all pages; the first page is fetched at the first `next`."""
    wanted = request()
    while True:
        page = fetch(wanted)
        for item in page.items:
            yield view(item)
        if page.next is None:
            return
        wanted = msgspec.structs.replace(wanted, cursor=page.next)


def search_query(
    expression: Search | None, sort_by: object, sort_order: object, *, resource: Resource = "TrialComponent"
) -> Query:
    """Return the query of a search call; text may carry its own order and limit.

    Raises:
        BadQuery: it cannot be read.
    """
    query = parse(expression) if isinstance(expression, str) else from_boto(expression, resource=resource)
    if query.order and sort_by is None and sort_order is None:
        return query
    order = order_of(sort_by, sort_order, resource=resource)
    return Query(query.where, order, query.limit)


def living(record: Item, kind: str, name: str) -> Item:
    """Return a record that is not deleted.

    Raises:
        NotFound: it is deleted; the message says when, the hint how to get it back.
    """
    deleted_at = getattr(record, "deleted_at", None)
    if deleted_at is None:
        return record
    moment = as_datetime(deleted_at)
    raise NotFound(
        f"The {kind} {name!r} was deleted at {moment:%Y-%m-%d %H:%M:%S} UTC.",
        field="name",
        hint="Restore it in the panel (filter Deleted).",
    )


def check_force(action: object) -> None:
    """Refuse `delete_all` without its safety word.

    Raises:
        ValueError: the action is not "--force".
    """
    if action != "--force":
        raise InvalidField(
            "delete_all deletes everything below it and was not confirmed.",
            field="action",
            hint='Call delete_all("--force").',
        )


def names_of(components: Iterable[object] | None) -> list[str]:
    """Return the names of components given as objects, trackers or text."""
    return [component_name(one) for one in components or ()]


def component_name(component: object) -> str:
    """Return the name of a TrialComponent, a Tracker, a Run, a summary, or of a name.

    Raises:
        InvalidField: it is none of these.
    """
    if isinstance(component, str):
        return component
    inner = getattr(component, "trial_component", component)
    name = getattr(inner, "trial_component_name", None)
    if isinstance(name, str):
        return name
    raise InvalidField(
        f"{type(component).__name__} is no trial component.",
        field="trial_component",
        hint="Give a TrialComponent, a Tracker, a Run, or a name.",
    )

"""Pages of records: filter, a total order, and a cursor that neither skips nor repeats.

A cursor is the sort key and the uid of the last row; it stays right while rows come and go.

Knows nothing of: what a row becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from mlstudio.entities.experiments import ListRequest
from mlstudio.entities.search import Expr
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.rules import ascii_lower
from mlstudio.store.search_rules import shelf_of
from mlstudio.store.search_sql import shelved


def filters(table: sa.Table, request: ListRequest, where: Expr | None = None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a list request, save the cursor; `where` says only whether it names `archived`."""
    c = table.c
    found: list[sa.ColumnElement[bool]] = [c.deleted_at.is_not(None) if request.deleted else c.deleted_at.is_(None)]
    found += shelved(table, shelf_of(where, archived=request.archived))
    if request.starred:
        found.append(c.starred.is_(True))
    if request.created_before is not None:
        found.append(c.created_at < request.created_before)
    if request.created_after is not None:
        found.append(c.created_at > request.created_after)
    if request.name_contains:
        part = ascii_lower(request.name_contains)
        found.append(
            (sa.func.instr(sa.func.lower(c.name), part) > 0) | (sa.func.instr(sa.func.lower(c.display_name), part) > 0)
        )
    return found


def page(
    conn: Connection,
    table: sa.Table,
    request: ListRequest,
    conditions: Sequence[sa.ColumnElement[bool]],
    where: Expr | None = None,
) -> tuple[list[Row[Any]], str | None]:
    """Return the rows of one page and the cursor of the next."""
    by_name = request.sort_by == "Name"
    key = table.c.name if by_name else table.c.created_at
    down = request.sort_order == "Descending"
    query = sa.select(table).where(*filters(table, request, where), *conditions)
    if request.cursor is not None:
        last = sa.tuple_(*decode_cursor(request.cursor, str if by_name else int))
        here = sa.tuple_(key, table.c.uid)
        query = query.where(here < last if down else here > last)
    columns = (key, table.c.uid)
    query = query.order_by(*(column.desc() if down else column.asc() for column in columns)).limit(request.limit + 1)
    rows = list(conn.execute(query))
    if len(rows) <= request.limit:
        return rows, None
    rows.pop()
    final = rows[-1]
    return rows, encode_cursor(final.name if by_name else final.created_at, final.uid)

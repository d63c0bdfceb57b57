"""Which rows and columns an export takes, read from the store page by page.

Which rows and in which order is settled in one read; what others create, archive or change while
the pages are written moves no row.

A column is float64 with a mask of what is missing (NaN is a value), or texts with None.

Knows nothing of: file formats.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.search import And, Cmp, Expr, Field, OrderKey, Query
from mlstudio.entities.secrets import masked_value
from mlstudio.entities.tables import Column, TablePage
from mlstudio.entities.transfers import ExportRequest
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.query_text import parse
from mlstudio.experiments.search import parse_order

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

PAGE: Final = 10_000
_MISSING: Final = 0xFFFFFFFF
TIMES: Final = frozenset({"created", "modified", "started", "ended", "archived"})
"""Columns in microseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class NumberCells:
    """Numbers of a column; `missing` tells which cells are not there."""

    values: npt.NDArray[np.float64]
    missing: npt.NDArray[np.bool_]


TextCells = list[str | None]
Cells = NumberCells | TextCells


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows: their names, and the cells of each column by key."""

    names: list[str]
    cells: dict[str, Cells]


def query_of(request: ExportRequest) -> Query:
    """Return the search of a request. Raises: BadQuery."""
    query = parse(request.where) if request.where else Query()
    order = parse_order(request.order) if request.order else query.order
    where: Expr | None = query.where
    if request.components is not None:
        chosen = Cmp(Field("meta", "name"), "in", tuple(request.components))
        where = chosen if where is None else And((where, chosen))
    return Query(where, order or (OrderKey(Field("meta", "created")),), query.limit)


def columns_of(store: Store, request: ExportRequest) -> list[str]:
    """Return the keys of the columns: those asked for, else every one that exists in the scope."""
    if request.columns is not None:
        return list(dict.fromkeys(request.columns))
    keys = [one.key for one in store.columns(request.scope.experiment)]
    return ["name", *(key for key in keys if key != "name")]


def pages(store: Store, request: ExportRequest, tally: Tally) -> Iterator[Rows]:
    """Yield the rows of a request, at least one page of them, which may be empty.

    Raises:
        BadQuery, NotFound: the search, a column or the scope is none.
        Stopped: somebody asked for it.
    """
    query, keys = query_of(request), columns_of(store, request)
    uids = store.listed(request.scope, query, deleted=request.deleted, archived=request.archived)
    tally.total = len(uids)
    for first in range(0, max(len(uids), 1), PAGE):
        asked = uids[first : first + PAGE]
        page = store.rows_of(request.scope, asked, keys, deleted=request.deleted)
        if page.rows < len(asked):
            tally.skip("runs", "they were deleted or moved while the export was made", len(asked) - page.rows)
        yield _rows(page)
        tally.step("rows read", len(asked))


def _rows(page: TablePage) -> Rows:
    return Rows(page.names[: page.rows], {one.key: _cells(one, page.rows) for one in page.columns})


def _cells(column: Column, rows: int) -> Cells:
    """Decode a column as it travels; see `entities.tables`."""
    if column.kind == "float":
        values = np.frombuffer(base64.b64decode(column.b64 or ""), "<f8")[:rows]
        missing = np.zeros(len(values), np.bool_)
        if column.missing:
            bits = np.frombuffer(base64.b64decode(column.missing), np.uint8)
            missing = np.unpackbits(bits, bitorder="little", count=len(values)).astype(np.bool_)
        return NumberCells(values, missing)
    codes = np.frombuffer(base64.b64decode(column.codes_b64 or ""), "<u4")[:rows]
    name = column.key.partition(".")[2]
    texts = [masked_value(name, text) for text in column.values or []]  # an earlier version stored them as they were
    return [None if code == _MISSING else texts[code] for code in codes.tolist()]


def one_kind(parts: list[Cells]) -> Cells:
    """Join the cells of a column over pages; a column that is text on one page is text on all."""
    if all(isinstance(part, NumberCells) for part in parts):
        numbers = [part for part in parts if isinstance(part, NumberCells)]
        return NumberCells(
            np.concatenate([part.values for part in numbers]), np.concatenate([part.missing for part in numbers])
        )
    joined: TextCells = []
    for part in parts:
        joined += _as_texts(part) if isinstance(part, NumberCells) else part
    return joined


def _as_texts(cells: NumberCells) -> TextCells:
    pairs = zip(cells.values.tolist(), cells.missing.tolist(), strict=True)
    return [None if gone else repr(value) for value, gone in pairs]

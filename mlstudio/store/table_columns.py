"""Columns of a table as arrays, and as they travel: pure functions over numbers and texts.

A column is either numbers (NaN is a value; what is missing is told by a mask) or categories
(codes into a list of texts). Parameters that are all numbers make a number column, the texts
"nan", "inf", "-inf" among them; any other text makes the whole column categories.

Knows nothing of: SQL, scopes, requests.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import META_FIELDS, Field, Stat
from mlstudio.entities.tables import Column, ColumnInfo, ColumnList, ColumnTotals
from mlstudio.entities.wire import ParamValue
from mlstudio.store.rules import ascii_lower
from mlstudio.store.search_rules import spelled

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.int64]

MISSING_CODE: Final = 0xFFFFFFFF
NUMBER_METAS: Final = frozenset({"created", "modified", "started", "ended", "duration", "starred", "archived"})
STATS: Final[tuple[Stat, ...]] = ("last", "min", "max", "avg", "stddev", "count")
_SPELLED: Final = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


@dataclass(slots=True)
class Numbers:
    """A column of float64; `missing` is None when every cell is there."""

    values: Floats
    missing: Mask | None = None


@dataclass(slots=True)
class Categories:
    """A column of texts: `codes` into `values`, `MISSING_CODE` where there is none."""

    values: list[str]
    codes: Codes


AnyColumn = Numbers | Categories


def field_of_key(key: str) -> Field:
    """Return the field that a column key names.

    Raises:
        BadQuery: the key has no known form.

    >>> field_of_key("metrics.test.acc.max")
    Field(kind='metrics', name='test.acc', stat='max')
    """
    group, dot, rest = key.partition(".")
    if not dot and key in META_FIELDS:
        return Field("meta", key)
    if rest and group == "params":
        return Field("params", rest)
    if rest and group == "tags":
        return Field("tags", rest)
    if rest and group == "metrics":
        name, _, stat = rest.rpartition(".")
        if name and stat in STATS:
            return Field("metrics", name, STATS[STATS.index(stat)])
        return Field("metrics", rest, "last")
    raise BadQuery(
        f'There is no column "{key[:100]}".',
        field="columns",
        hint=f"Columns: {', '.join(META_FIELDS)}, params.NAME, metrics.NAME.STAT, tags.NAME.",
    )


def numbers(cells: Sequence[float | None]) -> Numbers:
    """Return a number column; None is missing."""
    values = np.array(cells, dtype=np.float64)
    if None not in cells:
        return Numbers(values)
    return Numbers(values, np.fromiter((cell is None for cell in cells), np.bool_, len(cells)))


def categories(cells: Sequence[str | None]) -> Categories:
    """Return a category column; values in order of first appearance."""
    index = {value: code for code, value in enumerate(dict.fromkeys(cells)) if value is not None}
    values = list(index)
    places: dict[str | None, int] = {value: code for code, value in enumerate(values)}
    places[None] = MISSING_CODE
    return Categories(values, np.fromiter(map(places.__getitem__, cells), np.uint32, len(cells)))


def param_column(cells: Sequence[ParamValue | None]) -> AnyColumn:
    """Return the column of a parameter, numbers when all of its values are."""
    kinds = set(map(type, cells))
    if kinds <= {float, int, type(None)}:
        return numbers(cells)  # type: ignore[arg-type]
    if kinds <= {str, type(None)} and not _SPELLED.keys() & set(cells):
        return categories(cells)  # type: ignore[arg-type]
    texts = {cell for cell in cells if isinstance(cell, str)} if bool not in kinds else {""}
    if texts <= _SPELLED.keys() and kinds & {float, int}:
        return numbers([_SPELLED[cell] if isinstance(cell, str) else cell for cell in cells])
    return categories([None if cell is None else spelled(cell) for cell in cells])


def put(column: AnyColumn, place: int, cell: float | str | None) -> None:
    """Set one cell of a column; None is missing."""
    if isinstance(column, Categories):
        if cell is not None and str(cell) not in column.values:
            column.values.append(str(cell))
        column.codes[place] = MISSING_CODE if cell is None else column.values.index(str(cell))
        return
    column.values[place] = np.nan if cell is None else float(cell)
    if cell is None and column.missing is None:
        column.missing = np.zeros(len(column.values), np.bool_)
    if column.missing is not None:
        column.missing[place] = cell is None


def absent(rows: int) -> Numbers:
    """Return a column that nobody has."""
    return Numbers(np.full(rows, np.nan), np.ones(rows, np.bool_))


def positions(places: Sequence[int]) -> Positions:
    """Return row numbers as an array."""
    return np.array(places, dtype=np.int64)


def encode(key: str, column: AnyColumn, at: Positions) -> Column:
    """Return the cells at positions as they travel."""
    if isinstance(column, Categories):
        codes = column.codes[at]
        here = np.flatnonzero(np.bincount(codes[codes != MISSING_CODE], minlength=len(column.values)))
        places = np.full(len(column.values) + 1, MISSING_CODE, np.uint32)
        places[here] = np.arange(len(here), dtype=np.uint32)
        packed = places[np.minimum(codes, len(column.values))]
        return Column(
            key=key, kind="category", values=[column.values[code] for code in here], codes_b64=_b64(packed, "<u4")
        )
    missing = None if column.missing is None else column.missing[at]
    bitmap = None
    if missing is not None and missing.any():
        bitmap = base64.b64encode(np.packbits(missing, bitorder="little").tobytes()).decode()
    return Column(key=key, kind="float", b64=_b64(column.values[at], "<f8"), missing=bitmap)


def _b64(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(values.astype(kind, copy=False).tobytes()).decode()


def info(key: str, column: AnyColumn) -> ColumnInfo:
    """Return what the column menu shows of a column."""
    field = field_of_key(key)
    group: Any = field.kind
    if isinstance(column, Categories):
        there = column.codes[column.codes != MISSING_CODE]
        return ColumnInfo(key=key, group=group, kind="category", count=len(there), distinct=len(column.values))
    values = column.values if column.missing is None else column.values[~column.missing]
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
    return ColumnInfo(
        key=key, group=group, kind="float", count=len(values), distinct=len(np.unique(values)), min=low, max=high
    )


def most_used(columns: list[ColumnInfo], most: int) -> list[ColumnInfo]:
    """Return the columns of a group by name; of very many those that most rows have."""
    if len(columns) <= most:
        return columns
    kept = sorted(columns, key=lambda column: (-column.count, column.key))[:most]
    return sorted(kept, key=lambda column: column.key)


def column_list(
    groups: Mapping[str, list[ColumnInfo]], contains: str, most: int, *, tags: int | None = None
) -> ColumnList:
    """Return the columns whose key holds a text, at most so many of a group but meta.

    Args:
        groups: meta, params, metrics, tags; each by name.
        contains: in lower case; empty: all.
        most: of each of params, metrics, tags.
        tags: how many tags fit, when not all of them are in `groups`.
    """
    found = {
        group: [one for one in columns if one.count and (not contains or contains in ascii_lower(one.key))]
        for group, columns in groups.items()
    }
    items = [*found.pop("meta")]
    for columns in found.values():
        items += most_used(columns, most)
    counts = {group: len(columns) for group, columns in found.items()}
    return ColumnList(items, ColumnTotals(**(counts if tags is None else {**counts, "tags": tags})))

"""The columnar page of a table, and the curves beside it.

Columns, never row objects: floats travel as base64 of float64 little endian with a bitmap of
missing cells (bit i of byte i//8, least significant first, is 1 where the cell is missing),
categories as a list of texts and uint32 codes (0xFFFFFFFF = missing). A row of the table is a
trial component of the scope.

Column keys: ``name display_name status kind trial experiment created started ended duration user
host parent starred note source params.<p> metrics.<m>.<stat> tags.<t>``.

Imports: msgspec and `entities.wire`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Int, Number, ParamValue


class TableScope(Struct, frozen=True, forbid_unknown_fields=True):
    """Which components: those of an experiment, of a trial, or all."""

    experiment: str | None = None
    trial: str | None = None


class TableRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page of a table. `order` keys are column keys, a leading "-" means descending."""

    scope: TableScope = field(default_factory=TableScope)
    where: str | None = None
    order: Annotated[list[str], Meta(max_length=8)] = field(default_factory=list)
    columns: Annotated[list[str], Meta(max_length=5000)] | None = None
    """None: every column that exists in the scope (metrics with their `last`)."""
    offset: Count = 0
    limit: Annotated[int, Meta(ge=1, le=20000)] = 200
    deleted: bool = False
    archived: bool = False
    """Only archived rows; else they are left out, unless `where` names ``archived``."""


class Column(Struct, frozen=True, kw_only=True):
    """One column of a page; `b64` for kind float, `values` and `codes_b64` for kind category."""

    key: str
    kind: Literal["float", "category"]
    b64: str | None = None
    missing: str | None = None
    values: list[str] | None = None
    codes_b64: str | None = None


class TablePage(Struct, frozen=True, kw_only=True):
    """Rows `offset` to ``offset + rows`` of `total`; `uids` and `names` identify them."""

    rows: Count
    total: Count
    offset: Count = 0
    version: Int = 0
    """Grows with every change in the store; two pages of one version agree."""
    uids: list[str]
    names: list[str]
    columns: list[Column]


class ColumnInfo(Struct, frozen=True, kw_only=True):
    """A column that exists in an experiment, for the column menu."""

    key: str
    group: Literal["meta", "params", "metrics", "tags"]
    kind: Literal["float", "category"]
    count: Count
    distinct: Count | None = None
    min: Number | None = None
    max: Number | None = None


class ColumnTotals(Struct, frozen=True, kw_only=True):
    """How many columns of a group there are, the ones that are not listed among them."""

    params: Count = 0
    metrics: Count = 0
    tags: Count = 0


class ColumnList(Struct, frozen=True):
    """Columns of an experiment, meta first, then params, metrics, tags, each by name.

    Of a group of very many only those that most rows have; `totals` says how many fit what was asked.
    """

    items: list[ColumnInfo]
    totals: ColumnTotals = field(default_factory=ColumnTotals)


class SeriesRef(Struct, frozen=True, forbid_unknown_fields=True):
    """Names a series: component (name), metric, context."""

    component: str
    name: str
    context: dict[str, ParamValue] = field(default_factory=dict)


class CurveRequest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Curves small enough to draw.

    `x`: ``step``, ``time`` (epoch seconds), ``relative`` (seconds since the component began) or
    ``metric:NAME`` (joined on step). `range` is in units of x. `smooth` in [0, 1): debiased EMA,
    applied after downsampling and sent as a second series flagged in the header.
    """

    series: Annotated[list[SeriesRef], Meta(max_length=100)]
    x: Annotated[str, Meta(max_length=600)] = "step"
    range: tuple[float, float] | None = None
    width: Annotated[int, Meta(ge=4, le=100000)] = 2000
    smooth: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    exact: bool = False


class CurveSeries(Struct, frozen=True, kw_only=True):
    """Header of one curve in the MLC1 body; `offset` counts float64s from the start of the data.

    The columns x[n], y[n] (then ts[n] when exact, then smooth[n] when smoothed) follow each other.
    """

    component: str
    name: str
    context: dict[str, ParamValue]
    n: Count
    total: Count
    level: Literal["all", "exact", "pyramid", "downsampled"]
    n_nan: Count
    nan_x: list[Number] = field(default_factory=list)
    """x of at most 100 points that are not finite."""
    columns: list[Literal["x", "y", "ts", "smooth"]] = field(default_factory=lambda: ["x", "y"])
    offset: Count = 0
    start: Number | None = None
    """Where ``relative`` x begins, in epoch seconds: the component's start time, else its first point asked for."""


class CurveHeader(Struct, frozen=True, kw_only=True):
    """JSON header of an MLC1 body.

    ``"MLC1" | u32 header length (padded so that data starts at a multiple of 8) | JSON | float64…``
    """

    x: str
    series: list[CurveSeries]


class PointsEvent(Struct, frozen=True, kw_only=True):
    """Live points of one series: base64 of step f64[n], ts f64[n], value f64[n]."""

    name: str
    context: dict[str, ParamValue]
    n: Count
    b64: str

"""The abstract search: what SageMaker's JSON and our text language both become.

`store.search_sql` turns it into SQL with bound parameters only; nothing is ever evaluated.
Laws: a comparison with a missing field is false, `!=` and `not in` are true; nulls sort last
in both directions; an order always ends with the uid.

Imports: msgspec only.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

FieldKind = Literal["meta", "params", "metrics", "tags", "inputs", "outputs"]
Stat = Literal["last", "min", "max", "avg", "stddev", "count", "value", "media_type"]
Op = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "not contains", "like", "not like", "exists"]

META_FIELDS = (
    "name",
    "display_name",
    "status",
    "kind",
    "created",
    "modified",
    "started",
    "ended",
    "duration",
    "user",
    "host",
    "experiment",
    "trial",
    "parent",
    "starred",
    "note",
    "source",
    "archived",
)
"""`note` is the description; times are microseconds; duration is seconds."""


class Field(Struct, frozen=True, tag="field"):
    """What is compared: ``Field("metrics", "loss", "last")``, ``Field("meta", "status")``."""

    kind: FieldKind
    name: str
    stat: Stat | None = None


class Cmp(Struct, frozen=True, tag="cmp"):
    """One comparison. For `in` the value is a tuple; for `exists` it is None.

    A text value is compared as a number when it reads as one and the stored value is a number.
    """

    field: Field
    op: Op
    value: str | float | int | bool | tuple[str | float | int | bool, ...] | None = None


class And(Struct, frozen=True, tag="and"):
    """All of them; the empty one is true."""

    items: tuple[Expr, ...]


class Or(Struct, frozen=True, tag="or"):
    """Any of them; the empty one is false."""

    items: tuple[Expr, ...]


class Not(Struct, frozen=True, tag="not"):
    """The contrary."""

    item: Expr


Expr = Cmp | And | Or | Not


class OrderKey(Struct, frozen=True):
    """One key of an order."""

    field: Field
    descending: bool = False


class Query(Struct, frozen=True):
    """A whole search: condition, order, limit; None means none."""

    where: Expr | None = None
    order: tuple[OrderKey, ...] = ()
    limit: int | None = None

"""Comparisons, parameter importance, and the completion of a query: questions over many components.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Number

Group = Literal["meta", "params", "metrics", "tags", "inputs", "outputs", "packages", "environment", "code"]


MOST_ROWS = 1000
"""Rows of a group that an answer holds."""


class CompareRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Two to fifty components, by name; the first one is what the others are held against.

    An answer has the first rows of each group: `contains` finds the others by their keys (ASCII letters of
    either case alike), `begin` reads on.
    """

    components: Annotated[list[str], Meta(min_length=2, max_length=50)]
    contains: Annotated[str, Meta(max_length=500)] = ""
    differences: bool = False
    """Only rows that differ."""
    begin: dict[Group, Count] | None = None
    """Which groups, and how many of their rows are passed over: `next` of an answer; none: all from the start."""
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 500
    """Rows of each group."""
    texts: bool = True
    """Whether sources and uncommitted changes are held against each other, too."""


class CompareRow(Struct, frozen=True, kw_only=True):
    """One property over all components, in their order; None where one does not have it."""

    group: Group
    key: str
    """Column key as in the table: ``params.lr``, ``metrics.loss.last``; packages: the package's name."""
    values: list[bool | int | Number | str | None]
    differs: bool


class TextDiff(Struct, frozen=True, kw_only=True):
    """A unified diff of one text between the first component and another."""

    left: str
    right: str
    what: Literal["source", "dirty_diff"]
    diff: str
    """Empty when both are the same."""
    truncated: bool = False
    """Cut at 256 KiB."""


class GroupTotal(Struct, frozen=True):
    """How many rows of a group there are, sent or not, that hold the text asked for, and how many of them differ."""

    rows: Count = 0
    differ: Count = 0


class CompareReply(Struct, frozen=True, kw_only=True):
    """What is alike and what differs: of each group the first rows, and how many there are."""

    components: list[str]
    labels: list[str]
    missing: list[str] = field(default_factory=list)
    """Names that were asked for and are not there (deleted for good)."""
    rows: list[CompareRow]
    diffs: list[TextDiff]
    totals: dict[str, GroupTotal] = field(default_factory=dict)
    """By group."""
    next: dict[str, Count] = field(default_factory=dict)
    """By group that has more rows: `begin` of the request for them."""


class ImportanceQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which parameters matter for a metric of an experiment."""

    experiment: str
    metric: str
    """``loss.min`` or ``loss`` (its last)."""
    where: str | None = None


class Importance(Struct, frozen=True, kw_only=True):
    """One parameter: share of the explained spread (permutation, sums to 1) and Spearman's rank correlation."""

    param: str
    importance: Number
    correlation: Number | None = None
    """None for a parameter of categories, or one that never changes."""


class ImportanceReply(Struct, frozen=True, kw_only=True):
    """Most important first. `score` is the forest's R² on rows it did not see; below 0.2 do not trust it."""

    metric: str
    components: Count
    items: list[Importance]
    score: Number | None = None
    reason: str | None = None
    """Why there is no answer (fewer than ten finished components, a metric that never changes), or what the
    answer rests on (a sample of very many components)."""


class CompletionQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A query being typed, with the caret in it."""

    text: Annotated[str, Meta(max_length=8192)]
    caret: Count
    """In characters (UTF-16 code units are for browsers to convert)."""
    experiment: str | None = None


class CompletionOption(Struct, frozen=True, kw_only=True):
    """One way to go on."""

    text: str
    """What replaces ``start … end``, quoted as needed."""
    label: str
    kind: Literal["field", "value", "operator", "keyword"]
    detail: str = ""
    """For example "float, 0.001 to 0.3, 812 trials"."""


class CompletionReply(Struct, frozen=True, kw_only=True):
    """At most 50 options, best first; `error` is the first thing wrong with the text as it stands."""

    start: Count
    end: Count
    options: list[CompletionOption]
    error: str | None = None
    error_start: Count | None = None
    error_end: Count | None = None

"""Comparisons, parameter importance, and the completion of a query: questions over many components.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Number

Group = Literal["meta", "params", "metrics", "tags", "inputs", "outputs", "packages", "environment", "code"]


class CompareRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Two to fifty components, by name; the first one is what the others are held against."""

    components: Annotated[list[str], Meta(min_length=2, max_length=50)]


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


class CompareReply(Struct, frozen=True, kw_only=True):
    """What is alike and what differs."""

    components: list[str]
    labels: list[str]
    missing: list[str] = field(default_factory=list)
    """Names that were asked for and are not there (deleted for good)."""
    rows: list[CompareRow]
    diffs: list[TextDiff]


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

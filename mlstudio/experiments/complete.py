"""How a query that is being typed may go on: fields, operators that fit, values that occur, keywords.

Fields and values are those of the experiment, read from the table's own columns (which are kept
between two calls, until the store changes). Options are made only of what fits: an experiment may have
20,000 columns, a column as many values. The answer also says what is wrong with the text as it stands,
and where.

Knows nothing of: HTTP, the editor.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from mlstudio.entities.comparison import CompletionOption, CompletionQuery, CompletionReply
from mlstudio.entities.search import META_FIELDS, Field, OrderKey, Query
from mlstudio.entities.status import COMPONENT_MOVES
from mlstudio.entities.tables import ColumnInfo, TableRequest, TableScope
from mlstudio.experiments.fields import METRIC_STATS, TIME_FIELDS
from mlstudio.experiments.query_caret import Caret, caret_of
from mlstudio.experiments.query_lexer import WORD_CHARACTERS, QueryFault
from mlstudio.experiments.query_text import TRUTHS, parse

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

MOST: Final = 50
_ROWS: Final = 20_000
_KEPT: Final = 8
"""Experiments whose columns are kept laid out."""
MOST_COLUMNS: Final = 20_000
"""Columns of a group that a store lists."""
_PER_GROUP: Final = 14
"""Fields of a group that are offered before anything is typed."""
_LONGEST: Final = 120
"""Characters of a value that is offered."""
_NUMBER_OPS: Final = ("<", "<=", ">", ">=", "=", "!=", "in", "not in")
_TEXT_OPS: Final = ("=", "!=", "in", "not in", "contains", "not contains", "like", "not like")
_TRUTH_OPS: Final = ("=", "!=")
_TIMES: Final = {"today": "since midnight", "yesterday": "", "-1h": "", "-24h": "", "-7d": "", "-30d": ""}
_STAT_NAMES: Final = ("last", "min", "max", "avg", "stddev", "count")
_WHAT: Final = {"float": "number", "category": "text"}

assert set(_STAT_NAMES) == METRIC_STATS


def complete(store: Store, query: CompletionQuery) -> CompletionReply:
    """Return at most 50 ways to go on at the caret, best first, and the first fault of the text.

    Raises:
        NotFound: the experiment.
    """
    index = _index_of(store.columns(query.experiment))
    caret = caret_of(query.text, query.caret)
    options = list(islice(_Options(store, query.experiment, index, caret).ranked(), MOST))
    error, start, end = _fault(query.text, index)
    return CompletionReply(
        start=caret.start, end=caret.end, options=options, error=error, error_start=start, error_end=end
    )


def _fault(text: str, index: _Index) -> tuple[str | None, int | None, int | None]:
    try:
        parse(text, known=index.by_key.keys() if index.whole else None)
    except QueryFault as fault:
        return (f"{fault.message} {fault.hint}" if fault.hint else fault.message), fault.start, fault.end
    return None, None, None


def quoted_field(group: str, name: str, stat: str | None = None) -> str:
    """Return a field as it is written in a query, in back quotes where it must be.

    >>> quoted_field("metrics", "val/loss", "min"), quoted_field("params", "learning rate")
    ('metrics.val/loss.min', 'params.`learning rate`')
    """
    if group == "meta":
        return name
    last = name.rpartition(".")[2].lower()
    plain = bool(name) and WORD_CHARACTERS.issuperset(name) and not (group == "metrics" and last in METRIC_STATS)
    shown = name if plain else "`" + name.replace("`", "``") + "`"
    return f"{group}.{shown}" + (f".{stat}" if stat else "")


def quoted_value(value: str) -> str:
    r"""Return a text as it is written in a query.

    >>> quoted_value('say "x\\y"')
    '"say \\"x\\\\y\\""'
    """
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Entry(NamedTuple):
    """A column as it is offered: how it is written, and how what is typed is held against it."""

    column: ColumnInfo
    name: str
    text: str
    folded: str


class _Index:
    """The columns of one experiment, laid out for completion."""

    def __init__(self, columns: Sequence[ColumnInfo]) -> None:
        self.columns = columns
        self.by_key = {column.key: column for column in columns}
        self.groups: dict[str, list[_Entry]] = {"params": [], "metrics": [], "tags": []}
        for column in sorted(columns, key=lambda one: (-one.count, one.key)):
            if column.group in self.groups:
                name = _name_of(column)
                text = quoted_field(column.group, name)
                self.groups[column.group].append(_Entry(column, name, text, _folded(text)))
        self.metrics = {entry.folded: entry for entry in self.groups["metrics"]}
        self.whole = all(len(entries) < MOST_COLUMNS for entries in self.groups.values())
        """Whether every column there is stands in here; of a group of very many the store lists the most used."""

    def fitting(self, group: str, typed: str) -> list[_Entry]:
        """Return the columns of a group that fit, those that most rows have first, at most `MOST` of each rank."""
        if not typed:
            return self.groups[group][:_PER_GROUP]
        ranks: tuple[list[_Entry], ...] = ([], [], [])
        for entry in self.groups[group]:
            if typed in entry.folded:
                rank = ranks[_rank_of(typed, entry.folded, "field")]
                if len(rank) < MOST:
                    rank.append(entry)
        return [entry for rank in ranks for entry in rank]


_kept: OrderedDict[int, _Index] = OrderedDict()
"""Indexes by the identity of the columns, which a store returns again as long as nothing changed."""


def _index_of(columns: Sequence[ColumnInfo]) -> _Index:
    found = _kept.get(id(columns))
    if found is None or found.columns is not columns:
        found = _kept[id(columns)] = _Index(columns)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _folded(text: str) -> str:
    return text.lower().replace("`", "")


def _rank_of(typed: str, folded: str, kind: str) -> int:
    """Return how well a label fits: 0 it begins so, 1 the name of a field does, 2 it contains it, 3 not at all."""
    if not typed or folded.startswith(typed):
        return 0
    if kind == "field" and folded.partition(".")[2].startswith(typed):
        return 1
    return 2 if kind in ("field", "value") and typed in folded else 3


class _Options:
    """The options of one answer."""

    def __init__(self, store: Store, experiment: str | None, index: _Index, caret: Caret) -> None:
        self.store = store
        self.experiment = experiment
        self.index = index
        self.caret = caret
        self.typed = _folded(caret.typed)

    def ranked(self) -> Iterator[CompletionOption]:
        """Yield the options that fit what is typed: those that begin so first, then those that contain it."""
        seen: set[str] = set()
        fitting = [(_rank_of(self.typed, _folded(option.label), option.kind), option) for option in self._all()]
        for _, option in sorted((pair for pair in fitting if pair[0] < 3), key=lambda pair: pair[0]):
            if option.text not in seen:
                seen.add(option.text)
                yield option

    def _all(self) -> Iterable[CompletionOption]:
        want, field = self.caret.want, self.caret.field
        if want in ("field", "key"):
            return [*self._fields(), *(_words("not") if want == "field" else ())]
        if want in ("value", "item"):
            return self._values(field) if field is not None else ()
        if want == "operator" and field is not None:
            return [*_operators(self._ops(field)), *self._joints()]
        if want == "contrary":
            return _operators(("in", "contains", "like"))
        return self._keywords()

    def _keywords(self) -> Iterable[CompletionOption]:
        said: dict[str, Callable[[], Iterable[CompletionOption]]] = {
            "joint": self._joints,
            "list": lambda: _operators(("[",)),
            "more items": lambda: _operators((",", "]")),
            "by": lambda: _words("by"),
            "direction": lambda: _words("desc", "asc", "limit"),
            "number": lambda: [CompletionOption(text=text, label=text, kind="value") for text in ("10", "100", "1000")],
            "bound": lambda: _operators(("<", "<=")),
        }
        return said[self.caret.want]() if self.caret.want in said else ()

    def _joints(self) -> list[CompletionOption]:
        return [*_words("and", "or", "order by", "limit"), *(_operators((")",)) if self.caret.depth else ())]

    # ---- fields

    def _fields(self) -> Iterator[CompletionOption]:
        for name in META_FIELDS:
            detail = _detail(self.index.by_key.get(name), name)
            yield CompletionOption(text=name, label=name, kind="field", detail=detail)
        for group in self.index.groups:
            for column, name, text, _ in self.index.fitting(group, self.typed):
                yield CompletionOption(text=text, label=text, kind="field", detail=_detail(column, name))
        for end in range(len("metrics."), len(self.typed) + 1):
            entry = self.index.metrics.get(self.typed[:end])
            if entry is not None:
                yield from self._stats(entry.name)

    @staticmethod
    def _stats(name: str) -> Iterator[CompletionOption]:
        for stat in _STAT_NAMES:
            text = quoted_field("metrics", name, stat)
            yield CompletionOption(text=text, label=text, kind="field", detail="statistic of the metric")

    def _column(self, field: Field) -> ColumnInfo | None:
        key = field.name if field.kind == "meta" else f"{field.kind}.{field.name}"
        key += ".last" if field.kind == "metrics" else ""
        return self.index.by_key.get(key)

    def _ops(self, field: Field) -> tuple[str, ...]:
        if field.kind == "meta" and field.name in TRUTHS:
            return _TRUTH_OPS
        number = field.kind == "metrics" or (field.kind == "meta" and field.name in {*TIME_FIELDS, "duration"})
        column = self._column(field)
        return _NUMBER_OPS if number or (column is not None and column.kind == "float") else _TEXT_OPS

    # ---- values

    def _values(self, field: Field) -> Iterator[CompletionOption]:
        if field.kind == "meta" and field.name in TRUTHS:
            yield from (_value(text, text, "") for text in ("true", "false"))
        elif field.kind == "meta" and field.name in TIME_FIELDS:
            yield from (_value(text, text, detail) for text, detail in _TIMES.items())
        else:
            yield from self._found(field)

    def _found(self, field: Field) -> Iterator[CompletionOption]:
        column = self._column(field)
        seen: set[str] = set()
        if column is not None and field.kind not in ("inputs", "outputs"):
            key = f"metrics.{field.name}.{field.stat}" if field.kind == "metrics" else column.key
            for option in self._of_column(key):
                seen.add(option.label)
                yield option
        if field == Field("meta", "status"):
            yield from (_value(quoted_value(text), text, "") for text in COMPONENT_MOVES if text not in seen)

    def _of_column(self, key: str) -> Iterator[CompletionOption]:
        """Yield the values of a column that occur most, or its statistics when it is a measure."""
        request = TableRequest(scope=TableScope(experiment=self.experiment), columns=[key], limit=_ROWS)
        page = self.store.table(request, Query(None, (OrderKey(Field("meta", "name")),)))
        (column,) = page.columns
        if column.values is not None and column.codes_b64 is not None:
            codes = np.frombuffer(base64.b64decode(column.codes_b64), "<u4")
            counts = np.bincount(codes[codes < len(column.values)], minlength=len(column.values))
            for place in self._fitting_values(column.values, np.argsort(-counts, kind="stable").tolist()):
                value = column.values[place]
                yield _value(quoted_value(value), value, _times(int(counts[place])))
            return
        values = np.frombuffer(base64.b64decode(column.b64 or ""), "<f8")
        values = values[np.isfinite(values)]
        if len(values):
            yield from _numbers(values)

    def _fitting_values(self, values: Sequence[str], places: Sequence[int]) -> list[int]:
        """Return the places of the values that fit, at most `MOST` of those that begin so, and that contain it."""
        begin: list[int] = []
        inside: list[int] = []
        for place in places:
            value = values[place]
            if len(value) > _LONGEST:
                continue
            rank = _rank_of(self.typed, _folded(value), "value")
            if rank == 0:
                begin.append(place)
                if len(begin) == MOST:
                    break
            elif rank < 3 and len(inside) < MOST:
                inside.append(place)
        return begin + inside


def _numbers(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Iterator[CompletionOption]:
    found, counts = np.unique(values, return_counts=True)
    if len(found) <= MOST:
        for place in np.argsort(-counts, kind="stable"):
            yield _value(f"{found[place]:.12g}", f"{found[place]:.12g}", _times(int(counts[place])))
        return
    for name, number in (("smallest", found[0]), ("median", np.median(values)), ("largest", found[-1])):
        yield _value(f"{number:.6g}", f"{number:.6g}", f"the {name}")


def _times(count: int) -> str:
    return f"{count} trial{'' if count == 1 else 's'}"


def _value(text: str, label: str, detail: str) -> CompletionOption:
    return CompletionOption(text=text, label=label, kind="value", detail=detail)


def _operators(texts: Iterable[str]) -> list[CompletionOption]:
    return [CompletionOption(text=text, label=text, kind="operator") for text in texts]


def _words(*texts: str) -> list[CompletionOption]:
    return [CompletionOption(text=text, label=text, kind="keyword") for text in texts]


def _name_of(column: ColumnInfo) -> str:
    name = column.key.partition(".")[2]
    return name.removesuffix(".last") if column.group == "metrics" else name


def _detail(column: ColumnInfo | None, name: str) -> str:
    """Return what is known of a field: its type, its range or number of values, how many have it."""
    if name in TIME_FIELDS:
        return "time"
    if column is None:
        return "true or false" if name in TRUTHS else ""
    kind = "true or false" if name in TRUTHS and column.group == "meta" else _WHAT[column.kind]
    parts = [kind]
    if column.kind == "float" and column.min is not None and column.max is not None and kind == "number":
        parts[0] += f", {column.min:.4g} to {column.max:.4g}"
    elif column.kind == "category" and column.distinct is not None:
        parts.append(f"{column.distinct} value{'' if column.distinct == 1 else 's'}")
    return ", ".join([*parts, _times(column.count)])

"""How a query that is being typed may go on: fields, operators that fit, values that occur, keywords.

Fields and values are those of the experiment, read from the table's own columns (which are kept
between two calls). The answer also says what is wrong with the text as it stands, and where.

Knows nothing of: HTTP, the editor.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

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
    columns = store.columns(query.experiment)
    caret = caret_of(query.text, query.caret)
    options = list(_Options(store, query.experiment, columns, caret).ranked())[:MOST]
    error, start, end = _fault(query.text, columns)
    return CompletionReply(
        start=caret.start, end=caret.end, options=options, error=error, error_start=start, error_end=end
    )


def _fault(text: str, columns: Sequence[ColumnInfo]) -> tuple[str | None, int | None, int | None]:
    try:
        parse(text, known={column.key for column in columns})
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


class _Options:
    """The options of one answer."""

    def __init__(self, store: Store, experiment: str | None, columns: Sequence[ColumnInfo], caret: Caret) -> None:
        self.store = store
        self.experiment = experiment
        self.columns = columns
        self.caret = caret
        self.typed = caret.typed.lower().replace("`", "")

    def ranked(self) -> Iterator[CompletionOption]:
        """Yield the options that fit what is typed: those that begin so first, then those that contain it."""
        seen: set[str] = set()
        fitting = [(self._rank(option), option) for option in self._all()]
        for _, option in sorted((pair for pair in fitting if pair[0] < 3), key=lambda pair: pair[0]):
            if option.text not in seen:
                seen.add(option.text)
                yield option

    def _rank(self, option: CompletionOption) -> int:
        label = option.label.lower().replace("`", "")
        if not self.typed or label.startswith(self.typed):
            return 0
        if option.kind == "field" and label.partition(".")[2].startswith(self.typed):
            return 1
        return 2 if option.kind in ("field", "value") and self.typed in label else 3

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
        every = sorted(self.columns, key=lambda column: (-column.count, column.key))
        known = {column.key: column for column in every}
        for name in META_FIELDS:
            yield CompletionOption(text=name, label=name, kind="field", detail=_detail(known.get(name), name))
        most = len(every) if self.typed else _PER_GROUP
        for group in ("params", "metrics", "tags"):
            for column in [one for one in every if one.group == group][:most]:
                name = _name_of(column)
                text = quoted_field(group, name)
                yield CompletionOption(text=text, label=text, kind="field", detail=_detail(column, name))
                if group == "metrics" and self.typed.startswith(f"metrics.{name}".lower().replace("`", "")):
                    yield from self._stats(name)

    @staticmethod
    def _stats(name: str) -> Iterator[CompletionOption]:
        for stat in _STAT_NAMES:
            text = quoted_field("metrics", name, stat)
            yield CompletionOption(text=text, label=text, kind="field", detail="statistic of the metric")

    def _column(self, field: Field) -> ColumnInfo | None:
        key = field.name if field.kind == "meta" else f"{field.kind}.{field.name}"
        key += ".last" if field.kind == "metrics" else ""
        return next((column for column in self.columns if column.key == key), None)

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
            for place in np.argsort(-counts, kind="stable")[:_ROWS]:
                value = column.values[place]
                if len(value) <= _LONGEST:
                    yield _value(quoted_value(value), value, _times(int(counts[place])))
            return
        values = np.frombuffer(base64.b64decode(column.b64 or ""), "<f8")
        values = values[np.isfinite(values)]
        if len(values):
            yield from _numbers(values)


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

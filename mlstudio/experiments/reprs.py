"""How records show themselves: one line of text, and a small table in a notebook.

Every value that a user or a script gave is escaped; nothing here is markup that somebody else
wrote. A repr never raises: when the store cannot be read it says so.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ComponentRecord, ListRequest, SeriesSummary
from mlstudio.experiments.records import the_store
from mlstudio.experiments.values import SYSTEM_PREFIX, as_datetime

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

MAX_ROWS: Final = 20
MAX_COLUMNS: Final = 12
MAX_TEXT: Final = 80
_COLORS: Final = {
    "InProgress": "var(--jp-info-color1, #1976d2)",
    "Completed": "var(--jp-success-color1, #388e3c)",
    "Failed": "var(--jp-error-color1, #d32f2f)",
}
_CELL: Final = "text-align:left;padding:2px 10px 2px 0;white-space:nowrap"


def plain(thing: object, *attributes: str) -> str:
    """Return ``Class(name='…', …)`` of the attributes that are set, long values cut."""
    shown = []
    for name in attributes:
        value = getattr(thing, name, None)
        if value not in (None, {}, [], ""):
            shown.append(f"{name}={_cut(repr(value), 200)}")
    return f"{type(thing).__name__}({', '.join(shown)})"


def _cut(text: str, limit: int = MAX_TEXT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def text_of(value: object) -> str:
    """Return a value as it stands in a cell: numbers with 5 digits, text cut, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.5g}"
    return _cut(str(value))


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """Return an HTML table of plain values; everything is escaped."""
    parts = ['<table class="mlstudio-repr" style="font-size:90%">']
    if caption:
        parts.append(f'<caption style="text-align:left;padding-bottom:4px"><b>{html.escape(caption)}</b></caption>')
    cells = "".join(f'<th scope="col" style="{_CELL}">{html.escape(_cut(one))}</th>' for one in head)
    parts.append(f"<thead><tr>{cells}</tr></thead><tbody>")
    parts += [f"<tr>{''.join(_cell(one) for one in row)}</tr>" for row in rows]
    parts.append("</tbody></table>")
    return "".join(parts)


def _cell(value: object) -> str:
    text = html.escape(text_of(value))
    color = _COLORS.get(value) if isinstance(value, str) else None
    style = f"{_CELL};color:{color}" if color else _CELL
    return f'<td style="{style}">{text}</td>'


def _never_raises(render: Callable[[Store, str], str]) -> Callable[[str], str]:
    @wraps(render)
    def wrapper(name: str) -> str:
        try:
            return render(the_store(), name)
        except StudioError as error:
            return f"<p>{html.escape(str(error))}</p>"

    return wrapper


def component_table(records: Sequence[ComponentRecord], caption: str = "") -> str:
    """Return a table of components: name, status, then parameters and last metrics that fit."""
    params = _most_common(one.params for one in records)[: MAX_COLUMNS // 2]
    metrics = _most_common([series.name for series in _shown(one)] for one in records)[: MAX_COLUMNS // 2]
    rows = [_row(record, params, metrics) for record in records[:MAX_ROWS]]
    more = len(records) - MAX_ROWS
    shown = f"{caption} (first {MAX_ROWS} of {len(records)})" if more > 0 else caption
    return table(["name", "status", *params, *metrics], rows, shown)


def _shown(record: ComponentRecord) -> list[SeriesSummary]:
    """Return the series that a person logged."""
    return [one for one in record.metrics if not one.name.startswith(SYSTEM_PREFIX)]


def _row(record: ComponentRecord, params: Sequence[str], metrics: Sequence[str]) -> list[object]:
    last = {series.name: series.last for series in record.metrics if not series.context}
    head: list[object] = [record.display_name or record.name, record.status or "not started"]
    return [*head, *(record.params.get(name) for name in params), *(last.get(name) for name in metrics)]


def _most_common(groups: Iterable[Iterable[str]]) -> list[str]:
    counts: dict[str, int] = {}
    for group in groups:
        for name in group:
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))


@_never_raises
def experiment(store: Store, name: str) -> str:
    """Return the newest components of an experiment as a table."""
    record = store.get_experiment(name)
    page = store.list_components(ListRequest(limit=MAX_ROWS), experiment=name)
    caption = f"{record.display_name or record.name}: {record.trials} trials, {record.components} components"
    if record.running:
        caption += f", {record.running} running"
    return component_table(page.items, caption)


@_never_raises
def trial(store: Store, name: str) -> str:
    """Return the components of a trial as a table."""
    record = store.get_trial(name)
    page = store.list_components(ListRequest(limit=MAX_ROWS), trial=name)
    return component_table(page.items, f"{record.display_name or record.name} ({record.experiment_name})")


@_never_raises
def component(store: Store, name: str) -> str:
    """Return what a component was given and gave, as a table of two columns."""
    record = store.get_component(name)
    rows: list[Sequence[object]] = [["status", record.status or "not started"]]
    if record.status_message:
        rows.append(["message", record.status_message])
    if record.start_time is not None:
        rows.append(["started", f"{as_datetime(record.start_time):%Y-%m-%d %H:%M:%S} UTC"])
    rows += [[f"params.{key}", value] for key, value in sorted(record.params.items())[:MAX_ROWS]]
    rows += [
        [f"metrics.{one.name}{_context(one.context)}", f"{text_of(one.last)} (step {one.last_step})"]
        for one in _shown(record)[:MAX_ROWS]
    ]
    if record.dropped:
        rows.append(["lost log calls", record.dropped])
    return table(["", record.display_name or record.name], rows)


def _context(context: dict[str, object] | dict[str, bool | int | float | str]) -> str:
    return f" {context}" if context else ""


def components(names: Sequence[str]) -> str:
    """Return a table of components by name, as they are now."""
    try:
        return component_table(the_store().get_components(names), f"{len(names)} runs")
    except StudioError as error:
        return f"<p>{html.escape(str(error))}</p>"

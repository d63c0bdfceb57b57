"""How a job shows itself: one card for notebooks, some lines for terminals.

What a user wrote is text: everything is escaped, and secrets are masked. Nothing here raises for a
log that cannot be read.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import time
from collections.abc import Sequence
from typing import Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobRecord
from mlstudio.entities.secrets_jobs import masked_job
from mlstudio.entities.status import ENDED
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.contract import HOST
from mlstudio.jobs.logs import read_shown

TAIL_BYTES: Final = 8192
TAIL_LINES: Final = 8
MAX_METRICS: Final = 6
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_COLORS: Final = {
    "InProgress": "var(--jp-info-color1, #1976d2)",
    "Stopping": "var(--jp-warn-color1, #f57c00)",
    "Completed": "var(--jp-success-color1, #388e3c)",
    "Failed": "var(--jp-error-color1, #d32f2f)",
}


def last_lines(record: JobRecord, count: int = TAIL_LINES) -> list[str]:
    """Return the last lines of a job's log as a terminal would show them, without colours."""
    try:
        data = read_shown(run_folder(record), HOST, offset=-TAIL_BYTES, limit=TAIL_BYTES).data
    except (OSError, StudioError):
        return []
    text = _ESCAPES.sub("", data.decode("utf-8", "replace"))
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]  # a bar that was drawn over itself
    kept = ["".join(char for char in line if char.isprintable() or char == "\t") for line in lines]
    return [line for line in kept if line.strip()][-count:]


def took(record: JobRecord) -> str:
    """Return how long it has run, or ran."""
    if record.started_at is None:
        return ""
    seconds = int(max(0, (record.ended_at or int(time.time() * 1e6)) - record.started_at) / 1e6)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def says(record: JobRecord) -> str:
    """Return what there is to say of it in one sentence: why it waits, what it does, why it failed."""
    shown = masked_job(record)
    return shown.failure_reason or (shown.status_message if record.status not in ENDED else "")


def card(record: JobRecord, series: Sequence[SeriesSummary]) -> str:
    """Return the HTML of a job: status, what it says, last metrics, last lines of its log."""
    color = _COLORS.get(record.status, "var(--jp-ui-font-color2, #616161)")
    state = record.status if record.secondary == record.status else f"{record.status} · {record.secondary}"
    parts = [
        f'<div class="mlstudio-job" style="border-left:4px solid {color};padding:2px 10px">',
        f"<b>{html.escape(record.name)}</b>",
        f' <span style="color:{color}">{html.escape(state)}</span> {took(record)}',
        _button(record.name),
    ]
    if said := says(record):
        parts.append(f'<div style="white-space:pre-wrap">{html.escape(said)}</div>')
    shown = [one for one in series if not one.name.startswith("system/")][:MAX_METRICS]
    if shown:
        parts.append("<div>" + " · ".join(f"{html.escape(one.name)} <b>{one.last:.5g}</b>" for one in shown) + "</div>")
    if lines := last_lines(record):
        text = html.escape("\n".join(lines))
        parts.append(f'<pre style="margin:4px 0 0;max-height:12em;overflow:auto;font-size:85%">{text}</pre>')
    return "".join([*parts, "</div>"])


def _button(name: str) -> str:
    """Return what opens the job in the panel; a front end without it shows a button that does nothing."""
    told = html.escape(json.dumps({"name": name}), quote=True)
    return (
        f' <button type="button" data-commandlinker-command="mlstudio:open-job" data-commandlinker-args="{told}">'
        "Open in Studio</button>"
    )


def job_html(name: str) -> str:
    """Return the card of a job; one sentence when it cannot be read."""
    from mlstudio.store import open_store

    store = open_store()
    try:
        record = store.get_job(name)
        series: list[SeriesSummary] = []
        with contextlib.suppress(StudioError):
            series = store.series(record.trial_component)
        return card(record, series)
    except StudioError as error:
        return f"<p>{html.escape(str(error))}</p>"

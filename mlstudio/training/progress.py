"""What a person sees while waiting for a job: a card in a notebook, a line in a terminal, its log.

The card and the line are renewed in their place; the log runs above the line. Where nobody looks
(a pipe, a file) there is the log alone. What a job wrote is printed as it is; what we say of it is
one line of text.

Reads: the job's record, metrics and log. Writes: stdout, or a notebook's output.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any, Final, TextIO

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobRecord
from mlstudio.jobs import shown
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.logs import marker, read_shown
from mlstudio.store import open_store

PACE: Final = 0.25
"""Seconds between two renewals at least."""
MOST_METRICS: Final = 4
_ERASE: Final = "\r\x1b[K"
_PERCENT: Final = re.compile(r"(?<!\d)(\d{1,3})%\|")
_EPOCH: Final = re.compile(
    r"\b(?:epoch|step|iter(?:ation)?)s?\s*[:\[]?\s*(\d{1,9})\s*(?:/|of)\s*(\d{1,9})\b", re.IGNORECASE
)


def fraction(lines: Sequence[str]) -> float | None:
    """Return how far a job says that it is, 0 to 1; None when its last lines do not say.

    >>> fraction(["Epoch 3/4 loss=1"]), fraction([" 40%|####   |"]), fraction(["loss=1"])
    (0.75, 0.4, None)
    """
    for line in reversed(lines):
        percents = _PERCENT.findall(line)
        if percents:
            return min(1.0, int(percents[-1]) / 100)
        epochs = _EPOCH.findall(line)
        if epochs and int(epochs[-1][1]) > 0:
            return min(1.0, int(epochs[-1][0]) / int(epochs[-1][1]))
    return None


def line_of(record: JobRecord, series: Sequence[SeriesSummary], done: float | None) -> str:
    """Return a job's state in one line of printable text."""
    state = record.status if record.secondary == record.status else record.secondary
    parts = [f"{record.name}: {state}", shown.took(record)]
    if done is not None:
        parts.append(f"{done:.0%}")
    own = [one for one in series if not one.name.startswith("system/")]
    parts += [f"{one.name} {one.last:.5g}" for one in own[:MOST_METRICS]]
    if record.secondary == "Pending":
        parts.append(shown.says(record))
    return "".join(char for char in "  ".join(filter(None, parts)) if char.isprintable())


class LogPrinter:
    """Prints a log as it grows; what was dropped shows as a line.

    Args:
        record: of the job.
        out: where to.
    """

    def __init__(self, record: JobRecord, out: TextIO) -> None:
        self._run_dir, self._out = run_folder(record), out
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.fresh_line = True
        """Whether the cursor is where a line begins."""

    def pending(self) -> str:
        """Return what has come since."""
        text = ""
        while True:
            chunk = read_shown(self._run_dir, offset=self._offset)
            if chunk.dropped:
                text += self._decoder.decode(marker(chunk.dropped))
            if not chunk.data:
                return text
            self._offset = chunk.next_offset
            text += self._decoder.decode(chunk.data)

    def write(self, text: str) -> None:
        """Print a piece of it."""
        if text:
            self._out.write(text)
            self.fresh_line = text.endswith("\n")


class Progress:
    """The log alone, or nothing: for a pipe, a file, a test.

    Args:
        name: of the job.
        out: where to.
        logs: whether its log is wanted.
    """

    def __init__(self, name: str, out: TextIO, *, logs: bool) -> None:
        self.name, self.out = name, out
        self._printer = LogPrinter(open_store().get_job(name), out) if logs else None
        self._renewed = 0.0

    def news(self) -> None:
        """Show what has come."""
        self._log()
        self.out.flush()

    def end(self) -> None:
        """Show the rest."""
        self.news()

    def leave(self) -> None:
        """Stop showing while the job goes on."""
        self.out.flush()

    def _log(self) -> None:
        if self._printer is not None:
            self._printer.write(self._printer.pending())

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._renewed < PACE:
            return False
        self._renewed = now
        return True

    def _line(self) -> str:
        store = open_store()
        record = store.get_job(self.name)
        series: list[SeriesSummary] = []
        with contextlib.suppress(StudioError):  # its component was purged
            series = store.series(record.trial_component)
        return line_of(record, series, fraction(shown.last_lines(record)))


class TerminalProgress(Progress):
    """The log, and below it one line that is renewed in its place."""

    def __init__(self, name: str, out: TextIO, *, logs: bool) -> None:
        super().__init__(name, out, logs=logs)
        self._drawn = ""

    def news(self) -> None:
        """Print what has come of the log above the line, and renew that."""
        text = self._printer.pending() if self._printer is not None else ""
        due = self._due()
        if text:
            self._erase()
            assert self._printer is not None
            self._printer.write(text)
        if due or text:
            self._draw(self._line())
        self.out.flush()

    def end(self) -> None:
        """Leave the line as it is at the end."""
        self._renewed = 0.0
        self.news()
        if self._drawn:
            self.out.write("\n")
        self._drawn = ""
        self.out.flush()

    def leave(self) -> None:
        """Take the line away."""
        self._erase()
        self.out.flush()

    def _draw(self, text: str) -> None:
        if self._printer is not None and not self._printer.fresh_line:
            return  # a bar of the job's own stands in this line
        width = shutil.get_terminal_size().columns - 1
        self._drawn = text if len(text) <= width else text[: max(0, width - 1)] + "…"
        self.out.write(_ERASE + self._drawn)

    def _erase(self) -> None:
        if self._drawn:
            self.out.write(_ERASE)
            self._drawn = ""


class NotebookProgress(Progress):
    """A card that is renewed in its place, and the log below it."""

    def __init__(self, name: str, out: TextIO, *, logs: bool) -> None:
        from IPython.display import display

        super().__init__(name, out, logs=logs)
        self._handle: Any = display(self._bundle(), raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def news(self) -> None:
        """Print what has come of the log, and renew the card."""
        self._log()
        if self._handle is not None and self._due():
            self._handle.update(self._bundle(), raw=True)
        self.out.flush()

    def end(self) -> None:
        """Show how it ended."""
        self._renewed = 0.0
        self.news()

    def _bundle(self) -> dict[str, str]:
        record = open_store().get_job(self.name)
        done = fraction(shown.last_lines(record))
        bar = "" if done is None else f'<progress max="1" value="{done:.3f}" style="width:100%"></progress>'
        return {"text/html": shown.job_html(self.name) + bar, "text/plain": self._line()}


def in_kernel() -> bool:
    """Tell whether this is a notebook's kernel: its outputs can be renewed."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def progress_of(name: str, *, logs: bool) -> Progress:
    """Return the display that fits where we are.

    Args:
        name: of the job.
        logs: whether its log is wanted too.
    """
    if in_kernel():
        return NotebookProgress(name, sys.stdout, logs=logs)
    if sys.stdout.isatty():
        return TerminalProgress(name, sys.stdout, logs=logs)
    return Progress(name, sys.stdout, logs=logs)

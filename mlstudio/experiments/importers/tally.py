"""What a transfer did, counted while it goes on, and what it had to leave behind and why.

Knows nothing of: sources, stores.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mlstudio.entities.transfers import Skipped, TransferReport

Progress = Callable[[int, int | None, str], None]
"""Called with what is done, how much there is (None: not known), and a few words."""
Stop = Callable[[], bool]
"""Asked between runs; True ends the transfer, what was written stays."""

MAX_REASONS: Final = 500


class Stopped(Exception):
    """The transfer was asked to stop."""


@dataclass
class Tally:
    """Counts of one transfer.

    Attributes:
        progress: told about each step.
        stop: asked at each step.
    """

    progress: Progress | None = None
    stop: Stop | None = None
    runs: int = 0
    updated: int = 0
    unchanged: int = 0
    points: int = 0
    params: int = 0
    artifacts: int = 0
    media: int = 0
    bytes: int = 0
    done: int = 0
    total: int | None = None
    experiments: dict[str, str | None] = field(default_factory=dict)
    """Display name, where there is one, by name."""
    notes: list[str] = field(default_factory=list)
    _skipped: dict[tuple[str, str], int] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def skip(self, what: str, why: str, count: int = 1) -> None:
        """Count something that is left behind; beyond `MAX_REASONS` different ones they share a line."""
        key = (what[:500], why[:500])
        if key not in self._skipped and len(self._skipped) >= MAX_REASONS:
            key = ("others", "more kinds of trouble than this report has lines")
        self._skipped[key] = self._skipped.get(key, 0) + count

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes:
            self.notes.append(text)

    def step(self, message: str, count: int = 1) -> None:
        """Say that `count` more runs are done. Raises: Stopped."""
        self.done += count
        self.tell(message)

    def tell(self, message: str) -> None:
        """Say what goes on. Raises: Stopped."""
        if self.progress is not None:
            self.progress(self.done, self.total, message)
        self.check()

    def check(self) -> None:
        """Raises: Stopped, when somebody asked for it."""
        if self.stop is not None and self.stop():
            raise Stopped

    def report(self) -> TransferReport:
        """Return the counts."""
        return TransferReport(
            runs=self.runs,
            updated=self.updated,
            unchanged=self.unchanged,
            points=self.points,
            params=self.params,
            artifacts=self.artifacts,
            media=self.media,
            bytes=self.bytes,
            experiments=list(self.experiments),
            titles={name: title for name, title in self.experiments.items() if title},
            skipped=[Skipped(what, why, count) for (what, why), count in self._skipped.items()],
            notes=list(self.notes),
            seconds=time.monotonic() - self._began,
        )

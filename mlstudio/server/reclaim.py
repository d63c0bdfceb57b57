"""Disk is given back after a purge: in the background, one collection at a time, as a task.

What was stored within the last day stays, so a second collection follows a day later.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import TooMany
from mlstudio.entities.transfers import TransferReport
from mlstudio.server.tasks import Control

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio

LATER: Final = 24 * 3600 + 60
"""Seconds after which what is too young now may go."""


class Reclaim:
    """Starts collections.

    Args:
        studio: whose store, blobs and tasks.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._later: asyncio.TimerHandle | None = None

    def after_purge(self) -> None:
        """Collect now, and once more a day after the last purge. Call it in the loop."""
        self._begin()
        self.close()  # at its time what this purge let go would still be too young
        self._later = asyncio.get_running_loop().call_later(LATER, self._again)

    def close(self) -> None:
        """Collect no more."""
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _again(self) -> None:
        self._later = None
        self._begin()

    def _begin(self) -> None:
        running = (task for task in self._studio.tasks.all() if task.kind == "purge" and task.ended_at is None)
        if next(running, None) is not None:
            return  # it looks at what the store names when its turn comes
        try:
            self._studio.tasks.start("purge", "Give disk back", lambda control: collect_all(self._studio, control))
        except TooMany:
            return  # the next purge, or the next day


def collect_all(studio: Studio, control: Control) -> TransferReport:
    """Remove the blobs that nothing names; report how many bytes that gave back."""
    from mlstudio.store.collect import collect

    control.progress(0, None, "Looking for files that nothing names.")
    found = collect(studio.store(), studio.blobs, home=studio.home)
    notes = [found.held] if found.held else []
    return TransferReport(artifacts=found.blobs, bytes=found.bytes, notes=notes)

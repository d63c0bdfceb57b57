"""Disk is given back after a purge: in the background, one collection at a time, as a task.

What was stored within the last day stays, so a second collection follows a day later. That it is
owed is written down (`store.collect_debt`): a server that ends before has it done by the next one.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import NotFound, TooMany
from mlstudio.entities.transfers import TransferReport
from mlstudio.server.tasks import Control

if TYPE_CHECKING:
    from mlstudio.server.studio import Studio

LATER: Final = 24 * 3600 + 60
"""Seconds after which what is too young now may go."""
SOON: Final = 600.0
"""Seconds after which a collection for which there was no room is tried again; and the longest
sleep, for the loop's clock stands still while a laptop sleeps."""
AGAIN: Final = 3600.0
"""Seconds after which a late collection that was held up is repeated."""

NOTED: Final = 1.0
"""Seconds for which one note stands for all purges; `LATER` has a minute to spare."""


class Reclaim:
    """Starts collections.

    Args:
        studio: whose store, blobs and tasks.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._timer: asyncio.TimerHandle | None = None
        self._purged: float | None = None
        """When the last purge was, seconds since the epoch; the file may not have been written (a full disk)."""
        self._noted = -NOTED
        self._lock = threading.Lock()
        self._asked = False
        """Somebody purged after the present collection had asked what is in use."""
        self._task: str | None = None

    def start(self) -> None:
        """Do what an earlier process, or another program, left to be done. Call it in the loop."""
        from mlstudio.store.collect_debt import owed_since

        since = owed_since(self._studio.home)
        if since is not None:
            self._follow(since)

    def after_purge(self) -> None:
        """Collect now, and once more a day after the last purge. Call it in the loop."""
        from mlstudio.store.collect_debt import owe

        now = time.time()
        if not 0 <= now - self._noted < NOTED:
            self._noted = owe(self._studio.home)
        self._follow(now)

    def close(self) -> None:
        """Collect no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _follow(self, purged: float) -> None:
        self._purged = purged
        self._collect()

    def _collect(self) -> None:
        """Collect now, and see to what is to follow."""
        if self._begin():
            self._sleep(SOON)
        elif self._left() > 0:
            self._sleep(min(self._left(), SOON))
        else:
            self._purged = None  # that was the late one; the file says whether it was held up
            self._sleep(AGAIN)

    def _left(self) -> float:
        """Return for how many seconds what the last purge let go may still be too young."""
        return 0.0 if self._purged is None else self._purged + LATER - time.time()

    def _sleep(self, seconds: float) -> None:
        self.close()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._awake)

    def _awake(self) -> None:
        from mlstudio.store.collect_debt import owed_since

        self._timer = None
        since = owed_since(self._studio.home)  # a purge by another program counts too
        self._purged = max((one for one in (since, self._purged) if one is not None), default=None)
        if self._purged is None:
            return  # all is paid, by whomever
        if self._left() > 0:
            self._sleep(min(self._left(), SOON))
        else:
            self._collect()

    def _begin(self) -> bool:
        """Start a collection, or have the running one look once more; tell whether too many tasks wait for it."""
        with self._lock:
            self._asked = True
            if self._task is not None and self._goes_on(self._task):
                return False
            try:
                self._task = self._studio.tasks.start("purge", "Give disk back", self._work).uid
            except TooMany:
                return True
            return False

    def _goes_on(self, uid: str) -> bool:
        try:
            return self._studio.tasks.get(uid).ended_at is None
        except NotFound:
            return False

    def _work(self, control: Control) -> TransferReport:
        """Collect until nobody has purged meanwhile. Runs in a task's thread."""
        report = TransferReport()
        while True:
            with self._lock:
                self._asked = False
            found = collect_all(self._studio, control)
            report = TransferReport(
                artifacts=report.artifacts + found.artifacts, bytes=report.bytes + found.bytes, notes=found.notes
            )
            with self._lock:
                if not self._asked or control.stopping():
                    self._task = None
                    return report


def collect_all(studio: Studio, control: Control) -> TransferReport:
    """Remove the blobs that nothing names; report how many bytes that gave back."""
    from mlstudio.store.collect import collect
    from mlstudio.store.collect_debt import settle

    control.progress(0, None, "Looking for files that nothing names.")
    begun = time.time()
    found = collect(studio.store(), studio.blobs, home=studio.home)
    if found.held is None:
        settle(studio.home, until=begun - LATER)
    return TransferReport(artifacts=found.blobs, bytes=found.bytes, notes=[found.held] if found.held else [])

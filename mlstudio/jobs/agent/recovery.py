"""What a new agent finds: jobs that wait, jobs that run, jobs that died meanwhile.

Every non-terminal job of the store is looked at. One with a run folder that was never started is
queued again, in order of creation; one that was started is followed, whatever has become of it;
one whose submission broke off is ended with the reason once it is a minute old.

Reads: the store and run folders.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from mlstudio.entities.jobs import JobListRequest, JobRecord
from mlstudio.jobs.agent.ensure import ensure
from mlstudio.jobs.agent.follow import LAUNCH_TIMEOUT
from mlstudio.store.home import Home
from mlstudio.store.laws import Store


class Found(NamedTuple):
    """A job that is not over, and what to do about it."""

    record: JobRecord
    run_dir: Path
    action: Literal["queue", "follow", "abandon", "later"]


def open_jobs(store: Store) -> list[JobRecord]:
    """Return all jobs that have not ended, oldest first."""
    found = [*_pages(store, "InProgress"), *_pages(store, "Stopping")]
    return sorted(found, key=lambda one: (one.created_at, one.uid))


def _pages(store: Store, status: Literal["InProgress", "Stopping"]) -> Iterator[JobRecord]:
    cursor: str | None = None
    while True:
        page = store.list_jobs(JobListRequest(status=status, limit=1000, cursor=cursor))
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def decide(record: JobRecord, home: Home) -> Found:
    """Return what to do about one job that has not ended."""
    run_dir = Path(record.run_dir) if record.run_dir else home.jobs / record.uid
    if not (run_dir / "spec.json").exists():
        old = time.time() - record.created_at / 1e6 > LAUNCH_TIMEOUT
        return Found(record, run_dir, "abandon" if old else "later")
    launched = record.secondary not in ("Pending", "Restarting")
    waiting = not launched and not (run_dir / "lock").exists()
    return Found(record, run_dir, "queue" if waiting else "follow")


def find_open(store: Store, home: Home) -> list[Found]:
    """Return every job that is not over with what to do about it, oldest first."""
    return [decide(record, home) for record in open_jobs(store)]


def look_after(store: Store, home: Home) -> bool:
    """Start the agent of a home when it may not run and jobs have not ended, or a schedule waits for its time.

    It was killed, or the host restarted.

    Returns:
        Whether an agent runs now because of them.

    Raises:
        AgentUnavailable: it cannot be started.
    """
    waits = any(one.enabled for one in store.schedules())
    if not waits and all(found.action == "later" for found in find_open(store, home)):
        return False
    ensure(home).close()
    return True

"""How long a job has waited, by a clock that nobody sets.

The wall clock may jump by years; a job must not fail for it. Time since boot is kept with the job,
so that the next agent goes on counting; after a restart of the host the wall clock has to do.

Reads and writes: ``queued.json`` in run folders.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from mlstudio.entities.jobs import JobRecord
from mlstudio.jobs.runner.files import read_json, write_json
from mlstudio.jobs.runner.process import boot_id


def since_boot() -> float:
    """Return seconds since the host was started, those in which it slept included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def waited(record: JobRecord, first: Path) -> float:
    """Return seconds since a job was submitted.

    Args:
        record: the job.
        first: run folder of its first attempt.
    """
    now = since_boot()
    known = read_json(first / "queued.json")
    if known is not None and known.get("boot_id") == boot_id():
        return max(0.0, now - float(known["since_boot"]))
    before = max(0.0, time.time() - record.created_at / 1e6)
    if known is None:  # an agent sees it when it is submitted; more can only be the wall clock's jump
        before = min(before, now)
    with contextlib.suppress(OSError):  # a full disk: asked again
        write_json(first / "queued.json", {"boot_id": boot_id(), "since_boot": now - before}, sync=False)
    return before


def rest(record: JobRecord, first: Path) -> tuple[float, str] | None:
    """Return seconds until a job has waited too long, and the word for it; None when it may wait for ever.

    ``max_pending`` counts until it is launched for the first time, ``max_wait`` of a spot job until it ends.
    """
    spec = record.spec
    limits = []
    if spec.max_pending is not None and record.secondary == "Pending":
        limits.append((float(spec.max_pending), "MaxPendingTimeExceeded"))
    if spec.max_wait is not None and spec.spot:
        limits.append((float(spec.max_wait), "MaxWaitTimeExceeded"))
    if not limits:
        return None
    limit, word = min(limits)
    return limit - waited(record, first), word

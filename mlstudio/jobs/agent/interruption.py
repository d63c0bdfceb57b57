"""Which spot jobs make room for one of higher priority.

As few as are needed, those of the lowest priority first, and of these the youngest: it loses
least. Nobody is interrupted for a job that would not fit even then.

Reads: the store's leases. Knows nothing of: processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobRecord
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.room import Room
from mlstudio.jobs.hosts.leases import fits
from mlstudio.jobs.queue import Queue
from mlstudio.store.laws import Store


def to_interrupt(
    queue: Queue[Follow], running: Iterable[Follow], room: Room, store: Callable[[], Store]
) -> list[tuple[Follow, str]]:
    """Return the jobs to interrupt now, each with the reason; none while an earlier one still makes room.

    Args:
        queue: what waits, after all that fits has gone.
        running: all jobs under way.
        room: of the host.
        store: returns the store.
    """
    under_way = list(running)
    candidates = [one for one in under_way if one.interruptible]
    if not candidates or any(one.interrupting for one in under_way):
        return []
    for entry in queue:
        lower = [one for one in candidates if one.record.priority < entry.priority]
        if lower and room.short_of_disk(entry.what.record.spec) is None:
            chosen = _fewest(entry.what.record, lower, len(under_way), room, store())
            if chosen:
                return [(one, f"Interrupted: makes room for job {entry.name}.") for one in chosen]
    return []


def _fewest(wanted: JobRecord, lower: list[Follow], running: int, room: Room, store: Store) -> list[Follow]:
    try:
        demand = room.wanted(wanted.spec)
    except InvalidField:  # it cannot run here at all
        return []
    leases, shared = store.leases(), room.slots is not None

    def enough(gone: list[Follow]) -> bool:
        names = {one.record.name for one in gone}
        left = [one for one in leases if one.holder not in names]
        free_slot = room.slots is None or running - len(gone) < room.slots
        return free_slot and fits(left, demand, room.host, shared=shared)

    chosen: list[Follow] = []
    for one in sorted(lower, key=lambda one: (one.record.priority, -(one.record.started_at or one.record.created_at))):
        if enough(chosen):
            break
        chosen.append(one)
    if not enough(chosen):
        return []
    for one in list(reversed(chosen)):  # the last one may have been enough alone; who would lose most is spared first
        fewer = [other for other in chosen if other is not one]
        if enough(fewer):
            chosen = fewer
    return chosen

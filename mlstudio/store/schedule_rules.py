"""What may be a schedule, alike for every backend.

Knows nothing of: cron, time zones; the jobs room has read them.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from mlstudio.entities.errors import AlreadyExists, NotFound, VersionConflict
from mlstudio.entities.schedules import ScheduleUpdate


def no_schedule(name: str) -> NotFound:
    """Return the error for a schedule that does not exist."""
    return NotFound(f'Schedule "{str(name)[:200]}" does not exist.', field="schedule_name")


def schedule_taken(name: str) -> AlreadyExists:
    """Return the error for a name that another schedule has."""
    return AlreadyExists(
        f'A schedule named "{name}" exists already.', field="schedule_name", hint="Use another name, or update it."
    )


def check_schedule_version(name: str, present: int, given: int | None) -> None:
    """Refuse a change of a schedule that somebody else changed since. Raises: VersionConflict."""
    if given is not None and given != present:
        raise VersionConflict(
            f'Schedule "{name}" is at version {present}, the change was made from version {given}.', field="version"
        )


def changed_fields(change: ScheduleUpdate) -> dict[str, Any]:
    """Return the fields that an update sets."""
    names = ("cron", "spec", "timezone", "catch_up", "keep", "enabled", "next_at")
    return {name: getattr(change, name) for name in names if getattr(change, name) is not UNSET}

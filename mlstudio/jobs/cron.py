"""What a cron expression means: when it comes next, in words, in a time zone with its summer time.

Five fields (minute hour day month weekday), read as Debian's cron reads them: a fixed time that is
skipped in spring comes right after the gap, one that comes twice in autumn comes once; ``*`` in
minutes or hours follows the clock on the wall of every hour that there is.

Knows nothing of: schedules, the store.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import CronQuery, CronReply

SHOWN: Final = 3
"""How many times a preview tells."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL: Final = Path("/etc/localtime")


def zone(name: str) -> tzinfo:
    """Return a time zone by its name in the tz database; "" is the host's.

    Raises:
        InvalidField: there is no such zone.
    """
    try:
        return ZoneInfo(name or _host_zone())
    except (OSError, ValueError, KeyError):  # KeyError: ZoneInfoNotFoundError
        raise InvalidField(
            f"There is no time zone {name!r:.100}.",
            field="timezone",
            hint="Use a name of the tz database, such as Europe/Berlin or UTC.",
        ) from None


def _host_zone() -> str:
    named = os.environ.get("TZ", "").lstrip(":")
    if named:
        return named
    try:
        return str(_LOCAL.resolve(strict=True)).partition("zoneinfo/")[2] or "UTC"
    except OSError:
        return "UTC"


def times(cron: str, timezone: str, after: int, count: int) -> list[int]:
    """Return the next times of an expression.

    Args:
        cron: five fields.
        timezone: whose clock they are read on; "" is the host's.
        after: microseconds since the epoch; times are later than this.
        count: how many, fewer when the expression ends to come.

    Returns:
        Microseconds since the epoch, rising.

    Raises:
        InvalidField: the expression or the zone cannot be read.
    """
    where = zone(timezone)
    if len(cron.split()) != 5:
        raise _unreadable(cron, f"it has {len(cron.split())} fields")
    try:
        start = _EPOCH + timedelta(microseconds=after)
        walk = map(_micros, CronSim(cron, start.astimezone(where)))
        return list(islice((moment for moment in walk if moment > after), count))
    except (CronSimError, AssertionError) as error:
        raise _unreadable(cron, str(error)) from None
    except (OverflowError, ValueError):  # a clock near the end of all dates
        return []


def _micros(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def next_at(cron: str, timezone: str, after: int) -> int | None:
    """Return the first time after `after`, None when there is none. Raises: InvalidField."""
    return next(iter(times(cron, timezone, after, 1)), None)


def explained(query: CronQuery, *, now: int | None = None) -> CronReply:
    """Return what an expression means, and its next three times.

    Args:
        query: the expression and the zone.
        now: microseconds since the epoch; default the present.

    Raises:
        InvalidField: it cannot be read, or its time never comes.
    """
    now = int(time.time() * 1e6) if now is None else now
    found = times(query.cron, query.timezone, now, SHOWN)
    if not found:
        raise InvalidField(f"The time of the cron expression {query.cron!r} never comes.", field="cron")
    return CronReply(CronSim(query.cron, _EPOCH).explain(), found)


def _unreadable(cron: str, why: str) -> InvalidField:
    return InvalidField(
        f"The cron expression {cron!r} cannot be read: {why[:1].lower()}{why[1:]}.",
        field="cron",
        hint='Use five fields, minute hour day month weekday; "0 3 * * *" is every day at 03:00.',
    )

"""The clock of schedules: what is due is submitted, once; what was missed is skipped, or made up for once.

Called with every heartbeat of the agent. To submit copies files and may take a while, so it happens
in a thread, which is a client of the agent like any other; one at a time.

A run counts as missed when it is more than `LATE` seconds over its time: the agent did not run, or
the machine slept. A clock that is set back plans anew, and does not fire twice what it has fired.

Reads: the store, the clock. Writes: the store.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.entities.jobs import JobListRequest
from mlstudio.entities.schedules import Schedule, ScheduleUpdate
from mlstudio.entities.status import ENDED
from mlstudio.jobs.client import delete, submit
from mlstudio.jobs.cron import next_at
from mlstudio.jobs.schedules import job_of
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

LATE: Final = 90.0
"""Seconds over its time after which a run counts as missed."""
_HOUR: Final = 3600 * 10**6
_log = logging.getLogger("mlstudio.agent")
_firing = threading.Lock()


def fire_schedules(store: Store, home: Home) -> bool:
    """Submit what is due, in a thread; True while a schedule is enabled: the agent must not leave.

    Args:
        store: is asked at each heartbeat.
        home: of the agent; its clients find it by the environment.
    """
    now = int(time.time() * 1e6)
    waiting = [one for one in store.schedules() if one.enabled]
    due = [one for one in waiting if planned(store, one, now)]
    if due and _firing.acquire(blocking=False):
        threading.Thread(target=_fire_all, args=(store, due, now), name="mlstudio-schedules", daemon=True).start()
    return bool(waiting)


def planned(store: Store, schedule: Schedule, now: int) -> bool:
    """Bring the plan of a schedule in line with the clock; True when it is to be fired now.

    Args:
        store: gets the new plan.
        schedule: as it stands.
        now: microseconds since the epoch.
    """
    coming = next_at(schedule.cron, schedule.timezone, now)
    if schedule.next_at is not None and schedule.next_at <= now:
        if schedule.catch_up or now - schedule.next_at <= LATE * 1e6:
            return True
        recent = next_at(schedule.cron, schedule.timezone, now - int(LATE * 1e6))
        if recent is not None and recent <= now:  # earlier times were missed, this one was not
            return True
    elif schedule.next_at is not None and (coming is None or schedule.next_at <= coming):
        return False
    elif coming is None or (schedule.last_at is not None and coming <= schedule.last_at < coming + _HOUR):
        return False  # it never comes again; or the clock went back a little, over a time that was fired
    _plan(store, schedule, coming)
    return False


def _plan(store: Store, schedule: Schedule, coming: int | None) -> None:
    _log.info("schedule %s: next at %s", schedule.name, coming)
    try:
        store.update_schedule(schedule.name, ScheduleUpdate(next_at=coming, version=schedule.version))
    except StudioError as error:  # it was changed or removed at this moment
        _log.info("schedule %s: %s", schedule.name, error)


def _fire_all(store: Store, due: list[Schedule], now: int) -> None:
    try:
        for one in due:
            try:
                fire(store, one, now)
            except StudioError as error:
                _log.warning("schedule %s: %s", one.name, error)
            except Exception:
                _log.exception("schedule %s", one.name)
    finally:
        _firing.release()


def fire(store: Store, schedule: Schedule, now: int) -> str | None:
    """Submit one run that is due; return the job's name, None when another process was first.

    A submission that is refused is kept as the schedule's `last_error`.

    Args:
        store: where both are recorded.
        schedule: whose `next_at` has come.
        now: microseconds since the epoch.

    Raises:
        NotFound: it was deleted meanwhile.
    """
    spec = job_of(schedule)
    coming = next_at(schedule.cron, schedule.timezone, now)
    if schedule.next_at is None or not store.fire_schedule(
        schedule.name, schedule.next_at, job=spec.name, next_at=coming
    ):
        return None
    try:
        submit(spec)
    except StudioError as error:
        store.schedule_failed(schedule.name, str(error))
        return None
    _log.info("schedule %s: job %s", schedule.name, spec.name)
    forget_old(store, schedule)
    return spec.name


def forget_old(store: Store, schedule: Schedule) -> int:
    """Delete the ended jobs of a schedule beyond the newest `keep`; return how many."""
    ended = 0
    gone: list[str] = []
    cursor: str | None = None
    while True:
        page = store.list_jobs(JobListRequest(schedule=schedule.name, limit=1000, cursor=cursor))
        for job in page.items:
            if job.status in ENDED:
                ended += 1
                if ended > schedule.keep:
                    gone.append(job.name)
        cursor = page.next
        if cursor is None:
            break
    for name in gone:
        try:
            delete(name, store=store)
        except NotFound:
            continue
    return len(gone)

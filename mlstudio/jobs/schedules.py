"""Schedules: a job that is submitted again and again, by cron.

    from mlstudio.jobs import schedules
    schedules.create(ScheduleCreate(name="nightly", cron="0 3 * * *", timezone="Europe/Berlin", spec=spec))

The code is copied when the schedule is made, into ``<home>/schedules``: what becomes of its source
folder later changes nothing. The agent fires it (`jobs.firing`), as long as one runs.

Reads and writes: the store, ``<home>/schedules``.
"""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET

from mlstudio.entities.errors import DiskFull, InvalidField, StudioError
from mlstudio.entities.job_requests import JobFromFile, ScheduleFromFile, SchedulePatch
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.names import MAX_NAME, check_name, new_uid, timestamped_name
from mlstudio.entities.schedules import Schedule, ScheduleCreate, ScheduleUpdate
from mlstudio.jobs.agent.ensure import ensure
from mlstudio.jobs.checks import as_studio_error, check_spec
from mlstudio.jobs.client import Job, submit
from mlstudio.jobs.cron import next_at
from mlstudio.jobs.from_file import Kernels, runnable, spec_of
from mlstudio.jobs.runner.stage import Refused, copy_source
from mlstudio.store import Store, open_store
from mlstudio.store.home import Home, default_home

MAX_SCHEDULE_NAME: Final = 63
"""Characters; the names of its jobs begin with it."""


def create(wanted: ScheduleCreate, *, store: Store | None = None) -> Schedule:
    """Keep a schedule with a copy of its code, and see that an agent runs.

    Args:
        wanted: when, and what; ``spec.name`` is replaced by the name of each job.
        store: where it is recorded; default the environment's.

    Raises:
        InvalidField, InvalidName, UnsafePath, BadRegex, TooLarge: by field.
        AlreadyExists: a schedule of that name exists.
        AgentUnavailable: no agent can be started; the schedule is kept.
        DiskFull: no space for the copy.
    """
    home = default_home()
    _check_name(wanted.name)
    first = _first(wanted.cron, wanted.timezone)
    spec = _as_scheduled(wanted.spec, wanted.name)
    check_spec(spec)
    spec = _with_copy(spec, home)
    try:
        made = (store or open_store(home=home)).create_schedule(
            msgspec.structs.replace(wanted, spec=spec), next_at=first
        )
    except BaseException:
        _forget_copy(spec, home)
        raise
    ensure(home).close()
    return made


def create_from_file(wanted: ScheduleFromFile, file: Path, kernels: Kernels, *, store: Store | None = None) -> Schedule:
    """Keep a schedule that runs a file. Raises: as `create` and `from_file.spec_of`."""
    with runnable(wanted.job, file) as found:
        spec = spec_of(wanted.job, found, kernels)
        when = {name: getattr(wanted, name) for name in ("name", "cron", "timezone", "catch_up", "keep")}
        return create(ScheduleCreate(spec=spec, **when), store=store)


def update(name: str, change: ScheduleUpdate, *, store: Store | None = None) -> Schedule:
    """Change a schedule; when it comes next follows from what it is then.

    Raises:
        NotFound: there is no such schedule.
        VersionConflict: somebody else changed it since.
        InvalidField, UnsafePath, TooLarge, DiskFull: as `create`.
    """
    home = default_home()
    store = store or open_store(home=home)
    before = store.get_schedule(name)
    cron = before.cron if change.cron is UNSET else change.cron
    timezone = before.timezone if change.timezone is UNSET else change.timezone
    enabled = before.enabled if change.enabled is UNSET else change.enabled
    anew = (cron, timezone, enabled) != (before.cron, before.timezone, before.enabled)
    coming = _first(cron, timezone) if anew else UNSET
    change = msgspec.structs.replace(change, next_at=coming if enabled or not anew else None)
    if change.spec is not UNSET:
        made = _update_code(before, change, change.spec, home, store)
    else:
        made = store.update_schedule(name, change)
    if made.enabled:
        ensure(home).close()
    return made


def _update_code(before: Schedule, change: ScheduleUpdate, spec: JobSpec, home: Home, store: Store) -> Schedule:
    spec = _as_scheduled(spec, before.name)
    check_spec(spec)
    spec = _with_copy(spec, home)
    try:
        made = store.update_schedule(before.name, msgspec.structs.replace(change, spec=spec))
    except BaseException:
        _forget_copy(spec, home)
        raise
    _forget_copy(before.spec, home)
    return made


def patch(
    name: str, change: SchedulePatch, file: Path | None, kernels: Kernels, *, store: Store | None = None
) -> Schedule:
    """Change a schedule as a person asks for it.

    Args:
        name: of the schedule.
        change: what.
        file: the file of ``change.job``.
        kernels: the kernelspecs of whoever asks.
        store: where it is recorded; default the environment's.

    Raises:
        As `update` and `from_file.spec_of`.
    """
    plain = ("cron", "timezone", "catch_up", "keep", "enabled", "version")
    fields: dict[str, Any] = {field: getattr(change, field) for field in plain}
    if change.job is UNSET or file is None:
        return update(name, ScheduleUpdate(**fields), store=store)
    job: JobFromFile = change.job
    with runnable(job, file) as found:
        return update(name, ScheduleUpdate(**fields, spec=spec_of(job, found, kernels)), store=store)


def delete(name: str, *, store: Store | None = None) -> None:
    """Remove a schedule and its copy of the code; its jobs stay. Raises: NotFound."""
    home = default_home()
    store = store or open_store(home=home)
    spec = store.get_schedule(name).spec
    store.delete_schedule(name)
    _forget_copy(spec, home)


def run_now(name: str, *, store: Store | None = None) -> Job:
    """Submit its job once, now; when it comes next stays.

    Raises:
        NotFound: there is no such schedule.
        InvalidField: its code is gone, or the job cannot run any more.
        AgentUnavailable, DiskFull: as `jobs.submit`.
    """
    return submit(job_of((store or open_store()).get_schedule(name)))


def job_of(schedule: Schedule, *, now: float | None = None) -> JobSpec:
    """Return one run of a schedule, named after it and the time."""
    name = timestamped_name(schedule.name, now=now, limit=MAX_NAME)
    return msgspec.structs.replace(schedule.spec, name=name, schedule=schedule.name)


def _check_name(name: str) -> None:
    check_name(name, field="schedule_name")
    if len(name) > MAX_SCHEDULE_NAME:
        raise InvalidField(
            f"The schedule's name has {len(name)} characters; its jobs are named after it.",
            field="schedule_name",
            hint=f"Use at most {MAX_SCHEDULE_NAME}.",
        )


def _first(cron: str, timezone: str) -> int:
    found = next_at(cron, timezone, int(time.time() * 1e6))
    if found is None:
        raise InvalidField(f"The time of the cron expression {cron!r} never comes.", field="cron")
    return found


def _as_scheduled(spec: JobSpec, name: str) -> JobSpec:
    return msgspec.structs.replace(spec, name=name, schedule=name, client_token=None, rerun_of=None)


def _with_copy(spec: JobSpec, home: Home) -> JobSpec:
    """Copy code and dependencies below the home; the specification names the copy then."""
    folder = home.ensure(home.root / "schedules" / new_uid())
    code = folder / "code"
    try:
        copy_source(Path(spec.source_dir), code)
        for one in map(Path, spec.dependencies):
            if one.is_dir():
                copy_source(one, code / one.name)
            else:
                shutil.copy2(one, code / one.name)
    except Refused as refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise as_studio_error(refused) from None
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _copy_error(error, home) from error
    return msgspec.structs.replace(spec, source_dir=str(code), dependencies=[])


def _copy_error(error: OSError, home: Home) -> StudioError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No space left for the schedule's code at {home.root}.")
    return InvalidField(
        f"The source cannot be copied: {error.strerror or error} ({error.filename or home.root}).", field="source_dir"
    )


def _forget_copy(spec: JobSpec, home: Home) -> None:
    folder = Path(spec.source_dir).parent
    if folder.parent == home.root / "schedules":  # never anything but what stands below our own folder
        shutil.rmtree(folder, ignore_errors=True)

"""The clock of schedules: on time, late, missed, set back; once for each time; old jobs are cleared away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import JobListRequest
from mlstudio.entities.schedules import Schedule, ScheduleCreate, ScheduleUpdate
from mlstudio.jobs import firing, schedules
from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.jobs.agent.recovery import look_after
from mlstudio.jobs.client import agent_runs
from mlstudio.jobs.cron import next_at
from mlstudio.jobs.firing import fire, forget_old, planned
from mlstudio.store import Store, open_store
from mlstudio.store.home import Home
from tests.jobs.conftest import SpecFactory, await_that

SECOND = 10**6
NOON = 1_795_435_200 * SECOND  # 2026-11-23 12:00 UTC


def made(store: Store, spec: SpecFactory, name: str, **fields: Any) -> Schedule:
    """Keep a schedule that is due at NOON, at 12:00 every day, without an agent."""
    known = {"name": name, "cron": "0 12 * * *", "spec": spec("print('ran')")}
    wanted = ScheduleCreate(**{**known, **{key: value for key, value in fields.items() if key != "next_at"}})
    return store.create_schedule(wanted, next_at=fields.get("next_at", NOON))


def test_it_is_due_at_its_time_and_up_to_a_little_later(home: Home, spec: SpecFactory) -> None:
    store = open_store()
    one = made(store, spec, "due")
    assert not planned(store, one, NOON - 1)
    assert planned(store, one, NOON)
    assert planned(store, one, NOON + 80 * SECOND)


def test_what_was_missed_is_skipped_unless_it_is_to_catch_up(home: Home, spec: SpecFactory) -> None:
    store = open_store()
    late = NOON + 3600 * SECOND
    skipping = made(store, spec, "skipping")
    assert not planned(store, skipping, late)
    assert store.get_schedule("skipping").next_at == NOON + 86400 * SECOND
    assert planned(store, made(store, spec, "catching", catch_up=True), late)


def test_after_many_missed_times_the_present_one_is_due(home: Home, spec: SpecFactory) -> None:
    store = open_store()
    often = made(store, spec, "often", cron="*/5 * * * *")
    assert planned(store, often, NOON + 86400 * SECOND + 20 * SECOND), "12:00 the next day, 20 s ago"
    assert not planned(store, often, NOON + 86400 * SECOND + 200 * SECOND)


def test_a_clock_set_back_for_long_plans_anew_and_for_a_moment_does_not_fire_twice(
    home: Home, spec: SpecFactory
) -> None:
    store = open_store()
    far = made(store, spec, "far", next_at=NOON + 10 * 365 * 86400 * SECOND)
    assert not planned(store, far, NOON - SECOND)
    assert store.get_schedule("far").next_at == NOON

    import msgspec

    fired = msgspec.structs.replace(far, next_at=NOON + 86400 * SECOND, last_at=NOON + SECOND // 5)
    before = store.get_schedule("far").version
    assert not planned(store, fired, NOON - SECOND // 2)
    assert store.get_schedule("far").version == before


def test_a_clock_ten_years_ahead_skips_and_does_not_run_thousands(home: Home, spec: SpecFactory) -> None:
    store = open_store()
    one = made(store, spec, "ahead", cron="* * * * *")
    began = time.monotonic()
    assert planned(store, one, NOON + 10 * 365 * 86400 * SECOND), "this minute's"
    assert time.monotonic() - began < 0.5


def test_of_two_that_see_it_due_one_submits(agent: Home, spec: SpecFactory) -> None:
    store = open_store()
    one = made(store, spec, "once")
    name = fire(store, one, NOON)
    assert name is not None
    assert fire(store, one, NOON) is None
    assert [job.name for job in store.list_jobs(JobListRequest(schedule="once")).items] == [name]
    now = store.get_schedule("once")
    assert (now.last_job, now.runs, now.next_at, now.last_error) == (name, 1, NOON + 86400 * SECOND, None)
    jobs.Job(name).wait(30)
    store.delete_schedule("once")


def test_a_refused_submission_is_told_and_the_next_time_is_tried(agent: Home, spec: SpecFactory) -> None:
    store = open_store()
    one = made(store, spec, "refused")
    Path(one.spec.source_dir, "train.py").unlink()
    assert fire(store, one, NOON) is None
    now = store.get_schedule("refused")
    assert "train.py" in (now.last_error or "")
    assert now.next_at == NOON + 86400 * SECOND
    store.delete_schedule("refused")


def test_only_the_newest_ended_jobs_are_kept(agent: Home, spec: SpecFactory) -> None:
    store = open_store()
    one = made(store, spec, "kept", keep=2)
    names = []
    for day in range(3):
        name = fire(store, store.get_schedule("kept"), NOON + day * 86400 * SECOND)
        assert name is not None
        names.append(name)
        jobs.Job(name).wait(30)
    assert forget_old(store, one) == 1
    left = [job.name for job in store.list_jobs(JobListRequest(schedule="kept")).items]
    assert left == names[:0:-1]
    store.delete_schedule("kept")


def test_the_agent_fires_by_itself_and_stays_while_a_schedule_waits(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_AGENT_HEARTBEAT", "0.2")
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "0.5")
    store = open_store()
    schedules.create(ScheduleCreate(name="by-itself", cron="0 3 1 1 *", spec=spec("print('ran')"), catch_up=True))
    store.update_schedule("by-itself", ScheduleUpdate(next_at=int(time.time() * 1e6) - 3600 * SECOND))

    await_that(lambda: store.get_schedule("by-itself").last_job, "the run that was missed")
    name = store.get_schedule("by-itself").last_job
    assert name is not None
    await_that(lambda: store.list_jobs(JobListRequest(schedule="by-itself")).items, "its job")
    assert jobs.Job(name).wait(30).status == "Completed"
    time.sleep(1.5)
    assert agent_runs(), "it left although a schedule waits"
    assert store.get_schedule("by-itself").runs == 1

    schedules.update("by-itself", ScheduleUpdate(enabled=False))
    await_that(lambda: not agent_runs(), "leaving, with nothing to wait for", 10)
    assert not look_after(store, own_agent), "a schedule that is off needs no agent"
    schedules.update("by-itself", ScheduleUpdate(enabled=True))
    stop_agent(own_agent)
    assert look_after(store, own_agent), "one that is on does"


def test_the_heartbeat_does_not_wait_for_a_submission(
    home: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    store = open_store()
    made(store, spec, "slow", cron="* * * * *", next_at=int(time.time() * 1e6) - SECOND)
    began, go = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        began.set()
        go.wait(10)

    monkeypatch.setattr(firing, "fire", slow)
    start = time.monotonic()
    assert firing.fire_schedules(store, home)
    assert firing.fire_schedules(store, home), "a second heartbeat meanwhile starts no second thread"
    assert time.monotonic() - start < 1
    assert began.wait(5)
    go.set()
    await_that(lambda: not firing._firing.locked(), "the end of the thread")


def test_noon_is_noon() -> None:
    assert next_at("0 12 * * *", "UTC", NOON - 1) == NOON

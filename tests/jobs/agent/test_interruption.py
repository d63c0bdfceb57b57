"""Spot jobs make room for a job of higher priority and go on afterwards; who waits too long is told so."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from mlstudio import jobs
from mlstudio.entities.instances import HostCapacity
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobRecord, JobSpec, JobUpdate
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.interruption import to_interrupt
from mlstudio.jobs.agent.room import Room
from mlstudio.jobs.hosts import leases
from mlstudio.jobs.hosts.demand import demand
from mlstudio.jobs.queue import Queue
from mlstudio.store import open_store
from mlstudio.store.home import Home

from ..conftest import SpecFactory, await_log, await_that  # noqa: TID252
from .test_follow import Still

HOST = HostCapacity(host="h", cpus=[0, 1, 2, 3], memory_mib=16 << 10, gpus=[])
SAVES = """
    import os, pathlib, signal, sys, time
    state = pathlib.Path("/opt/ml/checkpoints/step")
    step = int(state.read_text()) if state.exists() else 0
    def save(*_):
        state.write_text(str(step + 1))
        sys.exit(0)
    signal.signal(signal.SIGTERM, save)
    print("from", step, flush=True)
    if step == 0:
        time.sleep(60)
"""


def test_a_spot_job_makes_room_and_goes_on_with_its_checkpoint(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    spot = jobs.submit(spec(SAVES, spot=True, priority=-1))
    await_log(spot.name, "from 0")
    urgent = jobs.submit(spec("print('now')", priority=3))
    assert urgent.wait(20).status == "Completed"
    record = spot.wait(20)
    assert (record.status, record.attempt, record.exit_code) == ("Completed", 2, 0)
    steps = {one.status: one.message for one in record.transitions}
    assert steps["Interrupted"] == f"Interrupted: makes room for job {urgent.name}."
    assert "Restarting" in steps
    assert "from 1" in spot.logs()
    assert (urgent.record().ended_at or 0) <= record.transitions[-2].start_time, "it went first"


def test_a_job_that_is_no_spot_job_or_not_below_is_not_interrupted(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "2")
    go = tmp_path / "go"
    waits = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    running = [jobs.submit(spec(waits)), jobs.submit(spec(waits, spot=True, priority=5))]
    urgent = jobs.submit(spec("print('now')", priority=5))
    time.sleep(1.2)
    assert urgent.secondary_status == "Pending"
    go.touch()
    assert [one.wait(20).attempt for one in (*running, urgent)] == [1, 1, 1]


def test_a_spot_job_that_is_stopped_while_it_makes_room_stays_stopped(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    spot = jobs.submit(spec(stubborn, spot=True))
    await_log(spot.name, "up")
    urgent = jobs.submit(spec("print('now')", priority=1))
    await_that(lambda: spot.secondary_status == "Interrupted", "the interruption")
    spot.stop(grace=0.1)
    assert (spot.wait(20).status, spot.record().attempt) == ("Stopped", 1)
    assert urgent.wait(20).status == "Completed"


def test_who_waits_longer_than_max_pending_fails_and_says_for_what(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    first = jobs.submit(spec("import time; time.sleep(60)"))
    second = jobs.submit(spec("print('ran')", max_pending=1))
    record = second.wait(20)
    assert (record.status, record.secondary) == ("Failed", "Failed")
    assert record.failure_reason == "MaxPendingTimeExceeded: it waited 1 s. Waits for a free slot: 1 of 1 jobs run."
    assert 1.0 <= ((record.ended_at or 0) - record.created_at) / 1e6 < 4
    first.stop(grace=0)
    first.wait(20)


@pytest.mark.parametrize("slots", ["1", "2"])
def test_a_spot_job_ends_when_max_wait_is_over_running_or_not(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, slots: str
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", slots)
    first = jobs.submit(spec("import time; time.sleep(60)"))
    second = jobs.submit(spec("import time; time.sleep(60)", spot=True, max_wait=2, grace=1.0))
    record = second.wait(20)
    assert (record.status, record.secondary) == ("Stopped", "MaxWaitTimeExceeded")
    assert record.status_message == "Stopped because max_wait was over."
    first.stop(grace=0)
    first.wait(20)


def running(home: Home, name: str, priority: int, instance_type: str, started: int) -> Follow:
    """Return a spot job that holds its leases."""
    store = open_store(home=home)
    spec = JobSpec(
        name=name, entry_point="a", source_dir="/", interpreter="/p", spot=True, priority=priority,
        instance_type=instance_type,
    )  # fmt: skip
    record = store.create_job(spec, trial_component=f"{name}-c")
    leases.take(store, name, "job", demand(instance_type, HOST), HOST)
    record = store.update_job(name, JobUpdate(secondary="Starting", grant=Grant(instance_type=instance_type)))
    return Follow(msgspec.structs.replace(record, started_at=started), home.jobs / record.uid, "", Still(), home)


def waiting(home: Home, instance_type: str, priority: int) -> Queue[Follow]:
    """Return a queue with one job."""
    spec = JobSpec(name="w", entry_point="a", source_dir="/", interpreter="/p", instance_type=instance_type)
    record: JobRecord = open_store(home=home).create_job(spec, trial_component="w-c")
    queue: Queue[Follow] = Queue()
    queue.add("w", Follow(record, home.jobs / "w", "", Still(), home), priority=priority, order=1)
    return queue


@pytest.mark.parametrize(
    ("wanted", "priority", "chosen"),
    [
        ("ml.local.cpu1", 9, ["young"]),
        ("ml.m5.large", 9, ["young", "old"]),
        ("ml.local.cpu3", 9, ["young", "large"]),
        ("ml.local.cpu4", 9, ["young", "old", "large"]),
        ("ml.local.cpu4", 2, []),
        ("ml.local.cpu1", 1, []),
        ("ml.p3.2xlarge", 9, []),
    ],
)
def test_as_few_as_needed_are_chosen_the_lowest_and_youngest_first(
    home: Home, wanted: str, priority: int, chosen: list[str]
) -> None:
    home.ensure(home.jobs)
    under_way = [
        running(home, "old", 1, "ml.local.cpu1", 1),
        running(home, "young", 1, "ml.local.cpu1", 2),
        running(home, "large", 2, "ml.m5.large", 3),
    ]
    room = Room(home, None)
    room.host = HOST
    store = open_store(home=home)
    found = to_interrupt(waiting(home, wanted, priority), under_way, room, lambda: store)
    assert sorted(one.record.name for one, _ in found) == sorted(chosen)
    for one, reason in found:
        one.interrupt(reason)
    if found:
        assert to_interrupt(waiting_again(home, priority), under_way, room, lambda: store) == [], "one after the other"
    store.close()


def waiting_again(home: Home, priority: int) -> Queue[Follow]:
    """Return a queue with the same job."""
    record = open_store(home=home).get_job("w")
    queue: Queue[Follow] = Queue()
    queue.add("w", Follow(record, home.jobs / "w", "", Still(), home), priority=priority, order=1)
    return queue

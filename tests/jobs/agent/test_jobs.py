"""The agent's jobs: taken in once, stopped in the queue, and no failure of one keeps the others."""

from __future__ import annotations

import select
import socket

import pytest

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.jobs.agent.jobs import Jobs, guard
from mlstudio.jobs.agent.supervisors import Supervisors
from mlstudio.jobs.executors.local import LocalExecutor
from mlstudio.jobs.runner.files import write_json
from mlstudio.store import open_store
from mlstudio.store.home import Home


def test_a_job_that_waits_is_taken_in_once_and_moved_by_its_priority(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    ours, theirs = socket.socketpair()
    executor = LocalExecutor(ours)
    store = open_store(home=home)
    told: list[str] = []
    jobs = Jobs(
        home, lambda: store, executor, Supervisors(executor, select.poll()), lambda one: told.append(one.record.name)
    )
    for name in ("a", "b", "c"):
        spec = JobSpec(name=name, entry_point="t.py", source_dir="/", interpreter="/bin/true")
        record = store.create_job(spec, trial_component=f"{name}-c")
        run_dir = home.ensure(home.jobs) / record.uid
        run_dir.mkdir()
        write_json(run_dir / "spec.json", {})
    assert [jobs.enqueue(name) for name in ("a", "b", "c", "a", "b")] == [True, False, False, True, False]
    assert [entry.name for entry in jobs.queue] == ["b", "c"]
    assert store.get_job("b").status_message.startswith("Waits for a free slot")
    jobs.set_priority("c", 5)
    assert [entry.name for entry in jobs.queue] == ["c", "b"]
    assert store.get_job("c").priority == 5
    assert theirs.recv(1000).count(b'"run"') == 1, "one order went out"
    store.update_job("b", JobUpdate(status="Failed", secondary="Failed"))
    jobs.queue.remove("b")
    assert jobs.enqueue("b") is False, "it is over"
    with pytest.raises(NotFound):
        jobs.enqueue("never-made")
    assert set(told) == {"a"}
    store.close()
    theirs.close()
    ours.close()


def test_what_goes_wrong_is_told_in_the_log_and_goes_no_further(caplog: pytest.LogCaptureFixture) -> None:
    def refused() -> None:
        raise Conflict("somebody was first")

    def broken() -> None:
        raise ZeroDivisionError

    guard(refused)
    guard(broken)
    assert "somebody was first" in caplog.text
    assert "ZeroDivisionError" in caplog.text

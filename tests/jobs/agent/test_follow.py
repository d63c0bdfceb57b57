"""One attempt, from its files to the store; every call may be repeated."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobSpec, MetricDefinition, StopRequest
from mlstudio.jobs.agent import follow as module
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.keeping import keep
from mlstudio.jobs.agent.loop import Agent
from mlstudio.jobs.agent.requests import answer, push
from mlstudio.jobs.executors.base import Executor, Handle, Observation
from mlstudio.jobs.executors.local import observe
from mlstudio.jobs.runner.artifacts import pack_folder
from mlstudio.jobs.runner.files import Events, write_json
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.laws import Store


class Still(Executor):
    """Files say what they say; nothing runs."""

    def __init__(self) -> None:
        self.stops: list[tuple[float, str]] = []
        self.gone = False

    def submit(self, handle: Handle) -> None:
        raise AssertionError("nothing is started here")

    def poll(self, handles: list[Handle]) -> list[Observation]:
        return [observe(one) for one in handles]

    def stop(self, handle: Handle, grace: float, reason: str) -> None:
        self.stops.append((grace, reason))

    def logs(self, handle: Handle, host: str, offset: int) -> bytes:
        return b""

    def kill_orphan(self, handle: Handle, grace: float) -> bool:
        return self.gone


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    store = open_store(home=home)
    yield store
    store.close()


@pytest.fixture
def followed(store: Store, home: Home) -> Follow:
    spec = JobSpec(
        name="j",
        entry_point="t.py",
        source_dir="/",
        interpreter="/bin/true",
        metric_definitions=[MetricDefinition("m", "m=(.)")],
    )
    record = store.create_job(spec, trial_component="j-aws-training-job")
    component = store.create_component(ComponentCreate(name="j-aws-training-job", status="InProgress"))
    run_dir = home.ensure(home.jobs) / record.uid
    run_dir.mkdir()
    follow = Follow(record, run_dir, component.uid, Still(), home)
    follow.started(store, Grant(instance_type="local"))
    return follow


def again(follow: Follow, store: Store, home: Home) -> Follow:
    """A new agent's view of the same attempt."""
    component = store.get_component(follow.record.trial_component)
    return Follow(store.get_job("j"), follow.run_dir, component.uid, Still(), home)


def finished(run_dir: Path, **fields: Any) -> None:
    write_json(run_dir / "exit.json", {"outcome": "Completed", "rc": 0, "t": 1_790_000_000.5, "reason": None, **fields})


def test_files_become_status_and_metrics_and_a_second_agent_changes_nothing(
    followed: Follow, store: Store, home: Home
) -> None:
    events = Events(followed.run_dir / "events.jsonl")
    events.add("secondary", status="Downloading")
    events.add("secondary", status="Training")
    LogWriter(followed.run_dir / "log", "algo-1").write(b"m=1\nm=2\nm=3")
    followed.advance(store)
    assert store.get_job("j").secondary == "Training"
    second = again(followed, store, home)
    second.advance(store)
    events.add("secondary", status="Uploading")
    finished(followed.run_dir, log_bytes=11, log_dropped=0)
    for one in (followed, second, again(followed, store, home)):
        one.advance(store)
        assert one.ended
    record = store.get_job("j")
    steps = ["Pending", "Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [one.status for one in record.transitions] == steps
    assert record.ended_at == 1_790_000_000_500_000
    assert store.points("j-aws-training-job", "m").values.tolist() == [1, 2, 3]
    component = store.get_component("j-aws-training-job")
    assert (component.status, component.end_time) == ("Completed", record.ended_at)


@pytest.mark.parametrize(
    ("outcome", "reason", "secondary"),
    [
        ("Completed", None, "Completed"),
        ("Stopped", "MaxRuntimeExceeded", "MaxRuntimeExceeded"),
        ("Failed", "x", "Failed"),
    ],
)
def test_a_job_whose_events_were_lost_on_a_full_disk_ends_as_it_ended(
    followed: Follow, store: Store, outcome: str, reason: str | None, secondary: str
) -> None:
    write_json(followed.run_dir / "run.json", {"t": 1_790_000_000.0})
    finished(followed.run_dir, outcome=outcome, reason=reason)
    followed.advance(store)
    record = store.get_job("j")
    assert (record.status, record.secondary) == (outcome, secondary)
    if outcome != "Failed":
        assert record.started_at == 1_790_000_000_000_000


def test_a_job_whose_start_could_not_be_stored_goes_on_from_its_first_event(store: Store, home: Home) -> None:
    record = store.create_job(
        JobSpec(name="j", entry_point="t.py", source_dir="/", interpreter="/bin/true"), trial_component="none"
    )
    run_dir = home.ensure(home.jobs) / record.uid
    run_dir.mkdir()
    follow = Follow(record, run_dir, "", Still(), home)
    Events(run_dir / "events.jsonl").add("secondary", status="Training")
    follow.advance(store)
    assert (store.get_job("j").secondary, store.get_job("j").run_dir) == ("Training", str(run_dir))
    finished(run_dir)
    follow.advance(store)
    assert [one.status for one in store.get_job("j").transitions] == ["Pending", "Starting", "Training", "Completed"]


def test_a_job_that_ended_well_before_its_stop_was_heard_is_completed(followed: Follow, store: Store) -> None:
    Events(followed.run_dir / "events.jsonl").add("secondary", status="Training")
    store.request_stop("j", StopRequest(grace=1))
    followed.stop(store, 1, "user")
    followed.stop(store, 1, "user")
    assert followed._executor.stops == [(1, "user")]  # type: ignore[attr-defined]
    finished(followed.run_dir)
    followed.advance(store)
    assert store.get_job("j").status == "Completed"


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ({"boot_id": "earlier"}, "HostRestarted"),
        ({}, "SupervisorLost"),
    ],
)
def test_what_died_is_failed_with_the_reason(followed: Follow, store: Store, run: dict[str, Any], reason: str) -> None:
    from mlstudio.jobs.runner.process import boot_id

    dead = {"pid": 2**22 + 1, "start": 1, "pgid": 2**22 + 1}
    write_json(followed.run_dir / "run.json", {"boot_id": boot_id(), "supervisor": dead, "child": dead, **run})
    followed.advance(store)
    record = store.get_job("j")
    assert record.status == "Failed"
    assert (record.failure_reason or "").startswith(reason)
    assert store.get_component(record.trial_component).status == "Failed"


def test_a_launch_of_which_nothing_is_heard_is_failed_and_may_not_start_later(
    followed: Follow, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed.advance(store)
    assert not followed.ended
    monkeypatch.setattr(module, "LAUNCH_TIMEOUT", -1.0)
    followed.advance(store)
    assert (store.get_job("j").failure_reason or "").startswith("LaunchFailed")
    assert followed._executor.stops == [(0, "LaunchFailed")]  # type: ignore[attr-defined]


def test_a_death_by_signal_has_the_shell_s_exit_code_and_problems_are_told(followed: Follow, store: Store) -> None:
    Events(followed.run_dir / "events.jsonl").add("secondary", status="Training")
    finished(followed.run_dir, rc=None, signal=15, outcome="Stopped", problems=["model.tar.gz is incomplete."])
    followed.advance(store)
    record = store.get_job("j")
    assert (record.exit_code, record.status_message) == (143, "model.tar.gz is incomplete.")


def test_an_archive_is_kept_under_its_hash_without_a_copy(home: Home, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "w").write_text("w")
    packed = pack_folder(tmp_path / "model", tmp_path / "model.tar.gz")
    assert packed is not None
    blobs = BlobStore(home.artifacts)
    for _ in range(2):
        ref = keep(blobs, packed)
    assert ref.sha256 is not None
    assert os.path.samefile(blobs.path(ref.sha256), tmp_path / "model.tar.gz")
    missing = keep(blobs, {"path": str(tmp_path / "gone"), "size": 1, "sha256": "0" * 64})
    assert missing.sha256 is None


def test_watchers_hear_each_state_once(followed: Follow, store: Store) -> None:
    import socket as sockets

    from mlstudio.jobs.agent.socket import Client

    ours, theirs = sockets.socketpair()
    client = Client(ours)
    push(client, followed)
    client.watching["j"] = 0
    LogWriter(followed.run_dir / "log", "algo-1").write(b"12345\n")
    followed.advance(store)
    push(client, followed)
    push(client, followed)
    said = [json.loads(line) for line in theirs.recv(10_000).splitlines()]
    assert [(one["event"], one.get("total"), one.get("secondary")) for one in said] == [
        ("log", 6, None),
        ("job", None, "Starting"),
    ]
    assert callable(answer)
    assert Agent.run.__doc__
    client.hang_up()
    theirs.close()

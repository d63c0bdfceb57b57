"""A disk that fills up while jobs run: they go on, what was lost is counted, and they end with their true status."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.jobs.agent.ensure import status
from mlstudio.jobs.runner.files import RESERVED, Reserved, read_json
from mlstudio.jobs.runner.outcome import failure_reason
from mlstudio.store import open_store
from mlstudio.store.home import Home

from ..jobs.conftest import SpecFactory, agent_pid, await_log, await_that  # noqa: TID252
from .conftest import SmallDisk

METRIC = [MetricDefinition("m", "m=([0-9]+);")]
WAITS = """
import os, sys, time
def wait_for(name):
    while not os.path.exists(os.path.join(os.environ["STAGE"], name)):
        time.sleep(0.01)
def tell(name):
    open(os.path.join(os.environ["STAGE"], name), "w").close()
"""


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A folder on a disk with space, where job and test tell each other how far they are."""
    folder = tmp_path / "stage"
    folder.mkdir()
    return folder


def test_t04_a_full_disk_under_the_log_of_a_running_job_costs_log_and_nothing_else(
    disk: SmallDisk, home_on_disk: Home, spec: SpecFactory, stage: Path
) -> None:
    script = """
import mlstudio
mlstudio.configure(system_metrics=False)  # their samples would be lost and counted too
print("m=1;", flush=True)
wait_for("full")
for step in range(100_000):
    mlstudio.log(x=step, step=step)
for _ in range(1000):
    os.write(1, b"y" * 999 + b"\\n")
tell("wrote")
wait_for("free")
print("after the gap\\nm=2;\\nthe end", flush=True)
"""
    job = jobs.submit(spec(WAITS + script, environment={"STAGE": str(stage)}, metric_definitions=METRIC))
    await_log(job.name, "m=1;")
    filler = disk.fill()
    (stage / "full").touch()
    await_that(lambda: (stage / "wrote").exists(), "training on a full disk")
    filler.unlink()
    (stage / "free").touch()
    record = job.wait(30)
    assert (record.status, record.exit_code) == ("Completed", 0)
    assert 1_000_032 <= record.log_bytes < 1_002_000, "its own lines, and the warning of the journal"
    assert 0 < record.log_dropped < record.log_bytes
    assert "bytes dropped" in job.logs()
    assert job.logs().endswith("the end\n")
    component = open_store().get_component(record.trial_component)
    counts = {one.name: one.count for one in component.metrics}
    assert counts["m"] == 2
    assert counts.get("x", 0) + component.dropped == 100_000, "what was not stored was counted"


def test_t04_a_job_on_a_full_disk_can_be_stopped(disk: SmallDisk, home_on_disk: Home, spec: SpecFactory) -> None:
    job = jobs.submit(spec("import time\nprint('up', flush=True)\ntime.sleep(60)"))
    await_log(job.name, "up")
    disk.fill()
    pid = agent_pid(home_on_disk)
    job.stop(grace=5)
    record = job.wait(20)
    assert (record.status, record.secondary) == ("Stopped", "Stopped")
    assert agent_pid(home_on_disk) == pid, "the agent did not die of it"


def test_t04_a_killed_agent_is_replaced_on_a_full_disk_and_ends_the_job(
    disk: SmallDisk, home_on_disk: Home, spec: SpecFactory, stage: Path
) -> None:
    job = jobs.submit(spec(WAITS + "print('up', flush=True)\nwait_for('go')", environment={"STAGE": str(stage)}))
    await_log(job.name, "up")
    disk.fill()
    pid = agent_pid(home_on_disk)
    os.kill(pid, signal.SIGKILL)
    await_that(lambda: status(home_on_disk) is None, "the agent's death", 5)
    (stage / "go").touch()
    record = job.wait(20)
    assert (record.status, record.exit_code) == ("Completed", 0)
    assert agent_pid(home_on_disk) != pid


def test_t04_a_queued_job_waits_for_the_disk_and_says_so(
    disk: SmallDisk, home_on_disk: Home, spec: SpecFactory, stage: Path
) -> None:
    first = jobs.submit(spec(WAITS + "wait_for('go')", environment={"STAGE": str(stage)}))
    await_that(lambda: first.secondary_status == "Training", "the first job")
    second = jobs.submit(spec("print('ran')"))
    pid = agent_pid(home_on_disk)
    full = disk.path / "files"
    full.mkdir()
    disk.remount("nr_inodes=2000")  # a disk without inodes refuses even a folder
    with contextlib.suppress(OSError):
        for number in range(5000):
            (full / str(number)).touch()
    (stage / "go").touch()
    assert first.wait(20).status == "Completed"
    await_that(lambda: "No space left on device" in (second.record().status_message or ""), "a word about the disk")
    assert second.secondary_status == "Pending"
    for path in full.iterdir():
        path.unlink()
    assert second.wait(20).status == "Completed"
    assert second.logs() == "ran\n"
    assert agent_pid(home_on_disk) == pid


def test_t04_a_full_disk_under_the_store_while_a_job_runs_loses_no_metric_and_no_status(
    disk: SmallDisk, own_agent: Home, spec: SpecFactory, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_STORE_URL", f"sqlite:///{disk.path}/store.db")
    script = """
print("m=0;", flush=True)
wait_for("full")
for number in range(1, 200_001):
    os.write(1, b"m=%d;\\n" % number)
"""
    job = jobs.submit(spec(WAITS + script, environment={"STAGE": str(stage)}, metric_definitions=METRIC))
    await_log(job.name, "m=0;")
    record = job.record()
    filler = disk.fill()
    (stage / "full").touch()
    await_that(lambda: (own_agent.jobs / record.uid / "exit.json").exists(), "the end of the job")
    time.sleep(1.5)
    assert job.status == "InProgress", "the store had no space for the end: the test proves nothing otherwise"
    filler.unlink()
    disk.resize(30)
    record = job.wait(30)
    assert (record.status, record.exit_code) == ("Completed", 0)
    points = open_store().points(record.trial_component, "m")
    assert points.values.tolist() == [float(number) for number in range(200_001)]
    assert open_store().get_component(record.trial_component).status == "Completed"
    open_store().close()


def test_the_longest_reason_fits_into_the_space_that_was_reserved(disk: SmallDisk) -> None:
    (disk.path / "failure").write_text("🧪" * 5000)
    reason = failure_reason(disk.path / "failure", 1, None, b"", [])
    exit_json = Reserved(disk.path / "exit.json")
    filler = disk.fill()
    exit_json.publish({"v": 1, "outcome": "Failed", "reason": reason, "problems": ["model.tar.gz is incomplete."] * 2})
    assert filler.stat().st_size > RESERVED
    assert (read_json(disk.path / "exit.json") or {})["reason"] == reason

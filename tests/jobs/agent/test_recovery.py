"""kill -9 of the agent, the forker, the supervisor, or all of them: right status, no orphan, nothing twice."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import JobRecord, JobSpec, MetricDefinition, StopRequest
from mlstudio.jobs.agent.ensure import ensure, status
from mlstudio.jobs.agent.recovery import decide, find_open
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.runner.files import write_json
from mlstudio.jobs.runner.process import children_of, members, stat
from mlstudio.jobs.submission import prepare
from mlstudio.store import open_store
from mlstudio.store.home import Home

from ..conftest import SpecFactory, agent_pid, await_log, await_that, run_json  # noqa: TID252

COUNTING = """
import os, sys, time
i = 0
while not os.path.exists(os.environ["GO"]):
    i += 1
    print(f"m={i}", flush=True)
    time.sleep(0.01)
print("last", i, flush=True)
"""
METRIC = [MetricDefinition("m", "m=([0-9]+)")]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def kill_agent(home: Home) -> None:
    pid = agent_pid(home)
    kill(pid)
    await_that(lambda: status(home) is None, "the agent's death", 5)


@pytest.fixture
def counting(spec: SpecFactory, own_agent: Home, tmp_path: Path) -> tuple[jobs.Job, Path]:
    """A job that prints one metric value after the other until the file appears."""
    del own_agent
    go = tmp_path / "go"
    job = jobs.submit(spec(COUNTING, environment={"GO": str(go)}, metric_definitions=METRIC))
    await_log(job.name, "m=5\n")
    return job, go


def points_are_exact(job: jobs.Job) -> None:
    """What the log says is what the store holds: every value once, in order."""
    record = job.record()
    last = int(job.logs().split()[-1])
    points = open_store().points(record.trial_component, "m")
    assert points.values.tolist() == [float(value) for value in range(1, last + 1)]
    assert points.steps.tolist() == list(range(last))


def test_a_job_survives_its_agent_and_the_next_agent_ends_it_right(
    counting: tuple[jobs.Job, Path], own_agent: Home
) -> None:
    job, go = counting
    for _ in range(2):
        kill_agent(own_agent)
        time.sleep(0.1)
        with ensure(own_agent):
            time.sleep(0.2)
    kill_agent(own_agent)
    go.touch()
    record = job.wait(20)
    assert (record.status, record.exit_code) == ("Completed", 0)
    points_are_exact(job)
    assert len(record.transitions) == 4, "no transition twice"


def test_a_job_that_ended_while_no_agent_ran_is_finished_from_its_files(
    counting: tuple[jobs.Job, Path], own_agent: Home
) -> None:
    job, go = counting
    kill_agent(own_agent)
    go.touch()
    await_that(lambda: (run_folder(job.record()) / "exit.json").exists(), "the end of the job")
    assert job.status == "InProgress"
    record = job.wait(20)
    assert record.status == "Completed"
    points_are_exact(job)


def test_a_job_whose_supervisor_is_killed_is_stopped_and_failed_with_the_reason(
    counting: tuple[jobs.Job, Path],
) -> None:
    job, _ = counting
    known = run_json(job.record())
    kill(known["supervisor"]["pid"])
    record = job.wait(20)
    assert record.status == "Failed"
    assert record.failure_reason is not None
    assert record.failure_reason.startswith("SupervisorLost")
    assert members(known["child"]["pgid"]) == []
    assert open_store().get_component(record.trial_component).status == "Failed"


def test_a_job_whose_agent_and_supervisor_are_killed_is_stopped_by_the_next_agent(
    counting: tuple[jobs.Job, Path], own_agent: Home
) -> None:
    job, _ = counting
    known = run_json(job.record())
    kill_agent(own_agent)
    kill(known["supervisor"]["pid"])
    record = job.wait(20)
    assert record.status == "Failed"
    assert (record.failure_reason or "").startswith("SupervisorLost")
    assert members(known["child"]["pgid"]) == []


@pytest.mark.parametrize("sandbox", ["namespace", "env"])
def test_what_fled_into_sessions_of_its_own_is_ended_with_the_job_of_a_killed_supervisor(
    spec: SpecFactory, own_agent: Home, monkeypatch: pytest.MonkeyPatch, sandbox: str
) -> None:
    monkeypatch.setenv("MLSTUDIO_SANDBOX", sandbox)
    script = """
        import os, subprocess, sys, time
        stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        known = {} if os.environ["SAGEMAKER_BASE_DIR"] == "/opt/ml" else os.environ
        command = [sys.executable, "-c", stubborn]
        fled = [subprocess.Popen(command, start_new_session=True, env=known).pid for _ in range(2)]
        time.sleep(0.5)  # until they ignore SIGTERM
        print("pids", *fled, "end", flush=True)
        time.sleep(600)
    """
    job = jobs.submit(spec(script))
    await_log(job.name, "end")
    fled = [int(word) for word in job.logs().split("pids")[1].split("end")[0].split()]
    assert len(fled) == 2
    assert all(stat(pid) for pid in fled)
    known = run_json(job.record())
    job.stop(grace=0.3)
    kill(known["supervisor"]["pid"])
    record = job.wait(20)
    assert (record.status, (record.failure_reason or "").partition(":")[0]) == ("Failed", "SupervisorLost")
    assert [pid for pid in fled if (seen := stat(pid)) and seen.state != "Z"] == []


def test_a_job_whose_folder_is_removed_is_stopped_and_says_so(
    spec: SpecFactory, own_agent: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_AGENT_HEARTBEAT", "0.5")
    job = jobs.submit(spec("import time; print('up', flush=True); time.sleep(600)", retries=3))
    await_log(job.name, "up")
    record = job.record()
    known = run_json(record)
    shutil.rmtree(run_folder(record))
    record = job.wait(20)
    assert (record.status, record.attempt) == ("Failed", 1)
    assert (record.failure_reason or "").startswith("RunFolderLost: the job's folder was removed")
    await_that(lambda: not any(stat(known[who]["pid"]) for who in ("child", "supervisor")), "the end of both", 10)
    assert jobs.submit(spec("print('next')")).wait(20).status == "Completed", "the agent goes on"
    assert agent_pid(own_agent)


def test_a_job_whose_supervisor_and_process_are_killed_is_failed(counting: tuple[jobs.Job, Path]) -> None:
    job, _ = counting
    known = run_json(job.record())
    kill(known["supervisor"]["pid"])
    with contextlib.suppress(ProcessLookupError):
        kill(known["child"]["pid"])
    record = job.wait(20)
    assert record.status == "Failed"
    assert (record.failure_reason or "").startswith("SupervisorLost")


def test_a_stop_that_was_asked_for_while_no_agent_ran_is_carried_out(
    counting: tuple[jobs.Job, Path], own_agent: Home
) -> None:
    job, _ = counting
    kill_agent(own_agent)
    open_store().request_stop(job.name, StopRequest(grace=5))
    record = job.wait(20)
    assert (record.status, record.secondary) == ("Stopped", "Stopped")


def test_a_killed_forker_is_replaced_and_running_jobs_are_not_touched(
    counting: tuple[jobs.Job, Path], own_agent: Home, spec: SpecFactory
) -> None:
    job, go = counting
    pid = agent_pid(own_agent)
    (forker,) = children_of()[pid]
    kill(forker.pid)
    await_that(lambda: [one.pid for one in children_of().get(pid, []) if one.state != "Z"] != [], "a new forker", 10)
    assert jobs.submit(spec("print('after')")).wait(20).status == "Completed"
    go.touch()
    assert job.wait(20).status == "Completed"
    points_are_exact(job)


def test_a_queued_job_is_queued_again_by_the_next_agent(
    spec: SpecFactory, own_agent: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    first = jobs.submit(spec("import time; time.sleep(1.5)"))
    second = jobs.submit(spec("print('ran')"))
    kill_agent(own_agent)
    assert second.wait(20).status == "Completed"
    assert first.wait(20).status == "Completed"
    assert second.logs() == "ran\n"


def test_a_submission_that_broke_off_before_the_agent_heard_of_it_is_run_by_it(
    spec: SpecFactory, own_agent: Home
) -> None:
    record = prepare(spec("print('found')"), open_store(), own_agent)
    assert jobs.Job(record.name).wait(20).status == "Completed"


def a_record(home: Home, **fields: Any) -> JobRecord:
    spec = JobSpec(name="j", entry_point="t.py", source_dir="/", interpreter="/bin/true")
    now = int(time.time() * 1e6)
    known = JobRecord(
        uid="U", name="j", arn="a", kind="training", spec=spec, trial_component="c", created_at=now, modified_at=now
    )
    (home.jobs / "U").mkdir(parents=True, exist_ok=True)
    return msgspec.structs.replace(known, **fields)


def test_what_is_done_about_an_open_job_depends_on_its_files(home: Home) -> None:
    record = a_record(home)
    assert decide(record, home).action == "later", "it may still be written"
    old = msgspec.structs.replace(record, created_at=record.created_at - 61_000_000)
    assert decide(old, home).action == "abandon"
    write_json(home.jobs / "U" / "spec.json", {})
    assert decide(record, home).action == "queue"
    (home.jobs / "U" / "lock").touch()
    assert decide(record, home).action == "follow", "a supervisor has begun"


def test_an_empty_store_has_no_open_jobs(home: Home) -> None:
    store = open_store(home=home)
    assert find_open(store, home) == []
    store.close()

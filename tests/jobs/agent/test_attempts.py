"""A job that may be run again is: with its checkpoints, its code, one log, and its place in the queue."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import JobRecord, MetricDefinition, StopRequest
from mlstudio.jobs.agent.attempts import attempt_folder, next_attempt, retries_used
from mlstudio.jobs.agent.ensure import ensure
from mlstudio.jobs.runner.files import read_json, write_json
from mlstudio.store import open_store
from mlstudio.store.home import Home

from ..conftest import SpecFactory, agent_pid, await_log, run_json  # noqa: TID252

COUNTS = """
    import mlstudio, os, pathlib, time
    state = pathlib.Path("/opt/ml/checkpoints/step")
    step = int(state.read_text()) if state.exists() else 0
    print(f"m={step}; attempt {os.environ['MLSTUDIO_ATTEMPT']} begins at {step}", flush=True)
    mlstudio.log(x=step)
    state.write_text(str(step + 1))
    print(f"saved {step}", flush=True)
    if step < {until}:
        {otherwise}
    print("done", flush=True)
"""
METRIC = [MetricDefinition("m", "m=([0-9]+);")]


def counts(until: int, otherwise: str) -> str:
    return COUNTS.replace("{until}", str(until)).replace("{otherwise}", otherwise)


def steps_of(record: JobRecord) -> list[str]:
    return [one.status for one in record.transitions]


def kill_supervisor(job: jobs.Job) -> None:
    os.kill(run_json(job.record())["supervisor"]["pid"], signal.SIGKILL)


def test_a_job_whose_supervisor_is_killed_starts_again_where_its_checkpoint_stands(
    own_agent: Home, spec: SpecFactory
) -> None:
    del own_agent
    job = jobs.submit(spec(counts(1, "time.sleep(60)"), retries=2, metric_definitions=METRIC, max_run=500))
    await_log(job.name, "saved 0")
    first = job.record()
    kill_supervisor(job)
    record = job.wait(30)
    assert (record.status, record.attempt, record.exit_code, record.failure_reason) == ("Completed", 2, 0, None)
    again = ["Pending", "Starting", "Training", "Interrupted", "Restarting", "Starting", "Training", "Completed"]
    assert steps_of(record) == again
    assert record.transitions[3].message.startswith("SupervisorLost")
    assert record.run_dir == f"{first.run_dir}-2"
    assert record.started_at == first.started_at
    lines = job.logs().splitlines()
    assert lines[0].endswith("attempt 1 begins at 0")
    assert lines[2].startswith("--- Attempt 2. SupervisorLost")
    assert lines[3].endswith("attempt 2 begins at 1")
    points = open_store().points(record.trial_component, "m")
    assert points.values.tolist() == [0.0, 1.0], "each value once, over both attempts"
    component = open_store().get_component(record.trial_component)
    assert component.status == "Completed"
    assert {one.name: one.count for one in component.metrics}["x"] == 2
    assert 0 < (read_json(Path(record.run_dir) / "spec.json") or {})["max_run"] <= 500


def test_a_killed_agent_and_supervisor_cost_an_attempt_and_no_more(own_agent: Home, spec: SpecFactory) -> None:
    job = jobs.submit(spec(counts(1, "time.sleep(60)"), retries=1))
    await_log(job.name, "saved 0")
    os.kill(agent_pid(own_agent), signal.SIGKILL)
    kill_supervisor(job)
    record = job.wait(30)
    assert (record.status, record.attempt) == ("Completed", 2)


@pytest.mark.parametrize(("retry_on", "attempts"), [("any", 3), ("infrastructure", 1)])
def test_what_is_the_script_s_own_fault_is_tried_again_only_when_asked_for(
    own_agent: Home, spec: SpecFactory, retry_on: str, attempts: int
) -> None:
    job = jobs.submit(spec(counts(9, "raise SystemExit(7)"), retries=2, retry_on=retry_on))
    record = job.wait(30)
    assert (record.status, record.attempt, record.exit_code) == ("Failed", attempts, 7)
    assert len(list(own_agent.jobs.glob(f"{record.uid}*"))) == attempts
    assert "ExitCode 7" in (record.failure_reason or "")
    assert job.logs().count("begins at") == attempts
    jobs.delete(job.name)
    assert list(own_agent.jobs.iterdir()) == [], "the folders of all attempts went with it"


def test_a_job_that_was_asked_to_stop_is_not_started_again(own_agent: Home, spec: SpecFactory) -> None:
    del own_agent
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    job = jobs.submit(spec(script, retries=5, retry_on="any"))
    await_log(job.name, "up")
    open_store().request_stop(job.name, StopRequest(grace=1))
    kill_supervisor(job)
    record = job.wait(30)
    assert (record.status, record.attempt) == ("Failed", 1)


def test_a_restart_of_the_host_is_an_attempt(own_agent: Home, spec: SpecFactory) -> None:
    job = jobs.submit(spec(counts(1, "time.sleep(60)"), retries=1))
    await_log(job.name, "saved 0")
    os.kill(agent_pid(own_agent), signal.SIGKILL)
    known = run_json(job.record())
    for who in ("supervisor", "child"):
        os.kill(known[who]["pid"], signal.SIGKILL)
    write_json(Path(job.record().run_dir) / "run.json", {**known, "boot_id": "an earlier one"})
    with ensure(own_agent):
        record = job.wait(30)
    assert (record.status, record.attempt) == ("Completed", 2)
    assert record.transitions[3].message.startswith("HostRestarted")


def test_the_next_attempt_may_be_made_ready_in_any_number_of_pieces(tmp_path: Path) -> None:
    first = tmp_path / "U"
    for folder in ("code", "model", "checkpoints", "mine", "input/config", "input/data/train", "output/data"):
        (first / "ml" / folder).mkdir(parents=True)
        (first / "ml" / folder / "file").write_text(folder)
    (first / "log").mkdir()
    (first / "log" / "algo-1.head").write_bytes(b"12345")
    channels = [{"name": "train", "source": "/data"}]
    write_json(first / "spec.json", {"attempt": 1, "max_run": 100, "env": {"A": "1"}, "channels": channels})
    second = attempt_folder(first, 2)
    staged = tmp_path / ".next-U-2"
    (staged / "ml").mkdir(parents=True)
    (first / "ml" / "code").rename(staged / "ml" / "code")  # an agent was killed after this
    for _ in range(2):
        next_attempt(first, second, 2, because="Attempt 2.", retries=1, ran=30.4, checkpoints="/opt/ml/mine/")
    kept = {str(path.relative_to(second)) for path in second.rglob("*") if path.is_file()}
    moved = {"ml/code/file", "ml/checkpoints/file", "ml/mine/file", "ml/input/config/file"}
    assert kept == {*moved, "log/algo-1.head", "spec.json"}, "what was made is not carried over"
    assert (second / "ml" / "input" / "data" / "train").is_dir()
    plan = read_json(second / "spec.json") or {}
    assert (plan["attempt"], plan["max_run"], plan["retries"]) == (2, 70, 1)
    assert plan["env"] == {"A": "1", "MLSTUDIO_ATTEMPT": "2"}
    assert retries_used(second) == 1
    assert retries_used(first) == 0
    assert not staged.exists()

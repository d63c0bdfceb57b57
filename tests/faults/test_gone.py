"""Everything of a host was killed: whoever opens the panel next sees how each job and run ended, and why."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.runner.files import write_json
from mlstudio.store.home import Home
from mlstudio.testing.server import Server, running_server

from ..jobs.conftest import SpecFactory, agent_pid, await_log, await_that, run_json  # noqa: TID252

TRAIN = """
import mlstudio, time
for step in range(10**6):
    mlstudio.log(loss=step, step=step)
    print("step", step, flush=True)
    time.sleep(0.01)
"""
OWN_RUN = """
import mlstudio, time
with mlstudio.run("study", "own"):
    for step in range(10**6):
        mlstudio.log(loss=step, step=step)
        print(step, flush=True)
        time.sleep(0.01)
"""
RECOVER = {"StudioApp": {"recover_seconds": 1}}


def ended(server: Server, path: str) -> dict[str, Any]:
    """Return a record once it has ended, as the panel reads it."""
    until = time.monotonic() + 20
    while True:
        record: dict[str, Any] = server.request("GET", path).json()
        if record["status"] in {"Completed", "Failed", "Stopped"}:
            return record
        assert time.monotonic() < until, f"{path} is {record['status']} for ever"
        time.sleep(0.1)


def kill_all(home: Home, job: jobs.Job) -> None:
    """Kill agent, supervisor and process of a job, none of which may do anything about another's death."""
    known = run_json(job.record())
    victims = [agent_pid(home), known["supervisor"]["pid"], known["child"]["pid"]]
    for pid in victims:
        os.kill(pid, signal.SIGSTOP)
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await_that(lambda: not jobs.client.agent_runs(), "the death of the agent")


@pytest.mark.slow
@pytest.mark.parametrize(("restarted", "reason"), [(False, "SupervisorLost: "), (True, "HostRestarted: ")])
def test_t03_after_all_processes_were_killed_an_open_server_alone_ends_jobs_and_runs_with_the_reason(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, restarted: bool, reason: str
) -> None:
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    job = jobs.submit(spec(TRAIN, name="killed"))
    queued = jobs.submit(spec("print('ran')", name="queued"))
    own = subprocess.Popen([sys.executable, "-c", OWN_RUN], stdout=subprocess.PIPE)
    assert own.stdout is not None
    for _ in range(20):
        own.stdout.readline()
    await_log(job.name, "step 20\n")
    kill_all(own_agent, job)
    own.kill()
    own.communicate()
    if restarted:
        known = run_json(job.record())
        write_json(run_folder(job.record()) / "run.json", {**known, "boot_id": "the boot before"})

    with running_server(own_agent.root, config=RECOVER) as server:
        record = ended(server, "/jobs/killed")
        component = ended(server, f"/trial-components/{record['trial_component']}")
        (own_run,) = server.request("GET", "/trial-components?experiment=study").json()["items"]
        lone = ended(server, f"/trial-components/{own_run['name']}")
        after = ended(server, "/jobs/queued")
        series = server.request("GET", f"/trial-components/{record['trial_component']}/series").json()["items"]
        still = server.request("GET", "/jobs?status=InProgress").json()["items"]

    assert (record["status"], component["status"]) == ("Failed", "Failed")
    assert record["failure_reason"].startswith(reason)
    assert component["status_message"] == record["failure_reason"]
    assert lone["status"] == "Failed"
    assert "process ended without closing the run" in lone["status_message"]
    assert series[0]["count"] >= 20, "what it had logged is there"
    assert (after["status"], still) == ("Completed", [])
    assert queued.logs() == "ran\n"


def test_a_server_without_open_jobs_starts_no_agent(own_agent: Home) -> None:
    with running_server(own_agent.root, config=RECOVER) as server:
        server.request("GET", "/jobs")
        time.sleep(1.5)
    assert not jobs.client.agent_runs()
    assert not (own_agent.agent / "agent.log").exists()

"""kill -9 of a notebook's kernel, and of the Jupyter server itself, while a job runs that was launched there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from mlstudio import jobs
from mlstudio.entities.experiments import ListRequest
from mlstudio.jobs.runner.process import children_of
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.testing.server import running_server

from ..jobs.conftest import await_that  # noqa: TID252

pytestmark = pytest.mark.slow

SERVE = """
import sys, threading
from pathlib import Path
from mlstudio.testing.server import running_server
with running_server(Path(sys.argv[1])) as server:
    print(server.port, server.token, flush=True)
    threading.Event().wait()
"""
LAUNCH = """
import mlstudio
from mlstudio.training import SKLearn
from mlstudio.experiments import Experiment
run = mlstudio.run("notebook", "cell")
run.log(progress=0.5, step=0)
run.flush()
estimator = SKLearn(entry_point="train.py", source_dir={source!r}, instance_type="local",
                    metric_definitions=[{{"Name": "m", "Regex": "m=([0-9]+)"}}], environment={{"GO": {go!r}}})
estimator.fit(job_name="launched", wait=False)
"""
TRAIN = """
import mlstudio, os, time
i = 0
while not os.path.exists(os.environ["GO"]):
    i += 1
    print(f"m={i}", flush=True)
    mlstudio.log(own=i, step=i - 1)
    time.sleep(0.01)
print("last", i, flush=True)
"""


@pytest.fixture
def jupyter(own_agent: Home, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A real Jupyter server in a process of its own, which also owns the kernel of the notebook."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(own_agent.root)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process
    process.kill()
    process.communicate(timeout=10)


def start_kernel(jupyter: subprocess.Popen[str], home: Home) -> tuple[BlockingKernelClient, int]:
    """Start a kernel as JupyterLab does, by the server; return a client of it and its pid."""
    import http.client

    assert jupyter.stdout is not None
    port, token = jupyter.stdout.readline().split()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/kernels", body=b'{"name": "python3"}', headers=headers)
    reply = json.loads(connection.getresponse().read())
    connection.close()
    client = BlockingKernelClient()
    client.load_connection_file(str(home.root.parent / "jupyter" / "runtime" / f"kernel-{reply['id']}.json"))
    client.start_channels()
    until = time.monotonic() + 60
    while True:
        try:
            client.wait_for_ready(timeout=30)
            break
        except RuntimeError:  # a busy machine missed a heartbeat of one second, which jupyter_client takes for death
            if time.monotonic() > until:
                raise
    (kernel,) = [one.pid for one in children_of().get(jupyter.pid, []) if one.state != "Z"]
    return client, kernel


@pytest.mark.parametrize("victim", ["kernel", "server"])
def test_t33_a_job_that_a_notebook_launched_survives_kill_9_of_kernel_and_server(
    jupyter: subprocess.Popen[str], own_agent: Home, tmp_path: Path, victim: str
) -> None:
    source, go = tmp_path / "source", tmp_path / "go"
    source.mkdir()
    (source / "train.py").write_text(TRAIN)
    client, kernel = start_kernel(jupyter, own_agent)
    reply = client.execute_interactive(LAUNCH.format(source=str(source), go=str(go)), timeout=60)
    assert reply["content"]["status"] == "ok", reply["content"]
    job = jobs.get("launched")
    await_that(lambda: "m=20\n" in job.logs(), "the job's log")

    os.kill(kernel if victim == "kernel" else jupyter.pid, signal.SIGKILL)
    if victim == "server":
        jupyter.wait(10)
        os.kill(kernel, signal.SIGKILL)  # it would notice by itself, sooner or later
    client.stop_channels()
    before = job.logs().count("\n")
    await_that(lambda: job.logs().count("\n") > before + 20, "the job going on")
    go.touch()
    record = job.wait(30)

    assert (record.status, record.exit_code) == ("Completed", 0)
    last = int(job.logs().split()[-1])
    store = open_store()
    for metric in ("m", "own"):
        points = store.points(record.trial_component, metric)
        assert points.values.tolist() == [float(value) for value in range(1, last + 1)], metric
    with running_server(own_agent.root, config={"StudioApp": {"recover_seconds": 1}}):
        until = time.monotonic() + 20
        while True:
            cells = [
                one
                for one in store.list_components(ListRequest(), experiment="notebook").items
                if one.name != record.trial_component
            ]
            if [one.status for one in cells] == ["Stopped"]:
                break
            assert time.monotonic() < until, f"the cell's run is {[one.status for one in cells]}"
            time.sleep(0.1)
    assert (cells[0].status_message or "").startswith("interrupted: the notebook's kernel ended")

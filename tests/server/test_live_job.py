"""A real job, from its first line to its stop, seen through the server alone."""

from __future__ import annotations

import base64
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import NotFound
from mlstudio.entities.jobs import JobSpec, StopRequest
from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.store.home import Home
from mlstudio.testing.server import Server

TRAIN = """
import time
print("first line", flush=True)
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def running(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a job that runs until it is stopped."""
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "30")
    (tmp_path / "train.py").write_text(TRAIN)
    spec = JobSpec(name="watched", entry_point="train.py", source_dir=str(tmp_path), interpreter=sys.executable)
    try:
        yield jobs.submit(spec).name
    finally:
        with contextlib.suppress(NotFound):
            jobs.stop("watched", StopRequest(grace=0))
        stop_agent(Home(server.home))


def test_a_job_is_followed_and_stopped_over_http(server: Server, running: str) -> None:
    with server.socket("jobs", f"job:{running}", f"log:{running}") as socket:
        socket.wait(lambda event: event["data"].get("total", 0) >= 11 or event["type"] == "append", timeout=20)
        log = server.request("GET", f"/jobs/{running}/log").body
        stopped = server.request("POST", f"/jobs/{running}/stop", {"grace": 1})
        socket.wait(
            lambda event: event["topic"] == f"job:{running}" and event["data"].get("status") == "Stopped", timeout=20
        )
        told = b"".join(
            base64.b64decode(event["data"]["b64"])
            for event in socket.events
            if event["topic"] == f"log:{running}" and event["type"] == "append"
        )

    assert b"first line" in log
    assert not told or b"first line" in told
    assert stopped.status == 200
    assert stopped.json()["status"] in {"Stopping", "Stopped"}
    assert server.request("GET", f"/jobs/{running}").json()["secondary"] == "Stopped"
    assert server.request("DELETE", f"/jobs/{running}").status == 204

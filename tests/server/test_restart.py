"""The server dies, comes back, and sets right what died meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ListRequest
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.testing.server import running_server

SERVE = """
import sys, threading
from pathlib import Path
from mlstudio.testing.server import running_server
with running_server(Path(sys.argv[1])) as server:
    print(server.port, server.token, flush=True)
    threading.Event().wait()
"""
TRAIN = """
import sys, time
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.recorder import Recorder
recorder = Recorder(ComponentCreate(name=sys.argv[1], status="InProgress"))
for step in range(10**9):
    recorder.log("loss", float(step), step=step)
    print(step, flush=True)
    time.sleep(0.002)
"""


@contextmanager
def process(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program until the block ends, whatever it does."""
    child = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait(10)
        assert child.stdout
        child.stdout.close()


def line_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline()


@pytest.mark.slow
def test_training_goes_on_beside_a_killed_server_and_is_whole_when_the_next_one_answers(
    home: Home, tmp_path: Path
) -> None:
    with process(SERVE, str(home.root)) as server, process(TRAIN, "survivor") as trainer:
        assert line_of(server)
        line_of(trainer)
        os.kill(server.pid, signal.SIGKILL)
        server.wait(10)
        told = max(int(line_of(trainer)) for _ in range(200))

        with running_server(home.root) as fresh, fresh.socket("points:survivor"):
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                series = fresh.request("GET", "/trial-components/survivor/series").json()["items"]
                if series and series[0]["last_step"] >= told:
                    break
                time.sleep(0.1)
            record = fresh.request("GET", "/trial-components/survivor").json()

    assert series[0]["count"] == series[0]["last_step"] + 1 >= told + 1
    assert record["status"] == "InProgress"


def test_a_trainer_killed_beside_an_open_server_is_drained_and_ended_and_told(home: Home) -> None:
    with running_server(home.root, config={"StudioApp": {"recover_seconds": 1}}) as server:
        with process(TRAIN, "victim") as trainer:
            told = max(int(line_of(trainer)) for _ in range(150))
            trainer.kill()
            trainer.wait(10)
        with server.socket("component:victim") as socket:
            event, _ = socket.wait(
                lambda event: event["type"] == "status" and event["data"]["status"] == "Failed", timeout=15
            )
        last = server.request("GET", "/trial-components/victim/series").json()["items"][0]

    assert last["last_step"] >= told
    assert event["data"]["status_message"]


def test_each_boot_has_its_own_id_and_the_store_outlives_it(home: Home) -> None:
    boots = []
    for number in range(2):
        with running_server(home.root) as server:
            boots.append(server.request("GET", "/version").json()["boot"])
            server.request("POST", "/experiments", {"name": f"boot-{number}"})
            names = [item["name"] for item in server.request("GET", "/experiments").json()["items"]]

    assert len(set(boots)) == 2
    assert set(names) == {"boot-0", "boot-1"}
    assert {item.name for item in open_store(home=home).list_experiments(ListRequest()).items} == {"boot-0", "boot-1"}


def test_a_store_that_cannot_be_opened_is_503_and_the_server_lives(home: Home) -> None:
    home.root.parent.mkdir(parents=True, exist_ok=True)
    home.root.write_text("a file where a folder should be")

    with running_server(home.root) as server:
        reply = server.request("GET", "/experiments")
        described = server.request("GET", "/openapi.json")

    assert (reply.status, reply.error["code"]) == (503, "store_unreachable")
    assert "MLSTUDIO_HOME" in str(reply.error)
    assert described.status == 200

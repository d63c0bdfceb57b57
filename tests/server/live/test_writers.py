"""An event reaches an open socket within a second of a write by any process of the host.

Each writer here is a real process of its own; times are taken from its write to our read.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import pytest

from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server, Socket

SOON = 1.0
"""Seconds: the promise."""

WRITER = """
import sys, time
from mlstudio.entities.experiments import *
from mlstudio.store import open_store
store = open_store()
def told():
    print(repr(time.time()), flush=True)
"""


class Writer:
    """Another process, that does one thing for each line it is sent."""

    def __init__(self, program: str) -> None:
        script = (
            WRITER
            + program
            + "\nprint('ready', flush=True)\nfor line in sys.stdin:\n    act(line.strip())\n    told()\n"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._out.readline() == "ready\n"

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout
        return self._process.stdout

    def act(self, line: str = "") -> float:
        """Let it act; return the moment at which its call had returned."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return float(self._out.readline())

    def close(self) -> None:
        """End it as a script ends."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(20)
        self._out.close()


@contextmanager
def writer(program: str) -> Iterator[Writer]:
    process = Writer(program)
    try:
        yield process
    finally:
        process.close()


def seconds_until(socket: Socket, wrote: float, wanted: Callable[[dict[str, Any]], bool]) -> float:
    """Return the seconds from a write to the event that tells it."""
    socket.wait(wanted)
    return time.time() - wrote


def decoded(points: dict[str, Any]) -> tuple[list[float], list[float], list[float]]:
    data = np.frombuffer(base64.b64decode(points["b64"]), "<f8").reshape(3, points["n"])
    return data[0].tolist(), data[1].tolist(), data[2].tolist()


@pytest.fixture
def experiment(server: Server) -> str:
    if server.request("GET", "/experiments/live").status == 404:
        server.request("POST", "/experiments", {"name": "live"})
        server.request("POST", "/trials", {"name": "live-t", "experiment_name": "live"})
    return "live"


def test_metadata_of_another_process_is_told_within_a_second(server: Server, experiment: str) -> None:
    program = """
def act(name):
    store.create_component(ComponentCreate(name=name, params={"lr": 0.5}, trials=["live-t"], status="InProgress"))
"""
    with writer(program) as other, server.socket("experiments", f"experiment:{experiment}") as socket:
        wrote = other.act("meta-1")
        took = seconds_until(socket, wrote, lambda event: event["type"] == "component.created")
        created, _ = socket.wait_for(f"experiment:{experiment}", "component.created")
        socket.wait_for("experiments", "updated")

    assert took < SOON
    cells = created["data"]["cells"]
    assert (created["data"]["name"], cells["status"], cells["params.lr"]) == ("meta-1", "InProgress", 0.5)
    assert (cells["trial"], cells["experiment"]) == ("live-t", "live")


def test_only_changed_cells_are_told_and_a_removed_row_is_named(server: Server, experiment: str) -> None:
    server.request("POST", "/trial-components", {"name": "cells", "params": {"a": 1, "b": 2}, "trials": ["live-t"]})
    with server.socket(f"experiment:{experiment}", "component:cells") as socket:
        server.request("PATCH", "/trial-components/cells", {"display_name": "first"})
        socket.wait(lambda event: event["data"].get("cells", {}).get("display_name") == "first")
        server.request("PATCH", "/trial-components/cells", {"params": {"a": 9}, "params_to_remove": ["b"]})
        event, _ = socket.wait(
            lambda event: "params.a" in event["data"].get("cells", {}) and event["data"]["cells"]["params.a"] == 9
        )
        server.request("PATCH", "/trial-components/cells", {"status": "InProgress"})
        status, _ = socket.wait_for("component:cells", "status")
        server.request("DELETE", "/trial-components/cells?force=1")
        gone, _ = socket.wait_for(f"experiment:{experiment}", "component.removed")

    told = {key: value for key, value in event["data"]["cells"].items() if key != "modified"}
    assert told == {"params.a": 9, "params.b": None}
    assert status["data"]["status"] == "InProgress"
    assert gone["data"]["name"] == "cells"


def test_a_new_column_is_told(server: Server, experiment: str) -> None:
    with server.socket(f"experiment:{experiment}") as socket:
        socket.wait_for("hello", "hello")
        time.sleep(0.4)  # one look, so that the columns of before are known
        server.request("POST", "/trial-components", {"name": "column", "params": {"fresh": 1}, "trials": ["live-t"]})
        socket.wait_for(f"experiment:{experiment}", "columns.changed")


def test_points_of_another_process_are_told_within_a_second_before_they_are_drained(
    server: Server, experiment: str
) -> None:
    program = """
from mlstudio.store.recorder import Recorder
recorder = Recorder(ComponentCreate(name="points-1", trials=["live-t"]))
step = 0
def act(count):
    global step
    for _ in range(int(count)):
        recorder.log("loss", 1.0 / (step + 1))
        step += 1
"""
    with writer(program) as other, server.socket("points:points-1", f"experiment:{experiment}") as socket:
        times = []
        for number in range(1, 6):
            wrote = other.act("10")
            times.append(
                seconds_until(
                    socket, wrote, lambda event, last=number * 10 - 1: last in told_steps(event, "points:points-1")
                )
            )
        cell, _ = socket.wait(lambda event: "metrics.loss.last" in event["data"].get("cells", {}))
        other.act("1")
        steps = [step for event in socket.events for step in told_steps(event, "points:points-1")]

    assert max(times) < SOON, times
    assert set(range(50)) <= set(steps)
    assert cell["data"]["name"] == "points-1"


def told_steps(event: dict[str, Any], topic: str) -> list[float]:
    if event["topic"] != topic or event["type"] != "append":
        return []
    return [step for points in event["data"]["series"] for step in decoded(points)[0]]


def test_who_listens_later_is_told_what_is_not_drained_yet(server: Server, experiment: str) -> None:
    program = """
from mlstudio.store.recorder import Recorder
recorder = Recorder(ComponentCreate(name="points-2", trials=["live-t"]))
step = 0
def act(line):
    global step
    recorder.log("loss", float(step), step=step)
    step += 1
"""
    with writer(program) as other, server.socket("points:points-2"):
        for _ in range(20):
            other.act()
        with server.socket("points:points-2") as late:
            time.sleep(0.3)
            stored = {
                int(step)
                for step in range(
                    next(
                        (
                            s["count"]
                            for s in server.request("GET", "/trial-components/points-2/series").json()["items"]
                        ),
                        0,
                    )
                )
            }
            other.act()
            late.wait(lambda event: 20.0 in told_steps(event, "points:points-2"))
            told = {int(step) for event in late.events for step in told_steps(event, "points:points-2")}

    assert stored | told >= set(range(21))


def test_a_flood_of_points_is_thinned_and_keeps_its_extremes(server: Server, experiment: str) -> None:
    program = """
from mlstudio.store.recorder import Recorder
recorder = Recorder(ComponentCreate(name="points-3", trials=["live-t"]))
def act(line):
    for step in range(30000):
        recorder.log("loss", -7.0 if step == 12345 else step % 10, step=step)
"""
    with writer(program) as other, server.socket("points:points-3") as socket:
        other.act()
        socket.wait(lambda event: 29999.0 in told_steps(event, "points:points-3"))
        series = [
            one
            for event in socket.events
            if event["topic"] == "points:points-3"
            for one in event["data"].get("series", [])
        ]

    assert max(one["n"] for one in series) <= 2000
    assert -7.0 in [value for one in series for value in decoded(one)[2]]


def test_points_without_a_journal_here_are_told_from_the_store(server: Server, store: Store, experiment: str) -> None:
    program = """
import numpy as np
from mlstudio.store.batch import Batch, SeriesPoints
record = store.create_component(ComponentCreate(name="remote", trials=["live-t"]))
at = 0
def act(step):
    global at
    points = SeriesPoints("loss", "{}", np.array([int(step)]), np.array([float(step)]), np.array([float(step)]))
    store.apply(Batch(journal="elsewhere", component=record.uid, start=at, end=at + 32, points=[points]))
    at += 32
"""
    with writer(program) as other, server.socket("points:remote") as socket:
        socket.wait_for("hello", "hello")
        time.sleep(0.3)
        wrote = other.act("1")
        took = seconds_until(socket, wrote, lambda event: 1.0 in told_steps(event, "points:remote"))
        other.act("5")
        socket.wait(lambda event: 5.0 in told_steps(event, "points:remote"))
        other.act("3")
        socket.wait_for("points:remote", "rewritten")

    assert took < SOON


@pytest.fixture
def job(store: Store, server: Server, request: pytest.FixtureRequest) -> str:
    name = "j-" + request.node.name.replace("_", "-")[5:60].strip("-")
    spec = JobSpec(
        name=name,
        entry_point="t.py",
        source_dir="/src",
        interpreter=sys.executable,
        environment={"API_KEY": "k-123", "PLAIN": "x"},
    )
    store.create_job(spec, trial_component=f"{name}-aws-training-job")
    return name


def test_a_job_of_another_process_is_told_within_a_second_without_its_secrets(
    server: Server, store: Store, job: str
) -> None:
    program = f"""
from mlstudio.entities.jobs import JobUpdate
def act(step):
    store.update_job("{job}", JobUpdate(secondary=step))
"""
    with writer(program) as other, server.socket("jobs", f"job:{job}") as socket:
        wrote = other.act("Starting")
        took = seconds_until(socket, wrote, lambda event: event["data"].get("secondary") == "Starting")
        short, _ = socket.wait_for("jobs", "updated")
        whole, _ = socket.wait_for(f"job:{job}", "updated")

    assert took < SOON
    assert "spec" not in short["data"]
    assert whole["data"]["spec"]["environment"] == {"API_KEY": "••••", "PLAIN": "x"}


def test_lines_of_a_jobs_log_are_told_within_a_second(server: Server, store: Store, job: str) -> None:
    folder = server.home / "jobs" / store.get_job(job).uid
    store.update_job(job, JobUpdate(run_dir=str(folder)))
    program = f"""
from pathlib import Path
from mlstudio.jobs.runner.logs import LogWriter
out = LogWriter(Path({str(folder)!r}) / "log", "algo-1")
def act(text):
    out.write(b"x" * 200_000 if text == "flood" else text.encode() + b"\\n")
"""
    with writer(program) as other, server.socket(f"log:{job}") as socket:
        socket.wait_for(f"log:{job}", "behind")
        wrote = other.act("epoch 1")
        took = seconds_until(socket, wrote, lambda event: event["type"] == "append")
        event, _ = socket.wait_for(f"log:{job}", "append")
        other.act("flood")
        behind, _ = socket.wait(lambda event: event["type"] == "behind" and event["data"]["total"] > 200_000)

    assert took < SOON
    assert base64.b64decode(event["data"]["b64"]) == b"epoch 1\n"
    assert (event["data"]["host"], event["data"]["offset"]) == ("algo-1", 0)
    assert behind["data"]["total"] == 200_008

"""32 processes that write into one store at once: nobody is refused, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from mlstudio.entities.experiments import ListRequest
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.testing.server import running_server

WRITERS = 32
POINTS = 1000
# One interpreter that forks: 32 imports would take longer than what they do. Nothing is open at the fork.
PROGRAM = """
import os, sys, time, traceback
from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate, ExperimentCreate
from mlstudio.store import open_store
from mlstudio.store.recorder import Recorder
import mlstudio.store.sqlite_store

def write(number):
    store = open_store()
    store.create_experiment(ExperimentCreate(f"e{number}"))
    recorder = Recorder(ComponentCreate(name=f"run-{number}"))
    for step in range(int(sys.argv[1])):
        recorder.log("loss", step + number, step)
        if step % 100 == 0:
            recorder.param(f"p{step}", step)
            store.update_component(f"run-{number}", ComponentUpdate(display_name=f"at {step}"))
    assert recorder.flush(60)
    recorder.close()
    store.close()
    assert recorder.dropped == 0

sys.stdin.readline()
children = []
for number in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        try:
            write(number)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    children.append(pid)
print(sum(os.waitpid(pid, 0)[1] != 0 for pid in children), flush=True)
"""


@pytest.mark.slow
def test_t02_32_processes_that_start_at_once_on_an_empty_store_write_without_an_error(home: Home) -> None:
    command = [sys.executable, "-c", PROGRAM, str(POINTS), str(WRITERS)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )
    slowest = 0.0
    with running_server(home.root) as server:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        while process.poll() is None:
            begun = time.monotonic()
            reply = server.request("GET", "/experiments")
            slowest = max(slowest, time.monotonic() - begun)
            assert reply.status == 200, reply.body
            time.sleep(0.02)
    said, errors = process.communicate(timeout=10)
    assert (said, errors) == (b"0\n", b"")
    assert slowest < 5, f"a question waited {slowest:.1f} s"
    store = open_store()
    assert len(store.list_experiments(ListRequest(limit=1000)).items) == WRITERS
    for number in range(WRITERS):
        record = store.get_component(f"run-{number}")
        assert (record.status, record.dropped, len(record.params)) == ("Completed", 0, POINTS // 100)
        points = store.points(f"run-{number}", "loss")
        assert np.array_equal(points.steps, np.arange(POINTS))
        assert np.array_equal(points.values, np.arange(POINTS) + number)
    with store.read() as conn:  # type: ignore[attr-defined]
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    store.close()

"""What the files of a run and the process table say of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.executors.base import Handle, folder
from mlstudio.jobs.executors.local import LocalExecutor, observe
from mlstudio.jobs.runner.files import read_json, write_json
from mlstudio.jobs.runner.process import boot_id, identity

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Any:
    """A process in its own group, as a job is."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        start_new_session=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def handle(tmp_path: Path) -> Handle:
    return Handle("j", 1, str(tmp_path))


def a_run(tmp_path: Path, supervisor: dict[str, int], child: dict[str, int], boot: str | None = None) -> None:
    write_json(
        tmp_path / "run.json",
        {"boot_id": boot or boot_id(), "supervisor": supervisor, "child": {**child, "pgid": child["pid"]}},
    )


def test_the_states_of_an_attempt(tmp_path: Path, sleeper: Any) -> None:
    one, dead, alive = handle(tmp_path), {"pid": 2**22 + 1, "start": 1}, identity(sleeper.pid)
    assert observe(one).state == "absent"
    write_json(tmp_path / "preparing.json", {"boot_id": boot_id(), "supervisor": alive})
    assert observe(one).state == "running", "it installs requirements, perhaps for minutes"
    write_json(tmp_path / "preparing.json", {"boot_id": boot_id(), "supervisor": dead})
    assert observe(one).state == "absent"
    a_run(tmp_path, alive, alive)
    assert observe(one).state == "running"
    a_run(tmp_path, {**alive, "start": alive["start"] + 1}, alive)
    assert observe(one).state == "orphaned", "a pid that was given to another process is not the supervisor"
    a_run(tmp_path, dead, dead)
    assert observe(one).state == "lost"
    a_run(tmp_path, alive, alive, boot="another boot")
    assert observe(one).state == "rebooted"
    write_json(tmp_path / "exit.json", {"rc": 0})
    assert observe(one).state == "ended", "exit.json is the truth"
    assert folder(one) == tmp_path


def test_an_orphan_gets_its_grace_and_is_killed(tmp_path: Path, sleeper: Any) -> None:
    ours, theirs = socket.socketpair()
    executor = LocalExecutor(ours)
    a_run(tmp_path, {"pid": 2**22 + 1, "start": 1}, identity(sleeper.pid))
    assert not executor.kill_orphan(handle(tmp_path), 0.2)
    assert sleeper.poll() is None, "it ignores SIGTERM and still has time"
    time.sleep(0.25)
    executor.kill_orphan(handle(tmp_path), 0.2)
    assert sleeper.wait(5) == -9
    assert executor.kill_orphan(handle(tmp_path), 0.2)
    theirs.close()
    ours.close()


def test_orders_and_answers_travel_as_lines(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    executor = LocalExecutor(ours)
    executor.submit(handle(tmp_path))
    assert theirs.recv(1000) == b'{"run": "%s"}\n' % str(tmp_path).encode()
    theirs.sendall(b'{"run":"a","pid":1}\n{"run":')
    assert executor.answers() == [("a", 1)]
    theirs.sendall(b'"b","pid":2}\n')
    assert executor.answers() == [("b", 2)]
    assert executor.answers() == []
    theirs.close()
    assert executor.answers() is None
    ours.close()


def test_a_stop_is_a_file_whether_or_not_anybody_listens(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    executor = LocalExecutor(ours)
    executor.stop(handle(tmp_path), 3, "user")
    assert read_json(tmp_path / "stop.json") == {"grace": 3, "reason": "user"}
    assert executor.logs(handle(tmp_path), "algo-1", 0) == b""
    assert [one.state for one in executor.poll([handle(tmp_path)])] == ["absent"]
    theirs.close()
    ours.close()

"""Jobs as processes of this host: each under a supervisor that the forker forks.

Reads: run folders and ``/proc``. Knows nothing of: the store.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from mlstudio.jobs.executors.base import Executor, Handle, Observation, folder
from mlstudio.jobs.logs import read_chunk
from mlstudio.jobs.runner import memory, process
from mlstudio.jobs.runner.child import RUN_VARIABLE
from mlstudio.jobs.runner.files import read_json, write_json


def observe(handle: Handle) -> Observation:
    """Return what the files of a run and the process table say of it."""
    run_dir = folder(handle)
    run = read_json(run_dir / "run.json")
    done = read_json(run_dir / "exit.json")
    if done is not None:
        return Observation("ended", run, done)
    if run is None:
        return Observation("running" if _prepares(run_dir) else "absent")
    if run.get("boot_id") != process.boot_id():
        return Observation("rebooted", run)
    if process.alive(run["supervisor"]["pid"], run["supervisor"]["start"]):
        return Observation("running", run)
    done = read_json(run_dir / "exit.json")  # it may have ended between the two looks
    if done is not None:
        return Observation("ended", run, done)
    return Observation("orphaned" if left_of(handle, run) else "lost", run)


def left_of(handle: Handle, run: dict[str, Any] | None) -> list[process.Stat]:
    """Return the living processes of an attempt without a supervisor; those in sessions of their own as well.

    Args:
        handle: of the attempt.
        run: its run.json, None when there is none.
    """
    marker = f"{RUN_VARIABLE}={handle.run_dir}"
    if run is None or run.get("boot_id") != process.boot_id():
        return process.belonging(marker)
    child = run["child"]
    return process.belonging(marker, group=child["pgid"], namespace=child.get("mounts", 0))


def _prepares(run_dir: Path) -> bool:
    """Tell whether a supervisor lives that has not started the job's own process yet."""
    known = read_json(run_dir / "preparing.json")
    if known is None or known.get("boot_id") != process.boot_id():
        return False
    return process.alive(known["supervisor"]["pid"], known["supervisor"]["start"])


def _signal(processes: list[process.Stat], number: int) -> None:
    for one in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one.pid, number)


class LocalExecutor(Executor):
    """Runs attempts here.

    Args:
        channel: the agent's end of the socket to its forker.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.setblocking(False)
        self._waiting = b""
        self._kill_at: dict[str, float] = {}

    def fileno(self) -> int:
        """The forker's channel, for a selector."""
        return self._channel.fileno()

    def submit(self, handle: Handle) -> None:
        """Order a supervisor; its lock makes a second one leave at once.

        A forker that has died takes no order: `answers` tells of its death, and the order is given to the next one.
        """
        with contextlib.suppress(OSError):
            self._send(json.dumps({"run": handle.run_dir}).encode() + b"\n")

    def _send(self, order: bytes) -> None:
        self._channel.setblocking(True)
        try:
            self._channel.sendall(order)
        finally:
            self._channel.setblocking(False)

    def answers(self) -> list[tuple[str, int]] | None:
        """Return (run folder, supervisor's pid) of orders carried out; None when the forker died."""
        try:
            data = self._channel.recv(1 << 16)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        *lines, self._waiting = (self._waiting + data).split(b"\n")
        return [(one["run"], one["pid"]) for one in map(json.loads, lines)]

    def restart(self) -> None:
        """Start a new forker by exec; running supervisors are not touched."""
        self._channel.close()
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        self._waiting = b""
        # the intermediate process is not waited for: it is the forker itself and ends with us
        self._forker = subprocess.Popen(
            [sys.executable, "-P", "-m", "mlstudio.jobs.agent.forker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
        )
        theirs.close()

    def poll(self, handles: list[Handle]) -> list[Observation]:
        """Return what is true of each, in order."""
        return [observe(one) for one in handles]

    def stop(self, handle: Handle, grace: float, reason: str) -> None:
        """Leave stop.json and wake the supervisor; on a full disk the signal alone says it, with the usual grace."""
        with contextlib.suppress(OSError):
            write_json(folder(handle) / "stop.json", {"grace": grace, "reason": reason})
        run = read_json(folder(handle) / "run.json") or read_json(folder(handle) / "preparing.json")
        if run and process.alive(run["supervisor"]["pid"], run["supervisor"]["start"]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(run["supervisor"]["pid"], signal.SIGTERM)

    def logs(self, handle: Handle, host: str, offset: int) -> bytes:
        """Return log bytes from an absolute offset."""
        return read_chunk(folder(handle), host, offset=offset).data

    def kill_orphan(self, handle: Handle, grace: float) -> bool:
        """SIGTERM all of it at the first call, SIGKILL once the shortest `grace` is over; True when nothing is left."""
        left = left_of(handle, read_json(folder(handle) / "run.json"))
        if not left:
            self._kill_at.pop(handle.run_dir, None)
            group = (read_json(folder(handle) / "run.json") or {}).get("cgroup")
            if group:
                memory.remove(Path(group))
            return True
        now = time.monotonic()
        if handle.run_dir not in self._kill_at:
            self._kill_at[handle.run_dir] = now + grace
            _signal(left, signal.SIGTERM)
        self._kill_at[handle.run_dir] = min(self._kill_at[handle.run_dir], now + grace)
        if now >= self._kill_at[handle.run_dir]:
            _signal(left, signal.SIGKILL)
        return False

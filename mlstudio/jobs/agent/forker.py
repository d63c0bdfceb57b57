"""Forks supervisors: one thread, standard library only, started before anything else is imported.

The agent has a store and sockets; a fork of it would carry both into every job. So it forks this
process first and sends it orders: ``{"run": "<run folder>"}`` gives ``{"run", "pid"}`` back. It
reaps what it forked and ends with its agent; supervisors do not.

Imports: the standard library and the runner.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from mlstudio.jobs.runner import supervisor


def serve(channel: socket.socket) -> None:
    """Carry out orders until the other end closes.

    Args:
        channel: a connected stream socket; one JSON object a line in both directions.
    """
    wakeup, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    gc.freeze()  # what is here stays: collections in the children then copy no pages
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    poll.register(wakeup, select.POLLIN)
    waiting = b""
    while True:
        for handle, _ in poll.poll():
            if handle == wakeup:
                with contextlib.suppress(BlockingIOError):
                    os.read(wakeup, 4096)
                continue
            data = channel.recv(1 << 16)
            if not data:
                return
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                _carry_out(line, channel, (wakeup, wake))
        _reap()


def _carry_out(line: bytes, channel: socket.socket, wakeups: tuple[int, int]) -> None:
    run = json.loads(line)["run"]
    pid = os.fork()
    if pid == 0:
        _supervise(Path(run), channel, wakeups)
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps({"run": run, "pid": pid}).encode() + b"\n")


def _supervise(run: Path, channel: socket.socket, wakeups: tuple[int, int]) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        channel.close()
        for one in wakeups:
            os.close(one)
        os.chdir(run)
        supervisor.main(run)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))

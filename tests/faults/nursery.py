"""Forks loggers on request: importing mlstudio once makes a logger cost ten milliseconds.

Reads lines ``name board slot pace`` from stdin, answers each with the pid of a forked logger. A logger
writes into the board file, at its slot, how many calls have returned; it never ends by itself.
"""

from __future__ import annotations

import os
import signal
import struct
import sys
import time

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.opening import open_store
from mlstudio.store.recorder import Recorder


def log_for_ever(name: str, board: int, slot: int, pace: float) -> None:
    """Log as fast as the pace allows; tell the board after each call that came back."""
    recorder = Recorder(ComponentCreate(name=name))
    step = 0
    while True:
        if step % 7 == 3:
            recorder.log_many({"loss": step * 0.5, "acc": step}, step=step)
        else:
            recorder.log("loss", step * 0.5, step=step)
        step += 1
        os.pwrite(board, struct.pack("<q", step), slot * 8)
        if step % 500 == 0:
            recorder.param(f"p{step // 500 % 5}", step)
        if pace:
            time.sleep(pace)


def main() -> None:
    """Serve requests until stdin ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import mlstudio.store.sqlite_store  # noqa: F401, RUF100 -- imported before the forks, for speed

    assert open_store is not None
    for line in sys.stdin:
        name, path, slot, pace = line.split()
        pid = os.fork()
        if pid == 0:
            board = os.open(path, os.O_RDWR)
            log_for_ever(name, board, int(slot), float(pace))
        print(pid, flush=True)


if __name__ == "__main__":
    main()

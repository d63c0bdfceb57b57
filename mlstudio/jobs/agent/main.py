"""Become the agent: detach, take the lock, fork the forker, and only then import the rest.

A second agent of the same home exits with 1 and names the first one's pid and socket.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import sys
from pathlib import Path

from mlstudio.jobs.agent import forker
from mlstudio.jobs.agent.socket import listen, socket_path
from mlstudio.jobs.runner.files import read_json, write_json
from mlstudio.jobs.runner.process import boot_id, identity


def take_lock(folder: Path) -> int | None:
    """Return the held lock of an agent folder, None when another agent holds it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def fork_forker(lock: int) -> socket.socket:
    """Fork the forker and return our end of the channel to it."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        try:
            ours.close()
            os.close(lock)  # else a living job would hold the agent's lock
            forker.serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return ours


def run(home: Path, url: str) -> int:
    """Be the agent of `home` until there is nothing to do; return the exit code."""
    folder = home / "agent"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = take_lock(folder)
    if lock is None:
        known = read_json(folder / "agent.json") or {}
        print(f"An agent runs already: pid {known.get('pid')}, {known.get('socket')}.", file=sys.stderr)  # noqa: T201
        return 1
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = fork_forker(lock)
    door = listen(folder)  # from now on clients wait for an answer instead of for a socket
    known = {**identity(os.getpid()), "boot_id": boot_id(), "socket": str(socket_path(folder)), "url": url}
    with contextlib.suppress(OSError):  # it only names us to a second agent; a full disk keeps nobody from starting
        write_json(folder / "agent.json", known, sync=False)

    from mlstudio.jobs.agent.loop import Agent
    from mlstudio.store.home import Home

    Agent(Home(home), url, door, channel).run()
    return 0


def main() -> int:
    """Detach from whoever started this process and run."""
    home, url = Path(os.environ["MLSTUDIO_HOME"]), os.environ["MLSTUDIO_STORE_URL"]
    os.umask(0o077)
    if os.fork() != 0:  # the starter waits for this one; the agent belongs to nobody
        os._exit(0)
    os.setsid()
    return run(home, url)


if __name__ == "__main__":
    sys.exit(main())

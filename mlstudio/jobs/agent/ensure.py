"""Find the agent, or start it: at most five seconds, else a sentence with the end of its log.

Any number of processes may call this at once: the agent's lock lets one start, the others find
it. An older agent is asked to leave; the new one adopts what it followed.

Reads: ``<home>/agent/``. Knows nothing of: the store.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import AgentUnavailable
from mlstudio.jobs.agent.socket import PROTOCOL, peer_uid, socket_path
from mlstudio.store.home import Home, default_home, default_url

START_TIMEOUT: Final = 5.0
"""Seconds within which something must listen."""
HELLO_TIMEOUT: Final = 30.0
"""Seconds within which what listens must answer: it may still be importing on a busy host."""


class Connection:
    """A greeted connection to the agent.

    Args:
        raw: connected.
    """

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._waiting = b""
        self.agent: dict[str, Any] = {}

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._raw.close()

    def request(self, op: str, *, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        """Ask and return the answer; events that come first are dropped.

        Raises:
            ConnectionError: the agent is gone.
            AgentUnavailable: it refused, in its own words.
        """
        self._raw.settimeout(timeout)
        try:
            self._raw.sendall(json.dumps({"op": op, **fields}).encode() + b"\n")
            answer = next(message for message in self._messages() if "event" not in message)
        except StopIteration:
            raise ConnectionError("the agent hung up") from None
        except TimeoutError:
            raise ConnectionError(f"the agent did not answer within {timeout:g} s") from None
        if not answer.get("ok"):
            raise AgentUnavailable(str(answer.get("message", "The agent refused.")))
        return answer

    def events(self, timeout: float | None) -> Iterator[dict[str, Any]]:
        """Yield events as they come; ends when the agent hangs up.

        Raises:
            TimeoutError: nothing came for `timeout` seconds.
        """
        self._raw.settimeout(timeout)
        yield from (message for message in self._messages() if "event" in message)

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\n" in self._waiting:
                line, _, self._waiting = self._waiting.partition(b"\n")
                yield json.loads(line)
            try:
                data = self._raw.recv(1 << 16)
            except ConnectionError:
                return
            if not data:
                return
            self._waiting += data


def connect(home: Home) -> Connection | None:
    """Return a greeted connection to the running agent, None when there is none."""
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection = Connection(raw)
    try:
        raw.connect(str(socket_path(home.agent)))
        if peer_uid(raw) != os.getuid():
            raise ConnectionError("another user listens there")
        connection.agent = connection.request("hello", timeout=HELLO_TIMEOUT, v=PROTOCOL)
    except OSError:
        connection.close()
        return None
    except AgentUnavailable:
        connection.close()
        raise
    return connection


def ensure(home: Home | None = None, *, timeout: float = START_TIMEOUT) -> Connection:
    """Return a connection to the agent of a home; start it when it does not run.

    Args:
        home: default `default_home()`.
        timeout: seconds.

    Raises:
        AgentUnavailable: it did not come up; the message holds the end of its log.
    """
    home = home or default_home()
    until = time.monotonic() + timeout
    next_start = 0.0
    while True:
        connection = connect(home)
        if connection is not None:
            if int(connection.agent.get("v", 0)) >= PROTOCOL:
                return _same_store(connection, home)
            with contextlib.suppress(ConnectionError), connection:
                connection.request("shutdown")
        now = time.monotonic()
        if now >= until:
            raise _unavailable(home, timeout)
        if now >= next_start:
            _start(home)
            next_start = now + 0.3
        time.sleep(0.005)


def stop_agent(home: Home | None = None) -> bool:
    """Ask the agent to leave; jobs run on. Returns False when none runs."""
    connection = connect(home or default_home())
    if connection is None:
        return False
    with connection, contextlib.suppress(ConnectionError):
        connection.request("shutdown")
        for _ in connection.events(5.0):
            pass
    return True


def status(home: Home | None = None) -> dict[str, Any] | None:
    """Return what the agent says of itself (pid, jobs, queue, mode), None when none runs."""
    connection = connect(home or default_home())
    if connection is None:
        return None
    with connection, contextlib.suppress(ConnectionError):  # it may leave between the greeting and the question
        return connection.request("status")
    return None


def _same_store(connection: Connection, home: Home) -> Connection:
    wanted, known = default_url(home), connection.agent.get("url")
    if known != wanted:
        connection.close()
        raise AgentUnavailable(
            f"The agent of {home.root} works on another store ({known}) than this process ({wanted}).",
            field="MLSTUDIO_STORE_URL",
            hint="Use one store for one MLSTUDIO_HOME, or stop that agent: mlstudio agent stop.",
        )
    return connection


def _start(home: Home) -> None:
    folder = home.ensure(home.agent)
    log = folder / "agent.log"
    with contextlib.suppress(OSError):
        if log.stat().st_size > 5 << 20:
            log.rename(folder / "agent.log.1")
    environment = {**os.environ, "MLSTUDIO_HOME": str(home.root), "MLSTUDIO_STORE_URL": default_url(home)}
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as said:
        subprocess.run(
            [sys.executable, "-P", "-m", "mlstudio.jobs.agent.main"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            env=environment,
            check=False,
            start_new_session=True,
        )


def _unavailable(home: Home, timeout: float) -> AgentUnavailable:
    tail = ""
    with contextlib.suppress(OSError):
        tail = Path(home.agent / "agent.log").read_text(errors="replace")[-2000:].strip()
    return AgentUnavailable(
        f"The job agent did not start within {timeout:g} s." + (f" Its log ends:\n{tail}\n" if tail else ""),
        hint=f"See {home.agent / 'agent.log'}.",
    )

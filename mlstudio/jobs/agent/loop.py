"""The agent's one thread: clients, run folders, supervisors, stop requests, the queue, the clock.

Nothing here waits for anything else: sockets never block, and what goes wrong with one job or one
client leaves the others their turn.

Reads: the socket. Writes: nothing itself.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import time
from typing import Final

from mlstudio.entities.errors import StudioError
from mlstudio.jobs.agent import heartbeat, requests
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.jobs import Jobs, guard
from mlstudio.jobs.agent.socket import Client, accept, socket_path
from mlstudio.jobs.agent.supervisors import Supervisors
from mlstudio.jobs.executors.local import LocalExecutor
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

IDLE: Final = 1800.0
"""Seconds without a job after which the agent leaves (MLSTUDIO_AGENT_IDLE)."""
HEARTBEAT: Final = 10.0
"""Seconds between two looks for what was missed (MLSTUDIO_AGENT_HEARTBEAT)."""
STOP_LOOK: Final = 0.5
QUIET: Final = 0.05
"""Seconds between two looks at run folders: what changes meanwhile is handled together."""
_log = logging.getLogger("mlstudio.agent")


def _number(name: str, default: float) -> float:
    try:
        return float(os.environ[name])
    except (KeyError, ValueError):
        return default


class Agent:
    """Follows all jobs of a home.

    Args:
        home: whose agent this is.
        url: its store.
        door: listening.
        channel: to the forker.
    """

    def __init__(self, home: Home, url: str, door: socket.socket, channel: socket.socket) -> None:
        logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        self.home, self.url = home, url
        self._door = door
        self._poll = select.poll()
        self._executor = LocalExecutor(channel)
        self._supervisors = Supervisors(self._executor, self._poll)
        self.jobs = Jobs(home, self.store, self._executor, self._supervisors, self.tell)
        self.clients: dict[int, Client] = {}
        self.idle = _number("MLSTUDIO_AGENT_IDLE", IDLE)
        self.heartbeat = max(0.1, _number("MLSTUDIO_AGENT_HEARTBEAT", HEARTBEAT))
        self.leaving = self._needed = False
        self._active = time.monotonic()
        self._wakeup, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_term)
        for one in (self._door, self._wakeup):
            self._poll.register(one, select.POLLIN)

    def _on_term(self, *_: object) -> None:
        self.leaving = True

    def store(self) -> Store:
        """Return the store. Raises: StudioError: it cannot be opened now."""
        return open_store(self.url, home=self.home)

    def run(self) -> None:
        """Work until there is nothing to do, or somebody asks to leave."""
        jobs, watcher = self.jobs, self.jobs.watcher
        _log.info("agent %d of %s, %s", os.getpid(), self.home.root, jobs.room)
        self._beat()
        self._active = time.monotonic()
        look = quiet = 0.0
        next_beat = self._active + self.heartbeat
        while not self.leaving:
            now = time.monotonic()
            if now >= next_beat:
                self._beat()
                guard(jobs.look_at_room)
                next_beat = now + self.heartbeat
            if not jobs.any:
                look = next_beat  # nothing that could be stopped: sleep
            elif now >= look or look == next_beat:
                guard(jobs.look_for_requests)
                look = now + STOP_LOOK
            hears = now >= quiet and watcher.descriptor >= 0
            if hears:
                self._poll.register(watcher.descriptor, select.POLLIN)
            if self._wait(min(look, next_beat, self._active + self.idle, look if hears else quiet), now):
                quiet = time.monotonic() + QUIET
            if hears:
                self._poll.unregister(watcher.descriptor)
            jobs.turn()
            if jobs.any or self._needed:
                self._active = time.monotonic()
            self.leaving = self.leaving or time.monotonic() - self._active > self.idle
        self._leave()

    def _beat(self) -> None:
        if not (self.home.agent / "lock").exists():
            _log.warning("the home %s was removed", self.home.root)
            self.leaving = True
            return
        with contextlib.suppress(StudioError):  # the store is away: the next heartbeat asks again
            self._needed = heartbeat.beat(self.store(), self.home)
        guard(self.jobs.recover)

    def _wait(self, until: float, now: float) -> bool:
        """Wait for the first thing to happen; True when run folders changed."""
        jobs = self.jobs
        waits = [now if self.leaving else until, *jobs.due.values()]
        if jobs.watcher.blind:
            waits.append(now + 0.25)
        changed = False
        for handle, _ in self._poll.poll(max(0.0, min(waits) - now) * 1000):
            if handle == self._door.fileno():
                self._accept()
            elif handle == self._executor.fileno():
                jobs.answers()
            elif handle == jobs.watcher.descriptor:
                changed = True
                jobs.look_at(jobs.watcher.changed())
            elif handle in self.clients:
                self._serve(self.clients[handle])
            elif handle in self._supervisors:
                jobs.look_at({self._supervisors.heard(handle)})
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
        jobs.look_at(jobs.watcher.blind)
        return changed

    def tell(self, follow: Follow) -> None:
        """Push what is new of a job to the clients that watch it."""
        for client in list(self.clients.values()):
            requests.push(client, follow)

    def _accept(self) -> None:
        client = accept(self._door)
        if client is not None:
            self.clients[client.fileno()] = client
            self._poll.register(client.fileno(), select.POLLIN)

    def _serve(self, client: Client) -> None:
        handle = client.fileno()
        client.flush()
        wanted = client.receive()
        if wanted is None:
            self._poll.unregister(handle)
            del self.clients[handle]
            client.hang_up()
            return
        for message in wanted:
            requests.answer(self, client, message)
        self._poll.modify(handle, select.POLLIN | (select.POLLOUT if client.behind else 0))

    def _leave(self) -> None:
        socket_path(self.home.agent).unlink(missing_ok=True)
        self._door.close()
        for client in self.clients.values():
            client.hang_up()
        _log.info("agent %d leaves; %d jobs run on", os.getpid(), len(self.jobs.follows))

"""The agent's one thread: clients, run folders, supervisors, stop requests, the queue, the clock.

Nothing here waits for anything else: sockets never block, a store that is away is tried again
after a second, and a flood of log in one job leaves the others their turn.

Reads: run folders, the store. Writes: the store, stop.json.
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
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobUpdate
from mlstudio.entities.status import ENDED
from mlstudio.jobs.agent import heartbeat, requests
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.recovery import decide, find_open
from mlstudio.jobs.agent.room import Room, launch_settings, renew, slots_of
from mlstudio.jobs.agent.socket import Client, accept, socket_path
from mlstudio.jobs.agent.watch import Watcher
from mlstudio.jobs.executors.base import Handle
from mlstudio.jobs.executors.local import LocalExecutor
from mlstudio.jobs.hosts.leases import give_back
from mlstudio.jobs.queue import Queue
from mlstudio.jobs.runner.files import write_json
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
        self._executor = LocalExecutor(channel)
        self._watcher = Watcher()
        self.clients: dict[int, Client] = {}
        self.follows: dict[str, Follow] = {}
        self.queue: Queue[Follow] = Queue()
        self.room = Room(home, slots_of(os.environ))
        self.idle = _number("MLSTUDIO_AGENT_IDLE", IDLE)
        self.heartbeat = max(0.1, _number("MLSTUDIO_AGENT_HEARTBEAT", HEARTBEAT))
        self.leaving = self._needed = False
        self._supervisors: dict[int, str] = {}
        self._due: dict[str, float] = {}
        self._last_change = -1
        self._active = time.monotonic()
        self._poll = select.poll()
        self._wakeup, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._on_term)

    def _on_term(self, *_: object) -> None:
        self.leaving = True

    def store(self) -> Store:
        """Return the store. Raises: StudioError: it cannot be opened now."""
        return open_store(self.url, home=self.home)

    def run(self) -> None:
        """Work until there is nothing to do, or somebody asks to leave."""
        for one in (self._door, self._executor, self._wakeup):
            self._poll.register(one, select.POLLIN)
        _log.info("agent %d of %s, %s", os.getpid(), self.home.root, self.room)
        self._beat()
        self._active = time.monotonic()
        look = quiet = 0.0
        next_beat = self._active + self.heartbeat
        while not self.leaving:
            now = time.monotonic()
            if now >= next_beat:
                self._beat()
                self._guard(self._look_at_room)
                next_beat = now + self.heartbeat
            if not (self.follows or self.queue):
                look = next_beat  # nothing that could be stopped: sleep
            elif now >= look or look == next_beat:
                self._guard(self._look_for_requests)
                look = now + STOP_LOOK
            hears = now >= quiet and self._watcher.descriptor >= 0
            if hears:
                self._poll.register(self._watcher.descriptor, select.POLLIN)
            if self._wait(min(look, next_beat, self._active + self.idle, look if hears else quiet), now):
                quiet = time.monotonic() + QUIET
            if hears:
                self._poll.unregister(self._watcher.descriptor)
            self._turn()
            if self.follows or self.queue or self._needed:
                self._active = time.monotonic()
            self.leaving = self.leaving or time.monotonic() - self._active > self.idle
        self._leave()

    def _beat(self) -> None:
        with contextlib.suppress(StudioError):  # the store is away: the next heartbeat asks again
            self._needed = heartbeat.beat(self.store(), self.home)
        self._guard(self._recover)

    def _wait(self, until: float, now: float) -> bool:
        """Wait for the first thing to happen; True when run folders changed."""
        waits = [now if self.leaving else until, *self._due.values()]
        if self._watcher.blind:
            waits.append(now + 0.25)
        changed = False
        for handle, _ in self._poll.poll(max(0.0, min(waits) - now) * 1000):
            if handle == self._door.fileno():
                self._accept()
            elif handle == self._executor.fileno():
                self._answers()
            elif handle == self._watcher.descriptor:
                changed = True
                self._due.update(dict.fromkeys(self._watcher.changed() & self.follows.keys(), 0.0))
            elif handle in self.clients:
                self._serve(self.clients[handle])
            elif handle in self._supervisors:
                self._due[self._supervisors[handle]] = 0.0
                self._forget_supervisor(handle)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
        self._due.update(dict.fromkeys(self._watcher.blind & self.follows.keys(), 0.0))
        return changed

    def _turn(self) -> None:
        now = time.monotonic()
        for name in [name for name, at in self._due.items() if at <= now]:
            del self._due[name]
            if name in self.follows:
                self._advance(self.follows[name])
        if self.queue:
            self._guard(self._launch_what_fits)

    def _launch_what_fits(self) -> None:
        """Let all go that have room now; what waits knows why."""
        sweep = self.room.sweep(self.store(), len(self.follows))
        while (follow := self.queue.next(lambda one: sweep(one.record))) is not None:
            name = follow.record.name
            if name in sweep.impossible:
                follow.fail(self.store(), f"LaunchFailed: {sweep.impossible[name]}")
                self.tell(follow)
                continue
            self._launch(follow, sweep.grants[name])
            sweep.running = len(self.follows)

    def _look_at_room(self) -> None:
        """At a heartbeat: what there is, what is held, and why others still wait."""
        self.room.look()
        renew(self.store(), list(self.follows))
        for entry in self.queue:
            entry.what.waits(self.store(), self.queue.told(entry.name))

    def _advance(self, follow: Follow) -> None:
        name = follow.record.name
        try:
            follow.advance(self.store())
        except StudioError as error:
            _log.warning("job %s: %s", name, error)
            self._due[name] = time.monotonic() + 1.0
            return
        except Exception:
            _log.exception("job %s", name)
            self._due[name] = time.monotonic() + 5.0
            return
        if follow.behind:
            self._due[name] = 0.0
        elif follow.orphaned:
            self._due[name] = time.monotonic() + 0.1
        self.tell(follow)
        if follow.ended:
            _log.info("job %s: %s", name, follow.record.status)
            give_back(self.store(), name)
            self._watcher.remove(name)
            del self.follows[name]

    def tell(self, follow: Follow) -> None:
        """Push what is new of a job to the clients that watch it."""
        for client in list(self.clients.values()):
            requests.push(client, follow)

    def enqueue(self, name: str) -> bool:
        """Take a submitted job in; True when it starts now, False when it waits or is over.

        Raises:
            NotFound: there is no such job.
        """
        if name in self.follows or name in self.queue:
            return name in self.follows
        record = self.store().get_job(name)
        if record.status in ENDED:  # the same submission once more, of a job that is over
            return False
        found = decide(record, self.home)
        follow = self._follow(record, found.run_dir)
        if found.action == "follow" and not follow.ended:
            self._watch(follow)
            return True
        self._wait_in_line(follow)
        self._turn()
        if name in self.follows:
            return True
        follow.waits(self.store(), self.queue.told(name))
        return False

    def _wait_in_line(self, follow: Follow) -> None:
        record = follow.record
        self.queue.add(record.name, follow, priority=record.priority, order=record.created_at)

    def _follow(self, record: Any, run_dir: Path) -> Follow:
        try:
            component = self.store().get_component(record.trial_component).uid
        except NotFound:
            component = ""
        return Follow(record, run_dir, component, self._executor, self.home)

    def _watch(self, follow: Follow) -> None:
        name = follow.record.name
        log = follow.run_dir / "log"
        log.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.follows[name] = follow
        self._watcher.add(name, follow.run_dir, log)
        self._due[name] = 0.0

    def _launch(self, follow: Follow, grant: Grant) -> None:
        try:
            self._watch(follow)
            write_json(follow.run_dir / "grant.json", launch_settings(grant), sync=False)
        except OSError as error:  # a full disk; the next heartbeat finds the job in its queue again
            why = f"Waits for the disk: {error.strerror} ({error.filename})."
            _log.warning("job %s: %s", follow.record.name, why)
            self.follows.pop(follow.record.name, None)
            give_back(self.store(), follow.record.name)
            self._guard(lambda: follow.waits(self.store(), why))
        else:
            self._guard(lambda: self._executor.submit(follow.handle))
            self._guard(lambda: follow.started(self.store(), grant))
        self.tell(follow)

    def _recover(self) -> None:
        """Adopt what no agent follows: at the start, and for whatever was missed since."""
        if not (self.home.agent / "lock").exists():
            _log.warning("the home %s was removed", self.home.root)
            self.leaving = True
            return
        for found in find_open(self.store(), self.home):
            name = found.record.name
            if name in self.follows or name in self.queue or found.action == "later":
                continue
            follow = self._follow(found.record, found.run_dir)
            if found.action == "queue":
                self._wait_in_line(follow)
                continue
            if found.action == "abandon":
                follow.fail(self.store(), "LaunchFailed: the submission broke off.")
                continue
            _log.info("adopting job %s", name)
            self._watch(follow)
            self.room.keep(self.store(), found.record)
            if self._executor.poll([follow.handle])[0].state == "absent":
                self._executor.submit(follow.handle)
        for name, follow in self.follows.items():  # a supervisor that died without our hearing of it
            if name not in self._supervisors.values():
                self._adopt_supervisor(name, follow.handle)
            self._due.setdefault(name, 0.0)

    def _adopt_supervisor(self, name: str, handle: Handle) -> None:
        seen = self._executor.poll([handle])[0]
        if seen.state == "running" and seen.run:
            self._hold(int(seen.run["supervisor"]["pid"]), name)

    def _answers(self) -> None:
        answers = self._executor.answers()
        if answers is None:
            _log.warning("the forker died; starting another")
            self._poll.unregister(self._executor)
            self._executor.restart()
            self._poll.register(self._executor, select.POLLIN)
            for follow in self.follows.values():  # orders that it took with it; the others leave at once
                if self._executor.poll([follow.handle])[0].state == "absent":
                    self._executor.submit(follow.handle)
            return
        by_folder = {str(one.run_dir): name for name, one in self.follows.items()}
        for run, pid in answers:
            if run in by_folder:
                self._hold(pid, by_folder[run])

    def _hold(self, pid: int, name: str) -> None:
        try:
            handle = os.pidfd_open(pid)
        except OSError:  # it has ended already
            self._due[name] = 0.0
            return
        self._supervisors[handle] = name
        self._poll.register(handle, select.POLLIN)

    def _forget_supervisor(self, handle: int) -> None:
        self._poll.unregister(handle)
        os.close(handle)
        del self._supervisors[handle]

    def _look_for_requests(self) -> None:
        """Carry out stops that were asked for through the store."""
        store = self.store()
        newest = store.last_change()
        if newest == self._last_change:
            return
        self._last_change = newest
        for name in [*self.follows, *(entry.name for entry in self.queue)]:
            self.stop(name)

    def stop(self, name: str) -> None:
        """Carry out the standing stop request of a job, if there is one."""
        store = self.store()
        wanted = store.stop_request(name)
        if wanted is None:
            return
        if name in self.follows:
            self.follows[name].stop(store, wanted.grace, wanted.reason)
            self._due[name] = 0.0
            return
        follow = self.queue.get(name)
        if follow is not None:
            follow.stopped_before_start(store)
            self.queue.remove(name)
            self.tell(follow)

    def set_priority(self, name: str, priority: int) -> None:
        """Move a job that waits. Raises: NotFound."""
        self.store().update_job(name, JobUpdate(priority=priority))
        self.queue.set_priority(name, priority)
        self._turn()

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

    def _guard(self, work: Any) -> None:
        try:
            work()
        except StudioError as error:
            _log.warning("%s", error)
        except Exception:
            _log.exception("unexpected")

    def _leave(self) -> None:
        socket_path(self.home.agent).unlink(missing_ok=True)
        self._door.close()
        for client in self.clients.values():
            client.hang_up()
        _log.info("agent %d leaves; %d jobs run on", os.getpid(), len(self.follows))

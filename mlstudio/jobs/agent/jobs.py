"""The jobs of a home as its agent knows them: those that wait, those that run, what becomes of them.

Nothing here waits: a store that is away is asked again after a second, and a flood of log in one
job leaves the others their turn.

Reads: run folders, the store. Writes: the store, grant.json, stop.json.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobRecord, JobUpdate
from mlstudio.entities.status import ENDED
from mlstudio.jobs.agent.follow import Follow
from mlstudio.jobs.agent.interruption import to_interrupt
from mlstudio.jobs.agent.recovery import decide, find_open
from mlstudio.jobs.agent.room import Room, launch_settings, renew, slots_of
from mlstudio.jobs.agent.supervisors import Supervisors
from mlstudio.jobs.agent.watch import Watcher
from mlstudio.jobs.executors.local import LocalExecutor
from mlstudio.jobs.hosts.leases import give_back
from mlstudio.jobs.queue import Queue
from mlstudio.jobs.runner.files import write_json
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

_log = logging.getLogger("mlstudio.agent")


class Jobs:
    """All jobs of a home that have not ended.

    Args:
        home: whose.
        store: returns the store. Raises StudioError when it cannot be opened now.
        executor: where they run.
        supervisors: who tells of their ends.
        tell: pushes what is new of a job to whoever watches it.
    """

    def __init__(
        self,
        home: Home,
        store: Callable[[], Store],
        executor: LocalExecutor,
        supervisors: Supervisors,
        tell: Callable[[Follow], None],
    ) -> None:
        self.home, self.store = home, store
        self.follows: dict[str, Follow] = {}
        self.queue: Queue[Follow] = Queue()
        self.room = Room(home, slots_of(os.environ))
        self.watcher = Watcher()
        self.due: dict[str, float] = {}
        """When to look at a job again, by the monotonic clock."""
        self._executor, self._supervisors, self._tell = executor, supervisors, tell
        self._last_change = -1

    @property
    def any(self) -> bool:
        """Whether there is a job that waits or runs."""
        return bool(self.follows or self.queue)

    def look_at(self, names: set[str]) -> None:
        """Look at these jobs in the next turn; names of others are ignored."""
        self.due.update(dict.fromkeys(names & self.follows.keys(), 0.0))

    def turn(self) -> None:
        """Go on with all that are due, and let those go that have room now."""
        now = time.monotonic()
        for name in [name for name, at in self.due.items() if at <= now]:
            del self.due[name]
            if name in self.follows:
                self._advance(self.follows[name])
            elif (follow := self.queue.get(name)) is not None:
                self._end_if_overdue(name, follow)
        if self.queue:
            guard(self._launch_what_fits)

    def _launch_what_fits(self) -> None:
        """Let all go that have room now; what waits knows why."""
        sweep = self.room.sweep(self.store(), len(self.follows))
        while (follow := self.queue.next(lambda one: sweep(one.record))) is not None:
            name = follow.record.name
            if name in sweep.impossible:
                follow.fail(self.store(), f"LaunchFailed: {sweep.impossible[name]}", final=True)
                self._tell(follow)
                continue
            self._launch(follow, sweep.grants[name])
            sweep.running = len(self.follows)
        for follow, reason in to_interrupt(self.queue, self.follows.values(), self.room, self.store):
            _log.info("job %s: %s", follow.record.name, reason)
            follow.interrupt(reason)

    def _end_if_overdue(self, name: str, follow: Follow) -> None:
        """End a job that waits and may not wait any longer; else look again when its time is over."""
        limit = follow.rest()
        if limit is None:
            return
        left, word = limit
        self.due[name] = time.monotonic() + max(1.0, left)
        if left <= 0:
            why = self.queue.told(name)
            guard(lambda: follow.overdue(self.store(), word, why))
            if follow.ended:
                self.queue.remove(name)
                self._tell(follow)

    def look_at_room(self) -> None:
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
            self.due[name] = time.monotonic() + 1.0
            return
        except Exception:
            _log.exception("job %s", name)
            self.due[name] = time.monotonic() + 5.0
            return
        if follow.behind:
            self.due[name] = 0.0
        elif follow.orphaned:
            self.due[name] = time.monotonic() + 0.1
        self._tell(follow)
        if follow.ended or follow.restarted:
            _log.info("job %s: %s", name, follow.record.secondary)
            self._let_go(name)
        if follow.restarted:
            self._wait_in_line(self._follow(follow.record, Path(follow.record.run_dir)))
        elif not follow.ended:
            self._stop_if_overdue(follow)

    def _stop_if_overdue(self, follow: Follow) -> None:
        limit = follow.rest()
        if limit is None:
            return
        if limit[0] <= 0:
            follow.interrupt(limit[1])
        else:
            self.due.setdefault(follow.record.name, time.monotonic() + limit[0])

    def _let_go(self, name: str) -> None:
        grant = self.follows[name].record.grant
        if self.room.slots is None or grant is None or grant.gpus:  # else nothing was leased
            give_back(self.store(), name)
        self.watcher.remove(name)
        del self.follows[name]

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
        self.turn()
        if name in self.follows:
            return True
        follow.waits(self.store(), self.queue.told(name))
        return False

    def _wait_in_line(self, follow: Follow) -> None:
        record = follow.record
        self.queue.add(record.name, follow, priority=record.priority, order=record.created_at)
        self.due[record.name] = 0.0

    def _follow(self, record: JobRecord, run_dir: Path) -> Follow:
        try:
            component = self.store().get_component(record.trial_component, most=0).uid
        except NotFound:
            component = ""
        return Follow(record, run_dir, component, self._executor, self.home)

    def _watch(self, follow: Follow) -> None:
        name = follow.record.name
        log = follow.run_dir / "log"
        log.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.follows[name] = follow
        self.watcher.add(name, follow.run_dir, log)
        self.due[name] = 0.0

    def _launch(self, follow: Follow, grant: Grant) -> None:
        try:
            self._watch(follow)
            write_json(follow.run_dir / "grant.json", launch_settings(grant), sync=False)
        except OSError as error:  # a full disk; the next heartbeat finds the job in its queue again
            why = f"Waits for the disk: {error.strerror} ({error.filename})."
            _log.warning("job %s: %s", follow.record.name, why)
            self.follows.pop(follow.record.name, None)
            give_back(self.store(), follow.record.name)
            guard(lambda: follow.waits(self.store(), why))
        else:
            guard(lambda: self._executor.submit(follow.handle))
            guard(lambda: follow.started(self.store(), grant))
        self._tell(follow)

    def recover(self) -> None:
        """Adopt what no agent follows: at the start, and for whatever was missed since."""
        for found in find_open(self.store(), self.home):
            name = found.record.name
            if name in self.follows or name in self.queue or found.action == "later":
                continue
            follow = self._follow(found.record, found.run_dir)
            if found.action == "queue":
                self._wait_in_line(follow)
                continue
            if found.action == "abandon":
                follow.fail(self.store(), "LaunchFailed: the submission broke off.", final=True)
                continue
            _log.info("adopting job %s", name)
            self._watch(follow)
            self.room.keep(self.store(), found.record)
            if self._executor.poll([follow.handle])[0].state == "absent":
                self._executor.submit(follow.handle)
        self.look_at(self._supervisors.adopt((name, one.handle) for name, one in self.follows.items()))
        for name in self.follows:  # a supervisor that died without our hearing of it
            self.due.setdefault(name, 0.0)

    def answers(self) -> None:
        """Hear the forker."""
        self.look_at(self._supervisors.answers({name: one.handle for name, one in self.follows.items()}))

    def look_for_requests(self) -> None:
        """Carry out stops that were asked for through the store."""
        newest = self.store().last_change()
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
            self.due[name] = 0.0
            return
        follow = self.queue.get(name)
        if follow is not None:
            follow.stopped_before_start(store)
            self.queue.remove(name)
            self._tell(follow)

    def set_priority(self, name: str, priority: int) -> None:
        """Move a job that waits. Raises: NotFound."""
        self.store().update_job(name, JobUpdate(priority=priority))
        self.queue.set_priority(name, priority)
        self.turn()


def guard(work: Callable[[], Any]) -> None:
    """Call `work`; what goes wrong is told in the agent's log, and the others' jobs go on."""
    try:
        work()
    except StudioError as error:
        _log.warning("%s", error)
    except Exception:
        _log.exception("unexpected")

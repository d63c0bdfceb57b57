"""One process of a job from "ready" to "nothing of it is left": drained, reaped, stopped.

The pipe is always drained, so that the process never blocks on its log. A stop is SIGTERM to its
group, the grace, SIGKILL to the group and to every descendant; what is left of it after its end
gets two seconds.

Imports: the standard library and the runner.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Final

from mlstudio.jobs.runner import process

if TYPE_CHECKING:
    from mlstudio.jobs.runner.child import Child
    from mlstudio.jobs.runner.supervisor import Supervisor

STRAY_GRACE: Final = 2.0
"""Seconds that descendants get after the job's own process has ended."""
READ: Final = 1 << 16
FIRST_SAMPLE: Final = 1.0
EVERY: Final = 5.0
"""Seconds between two looks at what the job uses; the first comes after one."""


class Watched:
    """One process under supervision, from "ready" to "nothing of it is left".

    Args:
        child: the ready process.
        owner: the supervisor whose log, stop file and signals it shares.
        max_run: seconds, or None.
    """

    def __init__(self, child: Child, owner: Supervisor, max_run: float | None) -> None:
        self.child, self._owner = child, owner
        self.status: int | None = None
        self.max_rss = 0
        self._sampled_at = time.monotonic()
        self._before = self._cpu_s = process.ended_cpu()
        self._next_sample = self._sampled_at + FIRST_SAMPLE
        self._ended_at = 0.0
        self._next_look = 0.0
        self._kill_at: float | None = None
        self._began = time.monotonic()
        self._deadline = None if max_run is None else self._began + max_run
        self._eof = False
        os.set_blocking(child.output, False)
        with contextlib.suppress(OSError):  # a larger pipe lets a bursting job run on
            fcntl.fcntl(child.output, fcntl.F_SETPIPE_SZ, 1 << 20)

    def run(self) -> None:
        """Drain, reap and stop until the process has ended and its descendants are gone."""
        poll = select.poll()
        poll.register(self.child.output, select.POLLIN)
        poll.register(self._owner.wakeup, select.POLLIN)
        while True:
            for handle, _ in poll.poll(self._timeout()):
                if handle == self.child.output:
                    if not self._read():
                        poll.unregister(handle)
                else:
                    with contextlib.suppress(BlockingIOError):
                        os.read(handle, 4096)
            self._reap()
            self._obey()
            self._sample()
            if self.status is not None and self._finished():
                break
        while not self._eof and self._read():
            pass
        os.close(self.child.output)

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU of the process and of all its descendants that have ended."""
        return round(process.ended_cpu() - self._before, 3)

    def ran(self) -> float:
        """Return how many seconds the process has run."""
        return round((self._ended_at or time.monotonic()) - self._began, 3)

    def _sample(self) -> None:
        """Every few seconds: what the job uses of the machine, for the agent to read."""
        now = time.monotonic()
        if now < self._next_sample or self.status is not None:
            return
        seen = process.usage(os.getpid())
        self.max_rss = max(self.max_rss, seen.rss)
        percent = 100 * max(0.0, seen.cpu_s - self._cpu_s) / (now - self._sampled_at)
        self._owner.sample(percent, seen.rss)
        self._sampled_at, self._cpu_s, self._next_sample = now, seen.cpu_s, now + EVERY

    def _timeout(self) -> float:
        now = time.monotonic()
        until = [1.0, *(at - now for at in (self._kill_at, self._deadline) if at is not None)]
        if self.status is not None:
            until.append(0.02)
        return max(0.0, min(until)) * 1000

    def _read(self) -> bool:
        """Take what the pipe holds; False at its end (in the last drain: when it is empty)."""
        try:
            data = os.read(self.child.output, READ)
        except BlockingIOError:
            return self.status is None
        if not data:
            self._eof = True
            return False
        self._owner.keep(data)
        return True

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.child.pid:
                    self._owner.child_ended()
                    self.status = status
                    self.max_rss = max(self.max_rss, usage.ru_maxrss * 1024)
                    self._ended_at = time.monotonic()

    def _obey(self) -> None:
        if self.status is not None:
            return
        now = time.monotonic()
        grace = self._owner.stop_wanted()
        if self._deadline is not None and now >= self._deadline:
            self._deadline = None
            if not self._owner.stopping:
                self._owner.stopping = "MaxRuntimeExceeded"
                grace = self._owner.grace
        if grace is not None:
            first = self._kill_at is None
            self._kill_at = now + grace if first else min(self._kill_at or now, now + grace)
            if first:
                self._owner.events.add("secondary", status="Stopping", reason=self._owner.stopping)
                process.signal_group(self.child.pid, signal.SIGTERM)
        if self._kill_at is not None and now >= self._kill_at:
            process.signal_group(self.child.pid, signal.SIGKILL)
            process.kill_descendants(os.getpid(), within=0.05)  # reaped in the next round

    def _finished(self) -> bool:
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + 0.05
        if process.childless() or not process.descendants(os.getpid()):
            return True
        if now - self._ended_at < STRAY_GRACE:
            return False
        process.kill_descendants(os.getpid())
        return True

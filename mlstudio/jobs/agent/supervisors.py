"""The supervisors that the agent hears of: ordered from the forker, held by pidfd, found again.

Reads: run folders. Knows nothing of: the store.
"""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Iterable

from mlstudio.jobs.executors.base import Handle
from mlstudio.jobs.executors.local import LocalExecutor

_log = logging.getLogger("mlstudio.agent")


class Supervisors:
    """Tells which job's supervisor has ended.

    Args:
        executor: through which they are started.
        poll: where their ends are waited for.
    """

    def __init__(self, executor: LocalExecutor, poll: select.poll) -> None:
        self._executor, self._poll = executor, poll
        self._names: dict[int, str] = {}
        poll.register(executor, select.POLLIN)

    def __contains__(self, handle: int) -> bool:
        return handle in self._names

    def heard(self, handle: int) -> str:
        """Return the job whose supervisor has ended, and let go of it."""
        self._poll.unregister(handle)
        os.close(handle)
        return self._names.pop(handle)

    def answers(self, running: dict[str, Handle]) -> set[str]:
        """Take the forker's answers; a forker that died is replaced, and its unheard orders are given again.

        Args:
            running: handles of all jobs under way, by name.

        Returns:
            Jobs whose supervisor has ended already.
        """
        answers = self._executor.answers()
        if answers is None:
            _log.warning("the forker died; starting another")
            self._poll.unregister(self._executor)
            self._executor.restart()
            self._poll.register(self._executor, select.POLLIN)
            for handle in running.values():  # orders that it took with it; the others leave at once
                if self._executor.poll([handle])[0].state == "absent":
                    self._executor.submit(handle)
            return set()
        by_folder = {handle.run_dir: name for name, handle in running.items()}
        return {by_folder[run] for run, pid in answers if run in by_folder and not self._hold(pid, by_folder[run])}

    def adopt(self, running: Iterable[tuple[str, Handle]]) -> set[str]:
        """Hold those that nobody told of: they were started by an earlier agent.

        Returns:
            Jobs whose supervisor has just ended.
        """
        ended = set()
        known = set(self._names.values())
        for name, handle in running:
            if name in known:
                continue
            seen = self._executor.poll([handle])[0]
            if seen.state == "running" and seen.run and not self._hold(int(seen.run["supervisor"]["pid"]), name):
                ended.add(name)
        return ended

    def _hold(self, pid: int, name: str) -> bool:
        try:
            handle = os.pidfd_open(pid)
        except OSError:  # it has ended already
            return False
        self._names[handle] = name
        self._poll.register(handle, select.POLLIN)
        return True

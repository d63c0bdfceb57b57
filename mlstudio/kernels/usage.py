"""What kernels use now: CPU, memory and GPU memory of each kernel with all processes it started.

One look at the host's processes serves all kernels, and looks less than `FRESH` apart serve all who
ask: some milliseconds a second, while somebody looks; nothing while nobody does.

Imports: psutil; nvidia-ml-py, where there is a driver.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import psutil

from mlstudio.jobs.hosts.devices import FAKE

FRESH: Final = 1.0
"""Seconds for which an answer is good."""
CALM: Final = 0.2
"""Seconds below which a difference of CPU times says nothing."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a kernel uses.

    Attributes:
        cpu_percent: 100 is one core; None at the first look.
        rss: bytes, summed over its processes; pages they share count for each.
        gpu_memory: bytes; None: no driver tells.
    """

    cpu_percent: float | None
    rss: int
    gpu_memory: int | None


def gpu_memory() -> dict[int, int] | None:
    """Return bytes of GPU memory by pid; None where no driver tells. Some milliseconds."""
    if os.environ.get(FAKE) is not None:
        return None
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # noqa: BLE001, RUF100 -- no library, no driver, no permission
        return None
    used: dict[int, int] = {}
    try:
        for index in range(int(pynvml.nvmlDeviceGetCount())):
            with contextlib.suppress(Exception):  # a card that fell off the bus
                card = pynvml.nvmlDeviceGetHandleByIndex(index)
                for process in pynvml.nvmlDeviceGetComputeRunningProcesses(card):
                    used[int(process.pid)] = used.get(int(process.pid), 0) + int(process.usedGpuMemory or 0)
    finally:
        with contextlib.suppress(Exception):
            pynvml.nvmlShutdown()
    return used


def trees(roots: Iterable[int], parents: Mapping[int, int]) -> dict[int, list[int]]:
    """Return the pids below each root, the root first.

    Args:
        roots: pids.
        parents: of each pid of the host, its parent's.

    >>> trees([2, 5], {2: 1, 3: 2, 4: 3, 5: 2})
    {2: [2, 3, 5, 4], 5: [5]}
    """
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, list[int]] = {}
    for root in roots:
        tree = [root] if root in parents else []
        for pid in tree:  # grows while it is walked
            tree += [child for child in children.get(pid, ()) if child != pid]
        found[root] = tree
    return found


def _parents() -> dict[int, int]:
    return {process.pid: process.info["ppid"] or 0 for process in psutil.process_iter(["ppid"])}


class Meter:
    """Remembers the last look, for the difference that CPU use is.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._last: dict[int, Use] = {}
        self._cpu: dict[int, tuple[float, dict[int, float]]] = {}

    def read(self, pids: Iterable[int]) -> dict[int, Use]:
        """Return what the processes below each pid use; a process that is gone is left out. Blocks: some milliseconds.

        Args:
            pids: of the kernels on this host.
        """
        wanted = set(pids)
        with self._lock:
            if self._clock() - self._at >= FRESH or not wanted <= self._last.keys():
                self._last = self._look(wanted) if wanted else {}
                self._at = self._clock()
            return {pid: self._last[pid] for pid in wanted if pid in self._last}

    def _look(self, pids: set[int]) -> dict[int, Use]:
        on_cards = gpu_memory()
        found: dict[int, Use] = {}
        for root, tree in trees(pids, _parents()).items():
            times: dict[int, float] = {}
            rss = 0
            for pid in tree:
                with contextlib.suppress(psutil.Error):  # it ended meanwhile
                    process = psutil.Process(pid)
                    spent = process.cpu_times()
                    rss += process.memory_info().rss
                    times[pid] = spent.user + spent.system
            if times:
                cards = None if on_cards is None else sum(on_cards.get(pid, 0) for pid in tree)
                found[root] = Use(self._percent(root, times), rss, cards)
        self._cpu = {root: kept for root, kept in self._cpu.items() if root in found}
        return found

    def _percent(self, root: int, times: dict[int, float]) -> float | None:
        """Return the CPU use since the last look, in percent of a core; of new processes all they spent counts."""
        now = self._clock()
        before = self._cpu.get(root)
        if before is not None and now - before[0] < CALM:
            last = self._last.get(root)
            return last.cpu_percent if last else None
        self._cpu[root] = (now, times)
        if before is None:
            return None
        spent = sum(seconds - before[1].get(pid, 0.0) for pid, seconds in times.items())
        return round(100 * max(0.0, spent) / (now - before[0]), 1)

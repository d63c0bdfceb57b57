"""System metrics: what the machine does while runs go on, as series ``system/…`` of each of them.

    system/cpu       % of all cores                system/net          bytes/s received and sent
    system/mem       % of memory in use            system/proc.rss     bytes of this process in memory
    system/disk      bytes/s read and written      system/gpu.N.util, .mem (%), .power (W)

One daemon thread a process, shared by all runs that it records; it sleeps between samples and ends
with the last run. The first sample is taken after a second at most, so that short runs have one.
A forked worker samples nothing: its parent does. In a distributed worker (``RANK`` above 0) only
the process's own memory is recorded; rank 0 speaks for the host.

Knows nothing of: runs, stores. psutil is imported in the thread.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mlstudio.experiments.settings import system_interval

if TYPE_CHECKING:
    from mlstudio.store.recorder import Recorder

FIRST: Final = 1.0
"""Seconds to the first sample, when the interval is not shorter."""
_PROCESS: Final = "system/proc.rss"


@dataclass(frozen=True)
class _Target:
    """A recorder that is given samples, with the context of its rank."""

    recorder: Recorder
    rank: dict[str, Any] | None


class Probe:
    """Reads the machine; rates are since the last reading."""

    def __init__(self) -> None:
        import psutil

        from mlstudio.experiments.gpus import gpus

        self._psutil = psutil
        self._process = psutil.Process(os.getpid())
        self._gpus = gpus()
        self._last: dict[str, int] = {}
        self._at = time.monotonic()
        psutil.cpu_percent(None)  # the first answer of it means nothing
        self._rates()

    def read(self) -> dict[str, float]:
        """Return what can be read, by name; what this system does not tell is left out."""
        found: dict[str, float] = {}
        with contextlib.suppress(Exception):
            found["system/cpu"] = float(self._psutil.cpu_percent(None))
        with contextlib.suppress(Exception):
            found["system/mem"] = float(self._psutil.virtual_memory().percent)
        found |= self._rates()
        with contextlib.suppress(Exception):
            found[_PROCESS] = float(self._process.memory_info().rss)
        if self._gpus is not None:
            found |= self._gpus.sample()
        return found

    def _rates(self) -> dict[str, float]:
        now = time.monotonic()
        passed, self._at = now - self._at, now
        found = {}
        for name, ask, fields in (
            ("system/disk", self._psutil.disk_io_counters, ("read_bytes", "write_bytes")),
            ("system/net", self._psutil.net_io_counters, ("bytes_recv", "bytes_sent")),
        ):
            with contextlib.suppress(Exception):  # None in some containers
                counters = ask()
                total = sum(getattr(counters, field) for field in fields)
                before = self._last.get(name)
                self._last[name] = total
                if before is not None and passed > 0 and total >= before:  # a counter that wrapped says nothing
                    found[name] = (total - before) / passed
        return found


class Sampler:
    """The thread of this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew; in a forked child the thread is the parent's."""
        self._lock = threading.Lock()
        self._targets: dict[str, _Target] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def watch(self, recorder: Recorder, rank: Mapping[str, Any] | None = None) -> None:
        """Give samples to a recorder from now on; returns at once, never raises."""
        if system_interval() is None:
            return
        with self._lock:
            self._targets[recorder.uid] = _Target(recorder, dict(rank) if rank else None)
            if self._thread is None:
                self._wake = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._wake,), name="mlstudio-system", daemon=True
                )
                with contextlib.suppress(RuntimeError):  # the interpreter is going down
                    self._thread.start()

    def forget(self, recorder: Recorder) -> None:
        """Give no more samples to a recorder."""
        with self._lock:
            self._targets.pop(recorder.uid, None)
            if not self._targets:
                self._wake.set()

    def stop(self) -> None:
        """Give samples to nobody any more; recorders are about to be closed."""
        if self._lock.acquire(timeout=1.0):
            self._targets.clear()
            self._wake.set()
            self._lock.release()

    def _run(self, wake: threading.Event) -> None:
        try:
            probe = Probe()
        except Exception:  # noqa: BLE001, RUF100 -- no psutil that works: no system metrics
            return
        pause = min(FIRST, system_interval() or FIRST)
        while True:
            wake.wait(pause)
            interval = system_interval()
            found = {} if interval is None or wake.is_set() else probe.read()  # no lock: a driver may hang
            with self._lock:
                if not self._targets or self._wake is not wake:
                    if self._wake is wake:
                        self._thread = None
                    return
                wake.clear()
                self._give(found)
            pause = 60.0 if interval is None else interval if found else min(FIRST, interval)

    def _give(self, found: dict[str, float]) -> None:
        """Log a sample to everybody. Under the lock, so that nothing is logged behind a close."""
        now = time.time()
        for target in self._targets.values() if found else ():
            if target.rank is None:
                target.recorder.log_many(found, None, now)
            elif _PROCESS in found:
                target.recorder.log_many({_PROCESS: found[_PROCESS]}, None, now, target.rank)


sampler: Final = Sampler()


def watch(recorder: Recorder, rank: Mapping[str, Any] | None = None) -> None:
    """Give samples to a recorder from now on."""
    sampler.watch(recorder, rank)


def forget(recorder: Recorder) -> None:
    """Give no more samples to a recorder."""
    sampler.forget(recorder)


def _registered() -> None:
    import mlstudio.store.recorder  # noqa: F401, RUF100 -- its exit handler is registered first, to run after ours

    atexit.register(sampler.stop)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=sampler.reset)


_registered()

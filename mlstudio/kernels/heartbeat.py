"""Keeps the leases of living kernels; those of dead ones end by themselves.

One thread per process, which lives while there is something to keep: kernels are also started by
programs without a running event loop.

Writes: leases.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from mlstudio.entities.errors import StudioError
from mlstudio.jobs.hosts.leases import TTL
from mlstudio.store import open_store
from mlstudio.store.home import Home

BEAT: Final = 10.0
"""Seconds between two beats; a lease ends after `TTL` without one."""
_log = logging.getLogger("mlstudio.kernels")


class Heartbeat:
    """Renews leases of kernels.

    Args:
        beat: seconds between two beats.
    """

    def __init__(self, beat: float = BEAT) -> None:
        self._beat = beat
        self._held: dict[str, tuple[Home, Callable[[], bool]]] = {}
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, kernel_id: str, home: Home, alive: Callable[[], bool]) -> None:
        """Keep a kernel's leases while it is alive."""
        with self._lock:
            self._held[kernel_id] = (home, alive)
            if self._thread is None:
                self._end = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._end,), name="mlstudio-kernel-leases", daemon=True
                )
                self._thread.start()

    def drop(self, kernel_id: str) -> None:
        """Keep a kernel's leases no longer."""
        with self._lock:
            self._held.pop(kernel_id, None)
            if not self._held:
                self._end.set()
                self._thread = None

    def _run(self, end: threading.Event) -> None:
        while not end.wait(self._beat):
            self.renew()

    def renew(self) -> None:
        """Renew what living kernels hold; a store that is away is asked again at the next beat."""
        with self._lock:
            held = dict(self._held)
        homes: dict[Home, list[str]] = {}
        for kernel_id, (home, alive) in held.items():
            if alive():
                homes.setdefault(home, []).append(kernel_id)
        for home, living in homes.items():
            try:
                open_store(home=home).renew_leases(living, ttl=TTL)
            except StudioError as error:
                _log.warning("leases of kernels: %s", error)


HEARTBEAT: Final = Heartbeat()
"""Of this process."""

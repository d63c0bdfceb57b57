"""Is there room for this job now? Slots, cores, memory, GPUs, disk.

By default the cores and the memory that sizes ask for decide how many jobs run at once; when
MLSTUDIO_MAX_JOBS is set, that number does, and cores are shared. GPUs are leased either way.

A look at the queue is one `Sweep`: leases are read once, and what had no room for one job has none
for the next of the same size.

Reads: the host, the store's leases. Writes: leases.
"""

from __future__ import annotations

import logging
import os
import shutil
from typing import Final

from mlstudio.entities.errors import InvalidField, ResourceInUse, StudioError
from mlstudio.entities.instances import HostCapacity
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.hosts import leases
from mlstudio.jobs.hosts.capacity import capacity
from mlstudio.jobs.hosts.demand import Demand, demand
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

FLOOR_MIB: Final = 1024
"""Free space without which no job starts (MLSTUDIO_MIN_FREE_MIB): its log, its records and its exit must fit."""
_log = logging.getLogger("mlstudio.agent")


def launch_settings(grant: Grant) -> dict[str, object]:
    """Return what the supervisor reads of a grant, as grant.json.

    ``cpus``: cores to bind to, [] for all; ``memory``: bytes or null; ``env``: variables that win over all others.
    """
    return {
        "cpus": grant.cpus,
        "memory": None if grant.memory_mib is None else grant.memory_mib << 20,
        "env": {"CUDA_VISIBLE_DEVICES": ",".join(grant.gpus), "SM_NUM_GPUS": str(len(grant.gpus))},
    }


class Room:
    """What this host has left for jobs.

    Args:
        home: whose disk counts.
        slots: how many jobs at once; None: what the sizes leave.
    """

    def __init__(self, home: Home, slots: int | None) -> None:
        self.slots = slots
        self.host: HostCapacity = capacity()
        self._home = home

    def __str__(self) -> str:
        return "as many jobs at once as their sizes allow" if self.slots is None else f"{self.slots} jobs at once"

    def look(self) -> None:
        """Ask the host again: a GPU may have gone or come."""
        self.host = capacity()

    def sweep(self, store: Store, running: int) -> Sweep:
        """Begin a look at the queue with `running` jobs under way."""
        return Sweep(self, store, running)

    def wanted(self, spec: JobSpec) -> Demand:
        """Return what a job asks of this host. Raises: InvalidField: it cannot run here."""
        return demand(spec.instance_type, self.host, allow_cpu_fallback=spec.allow_cpu_fallback, home=self._home)

    def short_of_disk(self, spec: JobSpec) -> str | None:
        """Return what is short of disk, None when there is enough."""
        need = ((spec.volume_size or 0) << 10) + min_free_mib(os.environ)
        try:
            free = shutil.disk_usage(self._home.root).free
        except OSError as error:
            return f"Waits for the disk: {error.strerror} ({self._home.root})."
        if free >= need << 20:
            return None
        return f"Waits for disk: {need / 1024:g} GiB are needed at {self._home.root}, {free / 2**30:.1f} GiB are free."

    def keep(self, store: Store, record: JobRecord) -> None:
        """Take again what a running job was granted: its leases may have ended while no agent ran."""
        grant = record.grant
        if grant is None:
            return
        try:
            leases.retake(store, record.name, "job", grant, self.host, shared=self.slots is not None)
        except ResourceInUse as error:
            _log.warning("job %s runs on what another holds now: %s", record.name, error)


class Sweep:
    """One look at the queue."""

    def __init__(self, room: Room, store: Store, running: int) -> None:
        self._room, self._store, self.running = room, store, running
        self._short: dict[tuple[str, bool], str] = {}
        self.grants: dict[str, Grant] = {}
        """What was granted, by job."""
        self.impossible: dict[str, str] = {}
        """Why a job can never run here, by job."""

    def __call__(self, record: JobRecord) -> str | None:
        """Take what a job needs and return None, or say what is short.

        Raises:
            StudioError: the store is away.
        """
        spec, room = record.spec, self._room
        if room.slots is not None and self.running >= room.slots:
            return f"Waits for a free slot: {self.running} of {room.slots} jobs run."
        size = (spec.instance_type, spec.allow_cpu_fallback)
        if size in self._short:
            return self._short[size]
        why = room.short_of_disk(spec)
        if why is not None:
            return why
        try:
            wanted = room.wanted(spec)
            grant = leases.take(self._store, record.name, "job", wanted, room.host, shared=room.slots is not None)
        except ResourceInUse as error:
            self._short[size] = f"Waits: {error.message}"
            return self._short[size]
        except InvalidField as error:
            self.impossible[record.name] = str(error)
            return None
        self.grants[record.name] = grant
        return None


def renew(store: Store, names: list[str]) -> None:
    """Say that these jobs still hold what they hold; a store that is away is asked again at the next heartbeat."""
    try:
        store.renew_leases(names, ttl=leases.TTL)
    except StudioError as error:
        _log.warning("leases: %s", error)


def min_free_mib(environment: dict[str, str] | os._Environ[str]) -> int:
    """Return MLSTUDIO_MIN_FREE_MIB; the usual gibibyte when it is not a number or not set."""
    try:
        return max(0, int(environment["MLSTUDIO_MIN_FREE_MIB"]))
    except (KeyError, ValueError):
        return FLOOR_MIB


def slots_of(environment: dict[str, str] | os._Environ[str]) -> int | None:
    """Return MLSTUDIO_MAX_JOBS, None when it is not a number or not set."""
    try:
        return max(1, int(float(environment["MLSTUDIO_MAX_JOBS"])))
    except (KeyError, ValueError, OverflowError):
        return None

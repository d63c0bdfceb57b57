"""What this host has: cores that this process may use, memory that a container leaves it, GPUs.

Knows nothing of: who uses it.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Final

import psutil

from mlstudio.entities.instances import HostCapacity
from mlstudio.jobs.hosts.devices import gpus

_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where a container's memory limit stands: cgroup v2, v1."""


def host_name() -> str:
    """Return the name of this host as leases spell it: without "/" and "#"."""
    return socket.gethostname().replace("/", "-").replace("#", "-") or "localhost"


def memory_mib() -> int:
    """Return the memory that processes of this host may use together, MiB."""
    limit = psutil.virtual_memory().total
    for path in _LIMITS:
        try:
            text = path.read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            limit = min(limit, int(text))
    return max(1, limit >> 20)


def cpus() -> list[int]:
    """Return the numbers of the cores that this process may use; never empty."""
    try:
        return sorted(os.sched_getaffinity(0)) or [0]
    except (AttributeError, OSError):
        return list(range(os.cpu_count() or 1))


def capacity() -> HostCapacity:
    """Return what this host has now. Asks the GPU driver: some milliseconds."""
    return HostCapacity(host=host_name(), cpus=cpus(), memory_mib=memory_mib(), gpus=gpus())

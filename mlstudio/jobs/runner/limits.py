"""Resource limits of a job and the threads that its numeric libraries may start.

A launcher that leaves OMP threads at the host's core count makes jobs beside each other up to
59 times slower (measured with PyG); so every job is told how many it has.

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Collection
from typing import Final

THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def cores() -> int:
    """Return how many CPUs this process may use, at least 1."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except OSError:
        return max(1, os.cpu_count() or 1)


def thread_variables(count: int) -> dict[str, str]:
    """Return the environment that keeps numeric libraries to `count` threads."""
    return dict.fromkeys(THREAD_VARIABLES, str(max(1, count)))


def apply_limits(memory: int | None, cpus: Collection[int] = ()) -> None:
    """Limit the calling process before exec: no core dumps, data memory and cores if given.

    Args:
        memory: bytes of private data (RLIMIT_DATA; RLIMIT_AS would break CUDA's and torch's reservations).
        cpus: numbers of the cores to bind to; those that this process may not use are left out.
    """
    with contextlib.suppress(AttributeError, OSError):  # not on macOS; a core that went offline
        wanted = set(cpus) & os.sched_getaffinity(0)
        if wanted:
            os.sched_setaffinity(0, wanted)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if memory:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))

"""Become a kernel with fewer cores and less memory: ``python -I -S shim.py CPUS BYTES ARGV...``

CPUS is ``0,1`` or ``-`` for all, BYTES a number or ``-`` for no limit. What cannot be set is left
out: a kernel without a limit is better than none. This is `jobs.runner.limits` in ten lines, whose
imports would cost each start of a kernel 10 ms more.

Imports: the standard library, as little of it as can be.
"""

import os
import sys


def main(cpus: str, memory: str, *argv: str) -> None:
    """Set the limits and become `argv`. Raises: OSError: there is no such program."""
    try:
        wanted = {int(core) for core in cpus.split(",")} & os.sched_getaffinity(0) if cpus != "-" else None
        if wanted:
            os.sched_setaffinity(0, wanted)
    except (AttributeError, OSError):  # not on macOS; a core that went offline
        pass
    if memory != "-":
        import resource

        try:
            limit = int(memory)
            # Not RLIMIT_AS: CUDA and torch reserve far more addresses than they use.
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        except (OSError, ValueError):  # more than the server's own hard limit
            pass
    os.execvp(argv[0], argv)  # noqa: S606 -- the kernel's own command line, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])

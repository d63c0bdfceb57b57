"""Who is writing: the identity of a process, and whether it still lives.

A pid alone is not an identity (pids are reused, hosts reboot), and ``os.kill(pid, 0)`` is true
for another user's process as well. An identity is (host, pid, start time, boot id); all four
must agree before anybody says "it lives".

Reads: ``/proc`` on Linux. Elsewhere start time and boot id are unknown and the pid alone decides.
"""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

from mlstudio.entities.experiments import Process

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def host_name() -> str:
    """Return the name of this host, as journals and components carry it."""
    return socket.gethostname()


@functools.cache
def boot_id() -> str:
    """Return the id of this boot of the host, empty where the system gives none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def start_ticks(pid: int) -> int:
    """Return the start time of a process in clock ticks since boot, 0 when it is gone, a zombie or unknown."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    fields = line.rpartition(")")[2].split()  # the command's name may hold spaces and brackets
    if len(fields) < 20 or fields[0] in {"Z", "X"}:
        return 0
    return int(fields[19])


def this_process() -> Process:
    """Return the identity of the calling process; true after a fork as well."""
    pid = os.getpid()
    return Process(host=host_name(), pid=pid, proc_start=start_ticks(pid), boot_id=boot_id())


def is_alive(process: Process) -> bool:
    """Tell whether the very process that `process` names runs on this host now.

    A process of another host or an earlier boot is not alive *here*: ask `is_local` first when
    the two must be told apart.
    """
    if process.pid <= 0 or not is_local(process) or process.boot_id != boot_id():
        return False
    if Path("/proc/self/stat").exists():
        ticks = start_ticks(process.pid)
        return ticks != 0 and process.proc_start in {0, ticks}
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_local(process: Process) -> bool:
    """Tell whether `process` belongs to this host (in this boot or an earlier one)."""
    return process.host == host_name()

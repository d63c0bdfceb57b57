"""Who a process is, and who descends from it.

A pid alone is not an identity: pids are reused and hosts reboot. Identity is (pid, start time,
boot id); a zombie counts as dead.

Reads: ``/proc``. Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class Stat(NamedTuple):
    """The fields of ``/proc/PID/stat`` that identity and descent need."""

    pid: int
    state: str
    parent: int
    group: int
    start: int
    """Clock ticks since boot (field 22)."""
    ticks: int = 0
    """Clock ticks of CPU, those of children that it has waited for included (fields 14 to 17)."""
    pages: int = 0
    """Pages in memory (field 24)."""


def stat(pid: int) -> Stat | None:
    """Return what ``/proc`` says about `pid`, or None when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = text[text.rfind(b")") + 2 :].split()  # a command name may hold brackets and blanks
    ticks = sum(map(int, fields[11:15]))
    return Stat(pid, fields[0].decode(), int(fields[1]), int(fields[2]), int(fields[19]), ticks, int(fields[21]))


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Return the kernel's id of this boot, "" where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def identity(pid: int) -> dict[str, int]:
    """Return ``{"pid", "start"}`` of a living process (start 0 when it is gone already)."""
    seen = stat(pid)
    return {"pid": pid, "start": seen.start if seen else 0}


def alive(pid: int, start: int) -> bool:
    """Tell whether the process that had this pid and start time still runs."""
    seen = stat(pid)
    return seen is not None and seen.start == start and seen.state not in ("Z", "X")


def children_of() -> dict[int, list[Stat]]:
    """Return every process on the host by its parent's pid."""
    found: dict[int, list[Stat]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - ten times cheaper than Path.iterdir, called often
        if name.isdigit() and (seen := stat(int(name))) is not None:
            found.setdefault(seen.parent, []).append(seen)
    return found


def childless() -> bool:
    """Tell whether the calling process has no children at all; of a subreaper that means no descendants. Cheap."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def descendants(pid: int) -> list[Stat]:
    """Return the living descendants of `pid`, nearest first; zombies are left out."""
    tree = children_of()
    found: list[Stat] = []
    waiting = list(tree.get(pid, []))
    while waiting:
        one = waiting.pop(0)
        waiting.extend(tree.get(one.pid, []))
        if one.state not in ("Z", "X"):
            found.append(one)
    return found


class Usage(NamedTuple):
    """What all descendants of a process use now."""

    cpu_s: float
    """Seconds of CPU since the beginning, those of descendants that have ended included."""
    rss: int
    """Bytes in memory; what processes share counts for each."""


def usage(pid: int) -> Usage:
    """Return what the descendants of `pid` use; `pid` must be the caller, whose ended children count too."""
    living = descendants(pid)
    seconds = sum(one.ticks for one in living) / os.sysconf("SC_CLK_TCK")
    rss = sum(one.pages for one in living) * os.sysconf("SC_PAGE_SIZE")
    return Usage(seconds + ended_cpu(), rss)


def ended_cpu() -> float:
    """Return the seconds of CPU of all descendants of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def members(group: int) -> list[Stat]:
    """Return the living processes of a process group."""
    everyone = (one for many in children_of().values() for one in many)
    return [one for one in everyone if one.group == group and one.state not in ("Z", "X")]


def mount_namespace(pid: int) -> int:
    """Return the number of a process's mount namespace, 0 when it cannot be seen."""
    try:
        return Path(f"/proc/{pid}/ns/mnt").stat().st_ino
    except OSError:
        return 0


def belonging(marker: str, *, group: int = 0, namespace: int = 0) -> list[Stat]:
    """Return the living processes of a run whose supervisor is gone, wherever they have moved to.

    A process may leave its group and its session, be adopted by init, and clear its environment; it
    cannot leave the run's private mounts without being root, and what it forks is found by descent.

    Args:
        marker: ``NAME=value`` of the environment of all processes of the run.
        group: process group of the run's first process, 0 when it is not known.
        namespace: number of the run's own mount namespace, 0 when it has none.
    """
    wanted = marker.encode()
    tree = children_of()
    found: dict[int, Stat] = {}
    waiting: list[Stat] = []
    for one in (one for many in tree.values() for one in many):
        if one.pid == os.getpid() or one.state in ("Z", "X"):
            continue
        inside = namespace and mount_namespace(one.pid) == namespace
        if inside or (group and one.group == group) or wanted in _environment(one.pid):
            waiting.append(one)
    while waiting:
        one = waiting.pop()
        if one.pid not in found:
            waiting.extend(tree.get(one.pid, []))
            if one.state not in ("Z", "X"):
                found[one.pid] = one
    return list(found.values())


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def signal_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False when it is gone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def kill_descendants(pid: int, *, within: float = 5.0) -> int:
    """SIGKILL every descendant of `pid`, those that are forked meanwhile included.

    Args:
        pid: the ancestor, usually the caller (a subreaper: nobody escapes to init).
        within: seconds after which it stops trying.

    Returns:
        How many were signalled.
    """
    count = 0
    until = time.monotonic() + within
    while time.monotonic() < until:
        living = descendants(pid)
        if not living:
            break
        for one in living:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, signal.SIGKILL)
                count += 1
        time.sleep(0.005)
    return count

"""A job's memory limit by cgroup, where one may be made: for all its processes together, page cache apart.

Version 2 where the memory controller is delegated, version 1 where its hierarchy is writable. Where
neither is, `limits.apply_limits` limits each process (RLIMIT_DATA).

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

GIB: Final = 1 << 30


def _mounts() -> Iterator[tuple[str, Path, str, set[str]]]:
    """Yield (root, mount point, type, options) of the cgroup file systems."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(" ", 2)
            if kind in ("cgroup", "cgroup2"):
                fields = before.split(" ")
                yield fields[3], Path(fields[4]), kind, set(options.split(","))


def _own_path(kind: str) -> str | None:
    """Return this process's path in the hierarchy of version 2, or in that of the memory controller of version 1."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            number, names, path = line.split(":", 2)
            if (number == "0" and not names) if kind == "cgroup2" else "memory" in names.split(","):
                return path
    return None


def places() -> list[Path]:
    """Return the folders in which a group may be made: this process's own, and in version 2 the one above.

    In version 2 a group that holds processes cannot have limited groups below it.
    """
    found: list[Path] = []
    for root, point, kind, options in _mounts():
        own = _own_path(kind)
        if own is None or (kind == "cgroup" and "memory" not in options):
            continue
        here = point / os.path.relpath(own, root) if own.startswith(root) else point
        found += [here] if kind == "cgroup" else [here.parent, here]
    return [place for place in found if os.access(place, os.W_OK)]


class MemoryGroup:
    """A cgroup of one job.

    Args:
        folder: of the group; made by `make`.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit

    @classmethod
    def make(cls, name: str, limit: int, *, among: list[Path] | None = None) -> MemoryGroup | None:
        """Make a group with a limit; None where that is not allowed.

        Args:
            name: unique on this host.
            limit: bytes.
            among: folders to try; default `places`.
        """
        for place in places() if among is None else among:
            folder = place / f"mlstudio-{name}"
            try:
                with contextlib.suppress(FileExistsError):  # of a supervisor that was killed before it began
                    folder.mkdir()
                _limit(folder, limit)
            except OSError:
                with contextlib.suppress(OSError):
                    folder.rmdir()
                continue
            return cls(folder, limit)
        return None

    def join(self, pid: int) -> None:
        """Put a process into the group, before it has children. Raises: OSError."""
        _write(self.folder / "cgroup.procs", str(pid))

    def oom_kills(self) -> int:
        """Return how many processes the kernel has ended for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError, ValueError):
                for line in (self.folder / name).read_text().splitlines():
                    key, _, value = line.partition(" ")
                    if key == "oom_kill":
                        return int(value)
        return 0

    def said(self) -> str:
        """Return what a person reads of the limit: ``memory limit 16 GiB, oom_kill 1``."""
        return f"{limit_said(self.limit)}, oom_kill {self.oom_kills()}"

    def remove(self) -> None:
        """Remove the group; the kernel may need a moment after the last process has gone."""
        remove(self.folder)


def limit_said(limit: int) -> str:
    """Return a limit for a person: ``memory limit 16 GiB``."""
    return f"memory limit {limit / GIB:.4g} GiB" if limit >= GIB else f"memory limit {limit >> 20} MiB"


def remove(folder: Path) -> None:
    """Remove a group's folder that no process is in any more; one that is not there is fine."""
    for _ in range(20):
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return


def _limit(folder: Path, limit: int) -> None:
    """Set the limit. Raises: OSError: the folder is none of a memory controller, or may not be written."""
    if (folder / "memory.max").exists():
        _write(folder / "memory.max", str(limit))
        with contextlib.suppress(OSError):
            _write(folder / "memory.swap.max", "0")
            _write(folder / "memory.oom.group", "0")
        return
    _write(folder / "memory.limit_in_bytes", str(limit))
    with contextlib.suppress(OSError):  # a kernel that does not count swap
        _write(folder / "memory.memsw.limit_in_bytes", str(limit))


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)  # never made: a file that is missing means that the controller is
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)

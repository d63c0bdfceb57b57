"""One journal file: created, grown ahead of need, mapped, closed.

Promise: a page that is mapped is a page that the disk has given. The file grows by
`posix_fallocate` only, which fails with a clean "no space"; a sparse file (ftruncate) would be
SIGBUS on a full disk, and that kills the training. Growing makes a new mapping instead of
`mmap.resize`, which calls ftruncate itself.

While it is written the file is locked (`flock`): a process id means nothing in another container
that shares the folder, a lock does. The lock has a descriptor of its own, which mmap does not
duplicate and a forked child closes at once: closing it there leaves the parent's lock alone, and
keeping it would keep the lock of a dead parent. Nobody ever unlocks: the end of the process does.

Knows nothing of: records, threads.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import shutil
import weakref
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import DiskFull, StoreUnreachable, StudioError
from mlstudio.store.journal_format import (
    AT_CLOSED,
    AT_DROPPED,
    AT_HEARTBEAT,
    HEADER_SIZE,
    SUFFIX,
    JournalInfo,
    pack_header,
    put_u64,
)

FIRST_SIZE: Final = 256 << 10
LARGEST_STEP: Final = 16 << 20
ROTATE_AT: Final = 64 << 20
POPULATE_WRITE: Final = 23
"""MADV_POPULATE_WRITE (Linux 5.14): the drain thread takes the page faults, not the caller."""


_open: Final[weakref.WeakSet[JournalFile]] = weakref.WeakSet()


class JournalFile:
    """A mapped journal of this process. `drained` is the offset up to which it is stored."""

    def __init__(self, folder: Path, info: JournalInfo, *, adopted: bool, dropped: int) -> None:
        """Create the file, mode 0600, exclusively.

        Raises:
            DiskFull: there is no space for its first pages.
            StoreUnreachable: the folder cannot be written to.
        """
        self.info = info
        self.path = folder / f"{info.journal}{SUFFIX}"
        self.size = 0
        self.written = HEADER_SIZE
        """Offset after the last record, once the file is closed for writing by a rotation."""
        self.drained = 0
        self.closed = False
        self.dropped = dropped
        self.told_dropped = 0
        """Lost calls of this file that the store knows of."""
        self._fd = self._lock_fd = -1
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(self.path, flags, 0o600)
            self._lock()
            allocate(self._fd, 0, FIRST_SIZE)
            self.map = mmap.mmap(self._fd, FIRST_SIZE)
        except OSError as error:
            self._give_up()
            raise explain(error, folder) from error
        self.size = FIRST_SIZE
        _open.add(self)
        self.map[:HEADER_SIZE] = pack_header(info, adopted=adopted, dropped=dropped)

    def _lock(self) -> None:
        """Lock the file before it has a header: nobody takes a file for a journal until then."""
        with contextlib.suppress(OSError):  # a file system without locks: the process id alone says who lives
            self._lock_fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def leave_lock(self) -> None:
        """Close the lock's descriptor: at the end, or in a forked child, where the lock is the parent's."""
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def grow(self) -> mmap.mmap | None:
        """Double the file (at most 16 MiB more) and return its new mapping; None when it is full size.

        Raises:
            DiskFull: no space; the file is as it was.
        """
        larger = min(self.size + min(self.size, LARGEST_STEP), ROTATE_AT)
        if larger <= self.size:
            return None
        try:
            allocate(self._fd, self.size, larger - self.size)
            new = mmap.mmap(self._fd, larger)
        except OSError as error:
            raise explain(error, self.path.parent) from error
        if larger > self.size:  # else a signal handler has grown it further meanwhile
            self.map, self.size = new, larger  # the old mapping lives until the last caller lets go of it
        return self.map

    def populate(self, start: int, length: int) -> None:
        """Take the page faults of a stretch now, in this thread; a wish, not a promise."""
        start = start // mmap.PAGESIZE * mmap.PAGESIZE
        length = min(length, self.size - start)
        if length > 0 and hasattr(self.map, "madvise"):
            with contextlib.suppress(OSError, ValueError):
                self.map.madvise(POPULATE_WRITE, start, length)

    def set_dropped(self, count: int) -> None:
        """Write the number of lost calls into the header."""
        self.dropped = count
        put_u64(self.map, AT_DROPPED, count)

    def set_heartbeat(self, number: int) -> None:
        """Write the heartbeat number into the header."""
        put_u64(self.map, AT_HEARTBEAT, max(number, 0))  # a clock that stands before 1970 is no reason to stop

    def set_closed(self) -> None:
        """Say in the header that nothing more will come."""
        self.closed = True
        put_u64(self.map, AT_CLOSED, 1)

    def flush(self) -> None:
        """Ask the system to write the pages out; does not wait for the disk's answer longer than it takes."""
        with contextlib.suppress(OSError, ValueError):
            self.map.flush()

    def let_go(self, *, remove: bool = False) -> None:
        """Close mapping and descriptor, and unlink the file when everything in it is stored."""
        with contextlib.suppress(BufferError, ValueError):
            self.map.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if remove:
            self.path.unlink(missing_ok=True)
        self.leave_lock()

    def _give_up(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self.path.unlink(missing_ok=True)
        self.leave_lock()


def is_written(path: Path) -> bool:
    """Tell whether a living process holds a journal, in whatever container it runs."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(handle)
    return False


def _leave_locks() -> None:
    for file in list(_open):
        file.leave_lock()


os.register_at_fork(after_in_child=_leave_locks)


def allocate(fd: int, start: int, length: int) -> None:
    """Have the disk give `length` bytes at `start`, zeroed; OSError when it cannot."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, start, length)
        return
    zeros = bytes(1 << 20)  # macOS has no posix_fallocate: written zeros are as sure
    for place in range(start, start + length, len(zeros)):
        os.pwrite(fd, zeros[: start + length - place], place)


def explain(error: OSError, folder: Path) -> StudioError:
    """Return the error of the house for a failed journal or blob write."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        try:
            free = shutil.disk_usage(folder).free >> 20
        except OSError:
            free = 0
        return DiskFull(f"No space left at {folder}: {free} MB are free.", hint=f"Free some MB at {folder}.")
    return StoreUnreachable(
        f"{folder} cannot be written to: {error.strerror or error}.",
        field="MLSTUDIO_HOME",
        hint="Set MLSTUDIO_HOME to a folder on a local disk that you may write to.",
    )

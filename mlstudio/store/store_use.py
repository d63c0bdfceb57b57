"""Who uses a store file now, and whether the last one closed it well.

Every process that has a store open holds a shared lock on ``<file>.users``. The last one to close
writes the file's size and time into it. Whoever opens a store alone and finds no stamp, or a stamp
that does not fit, knows that a process was killed, the WAL was lost or somebody else wrote to the
file, and checks it.

Knows nothing of: SQL.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class StoreUse:
    """The shared lock of this process on one store file.

    Args:
        path: the database file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = self._opened()

    def _opened(self) -> int:
        target = self.path.with_name(f"{self.path.name}.users")
        return os.open(target, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def renew(self) -> None:
        """In a forked child: hold a lock of one's own, for the inherited one is the parent's."""
        os.close(self._handle)
        self._handle = self._opened()
        with suppress(OSError):  # somebody checks the file at this moment; the child is short-lived beside that
            fcntl.flock(self._handle, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def alone(self) -> bool:
        """Tell whether no other process uses the file; if so they wait until `share` is called."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def closed_well(self) -> bool:
        """Tell whether the stamp of the last close fits the file."""
        return os.pread(self._handle, 100, 0) == self._stamp()

    def share(self) -> None:
        """Begin to use the file: the stamp goes, others may come."""
        os.ftruncate(self._handle, 0)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def close(self, *, well: bool) -> None:
        """End the use; when this was the last process, and the file is whole, leave the stamp."""
        try:
            if well and self.alone():
                stamp = self._stamp()
                os.ftruncate(self._handle, 0)
                os.pwrite(self._handle, stamp, 0)
        except OSError:
            pass  # no stamp: the next one to open checks the file
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)  # a child may hold the descriptor and must not keep the lock
            os.close(self._handle)

    def _stamp(self) -> bytes:
        """Return size, time and inode; b"-" while a WAL beside the file still holds something."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            return b"-"
        found = self.path.stat()
        return f"{found.st_size} {found.st_mtime_ns} {found.st_ino}".encode()

"""A little room that is kept for the day on which the disk is full: whoever wants to delete can.

A deletion writes a few pages (the mark, the audit row, the change feed) before it frees anything.
A file of 512 kB beside the store is removed when there is no room for them, and made again when
there is.

    <database file>.reserve

Knows nothing of: SQL, records.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import DiskFull
from mlstudio.store.filesystems import free_megabytes

LOG: Final = logging.getLogger("mlstudio")
SIZE: Final = 512 * 1024
ROOM: Final = 2.0
"""MB that must be free for a reserve to be made: it is not what fills the disk."""


def reserve_of(path: Path) -> Path:
    """Return where the reserve of the store at `path` is kept."""
    return path.with_name(f"{path.name}.reserve")


def keep_reserve(path: Path) -> None:
    """See to it that the store at `path` has a reserve, where there is room for one. Never raises."""
    target = reserve_of(path)
    with contextlib.suppress(OSError):
        if target.exists() or (free_megabytes(path.parent) or 0.0) < ROOM:
            return
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, 0, SIZE)
            else:
                os.write(handle, os.urandom(SIZE))  # what a file system cannot make smaller
        except OSError:
            target.unlink()
        finally:
            os.close(handle)


def with_room(path: Path, work: Callable[[], None], *, tidy: Callable[[], None]) -> None:
    """Do work that must be possible on a full disk.

    Where it is not, the write-ahead log is used from its beginning again; where that is not
    possible or not enough, the reserve is given up.

    Args:
        path: the database file.
        work: one transaction; it is done again when the disk was full.
        tidy: moves what stands in the write-ahead log into the database, as far as there is room.

    Raises:
        DiskFull: the reserve was given up before.
    """
    try:
        work()
    except DiskFull:
        tidy()
        _again(path, work)
    keep_reserve(path)


def _again(path: Path, work: Callable[[], None]) -> None:
    try:
        work()
    except DiskFull:
        if not _given_up(path):
            raise
        LOG.warning("The disk is full: the reserve beside %s was given up, so that something can be deleted.", path)
        work()


def _given_up(path: Path) -> bool:
    try:
        reserve_of(path).unlink()
    except OSError:
        return False
    return True

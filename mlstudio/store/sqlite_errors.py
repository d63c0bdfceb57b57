"""SQLite's errors in the words of a person: which lock, which disk, which file.

The cause stays in the sentence: one wildcard error that guesses sends people after the guess.

Reads: the error code that the driver reports, and the free space of the disk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mlstudio.entities.errors import (
    Conflict,
    DiskFull,
    InvalidField,
    StoreBusy,
    StoreDamaged,
    StoreUnreachable,
    StudioError,
    TooLarge,
)
from mlstudio.store.filesystems import free_megabytes

BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, TOOBIG, CONSTRAINT, NOTADB = 5, 6, 8, 10, 11, 13, 14, 18, 19, 26
_DAMAGED: Final = frozenset({CORRUPT, NOTADB})
_DISK: Final = frozenset({FULL, IOERR, CANTOPEN, READONLY})
REPAIR_HINT: Final = "Run `mlstudio doctor`; a copy from the backup folder can take its place."


def code_of(error: BaseException) -> int:
    """Return SQLite's primary result code of a driver's error, 0 when there is none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def studio_error(error: Exception, path: Path) -> StudioError:
    """Return the StudioError for what SQLAlchemy or the driver raised about the store at `path`."""
    if isinstance(error, PoolTimeout):
        return StoreBusy(f"All connections of this process to {path} are in use.", hint="Try again in a moment.")
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code, text = code_of(cause), str(cause)
    if code in _DAMAGED or isinstance(cause, (UnicodeDecodeError, msgspec.DecodeError)):
        return damaged(path, text)
    if code in _DISK:
        return _of_the_disk(code, text, path)
    if code in (BUSY, LOCKED):
        return StoreBusy(f"The store {path} was locked by another process for too long.", hint="Try again in a moment.")
    return _of_the_value(code, cause, path)


def _of_the_value(code: int, cause: BaseException, path: Path) -> StudioError:
    if code == TOOBIG:
        return TooLarge(f"A value is too large for the store: {cause}.")
    if code == CONSTRAINT:
        return Conflict(f"The store refused the change: {cause}.")
    if isinstance(cause, (UnicodeEncodeError, OverflowError)):
        return InvalidField(f"A value cannot be stored: {cause}.")
    return StudioError(f"The store {path} answered: {cause}.")


def disk_full(path: Path) -> DiskFull:
    """Return the error of a full disk, with what is free and where."""
    free = free_megabytes(path.parent)
    room = "an unknown amount of space" if free is None else f"{free:.1f} MB"
    return DiskFull(f"The disk is full: free {room} at {path.parent}.", hint="Free some space; journals keep logging.")


def damaged(path: Path, reason: str) -> StoreDamaged:
    """Return the error of a damaged file."""
    return StoreDamaged(f"The store {path} is damaged: {reason}.", hint=REPAIR_HINT)


def _of_the_disk(code: int, text: str, path: Path) -> StudioError:
    free = free_megabytes(path.parent)
    if code == FULL or (code != READONLY and free is not None and free < 1.0):
        return disk_full(path)
    if code == READONLY:
        return StoreUnreachable(f"The store {path} may not be written: {text}.", hint="Check the owner and the mode.")
    return StoreUnreachable(f"The store {path} cannot be read or written: {text}.", hint="Run `mlstudio doctor`.")

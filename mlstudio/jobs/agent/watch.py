"""Hear of changes in run folders: inotify, and a look every 250 ms where there is none.

Imports: the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path
from typing import Final

_IN_MODIFY: Final = 0x2
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_NONBLOCK_CLOEXEC: Final = os.O_NONBLOCK | os.O_CLOEXEC
_EVENT: Final = struct.Struct("iIII")

_libc = ctypes.CDLL(None, use_errno=True)


class Watcher:
    """Names what changed; `descriptor` is -1 where the kernel has no inotify (or no more of it)."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        try:
            self.descriptor = int(_libc.inotify_init1(_NONBLOCK_CLOEXEC))
        except AttributeError:
            self.descriptor = -1
        self.blind: set[str] = set()
        """Names that could not be watched and must be looked at by the clock."""

    def add(self, name: str, *folders: Path) -> None:
        """Report `name` when a file in one of the folders is written, made or renamed into place."""
        for folder in folders:
            known = -1
            if self.descriptor >= 0:
                flags = _IN_MODIFY | _IN_MOVED_TO | _IN_CREATE
                known = int(_libc.inotify_add_watch(self.descriptor, os.fsencode(folder), flags))
            if known < 0:
                self.blind.add(name)
            else:
                self._names[known] = name

    def remove(self, name: str) -> None:
        """Forget a name."""
        self.blind.discard(name)
        for known in [key for key, value in self._names.items() if value == name]:
            _libc.inotify_rm_watch(self.descriptor, known)
            del self._names[known]

    def changed(self) -> set[str]:
        """Return the names that changed since the last call; never blocks."""
        found: set[str] = set()
        with contextlib.suppress(BlockingIOError):
            while self.descriptor >= 0:
                data = os.read(self.descriptor, 1 << 16)
                at = 0
                while at < len(data):
                    known, _, _, length = _EVENT.unpack_from(data, at)
                    at += _EVENT.size + length
                    if known == -1:  # the kernel's queue overflowed: anything may have changed
                        found.update(self._names.values())
                    elif known in self._names:
                        found.add(self._names[known])
        return found

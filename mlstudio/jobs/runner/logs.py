"""The log of one host of a job: everything up to a limit, the beginning and the end beyond it.

The first bytes go to ``<host>.head``; what follows goes to segments ``<host>.tail.<offset>``,
named by the absolute offset of their first byte, the oldest of which are removed. Offsets count
every byte that the job ever wrote, kept or not. A full disk drops bytes and counts them: the job
never blocks on its log.

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from pathlib import Path
from typing import Final, NamedTuple

HEAD: Final = 16 << 20
TAIL: Final = 48 << 20
SEGMENT: Final = 4 << 20


class Segment(NamedTuple):
    """A file of a log: bytes ``start`` to ``start + size`` of the stream."""

    start: int
    size: int
    path: Path

    @property
    def end(self) -> int:
        """The absolute offset after its last byte."""
        return self.start + self.size


class LogWriter:
    """Write a stream into head and tail files.

    Args:
        folder: where the files go; made when missing. A log that is there already is continued.
        host: ``algo-N``.
        head: bytes of the beginning that are kept.
        tail: bytes of the end that are kept, at least.
        segment: size of one tail file.
    """

    def __init__(self, folder: Path, host: str, *, head: int = HEAD, tail: int = TAIL, segment: int = SEGMENT) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._host = folder, host
        self._head, self._segment = head, segment
        self._kept: deque[Segment] = deque()
        self._most = max(1, tail // segment)
        self.offset = 0
        self.dropped = 0
        self._file = -1
        self._room = head
        self._start = 0
        self._is_head = True
        before = segments(folder, host)
        if before:
            self._go_on(before)
        else:
            self._open(folder / f"{host}.head")

    def _go_on(self, before: list[Segment]) -> None:
        """Continue the log of an attempt before: offsets go on, and what was kept counts."""
        self.offset = before[-1].end
        self.dropped = self.offset - sum(one.size for one in before)
        self._kept.extend(one for one in before if one.path.suffix != ".head")
        self._next()

    def write(self, data: bytes) -> None:
        """Append bytes; never raises and never blocks on a full disk."""
        view = memoryview(data)
        while view:
            if self._room == 0 or self._file < 0:
                self._next()
            piece = view[: self._room] if self._room else view
            if self._file < 0:
                self._lose(len(view))
                return
            try:
                done = os.write(self._file, piece)
            except OSError:
                self._close()
                self._lose(len(view))
                return
            self.offset += done
            self._room -= done
            view = view[done:]

    def close(self) -> None:
        """Let go of the file, its bytes on disk."""
        if self._file >= 0:
            with contextlib.suppress(OSError):  # what the kernel could not write is lost; the job's end is not
                os.fsync(self._file)
        self._close()

    def _lose(self, count: int) -> None:
        self.offset += count
        self.dropped += count

    def _open(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError:
            self._file = -1

    def _close(self) -> None:
        if self._file < 0:
            return
        os.close(self._file)
        self._file = -1
        if self._is_head:
            return
        whole = Segment(self._start, self.offset - self._start, self._folder / f"{self._host}.tail.{self._start}")
        if whole.size:
            self._kept.append(whole)
        else:  # nothing fitted: an empty file must not push out one with content
            whole.path.unlink(missing_ok=True)

    def _next(self) -> None:
        self._close()
        self._is_head = False
        while len(self._kept) >= self._most:
            oldest = self._kept.popleft()
            oldest.path.unlink(missing_ok=True)
            self.dropped += oldest.size
        self._start = self.offset
        self._room = self._segment
        self._open(self._folder / f"{self._host}.tail.{self._start}")


def segments(folder: Path, host: str) -> list[Segment]:
    """Return the files of a log in order of offset; empty when there is none yet."""
    found = []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return []
    for entry in entries:
        stem, _, last = entry.name.rpartition(".")
        start = 0 if entry.name == f"{host}.head" else int(last) if stem == f"{host}.tail" and last.isdigit() else None
        if start is None:
            continue
        try:
            size = entry.stat(follow_symlinks=False).st_size
        except OSError:  # rotated away between the two calls
            continue
        found.append(Segment(start, size, Path(entry.path)))
    return sorted(found)

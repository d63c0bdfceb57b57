"""Reading journals that others write: the live tail of the server, and recovery.

A journal belongs to one component in one process (`journal_write`); its bytes are described in
`journal_format`. A reader sees whole records only: a record that is half written, or torn by
`kill -9`, fails its checksum and is "not yet".

Reads: files with ``pread``, never through a mapping, so a file that shrinks or goes away is an
error that can be caught.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.store.batch import Batch
from mlstudio.store.journal_file import explain
from mlstudio.store.journal_format import HEADER_SIZE, SUFFIX, JournalHeader, JournalInfo, unpack_header
from mlstudio.store.journal_parse import Definitions, Parser

FIRST_READ: Final = 64 << 10
LARGEST_READ: Final = 16 << 20
_YOUNG: Final = 60.0
"""Seconds that a writer may take for its header."""

__all__ = ["JournalHeader", "JournalInfo", "JournalReader", "Listed", "list_journals", "unreadable_journals"]


class JournalReader:
    """Reads one journal from any offset on. Not for several threads at once.

    Args:
        path: a file of the journal folder.
        final: the writer is dead: look beyond zeros and damage for whole records.

    Raises:
        NotFound: there is no such file (any more).
        StoreDamaged: it is no journal, or its header was never finished.
    """

    def __init__(self, path: Path, *, final: bool = False) -> None:
        self.path = path
        self._final = final
        self._known = Definitions()
        self._learned = HEADER_SIZE
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError as error:
            raise NotFound(f"There is no journal {path.name}.") from error
        except OSError as error:
            raise explain(error, path.parent) from error
        try:
            self._info = self.header.info
        except StudioError:
            self.close()
            raise

    @property
    def header(self) -> JournalHeader:
        """Read the header page now: whose it is, and the counters as they stand."""
        return unpack_header(self._pread(HEADER_SIZE, 0))

    def read(self, offset: int) -> Batch:
        """Return the meaning of what stands between `offset` and the last whole record.

        Args:
            offset: 0 for the beginning, else the `end` of an earlier batch.

        Returns:
            A batch with ``start <= end``; equal when there is nothing new. At most some MB at a
            time: read on from `end` until nothing new comes.
        """
        start = max(offset, HEADER_SIZE)
        if start > self._learned:
            self._learn(start)
        batch = self._parse(start)
        self._learned = max(self._learned, batch.end)
        batch.start = offset
        return batch

    def _learn(self, until: int) -> None:
        """Read from the beginning up to an offset, for the names in it."""
        while self._learned < until:
            end = self._parse(self._learned, limit=until - self._learned).end
            if end == self._learned:
                break
            self._learned = end
        self._learned = max(self._learned, until)

    def _parse(self, offset: int, limit: int = LARGEST_READ) -> Batch:
        length = min(FIRST_READ, limit)
        while True:
            data = self._pread(length, offset)
            header = self.header
            batch = Batch(self._info.journal, self._info.component, offset, offset, self._info.process)
            parsed = Parser(data, offset, self._known, batch, check=True, final=self._final).run()
            full = len(data) == length and parsed.end + (length >> 1) > offset + length
            stuck = len(data) == length and parsed.end == offset and any(data[:8])
            if not (full or stuck or self._looks_further(data, parsed.end - offset)) or length >= limit:
                batch.dropped = header.dropped
                batch.closed = header.closed and not self._more(parsed.end)
                return batch
            length = min(length * 4, limit)

    def _looks_further(self, data: bytes, used: int) -> bool:
        """Tell whether a reader of a dead journal must see more of the file before it may stop."""
        return self._final and len(data) - used >= 8 and bool(data[used:].strip(b"\0"))

    def _more(self, offset: int) -> bool:
        return any(self._pread(8, offset))

    def _pread(self, length: int, offset: int) -> bytes:
        try:
            return os.pread(self._fd, length, offset)
        except OSError as error:
            raise explain(error, self.path.parent) from error

    def close(self) -> None:
        """Close the descriptor; twice is once."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> JournalReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Listed:
    """A journal file of a folder, with its header."""

    path: Path
    header: JournalHeader


def list_journals(folder: Path) -> list[Listed]:
    """Return the journals of a folder by component, process and sequence; files that are none are left out."""
    found = []
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return []
    for path in paths:
        try:
            with JournalReader(path) as reader:
                found.append(Listed(path, reader.header))
        except StudioError:
            continue

    def order(item: Listed) -> tuple[str, int, int, int, str]:
        info = item.header.info
        return info.component, info.process.proc_start, info.process.pid, info.seq, info.journal

    return sorted(found, key=order)


def unreadable_journals(folder: Path) -> list[Path]:
    """Return the files of a folder whose header cannot be read; those just begun are left out."""
    listed = {item.path for item in list_journals(folder)}
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            old = time.time() - path.stat().st_mtime > _YOUNG
        except OSError:
            continue
        if path not in listed and old:
            found.append(path)
    return found

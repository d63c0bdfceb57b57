"""Read a job's log by absolute offset, while it grows and after it was cut.

Offsets count every byte that the job wrote. What a limit or a full disk dropped is a gap: a chunk
never spans one, and says how many bytes are missing before it.

Reads: ``<run folder>/log/``. Knows nothing of: the store, HTTP.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from mlstudio.entities.secrets import masked_bytes
from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.runner.logs import Segment, segments

CHUNK: Final = 1 << 20
BEFORE: Final = 8 << 10
"""Bytes before a chunk that tell whether its beginning belongs to a secret: a private key takes some 3,300."""
BEHIND: Final = 4 << 10


class LogChunk(Struct, frozen=True):
    """Bytes of a log.

    Attributes:
        data: raw bytes; may begin or end inside a character or line.
        offset: absolute offset of the first byte; beyond the wanted one when bytes were dropped there.
        next_offset: where to read on.
        dropped: bytes that are missing between the wanted offset and `offset`.
        total: bytes that the job has written so far.
    """

    data: bytes
    offset: int
    next_offset: int
    dropped: int
    total: int


def total_bytes(run_dir: Path, host: str = "algo-1") -> int:
    """Return how many bytes the log of a host has so far. Cheap: a directory listing."""
    found = segments(run_dir / "log", host)
    return found[-1].end if found else 0


def read_chunk(run_dir: Path, host: str = "algo-1", *, offset: int = 0, limit: int = CHUNK) -> LogChunk:
    """Read up to `limit` bytes from `offset`; a negative offset counts from the end.

    Returns:
        An empty chunk at the end, and for a log that does not exist (yet).
    """
    for _ in range(3):  # a segment may be rotated away between listing and reading
        found = segments(run_dir / "log", host)
        total = found[-1].end if found else 0
        wanted = max(0, total + offset) if offset < 0 else offset
        holders = [one for one in found if one.end > wanted]
        if not holders:
            return LogChunk(b"", wanted, wanted, 0, total)
        start = max(wanted, holders[0].start)
        data = _read_on(holders, start, max(1, limit))
        if not data:
            continue
        return LogChunk(data, start, start + len(data), start - wanted, max(total, start + len(data)))
    return LogChunk(b"", wanted, wanted, 0, total)


def _read_on(holders: list[Segment], start: int, limit: int) -> bytes:
    """Read from segments that follow each other without a gap."""
    data = b""
    for one in holders:
        if one.start > start + len(data) or len(data) >= limit:
            break
        try:
            with one.path.open("rb") as file:
                file.seek(start + len(data) - one.start)
                data += file.read(limit - len(data))
        except FileNotFoundError:
            break
    return data


def read_shown(run_dir: Path, host: str = "algo-1", *, offset: int = 0, limit: int = CHUNK) -> LogChunk:
    """Read as `read_chunk` does, with as many asterisks where secrets are; offsets stay.

    What is around the chunk is looked at too: a name before it may make a secret of its beginning.
    """
    chunk = read_chunk(run_dir, host, offset=offset, limit=limit)
    if not chunk.data:
        return chunk
    first = max(0, chunk.offset - BEFORE)
    before = read_chunk(run_dir, host, offset=first, limit=chunk.offset - first) if first < chunk.offset else None
    lead = before.data if before is not None and before.next_offset == chunk.offset else b""
    behind = read_chunk(run_dir, host, offset=chunk.next_offset, limit=BEHIND)
    trail = behind.data if behind.offset == chunk.next_offset else b""
    shown = masked_bytes(lead + chunk.data + trail)[len(lead) :][: len(chunk.data)]
    return msgspec.structs.replace(chunk, data=shown)


def last_lines(run_dir: Path, count: int = 20, host: str = "algo-1") -> list[str]:
    """Return the last lines of a log, for a message."""
    data = read_shown(run_dir, host, offset=-(64 << 10), limit=64 << 10).data
    return data.decode("utf-8", "replace").splitlines()[-count:]


def marker(dropped: int) -> bytes:
    """Return the line that stands for dropped bytes wherever a log is shown."""
    return f"\n… {dropped:,} bytes dropped …\n".encode()


def ended(run_dir: Path) -> bool:
    """Tell whether the log is complete: its supervisor has written exit.json."""
    return read_json(run_dir / "exit.json") is not None

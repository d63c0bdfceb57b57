"""The files of a run: written whole or not at all, read without surprise.

run.json, exit.json, spec.json and stop.json are replaced by rename; events.jsonl is appended to,
and a torn last line is ignored. exit.json has its space reserved when the job starts, so that a
full disk cannot hide how the job ended.

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

RESERVED: Final = 16384
"""Bytes kept for exit.json: a reason of 1,024 characters may be 12 KiB of JSON."""


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; a file system that cannot is left alone."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, sync: bool = True) -> None:
    """Write `data` to `path`: temporary file, fsync, rename, fsync of the folder.

    Args:
        path: where it appears, all at once.
        data: the whole content.
        mode: permission bits.
        sync: False skips both fsyncs; the rename still hides half-written content from readers.

    Raises:
        OSError: no space, no permission; nothing appears then.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        try:
            _write_all(handle, data)
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(path.parent)


def write_json(path: Path, value: object, *, sync: bool = True) -> None:
    """`write_whole` of the JSON of `value`, mode 0600."""
    write_whole(path, json.dumps(value, separators=(",", ":")).encode(), sync=sync)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the object in a file, or None when it is missing or not a JSON object."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


class Reserved:
    """A file whose space is taken now and whose content and name come later.

    >>> Reserved(Path("exit.json"))        # doctest: +SKIP
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.reserved")
        self._handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):
            os.posix_fallocate(self._handle, 0, RESERVED)

    def publish(self, value: object) -> None:
        """Write the JSON of `value` into the reserved space and give the file its name."""
        data = json.dumps(value, separators=(",", ":")).encode()
        os.pwrite(self._handle, data, 0)
        os.ftruncate(self._handle, len(data))
        with contextlib.suppress(OSError):
            os.fsync(self._handle)
        os.close(self._handle)
        self._part.rename(self._path)
        sync_folder(self._path.parent)


class Events:
    """Append lines to events.jsonl: ``{"seq", "t", "type", "data"}``, each under 4 KiB."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._seq = sum(1 for _ in read_events(path))

    def add(self, type: str, **data: object) -> None:
        """Append one event; on a full disk it is lost, the job is not."""
        self._seq += 1
        line = json.dumps({"seq": self._seq, "t": time.time(), "type": type, "data": data}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            os.write(self._handle, line.encode()[:4094] + b"\n")


def read_events(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole events of a file in order; a torn or foreign line is skipped."""
    try:
        content = path.read_bytes()
    except OSError:
        return
    for line in content.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            return
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and {"seq", "t", "type", "data"} <= event.keys():
                yield event

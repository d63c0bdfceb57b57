"""What is in a folder or an archive: names and sizes, nothing unpacked.

Imports: the standard library and msgspec.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from mlstudio.entities.previews import Preview
from mlstudio.store.artifacts import Manifest

LISTED: Final = 2000
NAME: Final = 500
Line = tuple[str, int, str]
"""Path, size in bytes, and kind: file, folder, link."""


def folder(path: Path, media_type: str | None) -> Preview:
    """Return the files of a stored folder. Raises: msgspec.DecodeError where the manifest is damaged."""
    manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    lines = [(entry.path, entry.size, entry.kind) for entry in manifest.entries]
    return _preview(lines, sum(entry.size for entry in manifest.entries), media_type)


def archive(path: Path, media_type: str | None) -> Preview:
    """Return the members of a zip or tar. Raises: OSError, ValueError, TarError, BadZipFile."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"PK"
    lines: list[Line] = []
    for line in _zipped(path) if zipped else _tarred(path):
        lines.append(line)
        if len(lines) > LISTED:
            break
    return _preview(lines, path.stat().st_size, media_type)


def _zipped(path: Path) -> Iterator[Line]:
    with zipfile.ZipFile(path) as opened:
        for info in opened.infolist():
            yield info.filename, info.file_size, "folder" if info.is_dir() else "file"


def _tarred(path: Path) -> Iterator[Line]:
    with tarfile.open(path, "r:*") as opened:
        for member in opened:
            kind = "folder" if member.isdir() else "file" if member.isfile() else "link" if member.issym() else "other"
            yield member.name, member.size, kind


def _preview(lines: list[Line], size: int, media_type: str | None) -> Preview:
    shown = lines[:LISTED]
    return Preview(
        kind="folder",
        media_type=media_type,
        size=size,
        truncated=len(lines) > LISTED,
        files=[name[:NAME] for name, _, _ in shown],
        columns=["path", "bytes", "kind"],
        column_types=["text", "int", "text"],
        rows=[[name[:NAME], str(length), kind[:20]] for name, length, kind in shown],
        total_rows=len(lines) if len(lines) <= LISTED else None,
    )

"""What lies in a run folder: code as it ran, inputs, what the job left.

Everything is found below the run folder without following links; names are told, never opened for
writing.

Reads: run folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mlstudio.entities.job_parts import FileEntry
from mlstudio.entities.job_requests import JobFolder, JobFolders, JobSource, SourceFile
from mlstudio.entities.jobs import JobRecord

MAX_FILES: Final = 200
MAX_TEXT: Final = 256 << 10
"""Bytes of a file that is shown."""
_LEFT: Final = ("model", "output/data", "output/intermediate", "checkpoints", "processing/output")


def walk(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder by name; links, pipes and sockets are left out."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
        except OSError:
            continue


def read_text(path: Path) -> str | None:
    """Return the text of a file; None when it is none, or larger than 256 KiB."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_TEXT + 1)
    if len(data) > MAX_TEXT or b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def source_of(record: JobRecord, run_dir: Path) -> JobSource:
    """Return a job's code as it ran; the entry point first."""
    code = run_dir / "ml" / "code"
    paths = sorted(walk(code), key=lambda path: (str(path.relative_to(code)) != record.spec.entry_point, path))
    files = [
        SourceFile(path=str(path.relative_to(code)), size=_size(path), text=read_text(path))
        for path in paths[:MAX_FILES]
    ]
    return JobSource(record.spec.entry_point, files, max(0, len(paths) - MAX_FILES))


def folders_of(record: JobRecord, run_dir: Path) -> JobFolders:
    """Return what a job read, by channel and input, and what it left; empty folders are left out."""
    spec, base = record.spec, run_dir / "ml"
    found = [_folder(f"input/data/{one.name}", one.source, Path(one.source)) for one in spec.channels]
    found += [_folder(f"input {one.name}", one.source, Path(one.source)) for one in spec.inputs]
    found += [_folder(name, str(base / name), base / name) for name in _LEFT]
    found.append(_folder("artifacts", str(run_dir / "artifacts"), run_dir / "artifacts"))
    return JobFolders([one for one in found if one.files])


def _folder(name: str, place: str, folder: Path) -> JobFolder:
    if "://" in place:
        return JobFolder(name, place, [])
    paths = [folder] if folder.is_file() else list(walk(folder))
    sizes = [_size(path) for path in paths]
    root = folder.parent if folder.is_file() else folder
    entries = [
        FileEntry(str(path.relative_to(root)), size)
        for path, size in zip(paths[:MAX_FILES], sizes[:MAX_FILES], strict=True)
    ]
    return JobFolder(name, place, entries, max(0, len(paths) - MAX_FILES), sum(sizes))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0

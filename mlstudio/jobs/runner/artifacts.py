"""What a job leaves behind: ``model/`` and ``output/data/`` as .tar.gz, also after failure and stop.

Links that leave the folder, sockets, FIFOs and devices are skipped and listed: nothing outside
the job's folder is ever read, and opening a FIFO would hang.

Imports: the standard library only.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import tarfile
from pathlib import Path
from typing import Any, BinaryIO

from mlstudio.jobs.runner.files import sync_folder


class _Hashed:
    """A binary file that knows the sha256 and the count of what was written to it."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._raw.write(data)

    def flush(self) -> None:
        self._raw.flush()


def pack_folder(folder: Path, archive: Path) -> dict[str, Any] | None:
    """Pack a folder's content as `archive`; ``.part``, fsync, rename.

    Args:
        folder: its content becomes the archive's top level.
        archive: a ``.tar.gz`` path; replaced when it exists.

    Returns:
        ``{"path", "size", "sha256", "files", "skipped"}``, or None when the folder is empty or missing.

    Raises:
        OSError: no space, no permission; no archive appears then.
    """
    members, skipped = _members(folder)
    if not members and not skipped:
        return None
    archive.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = archive.with_name(f"{archive.name}.part")
    try:
        with part.open("wb") as raw:
            hashed = _Hashed(raw)
            # level 1: weights hardly shrink, and the job's end should not wait for it
            with (
                gzip.GzipFile(filename="", mode="wb", fileobj=hashed, compresslevel=1, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                for path in members:
                    tar.add(path, arcname=str(path.relative_to(folder)), recursive=False)
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(archive)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(archive.parent)
    files = sum(1 for path in members if not path.is_dir())
    return {
        "path": str(archive),
        "size": hashed.size,
        "sha256": hashed.digest.hexdigest(),
        "files": files,
        "skipped": skipped[:100],
    }


def _members(folder: Path) -> tuple[list[Path], list[str]]:
    root = folder.resolve()
    members: list[Path] = []
    skipped: list[str] = []
    for here, names, files in os.walk(folder):
        names.sort()
        for name in sorted([*names, *files]):
            path = Path(here, name)
            kind = path.lstat().st_mode
            inside = not stat.S_ISLNK(kind) or path.resolve().is_relative_to(root)
            if inside and (stat.S_ISREG(kind) or stat.S_ISDIR(kind) or stat.S_ISLNK(kind)):
                members.append(path)
            else:
                skipped.append(str(path.relative_to(folder)))
    return members, skipped


def deliver(archive: Path, folder: Path) -> Path:
    """Copy a finished archive into `folder` (made when missing); ``.part`` then rename.

    Returns:
        The path of the copy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{archive.name}.part"
    shutil.copyfile(archive, part)
    target = folder / archive.name
    part.rename(target)
    return target

"""How much room everything takes: the database, journals, artifacts, run folders, backups, logs.

Looks at names and sizes only; links are not followed. Knows nothing of: records.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from mlstudio.entities.housekeeping import DoctorSize
from mlstudio.store.home import Home

_SQLITE: Final = "sqlite:///"


def sizes(home: Home, url: str) -> list[DoctorSize]:
    """Return sizes in bytes, and counts of files, in a fixed order."""
    found = []
    if url.startswith(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).absolute()
        found.append(_of_files("database", [path]))
        found.append(_of_files("write-ahead log", [path.with_name(f"{path.name}-wal")]))
    for what, folder in (
        ("journals", home.journals),
        ("artifacts", home.artifacts),
        ("run folders of jobs", home.jobs),
        ("logs of runs", home.runs),
        ("agent and its log", home.agent),
        ("backups", home.backups),
    ):
        size, count = size_of(folder)
        found.append(DoctorSize(what=what, bytes=size, count=count))
    return found


def _of_files(what: str, paths: list[Path]) -> DoctorSize:
    there = [path.stat().st_size for path in paths if path.is_file()]
    return DoctorSize(what=what, bytes=sum(there))


def size_of(folder: Path | str) -> tuple[int, int]:
    """Return (bytes, files) below a folder; what vanishes or cannot be read meanwhile counts nothing.

    A sparse file counts with the room that it takes.
    """
    total, count, waiting = 0, 0, [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += _room(entry)
                        count += 1
        except OSError:
            continue
    return total, count


def _room(entry: os.DirEntry[str]) -> int:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return min(found.st_size, found.st_blocks * 512)


def shown(size: float) -> str:
    """Return a size for people.

    >>> shown(999), shown(2_500_000)
    ('999 B', '2.5 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"

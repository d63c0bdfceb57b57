"""What a file system is, and how much room it has.

SQLite's WAL needs shared memory and honest locks between processes; network file systems give
neither. The kind is read from ``/proc/self/mountinfo``; elsewhere it is unknown and allowed.

Knows nothing of: databases.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import StoreUnreachable

_SERVERS: Final = ("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "9p", "davfs")
_CLUSTERS: Final = ("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "pvfs2")
_FUSE: Final = ("sshfs", "s3fs", "gcsfuse", "rclone", "glusterfs", "ceph", "davfs", "blobfuse", "goofys")
NETWORK: Final = frozenset({*_SERVERS, *_CLUSTERS, *(f"fuse.{name}" for name in _FUSE)})
MOUNTINFO: Final = Path("/proc/self/mountinfo")


def filesystem_of(path: Path) -> str:
    """Return the type of the file system that holds `path` (or would), "" where it cannot be known."""
    try:
        lines = MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    target = path.resolve()
    best, kind = -1, ""
    for line in lines:
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = Path(_unescape(fields[4]))
        if len(point.parts) >= best and target.is_relative_to(point):
            best, kind = len(point.parts), right.split(" ", 1)[0]
    return kind


def _unescape(text: str) -> str:
    """Undo mountinfo's octal escapes of space, tab, newline and backslash."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text


def refuse_network(folder: Path) -> None:
    """Refuse to keep a SQLite store on a network file system.

    Raises:
        StoreUnreachable: naming the folder, the type and what to do.
    """
    kind = filesystem_of(folder)
    if kind in NETWORK:
        raise StoreUnreachable(
            f"The store folder {folder} is on a network file system ({kind}), where SQLite can lose data.",
            field="MLSTUDIO_HOME",
            hint="Put the store on a local disk (set MLSTUDIO_HOME), or use PostgreSQL or the server.",
        )


def free_megabytes(path: Path) -> float | None:
    """Return the free space that a user may fill, in MB (10⁶ bytes), of the nearest folder that exists."""
    for folder in (path, *path.parents):
        try:
            found = os.statvfs(folder)
        except OSError:
            continue
        return found.f_bavail * found.f_frsize / 1e6
    return None

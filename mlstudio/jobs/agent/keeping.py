"""Put a job's archives into the artifact store without copying them, where the file system allows.

The supervisor has hashed the archive while it wrote it; here it only gets its second name.

Reads: run folders. Writes: the artifact store.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store.artifacts import BlobStore

COPIED_AT_MOST: Final = 64 << 20
"""Bytes: a larger archive on another file system is not copied, the agent has others to serve."""


def keep(blobs: BlobStore, archive: dict[str, Any]) -> ArtifactRef:
    """Return the reference to an archive; its bytes are in the artifact store when it has a hash.

    Args:
        blobs: the artifact store.
        archive: ``{"path", "size", "sha256"}`` of exit.json.
    """
    path, size, digest = Path(archive["path"]), int(archive["size"]), str(archive["sha256"])
    stored = _linked(blobs, path, digest) or _copied(blobs, path, size)
    return ArtifactRef(value=str(path), media_type="application/gzip", size=size, sha256=digest if stored else None)


def kept_folder(output: dict[str, Any]) -> ArtifactRef:
    """Return the reference to an output of a processing job, which stays where it was brought.

    Args:
        output: ``{"path", "size"}`` of exit.json.
    """
    return ArtifactRef(value=str(output["path"]), size=int(output["size"]))


def _linked(blobs: BlobStore, path: Path, digest: str) -> bool:
    try:
        target = blobs.path(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o400)  # one content under two names: nobody may write into it
        os.link(path, target)
    except FileExistsError:
        return True
    except (OSError, StudioError):
        return False
    return True


def _copied(blobs: BlobStore, path: Path, size: int) -> bool:
    if size > COPIED_AT_MOST:
        return False
    try:
        blobs.put_file(path)
    except StudioError:
        return False
    return True

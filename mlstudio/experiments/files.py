"""Files and documents made into artifacts: copied into the content-addressed store once.

Knows nothing of: components.
"""

from __future__ import annotations

import json
import math
import mimetypes
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlstudio.entities.experiments import ArtifactRef

if TYPE_CHECKING:
    from mlstudio.experiments.media.encoded import Encoded

JSON_TYPE = "application/json"
FOLDER_TYPE = "application/vnd.mlstudio.folder+json"


def stored(source: Path, media_type: str | None = None) -> ArtifactRef:
    """Copy a file or a folder into the artifact store.

    Args:
        source: an existing file or folder; a folder becomes a manifest of its files.
        media_type: None: guessed from the name.

    Returns:
        A reference whose `value` is the URI of the kept copy.

    Raises:
        OSError, StudioError: it cannot be read or kept.
    """
    blobs = _blobs()
    blob = blobs.put_folder(source) if source.is_dir() else blobs.put_file(source)
    guessed = FOLDER_TYPE if source.is_dir() else mimetypes.guess_type(source.name)[0]
    return ArtifactRef(
        value=Path(blobs.path(blob.sha256)).as_uri(),
        media_type=media_type or guessed or "application/octet-stream",
        size=blob.size,
        sha256=blob.sha256,
    )


def stored_json(document: Mapping[str, Any]) -> ArtifactRef:
    """Keep a JSON document; NaN and infinities become null, as JSON has no word for them."""
    body = json.dumps(_finite(document), allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
    blobs = _blobs()
    blob = blobs.put_bytes(body)
    return ArtifactRef(
        value=Path(blobs.path(blob.sha256)).as_uri(), media_type=JSON_TYPE, size=blob.size, sha256=blob.sha256
    )


def stored_medium(medium: Encoded) -> ArtifactRef:
    """Keep the bytes of a medium, or a copy of its file. Raises: OSError, StudioError."""
    if medium.path is not None:
        return stored(medium.path, medium.media_type)
    blobs = _blobs()
    blob = blobs.put_bytes(medium.data or b"")
    return ArtifactRef(
        value=Path(blobs.path(blob.sha256)).as_uri(), media_type=medium.media_type, size=blob.size, sha256=blob.sha256
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def regular_files(root: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, by path; links, pipes and devices are left out."""
    for folder, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _blobs() -> Any:
    from mlstudio.store.artifacts import BlobStore
    from mlstudio.store.home import default_home

    return BlobStore(default_home().artifacts)

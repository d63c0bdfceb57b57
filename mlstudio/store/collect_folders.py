"""Which files lie in folders that are in use, without opening every blob at every collection.

A folder is known by how its manifest begins. A content never changes, so one look is enough for
good: what was looked at is kept beside the blobs, with a checksum; what cannot be believed is
looked at again.

    <root>/.looked    b"MLF1" | sha256 of what follows | 33 bytes a blob: 1 when it is a folder, its sha256

Reads: the artifact root. Knows nothing of: records.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.store.artifacts import BlobStore

MANIFEST: Final = b'{"entries":'
SHORTEST: Final = len(MANIFEST) + 64
"""Bytes of a manifest that names a file: shorter blobs are none."""
_NAME: Final = ".looked"
_MAGIC: Final = b"MLF1"
_ROW: Final = 33


def files_in_folders(blobs: BlobStore, used: Collection[str], sizes: Mapping[str, int]) -> set[str]:
    """Return the hashes of the files in folders that are in use.

    Args:
        blobs: a local root.
        used: hashes of the blobs that are in use.
        sizes: bytes of the blobs of the root, as far as they are known.

    Raises:
        OSError: a blob cannot be read.
    """
    before = _read(blobs.root)
    known = {sha256: before[sha256] for sha256 in used if sha256 in before}
    for sha256 in used:
        if sha256 not in known and sizes.get(sha256, SHORTEST) >= SHORTEST:
            with contextlib.suppress(NotFound):  # gone already
                known[sha256] = _is_folder(blobs, sha256)
    if known != before:
        _write(blobs.root, known)
    return {inner for sha256, folder in known.items() if folder for inner in _files(blobs, sha256)}


def _is_folder(blobs: BlobStore, sha256: str) -> bool:
    with blobs.open(sha256) as handle:
        return handle.read(len(MANIFEST)) == MANIFEST


def _files(blobs: BlobStore, sha256: str) -> Iterator[str]:
    try:
        manifest = blobs.read_manifest(sha256)
    except (NotFound, InvalidField):  # gone already, or a file that only begins like a manifest
        return
    yield from (entry.sha256 for entry in manifest.entries if entry.sha256 is not None)


def _read(root: Path) -> dict[str, bool]:
    """Return what was looked at, and whether it is a folder; nothing where the file is not whole."""
    try:
        data = (root / _NAME).read_bytes()
    except OSError:
        return {}
    body = data[len(_MAGIC) + 32 :]
    if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : len(_MAGIC) + 32] != hashlib.sha256(body).digest():
        return {}
    return {body[at + 1 : at + _ROW].hex(): body[at] == 1 for at in range(0, len(body), _ROW)}


def _write(root: Path, known: Mapping[str, bool]) -> None:
    """Keep what was looked at; where that is not possible it is looked at again."""
    body = b"".join(bytes([folder]) + bytes.fromhex(sha256) for sha256, folder in sorted(known.items()))
    part = root / f".part-{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(_MAGIC + hashlib.sha256(body).digest() + body)
            part.replace(root / _NAME)
        finally:
            part.unlink(missing_ok=True)

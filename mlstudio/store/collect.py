"""Disk is given back: blobs that no record names any more, and files that were never finished.

What stays: blobs younger than a day (a recorder may have written one and not yet said so), what a
journal names that is not stored yet, and the files of a folder whose manifest is in use. A content
that is stored anew counts as young. What cannot be read for sure stops the collection.

Reads: the artifact root, the journals, `BlobUse`. Knows nothing of: SQL.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import NotFound, StoreDamaged, StudioError
from mlstudio.store.artifacts import BlobStore, StoredBlob
from mlstudio.store.batch import Batch
from mlstudio.store.collect_folders import files_in_folders
from mlstudio.store.home import Home, default_home
from mlstudio.store.journal import JournalReader, list_journals, unreadable_journals
from mlstudio.store.laws import Store

LOG: Final = logging.getLogger("mlstudio")
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Collected:
    """What was removed, or would be.

    Attributes:
        blobs: how many.
        bytes: their size.
        held: why nothing was removed although something may be unreferenced; None: nothing stood in the way.
    """

    blobs: int = 0
    bytes: int = 0
    held: str | None = None


def collect(
    store: Store, blobs: BlobStore, *, older_than_s: float = DAY, dry_run: bool = False, home: Home | None = None
) -> Collected:
    """Remove the blobs that no record, journal or folder names.

    Args:
        store: whose records count.
        blobs: a local root.
        older_than_s: seconds since a blob was last stored; younger ones stay.
        dry_run: only count.
        home: whose journals count; None: the default home.

    Returns:
        How many blobs and bytes went, or would go.

    Raises:
        InvalidField: the root is not local.
    """
    before = time.time() - older_than_s
    every = list(blobs.each())
    sizes = {blob.sha256: blob.size for blob in every}
    old = [blob for blob in every if blob.modified < before]
    if not old:
        _finish(blobs, before, dry_run=dry_run)
        return Collected()
    what = "A journal"
    try:
        waiting = set(_in_journals(store, home or default_home()))
        used = store.blobs_in_use() | waiting
        what = "A folder that is in use"
        gone = [blob for blob in old if blob.sha256 not in used]
        if gone:  # else nothing is asked of any blob
            used |= files_in_folders(blobs, used, sizes)
    except (StudioError, OSError) as error:
        return Collected(held=f"{what} cannot be read: {error}")
    gone = [blob for blob in gone if blob.sha256 not in used]
    if not dry_run:
        gone = [blob for blob in gone if _remove(blobs, blob, before)]
    _finish(blobs, before, dry_run=dry_run)
    return Collected(len(gone), sum(blob.size for blob in gone))


def _remove(blobs: BlobStore, blob: StoredBlob, before: float) -> bool:
    try:
        return blobs.remove(blob.sha256, before=before)
    except OSError as error:
        LOG.warning("The blob %s could not be removed: %s.", blob.sha256, error.strerror)
        return False


def _finish(blobs: BlobStore, before: float, *, dry_run: bool) -> None:
    """Remove what writers left behind that died."""
    for path in [] if dry_run else unfinished(blobs.root, before):
        with contextlib.suppress(OSError):
            path.unlink()


def unfinished(root: Path, before: float) -> Iterator[Path]:
    """Yield files of writers that never came to their end, last written before a time."""
    for path in sorted(root.glob(".part-*")):
        with contextlib.suppress(OSError):
            if path.lstat().st_mtime < before:
                yield path


def _in_journals(store: Store, home: Home) -> Iterator[str]:
    """Yield the hashes that journals name and the store has not read yet. Raises: StoreDamaged, OSError."""
    for unknown in unreadable_journals(home.journals):  # of a newer version, perhaps
        raise StoreDamaged(f"The header of {unknown.name} is of no journal that is known here.")
    for listed in list_journals(home.journals):
        try:
            with JournalReader(listed.path, final=True) as reader:
                offset = store.drained_to(listed.header.info.journal)
                while (batch := reader.read(offset)).end > offset:
                    yield from _named(batch)
                    offset = batch.end
        except NotFound:
            continue  # drained and removed meanwhile


def _named(batch: Batch) -> Iterator[str]:
    refs = [added.ref for added in batch.artifacts] + [medium.ref for medium in batch.media]
    if batch.open is not None:
        refs += [*batch.open.inputs.values(), *batch.open.outputs.values()]
        if batch.open.code is not None and batch.open.code.diff_sha256 is not None:
            yield batch.open.code.diff_sha256
    for ref in refs:
        if ref.sha256 is not None:
            yield ref.sha256

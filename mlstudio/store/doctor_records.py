"""What is stuck or broken among the records of a store, each with what sets it right.

Stuck: components whose process is gone, jobs that no agent follows. Broken: artifacts whose file is
missing or has another content, journals whose header cannot be read. And what only takes room:
blobs that nobody names, free pages of the database.

Looks and changes nothing. Reads: the store, the artifact root, the journal folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlstudio.entities.jobs import JobListRequest, JobRecord
from mlstudio.store.artifacts import CHUNK, BlobStore
from mlstudio.store.collect import collect
from mlstudio.store.doctor_sizes import shown, size_of
from mlstudio.store.home import Home
from mlstudio.store.journal import list_journals, unreadable_journals
from mlstudio.store.journal_process import is_alive, is_local
from mlstudio.store.laws import Heartbeat, Store
from mlstudio.store.migrate import connect
from mlstudio.store.run_logs import orphans

if TYPE_CHECKING:
    from mlstudio.store.doctor import Finding

MANY_FREE: Final = 64_000_000
_SHARE_FREE: Final = 0.25
_NAMED: Final = 3


def look(store: Store, home: Home, *, deep: bool = False) -> list[Finding]:
    """Return what is stuck or broken, in a fixed order; an "ok" for each look that found nothing."""
    blobs = BlobStore(home.artifacts)
    return [
        *_components(store, home),
        *_jobs(store, home),
        *_journals(home),
        *_artifacts(store, blobs, deep=deep),
        *_unreferenced(store, blobs, home),
        *_run_logs(store, home),
        *_free_pages(store),
    ]


def _finding(code: str, level: str, message: str, hint: str = "", repair: str | None = None) -> Finding:
    from mlstudio.store.doctor import Finding

    return Finding(code, level, message, hint, repair)  # type: ignore[arg-type]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def stuck_components(store: Store, home: Home) -> list[Heartbeat]:
    """Return the components that say they run, whose process of this host is gone and left no journal."""
    pending = {item.header.info.component for item in list_journals(home.journals)}
    return [
        beat
        for beat in store.heartbeats()
        if not beat.job
        and beat.process.pid > 0
        and beat.uid not in pending
        and is_local(beat.process)
        and not is_alive(beat.process)
    ]


def _components(store: Store, home: Home) -> Iterator[Finding]:
    stuck = [beat.name for beat in stuck_components(store, home)]
    if stuck:
        yield _finding(
            "stuck_components",
            "note",
            f"{len(stuck)} trial components say they run and their process is gone: {_some(stuck)}.",
            "They are ended when the next server starts.",
            "components",
        )
    else:
        yield _finding("components", "ok", "Every trial component that runs here has a process.")


def agent_lives(home: Home) -> bool:
    """Tell whether an agent holds the lock of the home's agent folder."""
    try:
        handle = os.open(home.agent / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def running_jobs(store: Store) -> list[JobRecord]:
    """Return the jobs that have not ended."""
    found = []
    for status in ("InProgress", "Stopping"):
        found += store.list_jobs(JobListRequest(status=status, limit=1000)).items
    return found


def _jobs(store: Store, home: Home) -> Iterator[Finding]:
    running = [job.name for job in running_jobs(store)]
    if running and not agent_lives(home):
        yield _finding(
            "stuck_jobs",
            "note",
            f"{len(running)} jobs have not ended and no agent follows them: {_some(running)}.",
            "`mlstudio agent start` adopts those that run and ends those that are gone.",
        )
    else:
        yield _finding("jobs", "ok", f"{len(running)} jobs run." if running else "No job waits for an agent.")


def _journals(home: Home) -> Iterator[Finding]:
    damaged = unreadable_journals(home.journals)
    if damaged:
        yield _finding(
            "damaged_journals",
            "unsafe",
            f"{len(damaged)} journals cannot be read: {_some([path.name for path in damaged])}.",
            "The repair puts them aside; what they held is lost unless a copy exists.",
            "damaged_journals",
        )


def missing_blobs(store: Store, blobs: BlobStore) -> list[str]:
    """Return the hashes that records name and that are not in the root."""
    here = {blob.sha256 for blob in blobs.each()}
    return sorted(store.blobs_in_use() - here)


def changed_blobs(store: Store, blobs: BlobStore) -> list[str]:
    """Return the hashes of blobs whose content is another one; reads every blob in use."""
    used = store.blobs_in_use()
    return [blob.sha256 for blob in blobs.each() if blob.sha256 in used and not _whole(blobs, blob.sha256)]


def _whole(blobs: BlobStore, sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        with blobs.open(sha256) as handle:
            for chunk in iter(lambda: handle.read(CHUNK), b""):
                digest.update(chunk)
    except OSError:
        return False
    return digest.hexdigest() == sha256


def _artifacts(store: Store, blobs: BlobStore, *, deep: bool) -> Iterator[Finding]:
    missing = missing_blobs(store, blobs)
    if missing:
        yield _finding(
            "missing_artifacts",
            "unsafe",
            f"{len(missing)} artifacts have no file any more: {_some(missing)}.",
            "Log the same content again, or copy the files from a backup into the artifacts folder.",
        )
    changed = changed_blobs(store, blobs) if deep else []
    if changed:
        yield _finding(
            "changed_artifacts",
            "unsafe",
            f"{len(changed)} artifacts have another content than was logged: {_some(changed)}.",
            "The repair puts them aside, so that nobody takes them for what was logged.",
            "changed_artifacts",
        )
    if not missing and not changed:
        read = "There and unchanged" if deep else "There (`--deep` reads them too)"
        yield _finding("artifacts", "ok", f"{read}: every artifact that a record names.")


def _unreferenced(store: Store, blobs: BlobStore, home: Home) -> Iterator[Finding]:
    found = collect(store, blobs, dry_run=True, home=home)
    if found.held is not None:
        yield _finding("unreferenced_blobs", "note", found.held, "Repair the journals first.")
    elif found.blobs:
        yield _finding(
            "unreferenced_blobs",
            "note",
            f"{found.blobs} artifact files belong to nothing any more ({shown(found.bytes)}).",
            "The repair removes those that are older than a day.",
            "blobs",
        )


def free_pages(store: Store) -> tuple[int, int]:
    """Return (free bytes, all bytes) of a SQLite store's file; zeros for another store."""
    path = getattr(store, "path", None)
    if not isinstance(path, Path):
        return 0, 0
    with closing(connect(path)) as raw:
        free, count, size = (
            raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count", "page_size")
        )
    return free * size, count * size


def _run_logs(store: Store, home: Home) -> Iterator[Finding]:
    left = list(orphans(store, home))
    if left:
        room = sum(size_of(folder)[0] for folder in left)
        yield _finding(
            "run_logs",
            "note",
            f"{len(left)} logs of runs that were purged are still there ({shown(room)}).",
            "",
            "run_logs",
        )
    else:
        yield _finding("run_logs", "ok", "Every log of a run has its trial component.")


def _free_pages(store: Store) -> Iterator[Finding]:
    free, size = free_pages(store)
    if free > MANY_FREE and free > size * _SHARE_FREE:
        yield _finding(
            "free_pages",
            "note",
            f"{shown(free)} of the database's {shown(size)} are free pages.",
            "They are used again; the repair gives them back to the disk.",
            "database",
        )

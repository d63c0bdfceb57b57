"""The cures for what the doctor finds; each can say first what it would do.

    repair(store, home, "blobs", dry_run=True) → ["Would remove 12 artifact files (3.1 GB)."]

Knows nothing of: who asks.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import InvalidField, StoreBusy
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.collect import collect
from mlstudio.store.doctor import too_open
from mlstudio.store.doctor_records import changed_blobs, free_pages, stuck_components
from mlstudio.store.doctor_sizes import shown, size_of
from mlstudio.store.home import Home
from mlstudio.store.journal import list_journals, unreadable_journals
from mlstudio.store.journal_process import is_alive, is_local
from mlstudio.store.laws import Store
from mlstudio.store.migrate import connect
from mlstudio.store.recover import HeartbeatWatch, close_lost, recover_journals
from mlstudio.store.run_logs import orphans
from mlstudio.store.sqlite_build import check_may_write, sqlite_module

Cure = Callable[[Store, Home, bool], list[str]]


def repair(store: Store, home: Home, what: str, *, dry_run: bool = False) -> list[str]:
    """Set one thing right.

    Args:
        store: an open store.
        home: its home.
        what: the `repair` of a finding.
        dry_run: only say what would be done.

    Returns:
        What was done, or would be, as sentences; empty when there is nothing to do.

    Raises:
        InvalidField: nothing is called so.
    """
    cure = CURES.get(what)
    if cure is None:
        raise InvalidField(f'No repair is called "{what[:60]}".', field="what", hint=f"Use {', '.join(sorted(CURES))}.")
    return cure(store, home, dry_run)


def _permissions(store: Store, home: Home, dry_run: bool) -> list[str]:
    said = []
    for found in too_open(home, getattr(store, "path", home.database)):
        path = Path(found)
        mode = 0o700 if path.is_dir() else 0o600
        if not dry_run:
            path.chmod(mode)
        said.append(f"{'Would close' if dry_run else 'Closed'} {found} to others (mode {mode:o}).")
    return said


def _journals(store: Store, home: Home, dry_run: bool) -> list[str]:
    if dry_run:
        listed = [item.header.info for item in list_journals(home.journals)]
        dead = [info for info in listed if is_local(info.process) and not is_alive(info.process)]
        return [f"Would store the journal of {info.component_name}." for info in dead]
    report = recover_journals(store, home)
    done = [f"Stored {len(report.drained)} journals."] if report.drained else []
    done += [f"Ended {name}: its process is gone." for name in report.closed]
    return done + [f"The journal {journal} must wait: {why}" for journal, why in report.waiting.items()]


def _components(store: Store, home: Home, dry_run: bool) -> list[str]:
    if dry_run:
        return [
            f"Would end {beat.name}: its process {beat.process.pid} is gone." for beat in stuck_components(store, home)
        ]
    report = close_lost(store, home, HeartbeatWatch())
    return [f"Ended {name}: its process is gone." for name in report.closed]


def _blobs(store: Store, home: Home, dry_run: bool) -> list[str]:
    found = collect(store, BlobStore(home.artifacts), dry_run=dry_run, home=home)
    if found.held is not None:
        return [f"Nothing was removed. {found.held}"]
    if not found.blobs:
        return []
    return [f"{'Would remove' if dry_run else 'Removed'} {found.blobs} artifact files ({shown(found.bytes)})."]


def _run_logs(store: Store, home: Home, dry_run: bool) -> list[str]:
    gone = list(orphans(store, home))
    room = sum(size_of(folder)[0] for folder in gone)
    for folder in [] if dry_run else gone:
        shutil.rmtree(folder, ignore_errors=True)
    return [f"{'Would remove' if dry_run else 'Removed'} {len(gone)} logs of runs ({shown(room)})."] if gone else []


def _changed(store: Store, home: Home, dry_run: bool) -> list[str]:
    blobs = BlobStore(home.artifacts)
    return [_aside(blobs.path(sha256), blobs.root / "damaged", dry_run) for sha256 in changed_blobs(store, blobs)]


def _damaged_journals(store: Store, home: Home, dry_run: bool) -> list[str]:
    del store
    return [_aside(path, home.journals / "damaged", dry_run) for path in unreadable_journals(home.journals)]


def _aside(path: Path, folder: Path, dry_run: bool) -> str:
    target = folder / path.name
    if not dry_run:
        folder.mkdir(mode=0o700, exist_ok=True)
        path.replace(target)
    return f"{'Would put' if dry_run else 'Put'} {path.name} aside as {target}."


def _database(store: Store, home: Home, dry_run: bool) -> list[str]:
    """Give free pages back; needs room for a copy of the file, and a moment without other writers."""
    del home
    free, _ = free_pages(store)
    if not free:
        return []
    if dry_run:
        return [f"Would give {shown(free)} of the database back to the disk."]
    path: Path = store.path  # type: ignore[attr-defined]
    check_may_write(sqlite_module())
    try:
        with closing(connect(path)) as raw:
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite_module().OperationalError as error:
        raise StoreBusy(f"The database could not be packed: {error}.", hint="Try again when nothing writes.") from error
    return [f"Gave {shown(free)} of the database back to the disk."]


CURES: Final[dict[str, Cure]] = {
    "permissions": _permissions,
    "journals": _journals,
    "damaged_journals": _damaged_journals,
    "components": _components,
    "blobs": _blobs,
    "run_logs": _run_logs,
    "changed_artifacts": _changed,
    "database": _database,
}
"""What can be set right, by name."""

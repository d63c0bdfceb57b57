"""What `mlstudio run` prints lies below the home, one folder a trial component, and goes with it.

    <home>/runs/<uid>/run.json        the component's name, and the store that has it
    <home>/runs/<uid>/log/output.*    the log, in the segments of `jobs.runner.logs`

Whoever purges through `purge` removes the folder too. What another way left (the SDK, a process that ended
between the two) is an orphan: the doctor names it and removes it.

Reads: the folder, the store. Knows nothing of: what stands in a log.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from mlstudio.entities.errors import NotFound
from mlstudio.store.home import Home
from mlstudio.store.laws import RecordKind, Store

DAY: Final = 86_400.0
LABEL: Final = "run.json"
_LONGEST_UID: Final = 64


class Label(msgspec.Struct, frozen=True):
    """Whose log lies in a folder: name of the component, address of the store."""

    name: str
    store: str


def folder_of(home: Home, uid: str) -> Path | None:
    """Return where the log of a component lies; None for an id that is no name of a folder."""
    return home.runs / uid if uid.isalnum() and uid.isascii() and len(uid) <= _LONGEST_UID else None


def make_folder(home: Home, uid: str, label: Label) -> Path:
    """Make the folder of a component, only for you to read. Raises: OSError, StoreUnreachable."""
    folder = folder_of(home, uid)
    if folder is None:
        raise OSError(f"{uid!r} cannot be the name of a folder")
    home.ensure(home.runs)
    home.ensure(folder)
    part = folder / f".{LABEL}.{os.getpid()}"
    part.write_bytes(msgspec.json.encode(label))
    part.chmod(0o600)
    part.replace(folder / LABEL)
    return folder


def purge(store: Store, home: Home, kind: RecordKind, name: str) -> None:
    """Remove a deleted record for good, and the log of a component with it. Raises: NotFound, Conflict."""
    uid = store.get_component(name, most=0).uid if kind == "trial-component" else None
    store.purge(kind, name)
    folder = None if uid is None else folder_of(home, uid)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)  # what is left is an orphan


def orphans(store: Store, home: Home, *, older_than_s: float = DAY) -> Iterator[Path]:
    """Yield folders of this store's components that are gone; none that was written to within the time.

    Args:
        store: is asked for the component of each old folder.
        home: whose folders.
        older_than_s: seconds; a run whose journal waits has no component yet.
    """
    before = time.time() - older_than_s
    for folder in sorted(home.runs.glob("*/")):
        with contextlib.suppress(OSError):  # gone meanwhile
            if _last_written(folder) < before and _is_orphan(store, folder):
                yield folder


def _last_written(folder: Path) -> float:
    inside = [folder, folder / "log", *(folder / "log").glob("*")]
    return max(path.lstat().st_mtime for path in inside if path.exists())


def _is_orphan(store: Store, folder: Path) -> bool:
    try:
        label = msgspec.json.decode((folder / LABEL).read_bytes(), type=Label)
    except (OSError, msgspec.MsgspecError):
        return False  # nobody knows whose it is
    if label.store != store.url:
        return False
    try:
        return store.get_component(label.name, most=0).uid != folder.name
    except NotFound:
        return True

"""What is wrong with a store, or could be soon: each finding with what to do about it.

Looks and changes nothing: no file is created, no journal drained, no schema migrated.

Reads: the home folder, the database file, the journals' headers.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, Literal

import msgspec

from mlstudio.entities.errors import StudioError
from mlstudio.entities.housekeeping import DoctorFinding, DoctorReport
from mlstudio.store import schema
from mlstudio.store.filesystems import NETWORK, filesystem_of, free_megabytes
from mlstudio.store.home import Home, default_home, default_url
from mlstudio.store.journal import Listed, list_journals
from mlstudio.store.journal_process import is_alive, is_local
from mlstudio.store.laws import Store
from mlstudio.store.migrate import connect, quick_check, revision_of, settings_of
from mlstudio.store.opening import open_store
from mlstudio.store.sqlite_build import is_safe, sqlite_module

Level = Literal["ok", "note", "slow", "unsafe"]

LOW_MEGABYTES: Final = 1_000.0
EMPTY_MEGABYTES: Final = 100.0
LARGE_WAL: Final = 256_000_000
_COPY_ON_WRITE: Final = frozenset({"btrfs", "zfs", "bcachefs"})
_SQLITE: Final = "sqlite:///"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    `level`: ok; note (worth knowing); slow (works, but badly); unsafe (data may be lost or read
    by others).
    """

    code: str
    level: Level
    message: str
    hint: str = ""
    repair: str | None = None
    """What `store.repair.repair` calls the cure; None where a person must act."""


def examine(
    store: Store | None = None, *, home: Home | None = None, url: str | None = None, deep: bool = False
) -> DoctorReport:
    """Look at everything and return what was found, with sizes. Changes nothing.

    Args:
        store: an open store; None: the one at `url` is opened when it is there, whole and up to date.
        home: the home folder, default `default_home()`.
        url: the store, default ``MLSTUDIO_STORE_URL``, else the SQLite file in the home.
        deep: read every artifact again and compare it with its hash.
    """
    from mlstudio.store.doctor_records import look
    from mlstudio.store.doctor_sizes import sizes

    place = home or default_home()
    address = url or (default_url(place) if store is None else store.url)
    found = check(home=place, url=address)
    opened = store or (open_store(address) if _may_open(address, found) else None)
    if opened is not None:
        found += look(opened, place, deep=deep)
    items = [
        DoctorFinding(code=one.code, level=one.level, message=one.message, hint=one.hint, repair=one.repair)
        for one in found
    ]
    return DoctorReport(items=items, sizes=sizes(place, address))


def _may_open(address: str, found: list[Finding]) -> bool:
    """Tell whether opening a store would neither make, migrate nor hurt it."""
    whole = any(one.code == "integrity" for one in found)
    return whole and revision_of(Path(address.removeprefix(_SQLITE)).absolute()) == schema.REVISIONS[-1]


def check(*, home: Home | None = None, url: str | None = None) -> list[Finding]:
    """Look at the store and return what was found, in a fixed order.

    Args:
        home: the home folder, default `default_home()`.
        url: the store, default ``MLSTUDIO_STORE_URL``, else the SQLite file in the home.
    """
    place = home or default_home()
    address = url or default_url(place)
    if not address.startswith(_SQLITE):
        return [_sqlite(), Finding("store", "note", f"The store {address} is not a file of this host.")]
    path = Path(address.removeprefix(_SQLITE)).absolute()
    return [
        _sqlite(),
        _filesystem(path.parent),
        _space(path.parent),
        *_store(path),
        *_permissions(place, path),
        *_journals(place),
    ]


def _sqlite() -> Finding:
    module = sqlite_module()
    if is_safe(tuple(module.sqlite_version_info)):
        return Finding("sqlite", "ok", f"SQLite {module.sqlite_version} (through {module.__name__.split('.')[0]}).")
    return Finding(
        "unsafe_sqlite",
        "unsafe",
        f"SQLite {module.sqlite_version} can lose committed data in WAL mode; mlstudio only reads with it.",
        "Run `pip install pysqlite3` in this environment.",
    )


def _filesystem(folder: Path) -> Finding:
    kind = filesystem_of(folder)
    if kind in NETWORK:
        return Finding(
            "network_filesystem",
            "unsafe",
            f"The store folder {folder} is on a network file system ({kind}).",
            "Set MLSTUDIO_HOME to a folder on a local disk, or use PostgreSQL or the server.",
        )
    if kind in _COPY_ON_WRITE:
        return Finding(
            "copy_on_write",
            "note",
            f"The store folder {folder} is on {kind}, where a database grows fragmented.",
            f"On btrfs: `chattr +C {folder}` before the store is made.",
        )
    return Finding("filesystem", "ok", f"The store folder {folder} is on {kind or 'a file system of unknown type'}.")


def _space(folder: Path) -> Finding:
    free = free_megabytes(folder)
    if free is None:
        return Finding("space", "note", f"The free space at {folder} cannot be read.")
    shown = f"{free / 1000:.1f} GB are free at {folder}."
    if free < EMPTY_MEGABYTES:
        return Finding("disk_full", "unsafe", f"Only {free:.0f} MB are free at {folder}.", "Free some space.")
    if free < LOW_MEGABYTES:
        return Finding("low_space", "note", shown, "Free some space before long runs.")
    return Finding("space", "ok", shown)


def _store(path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield Finding("no_store", "ok", f"There is no store at {path} yet; the first run makes it.")
        return
    wrong = quick_check(path)
    if wrong is not None:
        yield Finding("damaged", "unsafe", f"The store {path} is damaged: {wrong}.", _repair(path))
        return
    yield Finding("integrity", "ok", f"The store {path} is whole ({path.stat().st_size / 1e6:.1f} MB).")
    try:
        found = revision_of(path)
        made_by = settings_of(path).get("made_by", "(unknown)")
    except StudioError as error:
        yield Finding(error.code, "unsafe", error.message, error.hint or "")
        return
    if found not in schema.REVISIONS:
        yield Finding(
            "store_too_new",
            "unsafe",
            f"The store was made by mlstudio {made_by}, which is newer than this one.",
            "Upgrade with `pip install --upgrade mlstudio`.",
        )
        return
    yield from _age(path)


def _age(path: Path) -> Iterator[Finding]:
    with closing(connect(path)) as raw:
        at = raw.execute("SELECT max(at) FROM change").fetchone()[0]
    if at is not None:
        shown = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at / 1e6))
        yield Finding("last_commit", "ok", f"The last commit was made at {shown}.")
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size > LARGE_WAL:
        yield Finding(
            "large_wal",
            "slow",
            f"The write-ahead log has {wal.stat().st_size / 1e6:.0f} MB: a reader keeps it from being emptied.",
            "Close notebooks that hold the store open for long.",
        )


def _repair(path: Path) -> str:
    backups = sorted((path.parent / "backup").glob("*.db"))
    copy = f" The newest backup is {backups[-1]}." if backups else ""
    return f"Stop everything that uses it, keep a copy, then try `sqlite3 {path} .recover`.{copy}"


def too_open(home: Home, path: Path) -> list[str]:
    """Return the folders of a home, and its database, that others may reach."""
    folders = [home.root, home.journals, home.artifacts, home.jobs, home.runs, home.agent, home.backups]
    return [str(found) for found in (*folders, path) if found.exists() and found.stat().st_mode & 0o077]


def _permissions(home: Home, path: Path) -> Iterator[Finding]:
    open_ones = too_open(home, path)
    for found in open_ones:
        mode = stat.S_IMODE(Path(found).stat().st_mode)
        wanted = "700" if Path(found).is_dir() else "600"
        yield Finding(
            "permissions",
            "unsafe",
            f"Others may reach {found} (mode {mode:o}).",
            f"Run `chmod {wanted} {found}`.",
            "permissions",
        )
    if not open_ones:
        yield Finding("permissions", "ok", "Only you may read the home folder.")


def _journals(home: Home) -> Iterator[Finding]:
    listed = list_journals(home.journals)
    dead = [item for item in listed if _is_dead(item)]
    if dead:
        yield Finding(
            "dead_journals",
            "note",
            f"{len(dead)} of {len(listed)} journals were left by processes that ended without closing them.",
            "They are stored when the next server or run starts.",
            "journals",
        )
    else:
        yield Finding("journals", "ok", f"{len(listed)} journals wait, all of running processes.")


def _is_dead(item: Listed) -> bool:
    process = item.header.info.process
    return is_local(process) and not is_alive(process)

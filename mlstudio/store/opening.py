"""`open_store`: one store per address and process, opened safely.

Looks at the file system, creates or migrates the file, checks it when the last close was not
clean, and hands out the same instance to every caller of the process. A damaged file is opened
for reading only, and says so.

Knows nothing of: records.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlstudio.entities.errors import InvalidField, StoreUnreachable
from mlstudio.store.filesystems import refuse_network
from mlstudio.store.home import Home, default_home, default_url
from mlstudio.store.laws import Store
from mlstudio.store.reserve import keep_reserve
from mlstudio.store.store_use import StoreUse

if TYPE_CHECKING:
    from mlstudio.store.sqlite_store import SqliteStore

MEMORY_URL: Final = "memory:"
_SQLITE: Final = "sqlite:///"
_log = logging.getLogger(__name__)
_open: dict[str, Store] = {}
_opening = threading.RLock()


def open_store(url: str | None = None, *, home: Home | None = None) -> Store:
    """Return the store at `url`; the same object for every caller of this process, safe over fork.

    Args:
        url: ``sqlite:///path``, or ``memory:`` for one that ends with the process; default
            ``MLSTUDIO_STORE_URL``, else the SQLite file in the home.
        home: the home folder, default `default_home()`.

    Raises:
        InvalidField: an address that no backend serves.
        StoreUnreachable: the folder cannot be used, or is on a network file system.
        StoreTooNew: made by a newer mlstudio.
        StoreDamaged: the file is no readable database.
    """
    wanted = _canonical_url(url or default_url(home or default_home()))
    with _opening:
        store = _open.get(wanted)
        if store is None or getattr(store, "closed", False):
            store = _open_new(wanted)
            _open[wanted] = store
        return store


def _canonical_url(url: str) -> str:
    if url == MEMORY_URL:
        return url
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return f"{_SQLITE}{Path(url.removeprefix(_SQLITE)).absolute()}"
    raise InvalidField(
        f"No store can be opened at {url.split('://', maxsplit=1)[0]}://…",
        field="MLSTUDIO_STORE_URL",
        hint="Use sqlite:///path/to/file.db.",
    )


def _open_new(url: str) -> Store:
    if url == MEMORY_URL:
        from mlstudio.store.memory import MemoryStore

        return MemoryStore()
    return open_sqlite(Path(url.removeprefix(_SQLITE)))


def open_sqlite(path: Path) -> SqliteStore:
    """Open the SQLite store at `path`, creating or migrating it. Not cached; `open_store` is for callers."""
    from mlstudio.store.migrate import ensure_schema, settings_of
    from mlstudio.store.sqlite_store import SqliteStore

    Home(path.parent).ensure()
    refuse_network(path.parent)
    ours = path.exists() and path.stat().st_size > 0
    try:
        use = StoreUse(path)
    except OSError as error:
        raise StoreUnreachable(
            f"The store folder {path.parent} may not be written: {error.strerror}.", field="MLSTUDIO_HOME"
        ) from error
    damage: str | None = None
    notices: list[str] = []
    try:
        if ours and use.alone() and not use.closed_well():
            damage, notices = _check(path)
        if damage is None:
            ensure_schema(path)
        uid = settings_of(path).get("store_uid", "unknown")
        use.share()
    except BaseException:
        use.close(well=False)
        raise
    store = SqliteStore(path, uid=uid, damage=damage, use=use)
    store.notices.extend(notices)
    for notice in notices:
        _log.warning(notice)
    if damage is None:
        keep_reserve(path)
    return store


def _check(path: Path) -> tuple[str | None, list[str]]:
    """Return what is wrong with a file that was not closed well, and what a person should hear."""
    from mlstudio.store.migrate import quick_check

    wal_lost = path.with_name(f"{path.name}-shm").exists() and not path.with_name(f"{path.name}-wal").exists()
    damage = quick_check(path)
    notices: list[str] = []
    if damage is not None:
        notices.append(f"The store {path} is damaged and opened for reading only: {damage}. Run `mlstudio doctor`.")
    if wal_lost:
        notices.append(f"The write-ahead log of {path} is missing. {_last_commit(path)}")
    return damage, notices


def _last_commit(path: Path) -> str:
    from contextlib import closing

    from mlstudio.store.migrate import connect
    from mlstudio.store.sqlite_build import sqlite_module

    try:
        with closing(connect(path)) as raw:
            at = raw.execute("SELECT max(at) FROM change").fetchone()[0]
    except sqlite_module().Error:
        at = None
    if at is None:
        return "The time of the last commit is not known."
    return f"The last commit that is there was made at {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at / 1e6))}."


def close_all() -> None:
    """Close every store that this process opened through `open_store`."""
    with _opening:
        while _open:
            _open.popitem()[1].close()


def _after_fork() -> None:
    global _opening
    _opening = threading.RLock()


atexit.register(close_all)
os.register_at_fork(after_in_child=_after_fork)

"""One SQLite file, held rightly: what all SQL of the store stands on.

Promises: a write is one ``BEGIN IMMEDIATE`` transaction, durable (synchronous=FULL) unless it may
be repeated from a journal; a read is one snapshot; a child process opens its own connections and
never touches the inherited ones; every error that leaves is a StudioError.

The file is opened through one SQLite library only, and never by `open()`: closing any descriptor
of it would drop the POSIX locks of the whole process.

Knows nothing of: tables, save the change feed through `note_change`.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from mlstudio.entities.errors import StoreBusy, StoreDamaged, StoreUnreachable, StudioError
from mlstudio.store import schema
from mlstudio.store.sqlite_build import check_may_write, sqlite_module
from mlstudio.store.sqlite_errors import studio_error

BUSY_SECONDS: Final = 60
FORK_SECONDS: Final = 2
KEPT_CHANGES: Final = 20_000
_TRIM_EVERY: Final = 1_000
_PUT_CHANGE: Final = "INSERT INTO change(at, entity_kind, entity_uid, entity_name, op) VALUES (?,?,?,?,?)"
_living: weakref.WeakSet[SqlBase] = weakref.WeakSet()
_inherited: list[object] = []
"""Engines of a parent process: never closed here, or SQLite would meddle with the parent's WAL."""


def make_engine(path: Path, *, synchronous: str, read_only: bool = False) -> Engine:
    """Return an engine on the file at `path`; the file must exist."""
    module = sqlite_module()
    mode = "ro" if read_only else "rw"
    target = f"file:{_uri_path(path)}?mode={mode}"

    def connect() -> Any:
        raw = module.connect(
            target, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "wal_autocheckpoint=4000",
            "journal_size_limit=67108864",
            "cache_size=-16000",
            "temp_store=MEMORY",
            "trusted_schema=OFF",
        ):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    return sa.create_engine(
        "sqlite://",
        module=module,
        creator=connect,
        poolclass=sa.QueuePool,
        pool_size=4,
        max_overflow=28,
        pool_timeout=60,
    )


def _uri_path(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


class SqlBase:
    """Connections, transactions, errors and the change feed of one SQLite file.

    Args:
        path: an existing database file of the present schema.
        uid: id of the store.
        damage: why it may only be read, when it is damaged.
    """

    url: str
    uid: str

    def __init__(self, path: Path, *, uid: str, damage: str | None = None) -> None:
        self.path = path
        self.uid = uid
        self.url = f"sqlite:///{path}"
        self.damage = damage
        self.notices: list[str] = []
        self.closed = False
        self._inode = path.stat().st_ino
        self._start()
        _living.add(self)

    def _start(self) -> None:
        read_only = self.damage is not None
        self._lock, self._held = threading.Lock(), False
        self._mine = threading.local()
        self._state = make_engine(self.path, synchronous="FULL", read_only=read_only)
        self._blocks = make_engine(self.path, synchronous="NORMAL", read_only=read_only)

    def renew(self) -> None:
        """In a forked child: begin connections of one's own and leave the inherited ones alone."""
        _inherited.extend((self._state, self._blocks))
        self._start()

    def hold(self) -> None:
        """Before a fork: wait until no thread writes, 2 s at most.

        A child would inherit SQLite's notes of a write that goes on, and wait for its end for ever.
        """
        self._held = self._lock.acquire(timeout=FORK_SECONDS)

    def let_go(self) -> None:
        """In the parent, after a fork: let threads write again."""
        if self._held:
            self._held = False
            self._lock.release()

    def _ready(self) -> None:
        """See to it that the store is open, on the file that was opened."""
        if self.closed:
            raise StoreUnreachable(
                f"The store {self.path} was closed in this process.", hint="Call open_store() again."
            )
        try:
            present = self.path.stat().st_ino
        except OSError:
            present = -1
        if present != self._inode:
            raise StoreUnreachable(
                f"The store file {self.path} was {'removed' if present < 0 else 'replaced'} while it was in use.",
                hint="Put it back, or restart this process to begin a new store.",
            )

    def read(self) -> AbstractContextManager[Connection]:
        """Return a snapshot to read from; nothing that it does is kept."""
        return self._read()

    def write(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """Return one transaction that may write; it commits at the end of the block, or all of it is undone.

        Args:
            durable: False lets a power cut undo it (synchronous=NORMAL), for what a journal still holds.

        Raises:
            StoreBusy, DiskFull, StoreDamaged, UnsafeSQLite, StoreUnreachable: by cause.
        """
        return self._write(durable)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all that this thread reads inside stand on one snapshot: one connection and one transaction for all."""
        if getattr(self._mine, "conn", None) is not None:
            yield
            return
        with self._read() as conn:
            self._mine.conn = conn
            try:
                yield
            finally:
                self._mine.conn = None

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        held = getattr(self._mine, "conn", None)
        if held is not None:
            with self._translated():
                yield held
            return
        self._ready()
        with self._translated(), self._state.connect() as conn:
            conn.exec_driver_sql("BEGIN")
            yield conn

    @contextmanager
    def _write(self, durable: bool) -> Iterator[Connection]:
        self._ready()
        if self.damage is not None:
            raise StoreDamaged(
                f"The store {self.path} is damaged and open for reading only: {self.damage}.",
                hint="Run `mlstudio doctor`; a copy from the backup folder can take its place.",
            )
        check_may_write(sqlite_module())
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise StoreBusy(f"Another thread is writing to {self.path} for too long.", hint="Try again in a moment.")
        try:
            with self._translated(), (self._state if durable else self._blocks).connect() as conn:
                conn.exec_driver_sql("BEGIN IMMEDIATE")
                yield conn
                conn.commit()
        finally:
            self._lock.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what SQLAlchemy and the driver raise into a StudioError; a damaged page is remembered."""
        try:
            yield
        except StudioError:
            raise
        except (SQLAlchemyError, sqlite_module().Error, UnicodeError, OverflowError, msgspec.DecodeError) as error:
            mapped = studio_error(error, self.path)
            # A record that cannot be read is that record's trouble; only the driver knows of a broken file.
            if isinstance(mapped, StoreDamaged) and not isinstance(error, msgspec.DecodeError):
                self.damage = mapped.message
            raise mapped from error

    def note_change(self, conn: Connection, kind: str, uid: str, name: str, op: str) -> None:
        """Add a row to the change feed, in the caller's transaction; old rows are trimmed now and then.

        Args:
            kind: experiment, trial, trial-component or job.
            uid: id of what was changed.
            name: its name.
            op: created, updated, status, metrics, params, artifacts, archived, deleted, restored or purged.
        """
        at = time.time_ns() // 1000
        raw: Any = conn.connection.driver_connection
        newest = int(raw.execute(_PUT_CHANGE, (at, kind, uid, name, op)).lastrowid)
        if newest % _TRIM_EVERY == 0:
            conn.execute(sa.delete(schema.change).where(schema.change.c.id <= newest - KEPT_CHANGES))

    def tidy(self) -> None:
        """Move what stands in the write-ahead log into the database, as far as nobody is in the way. Never raises."""
        with contextlib.suppress(StudioError), self._translated(), self._state.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Let go of the connections; twice is once. The last one to close a store empties its WAL."""
        if self.closed:
            return
        self.closed = True
        self._state.dispose()
        self._blocks.dispose()


def _hold_all() -> None:
    for store in list(_living):
        store.hold()


def _let_go_all() -> None:
    for store in list(_living):
        store.let_go()


def _renew_all() -> None:
    for store in list(_living):
        if not store.closed:  # a closed one's descriptor number may be somebody else's by now
            store.renew()


os.register_at_fork(before=_hold_all, after_in_parent=_let_go_all, after_in_child=_renew_all)

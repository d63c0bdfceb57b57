"""A store file of the present schema, whatever stood there before.

A new file is created from the schema and stamped (Alembic's own way takes seconds). An older one
is copied to the backup folder, brought forward step by step in one transaction, and checked. A
newer one is refused. All of it happens under a file lock: a second process waits, then finds the
work done.

Reads: ``setting`` and ``alembic_version`` of the file.
Knows nothing of: records.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from mlstudio.entities.errors import StoreDamaged, StoreTooNew, StoreUnreachable
from mlstudio.entities.names import new_uid
from mlstudio.store import schema
from mlstudio.store.sqlite_build import check_may_write, sqlite_module
from mlstudio.store.sqlite_errors import damaged, studio_error

SCRIPTS: Final = Path(__file__).parent / "migrations"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive file lock; other processes wait for it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def ensure_schema(path: Path, *, scripts: Path = SCRIPTS, revisions: tuple[str, ...] = schema.REVISIONS) -> None:
    """Create the store file at `path`, or bring it to the present schema; a present one is left alone.

    Args:
        path: the database file; its folder exists.
        scripts: Alembic's script folder.
        revisions: known schemas, oldest first.

    Raises:
        StoreTooNew: made by a newer mlstudio.
        StoreDamaged: not a database, or broken after the migration (the backup is kept).
        UnsafeSQLite: something must be written and this SQLite may not.
    """
    if revision_of(path) == revisions[-1]:
        return
    check_may_write(sqlite_module())
    with locked(path.parent / "migrate.lock"):
        found = revision_of(path)
        if found is None:
            _create(path, revisions[-1])
        elif found not in revisions:
            raise StoreTooNew(
                f"The store {path} was made by mlstudio {settings_of(path).get('made_by', '(unknown)')}, "
                f"you have {own_version()}.",
                hint="Upgrade with `pip install --upgrade mlstudio`.",
            )
        elif found != revisions[-1]:
            _upgrade(path, found, scripts)


def own_version() -> str:
    """Return the version of this mlstudio."""
    from mlstudio import __version__

    return str(__version__)


def connect(path: Path) -> Any:
    """Return a bare driver connection to an existing file, in autocommit mode."""
    return sqlite_module().connect(str(path), timeout=60, isolation_level=None)


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite_module().Error, sa.exc.SQLAlchemyError, UnicodeDecodeError) as error:
        raise studio_error(error, path) from error


def revision_of(path: Path) -> str | None:
    """Return the schema revision that the file says it has, None for a missing or empty one."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with _errors(path), closing(connect(path)) as raw:
        there = raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        if there is None:
            if raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise StoreUnreachable(
                    f"{path} is a database of another program.",
                    field="MLSTUDIO_STORE_URL",
                    hint="Name another file.",
                )
            return None
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def settings_of(path: Path) -> dict[str, str]:
    """Return what the store says of itself."""
    with _errors(path), closing(connect(path)) as raw:
        return dict(raw.execute("SELECT key, value FROM setting").fetchall())


def quick_check(path: Path) -> str | None:
    """Return the first thing that SQLite finds wrong with the file, None when it is whole."""
    try:
        with closing(connect(path)) as raw:
            found = raw.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite_module().Error, UnicodeDecodeError) as error:  # the report itself may quote a broken name
        return str(error)
    return None if found is None or found[0] == "ok" else str(found[0]).replace("\n", " ")


def _engine(path: Path) -> sa.Engine:
    module = sqlite_module()
    return sa.create_engine("sqlite://", module=module, creator=lambda: connect(path), poolclass=sa.NullPool)


def _create(path: Path, revision: str) -> None:
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    with _errors(path), _engine(path).connect() as conn:
        conn.exec_driver_sql("PRAGMA journal_mode=WAL")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        schema.metadata.create_all(conn, checkfirst=False)
        conn.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        conn.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (revision,))
        own = {"store_uid": new_uid(), "created_at": str(time.time_ns() // 1000), "made_by": own_version()}
        conn.execute(sa.insert(schema.setting), [{"key": key, "value": value} for key, value in own.items()])
        conn.commit()


def _upgrade(path: Path, found: str, scripts: Path) -> None:
    kept = _back_up(path, found)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with _errors(path), _engine(path).connect() as conn:
        conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        made_by = sa.update(schema.setting).where(schema.setting.c.key == "made_by").values(value=own_version())
        conn.execute(made_by)
        conn.commit()
    wrong = quick_check(path)
    if wrong is not None:
        error = damaged(path, f"{wrong} (after the migration from {found})")
        raise StoreDamaged(error.message, hint=f"The store as it was is kept in {kept}.")


def _back_up(path: Path, revision: str) -> Path:
    """Copy the store, its WAL included, into the backup folder beside it, and return the copy."""
    folder = path.parent / "backup"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    target = folder / f"{path.stem}-{revision}-{stamp}-{os.getpid()}.db"
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    with _errors(path), closing(connect(path)) as source, closing(connect(target)) as copy:
        source.backup(copy)
    return target

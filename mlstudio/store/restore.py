"""A store is put back from a backup: in one transaction, under programs that have it open.

The backup is brought to the present schema in a copy, the store as it stands is kept in the backup
folder, and the copy takes its place page by page. Change ids go on rising, the generation in
``setting`` is a new one, and the feed gets one change of kind ``store``, op ``restored``: whoever
follows the feed knows that everything may be different. Versions of records go on above all that
were there, so that nobody who saw one before writes over what he has not seen.

Knows nothing of: records.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import NotFound, StoreDamaged
from mlstudio.entities.names import new_uid
from mlstudio.store.migrate import connect, ensure_schema, quick_check, revision_of
from mlstudio.store.sqlite_build import check_may_write, sqlite_module
from mlstudio.store.sqlite_errors import studio_error

_VERSIONED: Final = ("experiment", "trial", "trial_component", "job", "saved_view")


def restore_backup(path: Path, backup: Path) -> Path:
    """Put the store at `path` back to what `backup` holds.

    Args:
        path: the database file; it may be in use.
        backup: a copy of a store, of this schema or an older one.

    Returns:
        Where the store as it was is kept.

    Raises:
        NotFound: there is no such backup.
        StoreDamaged: the backup is no whole store.
        StoreTooNew: it was made by a newer mlstudio.
    """
    check_may_write(sqlite_module())
    if not backup.is_file():
        raise NotFound(f"There is no backup {backup}.", field="backup")
    wrong = quick_check(backup) or (None if revision_of(backup) else "it holds no store")
    if wrong is not None:
        raise StoreDamaged(f"The backup {backup} cannot be used: {wrong}.", hint="Name another one.")
    stamp = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
    folder = path.parent / "backup"
    folder.mkdir(mode=0o700, exist_ok=True)
    kept, copy = folder / f"{path.stem}-before-restore-{stamp}.db", folder / f".restore-{stamp}.db"
    try:
        _copy(path, kept)
        _copy(backup, copy)
        ensure_schema(copy)
        _mark(copy, *_newest(path))
        _copy(copy, path, new=False)
    except sqlite_module().Error as error:
        raise studio_error(error, path) from error
    finally:
        for found in folder.glob(f".restore-{stamp}.db*"):
            found.unlink()
    return kept


def _copy(source: Path, target: Path, *, new: bool = True) -> None:
    if new:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    with closing(connect(source)) as left, closing(connect(target)) as right:
        left.backup(right)


def _newest(path: Path) -> tuple[int, int]:
    """Return the id of the last change of a store, and the highest version of its records."""
    with closing(connect(path)) as raw:
        row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'change'").fetchone()
        every = " UNION ALL ".join(f"SELECT max(version) FROM {table}" for table in _VERSIONED)  # noqa: S608 -- our own names
        highest = [found for (found,) in raw.execute(every) if found is not None]
        return int(row[0]) if row else 0, max(highest, default=0)


def _mark(copy: Path, newest: int, highest: int) -> None:
    """Let a copy say that it is another generation, and let its changes go on where the store's ended."""
    with closing(connect(copy)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT OR REPLACE INTO setting (key, value) VALUES ('generation', ?)", (new_uid(),))
        for table in _VERSIONED:
            raw.execute(f"UPDATE {table} SET version = version + ?", (highest,))  # noqa: S608 -- our own names
        uid = raw.execute("SELECT value FROM setting WHERE key = 'store_uid'").fetchone()[0]
        own = raw.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
        raw.execute(
            "INSERT INTO change (id, at, entity_kind, entity_uid, entity_name, op) VALUES (?, ?, ?, ?, ?, ?)",
            (max(newest, own) + 1, time.time_ns() // 1000, "store", uid, "store", "restored"),
        )
        raw.execute("COMMIT")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

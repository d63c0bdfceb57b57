"""Which SQLite this process may write with.

SQLite 3.7.0 to 3.51.2 can lose or corrupt committed data when two or more connections write to
or checkpoint one WAL ("WAL-reset" bug; fixed in 3.51.3, 3.50.7 and 3.44.6). A build inside that
range may read a store, and never writes to one.

Knows nothing of: the store's tables.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

from mlstudio.entities.errors import UnsafeSQLite

Version = tuple[int, ...]

_SAFE: Final[tuple[tuple[Version, Version], ...]] = (
    ((3, 51, 3), (4, 0, 0)),
    ((3, 50, 7), (3, 51, 0)),
    ((3, 44, 6), (3, 45, 0)),
)


def is_safe(version: Version) -> bool:
    """Tell whether a SQLite of this version is free of the WAL-reset bug."""
    return any(low <= version < high for low, high in _SAFE)


@cache
def sqlite_module() -> Any:
    """Return the DB-API module to use: the stdlib's when it is safe, else pysqlite3, else the stdlib's all the same."""
    standard = import_module("sqlite3")
    if is_safe(standard.sqlite_version_info):
        return standard
    try:
        bundled = import_module("pysqlite3.dbapi2")
    except ImportError:
        return standard
    return bundled if is_safe(bundled.sqlite_version_info) else standard


def check_may_write(module: Any) -> None:
    """Refuse a build that may not write.

    Raises:
        UnsafeSQLite: with its version and the command that mends it.
    """
    if not is_safe(tuple(module.sqlite_version_info)):
        raise UnsafeSQLite(
            f"This Python's SQLite {module.sqlite_version} can lose committed data; mlstudio does not write with it.",
            hint="Run `pip install pysqlite3` in this environment; until then journals keep what is logged.",
        )

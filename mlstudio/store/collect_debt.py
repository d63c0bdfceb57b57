"""What a purge let go and was too young to be removed at once is owed: a file in the home remembers.

    <home>/reclaim    when the last purge was, microseconds since the epoch; gone when nothing is owed

Whoever purges owes; a server that starts pays, whichever process purged and however it ended.

Knows nothing of: blobs, records.
"""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path
from typing import Final

from mlstudio.store.home import Home

LOG: Final = logging.getLogger("mlstudio")


def _path(home: Home) -> Path:
    return home.root / "reclaim"


def owe(home: Home) -> float:
    """Remember that something was purged now, and return when: seconds since the epoch. Never raises."""
    at = time.time_ns() // 1000
    part = _path(home).with_name(".reclaim.part")
    try:
        part.write_text(f"{at}\n", encoding="ascii")
        part.chmod(0o600)
        part.replace(_path(home))
    except OSError as error:  # a full disk: this process still knows
        LOG.warning("%s cannot be written: %s. What was purged may take room for longer.", part, error.strerror)
    return at / 1e6


def owed_since(home: Home) -> float | None:
    """Return when the last purge was whose files may still be there, seconds since the epoch.

    A time that cannot be, in the future or no number, counts as now.
    """
    now = time.time()
    try:
        text = _path(home).read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    try:
        return min(int(text) / 1e6, now)
    except (ValueError, OverflowError):
        return now


def settle(home: Home, *, until: float) -> None:
    """Forget what is owed since a time or earlier; a later purge stays owed."""
    since = owed_since(home)
    if since is not None and since <= until:
        with contextlib.suppress(OSError):
            _path(home).unlink(missing_ok=True)

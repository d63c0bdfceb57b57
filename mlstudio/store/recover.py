"""What the dead left behind: journals are drained, components closed with the reason.

Any process that opens the store may look. A journal of this host whose process is gone, and that
nobody holds the lock of (a process in another container has a process id that means nothing here),
is locked (``flock``), drained to its last whole record, and removed; when nobody else writes to its
component, the component ends: Failed "process ended without closing the run", or Stopped when a
notebook's kernel went. A component of another host whose heartbeat number has not changed for ten
minutes is Stopped "lost contact"; it comes back when it reports again.

Knows nothing of: SQL, who asks.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.store.batch import Batch, Purged, StatusMove
from mlstudio.store.home import Home
from mlstudio.store.journal import JournalReader, Listed, list_journals
from mlstudio.store.journal_file import is_written
from mlstudio.store.journal_format import SUFFIX
from mlstudio.store.journal_process import boot_id, is_alive, is_local
from mlstudio.store.laws import Heartbeat, MetricStore

LOG: Final = logging.getLogger("mlstudio")
LOST_AFTER: Final = 600.0
KEEP_UNKNOWN: Final = 24 * 3600.0
"""Seconds for which a journal is kept whose component does not exist; of one that was purged none is."""
TORN_HEADER_AFTER: Final = 60.0


@dataclass
class Report:
    """What `recover_journals` and `close_lost` did."""

    drained: list[str] = field(default_factory=list)
    """uids of the journals that are stored now."""
    closed: list[str] = field(default_factory=list)
    """Names of the components that were ended."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Journals that could not be stored now, and why."""
    bad_records: int = 0


def recover_journals(store: MetricStore, home: Home) -> Report:
    """Drain the journals of dead processes of this host, and end their components.

    Args:
        store: where to.
        home: whose journal folder.

    Returns:
        What was done; what could not be done is tried by the next call. Never raises for a journal.
    """
    report = Report()
    listed = list_journals(home.journals)
    living = {item.header.info.component for item in listed if _belongs_to_living(item)}
    dead = [item for item in listed if is_local(item.header.info.process) and not _belongs_to_living(item)]
    last = {item.header.info.component: item.path for item in dead if not item.header.adopted}
    for item in dead:
        component = item.header.info.component
        ends = component not in living and last.get(component) == item.path
        _recover(store, item, report, ends=ends)
    _sweep(home.journals, {item.path for item in listed})
    return report


def drain_component(store: MetricStore, home: Home, component: str) -> Report:
    """Drain the dead processes' journals of one component (its forked workers'), ending nothing."""
    report = Report()
    for item in list_journals(home.journals):
        info = item.header.info
        if info.component == component and is_local(info.process) and not _belongs_to_living(item):
            _recover(store, item, report, ends=False)
    return report


def _belongs_to_living(item: Listed) -> bool:
    return is_alive(item.header.info.process) or is_written(item.path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Hold the lock of a journal; False when somebody else drains it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield path.exists()
    finally:
        os.close(handle)


def _recover(store: MetricStore, item: Listed, report: Report, *, ends: bool) -> None:
    info = item.header.info
    try:
        with _locked(item.path) as ours:
            if not ours:
                return
            with JournalReader(item.path, final=True) as reader:
                report.bad_records += _drain(store, reader, _move(item) if ends else None)
            item.path.unlink(missing_ok=True)
        report.drained.append(info.journal)
        if ends:
            report.closed.append(info.component_name)
    except Purged:
        item.path.unlink(missing_ok=True)
    except NotFound as error:
        report.waiting[info.journal] = error.message
        if _age(item.path) > KEEP_UNKNOWN:
            item.path.unlink(missing_ok=True)
    except StudioError as error:
        report.waiting[info.journal] = error.message
    except Exception as error:
        LOG.exception("The journal %s could not be recovered.", item.path.name)
        report.waiting[info.journal] = str(error)


def _drain(store: MetricStore, reader: JournalReader, move: StatusMove | None) -> int:
    """Store what is left, with the closing move in its last transaction; returns the bad records met."""
    offset, bad = store.drained_to(reader.header.info.journal), 0
    while True:
        batch = reader.read(offset)
        following = reader.read(batch.end)
        if following.end == batch.end:
            batch.closed = True
            if batch.status is None or move is None or batch.status.status not in {"Completed", "Failed", "Stopped"}:
                batch.status = move or batch.status
        bad += batch.bad_records
        stored = store.apply(batch)
        if batch.closed and stored == batch.end:
            return bad
        offset = stored


def _move(item: Listed) -> StatusMove:
    """Return how a component ends whose process went without a word."""
    seen = item.header.heartbeat / 1e6 or _modified(item.path)
    when = datetime.fromtimestamp(seen, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if item.header.info.kernel:
        message = f"interrupted: the notebook's kernel ended or was restarted; last heartbeat {when}"
        return StatusMove("Stopped", int(seen * 1e6), message)
    return StatusMove("Failed", int(seen * 1e6), f"process ended without closing the run; last heartbeat {when}")


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _age(path: Path) -> float:
    return time.time() - _modified(path)


def _sweep(folder: Path, known: set[Path]) -> None:
    """Remove files of processes that died while creating them: nothing was ever logged there."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"*{SUFFIX}"):
            if path not in known and _age(path) > TORN_HEADER_AFTER and _never_begun(path):
                path.unlink(missing_ok=True)


def _never_begun(path: Path) -> bool:
    with path.open("rb") as handle:
        return not handle.read(8192).strip(b"\0")


class HeartbeatWatch:
    """Remembers heartbeat numbers from call to call; time is this process's monotonic clock."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def silent_for(self, beat: Heartbeat) -> float:
        """Return for how many seconds the number of a component has not changed, as seen from here."""
        now = time.monotonic()
        number, since = self._seen.get(beat.uid, (-1, now))
        if number != beat.number:
            self._seen[beat.uid] = (beat.number, now)
            return 0.0
        return now - since


def close_lost(store: MetricStore, home: Home, watch: HeartbeatWatch, *, after: float = LOST_AFTER) -> Report:
    """End components whose process cannot be there any more. Call it now and then with the same `watch`.

    Those of this host end when their process is gone and no journal of theirs waits to be
    recovered; those of other hosts when their heartbeat has been silent for `after` seconds.
    Components of jobs are left to the agent.
    """
    report = Report()
    pending = {item.header.info.component for item in list_journals(home.journals)}
    for beat in store.heartbeats():
        if beat.job or beat.process.pid <= 0 or beat.uid in pending:
            continue
        move = _lost(beat, watch, after)
        if move is None:
            continue
        try:
            _end(store, beat, move)
        except StudioError as error:
            report.waiting[beat.uid] = error.message
        else:
            report.closed.append(beat.name)
    return report


def _lost(beat: Heartbeat, watch: HeartbeatWatch, after: float) -> StatusMove | None:
    at = time.time_ns() // 1000
    if is_local(beat.process):
        if is_alive(beat.process):
            return None
        rebooted = beat.process.boot_id != boot_id()
        why = "the host was restarted" if rebooted else "process ended without closing the run"
        return StatusMove("Failed", at, f"{why}; no journal was left")
    silent = watch.silent_for(beat)
    if silent < after:
        return None
    return StatusMove("Stopped", at, f"lost contact: no heartbeat from {beat.process.host} for {int(silent)} s")


def _end(store: MetricStore, beat: Heartbeat, move: StatusMove) -> None:
    """Write the move as a stretch of a journal of its own, so that it is one transaction like all others."""
    journal = f"lost-{beat.uid}-{move.at}"
    store.apply(Batch(journal, beat.uid, 0, 1, beat.process, status=move, closed=True))

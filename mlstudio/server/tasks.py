"""Work that takes a while, in threads of its own: progress, an end, and perhaps a file to fetch.

A task lives as long as the server's process; what it wrote into the store or to a destination
stays. What can be fetched lies in a private folder of the home, with a quota and an age limit;
folders that dead servers left go when the first task of the next one starts.

Told on the topic ``task:<uid>``: ``progress`` at most five times a second, then ``done`` or
``failed``, each with the whole `TaskRecord`.

Knows nothing of: HTTP, stores, what the work is.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import msgspec

from mlstudio.entities.errors import InvalidField, NotFound, StudioError, TooLarge, TooMany
from mlstudio.entities.transfers import TaskRecord, TransferReport

LOG: Final = logging.getLogger("mlstudio")
Kind = Literal["import", "export", "purge", "repair"]
Publish = Callable[[str, str, object], None]
"""Topic, type and data of an event; called from any thread."""
PAUSE: Final = 0.2
"""Seconds between two tellings of progress."""
AT_ONCE: Final = 2
WAITING: Final = 20
KEPT: Final = 100
QUOTA: Final = 4 * 1024**3
AGE: Final = 24 * 3600.0


@dataclass(slots=True)
class _Entry:
    record: TaskRecord
    stop: threading.Event = field(default_factory=threading.Event)
    result: Path | None = None
    told: float = 0.0


class Control:
    """What the work of a task sees of it.

    Args:
        tasks: told of progress.
        uid: whose.
        folder: private, for the file that can be fetched; made by the first call of `file`.
    """

    def __init__(self, tasks: Tasks, uid: str, folder: Path) -> None:
        self._tasks = tasks
        self._uid = uid
        self._folder = folder

    def progress(self, done: int, total: int | None, message: str) -> None:
        """Tell how far it is; cheap, call it often. Raises: TooLarge (the file grew over the quota)."""
        self._tasks.tell(self._uid, done, total, message)

    def stopping(self) -> bool:
        """Tell whether somebody wants it to end."""
        return self._tasks.stopping(self._uid)

    def file(self, name: str) -> Path:
        """Return where to write the file that can be fetched when the task is done."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._folder / name
        self._tasks.will_make(self._uid, target)
        return target


Work = Callable[[Control], TransferReport | None]


class Tasks:
    """All tasks of one server.

    Args:
        root: where files to fetch are kept; made when needed, private.
        publish: tells those who listen.
        quota: bytes that all files together may take; the oldest go first.
        age: seconds after which a file goes.
    """

    def __init__(self, root: Path, publish: Publish, *, quota: int = QUOTA, age: float = AGE) -> None:
        self._root = root
        self._publish = publish
        self._quota = quota
        self._age = age
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._pool: ThreadPoolExecutor | None = None

    def start(self, kind: Kind, label: str, work: Work) -> TaskRecord:
        """Begin, or wait for a free thread.

        Raises:
            TooMany: enough tasks wait already.
        """
        record = TaskRecord(uid=uuid.uuid4().hex, kind=kind, label=label, status="InProgress", started_at=_now())
        with self._lock:
            if sum(entry.record.ended_at is None for entry in self._entries.values()) >= WAITING:
                raise TooMany(f"{WAITING} tasks are running or waiting.", hint="Try again when one has ended.")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mlstudio-task")
            self._entries[record.uid] = _Entry(record)
            self._forget_old()
            self._pool.submit(self._run, record.uid, work)
        return record

    def all(self) -> list[TaskRecord]:
        """Return all tasks, newest first."""
        with self._lock:
            return [entry.record for entry in reversed(self._entries.values())]

    def get(self, uid: str) -> TaskRecord:
        """Return one. Raises: NotFound."""
        return self._entry(uid).record

    def stop(self, uid: str) -> None:
        """Ask a task to end; forget one that has ended, with its file. Raises: NotFound."""
        entry = self._entry(uid)
        if entry.record.ended_at is None:
            entry.stop.set()
            return
        with self._lock:
            self._entries.pop(uid, None)
        self._drop(entry)

    def result(self, uid: str) -> Path:
        """Return the file that a task made. Raises: NotFound (none, not yet, or no longer)."""
        entry = self._entry(uid)
        if not entry.record.download or entry.result is None or not entry.result.is_file():
            raise NotFound(
                f'Task "{entry.record.label}" has no file to fetch.', hint="Files are kept for a day; do it again."
            )
        return entry.result

    def close(self) -> None:
        """Ask all to end, and remove what could be fetched."""
        with self._lock:
            entries = list(self._entries.values())
            pool = self._pool
        for entry in entries:
            entry.stop.set()
        if pool:
            pool.shutdown(wait=False, cancel_futures=True)
        for entry in entries:
            self._drop(entry)

    def tell(self, uid: str, done: int, total: int | None, message: str) -> None:
        """Note how far a task is; tell it when the last telling is long enough ago."""
        entry = self._entry(uid)
        now = time.monotonic()
        if now - entry.told < PAUSE:
            return
        entry.told = now
        if entry.result is not None and _size_in(entry.result.parent) > self._quota:  # a writer may begin beside it
            raise TooLarge(f"The file is larger than {self._quota / 1e9:g} GB.", hint="Name a destination instead.")
        self._change(entry, done=done, total=total, message=message[:500])
        self._publish(f"task:{uid}", "progress", entry.record)

    def stopping(self, uid: str) -> bool:
        """Tell whether somebody wants a task to end."""
        return self._entry(uid).stop.is_set()

    def will_make(self, uid: str, path: Path) -> None:
        """Note where a task writes its file."""
        self._entry(uid).result = path

    def _run(self, uid: str, work: Work) -> None:
        entry = self._entry(uid)
        if entry.stop.is_set():
            self._end(entry, "Stopped", "It was stopped before it began.")
            return
        try:
            self._clean()
            report = work(Control(self, uid, self._root / uid))
        except StudioError as error:
            self._end(entry, "Stopped" if entry.stop.is_set() else "Failed", str(error))
        except Exception as error:
            number = uuid.uuid4().hex[:12]
            LOG.error("mlstudio: task %s, bug %s", entry.record.kind, number, exc_info=error)
            self._end(entry, "Failed", f"mlstudio met a bug of its own (id {number}); the server's log says more.")
        else:
            stopped = entry.stop.is_set()
            self._change(entry, report=report, download=not stopped and _is_file(entry.result))
            self._end(entry, "Stopped" if stopped else "Completed", entry.record.message)

    def _end(self, entry: _Entry, status: Literal["Completed", "Failed", "Stopped"], message: str) -> None:
        done = entry.record.total if status == "Completed" and entry.record.total is not None else entry.record.done
        self._change(entry, status=status, message=message[:2000], done=done, ended_at=_now())
        if not entry.record.download:
            self._drop(entry)
        self._publish(f"task:{entry.record.uid}", "failed" if status == "Failed" else "done", entry.record)

    def _change(self, entry: _Entry, **fields: object) -> None:
        with self._lock:
            entry.record = msgspec.structs.replace(entry.record, **fields)

    def _entry(self, uid: str) -> _Entry:
        with self._lock:
            found = self._entries.get(uid)
        if found is None:
            raise NotFound(f'There is no task "{uid}".', hint="Tasks are forgotten when the server ends.")
        return found

    def _forget_old(self) -> None:
        ended = [uid for uid, entry in self._entries.items() if entry.record.ended_at is not None]
        for uid in ended[: max(0, len(self._entries) - KEPT)]:
            self._drop(self._entries.pop(uid))

    def _drop(self, entry: _Entry) -> None:
        if entry.result is not None:
            shutil.rmtree(self._root / entry.record.uid, ignore_errors=True)

    def _clean(self) -> None:
        """Remove files that are too old, then the oldest over the quota; never of a task that runs."""
        with self._lock:
            running = {uid for uid, entry in self._entries.items() if entry.record.ended_at is None}
        kept: list[tuple[float, int, Path]] = []
        for folder in self._root.iterdir() if self._root.is_dir() else ():
            if folder.name in running:
                continue
            with contextlib.suppress(OSError):
                made = folder.stat().st_mtime
                if time.time() - made > self._age:
                    shutil.rmtree(folder, ignore_errors=True)
                else:
                    kept.append((made, _size_in(folder), folder))
        room = self._quota
        for _, size, folder in sorted(kept, reverse=True):
            room -= size
            if room < 0:
                shutil.rmtree(folder, ignore_errors=True)


def check_destination(text: str, home: Path) -> Path:
    """Return a path of this machine to which a task may write.

    Raises:
        InvalidField: it is not absolute, lies in our own folder, has no parent, or exists.
    """
    if "\0" in text:
        raise InvalidField("A path holds no NUL.", field="destination")
    path = Path(text)
    if not path.is_absolute():
        raise InvalidField("The path is not absolute.", field="destination", hint="Begin it with /; ~ is not read.")
    parent = path.parent.resolve()
    if parent.is_relative_to(home.resolve()):
        raise InvalidField("That is mlstudio's own folder.", field="destination", hint="Choose another one.")
    if not parent.is_dir():
        raise InvalidField(f"There is no folder {parent}.", field="destination", hint="Make it first.")
    if path.exists() or path.is_symlink():
        raise InvalidField(f"{path} exists.", field="destination", hint="Nothing is written over; choose another name.")
    return parent / path.name


def _now() -> int:
    return time.time_ns() // 1000


def _is_file(path: Path | None) -> bool:
    return path is not None and path.is_file()


def _size_in(folder: Path) -> int:
    """Return the bytes of the files of a folder."""
    total = 0
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):  # renamed meanwhile
                total += path.lstat().st_size
    return total

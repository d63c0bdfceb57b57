"""The writer of a component's journal in one process: names, growth, rotation, forks, and what is lost.

Promise: nothing here raises into user code, and nothing waits for the store. What cannot be kept
(no space, not a number, a negative step) is counted and said once per cause.

The two hot calls are made by `journal_calls`; here is everything that is uncommon. The drain
thread asks `files` what there is to store and calls `ahead` so that callers never have to grow.
"""

from __future__ import annotations

import itertools
import logging
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.store.journal_calls import Calls, LogCall, LogManyCall, make_calls
from mlstudio.store.journal_file import JournalFile
from mlstudio.store.journal_format import (
    HEADER_SIZE,
    OPEN,
    POINT,
    ROW,
    ROW_HEAD,
    SERIES,
    JournalInfo,
    SeriesDef,
    frame,
    frame_keyset,
)
from mlstudio.store.journal_process import this_process
from mlstudio.store.journal_values import canonical, clean_name, number, seconds, step_bits

LOG: Final = logging.getLogger("mlstudio")
MAX_SERIES: Final = 1 << 24
MAX_KEYSETS: Final = 1000
MAX_RECORD: Final = 16 << 20
MAX_HELD: Final = 10_000
LOOK_AHEAD: Final = 64 << 10
RESERVE: Final = 4096
"""End of each file that only state may use: on a full disk a run can still say how it ended."""

_POINT: Final = struct.Struct("<IQdd")
_CRC: Final = struct.Struct("<I")


class JournalWriter:
    """Writes the journal files of one component in this process.

    Args:
        folder: where journals live; made with mode 0700.
        component: what OPEN says; its `uid` is set.
        adopted: the component belongs to somebody else: no OPEN, never closed by recovery.
        on_file: called after a new file came to be (also in a forked child, on its first use).
    """

    log: LogCall
    log_many: LogManyCall

    def __init__(self, folder: Path, component: ComponentCreate, *, adopted: bool, on_file: Callable[[], None]) -> None:
        self._folder = folder
        self._component = component
        self._adopted = adopted
        self._on_file = on_file
        self._opens = not adopted
        self._said: set[str] = set()
        self._ids: dict[str, int] = {}
        self._rows: dict[tuple[str, ...], tuple[int, Callable[..., bytes], int]] = {}
        calls: Calls = make_calls(self._ids, self._rows, self._log, self._log_many)
        self.log, self.log_many = calls.log, calls.log_many
        self._put_now, self._place, self._swap = calls.put, calls.place, calls.swap
        self._reset()
        with self._lock:
            self._make_room()

    def _reset(self) -> None:
        self._lock = threading.RLock()
        self._ids.clear()
        self._rows.clear()
        self._series: dict[tuple[str, str], int] = {}
        self._keysets: dict[tuple[int, ...], int] = {}
        self._numbers, self._keyset_numbers = itertools.count(1), itertools.count(1)
        self._sequence = itertools.count()
        self.files: list[JournalFile] = []
        self.dropped = 0
        self._dropped_before = 0  # of earlier files, or before there was one
        self._held: list[bytes] | None = None
        self._full = False  # until the next drain: a full disk is not asked at each call
        self._starved = self._ended = False

    def end_of(self, file: JournalFile) -> int:
        """Return the offset after the last record of one of `files`."""
        with self._lock:
            return self._place()[0] if self.files and file is self.files[-1] and not file.closed else file.written

    def dropped_in(self, file: JournalFile) -> int:
        """Return the number of calls lost while `file` was written, as its header has it."""
        return file.dropped if file.closed else self.dropped - self._dropped_before

    def record(self, kind: int, payload: object, *, reserved: bool = True) -> bool:
        """Append a record that is not a number, on a full disk in the reserve; False when it was dropped."""
        try:
            body = frame(kind, payload)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            self._drop(1, f"payload {kind}", "A record of %s cannot be kept: %s.", self._component.name, error)
            return False
        return self._put(body, reserved=reserved)

    def ahead(self) -> None:
        """Grow the file before it is full, and try again when there was no space. For the drain thread."""
        with self._lock:
            self._full = False
            if self._ended or (not self.files and not self._make_room()):
                return
            at, end = self._place()
            if end - at >= max(LOOK_AHEAD, end // 4) or self._make_room(say=False):
                self._starved = False
            file = self.files[-1]
            file.populate(at, LOOK_AHEAD)
            file.set_dropped(self.dropped - self._dropped_before)

    def recycle(self) -> None:
        """On a full disk, give the space of a file that is stored to its end to a new one. For the drain thread."""
        with self._lock:
            if not self._starved or len(self.files) != 1 or self._ended:
                return
            file = self.files[0]
            before, pages = self._swap(bytearray(), 0, 0)
            if before != file.drained or before <= HEADER_SIZE:
                self._swap(pages, before, file.size - RESERVE)  # somebody logged meanwhile, or there is nothing to win
                return
            self._dropped_before += file.told_dropped
            self.files.clear()
            file.let_go(remove=True)
            self._full = self._starved = False
            self._make_room(say=False)

    def begin_late(self) -> None:
        """Begin at last when there was no space until now: how the run ends, and what was lost, is told."""
        with self._lock:
            if self.dropped and not self.files and not self._ended:
                self._full = False
                self._make_room(say=False)

    def finish(self) -> None:
        """Take no more records; what is written can still be drained."""
        with self._lock:
            self._ended = True
            self._retire(self._swap(bytearray(), 0, 0)[0])

    def remove(self, file: JournalFile) -> None:
        """Forget a file that is stored to its end, and unlink it."""
        with self._lock:
            self.files.remove(file)
        file.let_go(remove=True)

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's files; a journal of our own begins at the first call."""
        ended, files = self._ended, self.files
        self._swap(bytearray(), 0, 0)
        self._reset()
        self._ended, self._adopted = ended, True
        for file in files:
            file.let_go()

    # ---- the slow path of the hot calls

    def _log(self, name: str, value: Any, step: Any = None, timestamp: Any = None, context: Any = None) -> None:
        try:
            found, bits = number(value), step_bits(step)
            if found is None or bits is None:
                self._refuse(name, value, step, found is None)
                return
            word = self._word(name, canonical(context))
            if not word:
                self._drop(1)
            else:
                body = _POINT.pack(word, bits, self._seconds(timestamp), found)
                self._put(_CRC.pack(zlib.crc32(body)) + body)
        except Exception as error:  # noqa: BLE001, RUF100 -- recording never raises into training
            self._drop(1, "log", "A value of %.80r could not be logged: %s.", name, error)

    def _log_many(self, values: Any, step: Any = None, timestamp: Any = None, context: Any = None) -> None:
        try:
            if not isinstance(values, Mapping):
                self._drop(1, "mapping", "log() wants a mapping of names to numbers, not %s.", type(values).__name__)
                return
            bits, when = step_bits(step), self._seconds(timestamp)
            found = [number(value) for value in values.values()]
            if bits is None or None in found or not self._row(values, bits, when, found, canonical(context)):
                for name, value in values.items():
                    self._log(name, value, step, when, context)
        except Exception as error:  # noqa: BLE001, RUF100
            self._drop(1, "log", "A mapping of values could not be logged: %s.", error)

    def _row(self, values: Mapping[Any, Any], bits: int, when: float, found: list[Any], context: str) -> bool:
        """Write one ROW; False when these names can have no keyset."""
        if not found:
            return True
        known = self._rows.get(tuple(values)) if context == "{}" else None
        keyset = known or self._keyset(tuple(values), context)
        if keyset is None:
            return False
        body = keyset[1](keyset[0], bits, when, *found)
        self._put(_CRC.pack(zlib.crc32(body)) + body, calls=len(found))
        return True

    def _refuse(self, name: object, value: object, step: object, not_a_number: bool) -> None:
        if not_a_number:
            said = "The metric %r was given a value of type %s, which is not a number; it is not stored."
            self._drop(1, f"value {name!r:.100}", said, clean_name(name), type(value).__name__)
        else:
            said = "The metric %r was given the step %.40r; steps are whole numbers from 0 on. It is not stored."
            self._drop(1, f"step {name!r:.100}", said, clean_name(name), step)

    def _seconds(self, timestamp: object) -> float:
        if (found := seconds(timestamp)) is None:
            self._say("timestamp", "A timestamp %.60r is no time; the present is used.", timestamp)
        return time.time() if found is None else found

    # ---- names

    def _word(self, name: object, context: str) -> int:
        """Return the record word of a series, writing its SERIES record at the first meeting; 0 when it cannot be."""
        clean = clean_name(name)
        if clean != name:
            self._say(f"name {name!r:.100}", "The metric name %.80r is kept as %.80r.", name, clean)
        with self._lock:
            series = self._series.get((clean, context)) or self._new_series(clean, context)
            if not series:
                return 0
            word = POINT | series << 8
            if context == "{}" and isinstance(name, str):
                self._ids[name] = word
            return word

    def _new_series(self, name: str, context: str) -> int:
        series = next(self._numbers)
        if series >= MAX_SERIES:
            self._say("series", "%s has too many metric names; new ones are not stored.", self._component.name)
            return 0
        self._series[name, context] = series  # before it is written: a signal handler may rotate in between
        if not self._put(frame(SERIES, SeriesDef(name, context), number=series), calls=0):
            self._series.pop((name, context), None)
            return 0
        return series

    def _keyset(self, names: tuple[Any, ...], context: str) -> tuple[int, Callable[..., bytes], int] | None:
        with self._lock:
            words = [self._word(name, context) for name in names]
            if not all(words) or len(self._keysets) >= MAX_KEYSETS or len(words) * 8 > MAX_RECORD // 2:
                return None
            series = tuple(word >> 8 for word in words)
            keyset = self._keysets.get(series)
            if keyset is None:
                keyset = self._keysets[series] = next(self._keyset_numbers)
                if not self._put(frame_keyset(series, number=keyset), calls=0):
                    self._keysets.pop(series, None)
                    return None
            row = (ROW | keyset << 8, struct.Struct(f"<IQd{len(series)}d").pack, ROW_HEAD + 8 * len(series))
            if context == "{}" and all(isinstance(name, str) for name in names):
                self._rows[names] = row
            return row

    # ---- room

    def _put(self, record: bytes, calls: int = 1, *, reserved: bool = False) -> bool:
        if len(record) > MAX_RECORD:  # no reader would ever get past it
            said = "A record of %d MiB is more than a journal takes; it is not stored."
            self._drop(calls, "size", said, len(record) >> 20)
            return False
        if self._put_now(record):
            return True
        with self._lock:
            if self._held is not None:  # a signal handler interrupted the growth below: it must not grow again
                return self._hold(record, calls)
            self._held = []
            stored = self._put_grown(record, reserved=reserved)
            held, self._held = self._held, None
            if not stored:
                self._drop(calls)
            for later in held:
                self._put(later, reserved=reserved)
        return stored

    def _hold(self, record: bytes, calls: int) -> bool:
        """Keep a record until the growth that was interrupted has ended."""
        if self._held is not None and len(self._held) < MAX_HELD:
            self._held.append(record)
            return True
        self._drop(calls, "held", "Signal handlers log faster than a journal can grow.")
        return False

    def _put_grown(self, record: bytes, *, reserved: bool) -> bool:
        while not self._put_now(record):
            if not self._make_room():
                return reserved and self._put_in_reserve(record)
        return True

    def _put_in_reserve(self, record: bytes) -> bool:
        if self._ended or not self.files:
            return False
        file = self.files[-1]
        self._swap(file.map, -1, file.size)
        try:
            return self._put_now(record)
        finally:
            self._swap(file.map, -1, file.size - RESERVE)

    def _make_room(self, *, say: bool = True) -> bool:
        """Grow or rotate; False when there is no space (said once; tried again at the next drain)."""
        if self._full or self._ended:
            if self._ended:
                self._say("closed", "%s is closed; what is logged now is not stored.", self._component.name)
            return False
        try:
            if self.files:
                new = self.files[-1].grow()
                if new is not None:
                    self._swap(new, -1, len(new) - RESERVE)
                    return True
            self._begin_file()
        except StudioError as error:
            self._full = self._starved = True
            if say:
                self._say("space", "%s Training goes on; what is logged is dropped and counted.", error)
            return False
        return True

    def _begin_file(self) -> None:
        """Start the next file: its names first, then the writers move over."""
        info = JournalInfo(
            journal=new_uid(),
            component=self._component.uid or "",
            component_name=self._component.name,
            process=this_process(),
            seq=next(self._sequence),
            kernel="ipykernel" in sys.modules,
        )
        counted = 0 if self.files else self.dropped - self._dropped_before
        file = JournalFile(self._folder, info, adopted=self._adopted, dropped=counted)
        head, named, sets = self._head(), len(self._series), len(self._keysets)
        try:
            while HEADER_SIZE + len(head) > file.size // 2:
                if file.grow() is None:
                    break
        except StudioError:
            file.let_go(remove=True)
            raise
        file.map[HEADER_SIZE : HEADER_SIZE + len(head)] = head
        before, _ = self._swap(file.map, HEADER_SIZE + len(head), file.size - RESERVE)
        if self.files:
            self._retire(before)
        self.files.append(file)
        if (named, sets) != (len(self._series), len(self._keysets)):  # a signal handler named something meanwhile
            self._put_now(self._names(named, sets))
        self._on_file()

    def _head(self) -> bytes:
        """Return OPEN and all names, as each file repeats them."""
        return (frame(OPEN, self._component) if self._opens else b"") + self._names()

    def _names(self, series_from: int = 0, keysets_from: int = 0) -> bytes:
        """Return the records of all names, or of those that came later."""
        series, keysets = list(self._series.items())[series_from:], list(self._keysets.items())[keysets_from:]
        parts = [frame(SERIES, SeriesDef(*key), number=number) for key, number in series]
        parts += [frame_keyset(ids, number=number) for ids, number in keysets]
        return b"".join(parts)

    def _retire(self, written: int) -> None:
        """Close the present file for writing."""
        if self.files and not self.files[-1].closed:
            file = self.files[-1]
            file.written = written
            file.set_dropped(self.dropped - self._dropped_before)
            file.set_closed()
            self._dropped_before = self.dropped

    def _drop(self, calls: int, key: str = "", message: str = "", *values: object) -> None:
        with self._lock:
            self.dropped += calls
            if self.files and not self.files[-1].closed:
                self.files[-1].set_dropped(self.dropped - self._dropped_before)
        if key:
            self._say(key, message, *values)

    def _say(self, key: str, message: str, *values: object) -> None:
        if key not in self._said and len(self._said) < 1000:
            self._said.add(key)
            LOG.warning(message, *values)

"""The writer of journals: about a third of a microsecond a call, no lock, no I/O, no exception.

`make_calls` returns the two calls that training loops make. They read a clock, pack, checksum,
and copy the record into mapped memory; what returned survives `kill -9`, because the pages belong
to the kernel. Everything uncommon (a new name, a timestamp, a bad value, a full file) goes to the
slow path of `JournalWriter`.

Why there is no lock: between reading `at` and the end of the copy no bytecode lets another thread
or a signal handler in (CPython switches at calls' ends and backward jumps only), so claim and copy
are one step under the GIL. A lock would cost 200 ns a call, would have to be re-made in forked
children, and would deadlock a signal handler that logs. Without the GIL (free-threaded builds) a
lock is put round the calls. Growing and rotating exchange map, place and end in plain assignments.
"""

from __future__ import annotations

import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from mlstudio.store.journal_format import NO_STEP_BITS, POINT_SIZE

_POINT_BODY: Final = struct.Struct("<IQdd").pack
_POINT_PUT: Final = struct.Struct("<I28s").pack_into
_CRC: Final = struct.Struct("<I").pack
ERAS: Final = 1e12
"""Seconds from the epoch, either way, within which a time is written without a second look."""

Timestamp = Any
Context = Mapping[str, Any] | None


class LogCall(Protocol):
    """``log(name, value, step=None, timestamp=None, context=None)``: one point; never raises, never blocks."""

    def __call__(
        self, name: str, value: Any, step: Any = None, timestamp: Timestamp = None, context: Context = None
    ) -> None: ...


class LogManyCall(Protocol):
    """``log_many(mapping, step=None, timestamp=None, context=None)``: values of one step in one record."""

    def __call__(
        self, values: Mapping[str, Any], step: Any = None, timestamp: Timestamp = None, context: Context = None
    ) -> None: ...


class Calls(NamedTuple):
    """The hot calls and the handles of their shared place."""

    log: LogCall
    log_many: LogManyCall
    put: Callable[[bytes], bool]
    """Append a finished record; False when there is no room."""
    place: Callable[[], tuple[int, int]]
    """Return (offset after the last record, size of the mapping)."""
    swap: Callable[[Any, int, int], tuple[int, Any]]
    """Go on in another mapping, from an offset (-1: where we are) to an end; returns place and mapping before."""


def make_calls(  # noqa: C901 -- three closures that share one place
    ids: dict[str, int],
    keysets: dict[tuple[str, ...], tuple[int, Callable[..., bytes], int]],
    slow: LogCall,
    slow_many: LogManyCall,
) -> Calls:
    """Return the calls; `ids` and `keysets` are filled by the slow paths. Everything is bound beforehand."""
    pack, put_point, crc_bytes, crc32, now, none = _POINT_BODY, _POINT_PUT, _CRC, zlib.crc32, time.time, NO_STEP_BITS
    pages: Any = bytearray()
    at = end = 0

    def log(name: str, value: Any, step: Any = None, timestamp: Timestamp = None, context: Context = None) -> None:
        nonlocal at
        if timestamp is None and context is None:
            try:
                body = pack(ids[name], none if step is None else step, now(), value)
                crc = crc32(body)
                here = at  # no call from here to the copy
                if here + POINT_SIZE <= end:
                    at = here + POINT_SIZE
                    put_point(pages, here, crc, body)
                    return
            except Exception:  # noqa: S110, BLE001, RUF100 -- the slow path says what is wrong
                pass
        elif context is None and type(timestamp) is float and -ERAS < timestamp < ERAS:  # autolog's rows
            try:
                body = pack(ids[name], none if step is None else step, timestamp, value)
                if put(crc_bytes(crc32(body)) + body):
                    return
            except Exception:  # noqa: S110, BLE001, RUF100 -- see above
                pass
        slow(name, value, step, timestamp, context)

    def log_many(values: Mapping[str, Any], step: Any = None, timestamp: Any = None, context: Context = None) -> None:
        if timestamp is None and context is None:
            try:
                word, pack_row, _ = keysets[tuple(values)]
                body = pack_row(word, none if step is None else step, now(), *values.values())
            except Exception:  # noqa: S110, BLE001, RUF100
                pass
            else:
                if put(crc_bytes(crc32(body)) + body):
                    return
        slow_many(values, step, timestamp, context)

    def put(record: bytes) -> bool:
        nonlocal at
        size = len(record)
        here = at  # no call from here to the copy
        if here + size <= end:
            at = here + size
            pages[here:at] = record
            return True
        return False

    def swap(new: Any, place: int, size: int) -> tuple[int, Any]:
        nonlocal pages, at, end
        old, before = pages, at  # held until the caller drops it: unmapping lets other threads run
        if place < 0:
            pages, end = new, size
        else:
            pages, at, end = new, place, size
        return before, old

    return guarded(Calls(log, log_many, put, lambda: (at, end), swap))


def guarded(calls: Calls) -> Calls:
    """Return the calls as they are under a GIL, and behind one lock without it."""
    if getattr(sys, "_is_gil_enabled", lambda: True)():
        return calls
    lock = threading.RLock()

    def hold(call: Callable[..., Any]) -> Callable[..., Any]:
        def held(*args: Any, **kwargs: Any) -> Any:
            with lock:
                return call(*args, **kwargs)

        return held

    return Calls(*(hold(call) for call in calls))

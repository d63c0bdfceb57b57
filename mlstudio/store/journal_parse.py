"""From the bytes of a journal to their meaning.

Runs of equal records are read at once by numpy; the rest one by one. A record counts when its
checksum agrees. What does not is either the torn tail of a killed process (nothing valid
follows: "not yet" while it lives, dropped when it is dead) or damage in the middle (skipped up
to the next record that is whole, and counted).

Knows nothing of: files, the store.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.wire import MAX_INT
from mlstudio.store.batch import NO_STEP, ArtifactAdd, Batch, SeriesPoints, StatusMove
from mlstudio.store.journal_format import (
    ARTIFACT,
    EVENT,
    KEYSET,
    MEDIA,
    OPEN,
    PARAM,
    POINT,
    POINT_SIZE,
    POINT_TYPE,
    ROW,
    ROW_HEAD,
    SERIES,
    STATUS,
    TAG,
    ArtifactRecord,
    EventRecord,
    MediaRecord,
    ParamRecord,
    SeriesDef,
    StatusRecord,
    TagRecord,
    row_type,
)

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]
T = TypeVar("T")

FIRST_LOOK: Final = 64
"""Records looked at for a run; four times as many each time the run goes on."""


@dataclass
class Definitions:
    """What SERIES and KEYSET records have named so far; belongs to one file."""

    series: dict[int, SeriesDef] = field(default_factory=dict)
    keysets: dict[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass
class Parsed:
    """The meaning of a stretch: `end` is the offset after its last whole record."""

    batch: Batch
    end: int
    bad_records: int


class Parser:
    """Reads one stretch into a batch.

    Args:
        data: bytes of the journal from offset `base` on.
        base: their offset in the file, a multiple of 8.
        known: names met earlier in this file; grows.
        batch: receives the meaning.
        check: verify checksums; a writer need not check its own bytes.
        final: the writer is dead, so look beyond zeros for whole records.
    """

    def __init__(
        self, data: bytes, base: int, known: Definitions, batch: Batch, *, check: bool, final: bool = False
    ) -> None:
        self._data = data
        self._words = np.frombuffer(data, dtype="<u4", count=len(data) // 4)
        self._base = base
        self._known = known
        self._batch = batch
        self._check = check
        self._final = final
        self._parts: dict[int, list[tuple[Int, Float, Float]]] = {}
        self._bad = 0

    def run(self) -> Parsed:
        """Read all whole records and return the batch with its end."""
        at = 0
        while at + 8 <= len(self._data):
            size = self._take(at)
            if size:
                at += size
                continue
            following = self._resume(at)
            if following is None:
                break
            self._bad += 1
            at = following
        self._batch.points = self._points()
        self._batch.end = self._base + at
        self._batch.bad_records = self._bad
        return Parsed(self._batch, self._base + at, self._bad)

    def _take(self, at: int) -> int:
        """Read the record, or run of records, at `at`; 0 when there is none."""
        word = int(self._words[at // 4 + 1])
        kind = word & 0xFF
        if kind == POINT:
            return self._take_points(at)
        if kind == ROW:
            return self._take_rows(at, word)
        size = self._whole(at)
        if size and not self._take_payload(at, kind, word >> 8):
            self._bad += 1  # whole, but not of a form this version knows: step over it
        return size

    def _size(self, at: int) -> int:
        """Return the size that the record at `at` says it has, 0 for none."""
        if at + 12 > len(self._data):
            return 0
        word = int(self._words[at // 4 + 1])
        kind = word & 0xFF
        if kind == POINT:
            return POINT_SIZE
        if kind == ROW:
            columns = self._known.keysets.get(word >> 8)
            return ROW_HEAD + 8 * len(columns) if columns else 0
        if kind in (SERIES, KEYSET, OPEN, PARAM, TAG, ARTIFACT, STATUS, EVENT, MEDIA):
            return (int(self._words[at // 4 + 2]) + 12 + 7) & ~7
        return 0

    def _whole(self, at: int) -> int:
        """Return the size of the record at `at` when it is whole and its checksum agrees, else 0."""
        size = self._size(at)
        if not size or at + size > len(self._data):
            return 0
        if self._check and zlib.crc32(self._data[at + 4 : at + size]) != int(self._words[at // 4]):
            return 0
        return size

    def _resume(self, at: int) -> int | None:
        """Return the next 8-byte boundary after `at` where a whole record stands."""
        pairs = self._words[: len(self._words) // 2 * 2].reshape(-1, 2)
        if not self._final and not pairs[at // 8].any():
            return None
        check, self._check = self._check, True
        try:
            for place in np.flatnonzero(pairs[at // 8 + 1 :, 1]):
                candidate = at + 8 + int(place) * 8
                if self._whole(candidate):
                    return candidate
        finally:
            self._check = check
        return None

    def _run_of(self, at: int, kind: np.dtype[Any], word: int, mask: int) -> npt.NDArray[Any]:
        """Return the longest run of records of one kind and size that starts at `at`."""
        room = (len(self._data) - at) // kind.itemsize
        look = FIRST_LOOK
        following = at + kind.itemsize
        if following + 8 <= len(self._data) and (int(self._words[following // 4 + 1]) & mask) != word:
            look = room = 1  # very many series: what follows a point is the name of another
        while True:
            records = np.frombuffer(self._data, dtype=kind, count=min(look, room), offset=at)
            other = np.flatnonzero((records["word"] & mask) != word)
            if len(other):
                return records[: other[0]]
            if look >= room:
                return records
            look *= 4

    def _checked(self, at: int, records: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cut a run before its first record whose checksum differs."""
        if not self._check or not len(records):
            return records
        size = records.dtype.itemsize
        crc32, data = zlib.crc32, self._data
        ends = range(at, at + size * len(records), size)
        sums = np.fromiter((crc32(data[place + 4 : place + size]) for place in ends), dtype="<u4", count=len(records))
        wrong = np.flatnonzero(sums != records["crc"])
        return records[: wrong[0]] if len(wrong) else records

    def _take_points(self, at: int) -> int:
        records = self._checked(at, self._run_of(at, POINT_TYPE, POINT, 0xFF))
        ids = records["word"] >> 8
        first = int(ids[0]) if len(ids) else 0
        if (ids == first).all():
            self._add(first, records["step"], records["ts"], records["value"])
        else:
            order = np.argsort(ids, kind="stable")
            records, ids = records[order], ids[order]
            edges = np.flatnonzero(np.diff(ids)) + 1
            for part in np.split(records, edges):
                self._add(int(part["word"][0]) >> 8, part["step"], part["ts"], part["value"])
        return len(records) * POINT_SIZE

    def _take_rows(self, at: int, word: int) -> int:
        columns = self._known.keysets.get(word >> 8)
        if not columns:
            return 0
        kind = row_type(len(columns))
        records = self._checked(at, self._run_of(at, kind, word, 0xFFFFFFFF))
        for place, series in enumerate(columns):
            self._add(series, records["step"], records["ts"], records["values"][:, place])
        return len(records) * kind.itemsize

    def _add(self, series: int, steps: npt.NDArray[Any], ts: npt.NDArray[Any], values: npt.NDArray[Any]) -> None:
        if len(steps):
            self._parts.setdefault(series, []).append((steps, ts, values))

    def _points(self) -> list[SeriesPoints]:
        found = []
        for series, parts in self._parts.items():
            named = self._known.series.get(series)
            if len(parts) == 1:
                steps, ts, values = parts[0]
            else:
                steps, ts, values = (np.concatenate(column) for column in zip(*parts, strict=True))
            if named is not None and len(steps) == 1 and 0 <= steps[0] <= MAX_INT:
                found.append(SeriesPoints(named.name, named.context, steps, ts, values))
                continue
            legal = (steps == NO_STEP) | ((steps >= 0) & (steps <= MAX_INT))
            if named is None or not legal.all():
                self._bad += len(steps) if named is None else int((~legal).sum())
            if named is not None and legal.any():
                found.append(SeriesPoints(named.name, named.context, steps[legal], ts[legal], values[legal]))
        return found

    def _take_payload(self, at: int, kind: int, number: int) -> bool:
        """Read one record that is not a number; False when its payload has another form."""
        start = at + 12
        body = self._data[start : start + int(self._words[at // 4 + 2])]
        try:
            if kind == KEYSET:
                self._known.keysets[number] = tuple(np.frombuffer(body, dtype="<u4").tolist())
            elif kind == SERIES:
                self._known.series[number] = msgspec.msgpack.decode(body, type=SeriesDef)
            else:
                _TAKERS[kind](self._batch, body)
        except (msgspec.DecodeError, ValueError):
            return False
        return True


def _read(body: bytes, kind: type[T]) -> T:
    return msgspec.msgpack.decode(body, type=kind)


def _take_open(batch: Batch, body: bytes) -> None:
    batch.open = _read(body, ComponentCreate)


def _take_param(batch: Batch, body: bytes) -> None:
    batch.params.update(_read(body, ParamRecord).values)


def _take_tag(batch: Batch, body: bytes) -> None:
    batch.tags.update(_read(body, TagRecord).values)


def _take_artifact(batch: Batch, body: bytes) -> None:
    found = _read(body, ArtifactRecord)
    batch.artifacts.append(ArtifactAdd(found.direction, found.name, found.ref))


def _take_status(batch: Batch, body: bytes) -> None:
    found = _read(body, StatusRecord)
    batch.status = StatusMove(found.status, found.at, found.message, found.resume)


def _take_event(batch: Batch, body: bytes) -> None:
    note = _read(body, EventRecord).note
    if note is not None:
        batch.note = note


def _take_media(batch: Batch, body: bytes) -> None:
    batch.media.extend(_read(body, MediaRecord).items)


_TAKERS: Final = {
    OPEN: _take_open,
    PARAM: _take_param,
    TAG: _take_tag,
    ARTIFACT: _take_artifact,
    STATUS: _take_status,
    EVENT: _take_event,
    MEDIA: _take_media,
}

"""The bytes of a journal: one header page, then checked records, each on an 8-byte boundary.

    header page (4,096 B): magic "MLSJ" | version u16 | flags u16 | dropped u64 | closed u64 | heartbeat u64
                           | msgpack length u32 | msgpack `JournalInfo`
    record:                crc32 u32 (of all that follows in the record) | kind u8 + id u24 | payload
    POINT  id = series     step u64 | ts f64 (s) | value f64                                 32 B
    ROW    id = keyset     step u64 | ts f64 | n x f64                                       24 + 8n B
    SERIES id = new series, OPEN PARAM TAG ARTIFACT STATUS EVENT MEDIA:  length u32 | msgpack | zeros to 8
    KEYSET id = new keyset:  length u32 | n x u32 series ids | zeros to 8

Little endian. Kind 0 is the end of the written part: pages given by `posix_fallocate` are zero.
The step's bits are those of an int64; as u64 a negative step is refused by `struct` itself, at
no cost to the caller, and 2**63 is `NO_STEP`.

Knows nothing of: files, mmap, threads.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import msgspec
import numpy as np

from mlstudio.entities.errors import StoreDamaged
from mlstudio.entities.experiments import ArtifactRef, Process
from mlstudio.entities.media import MediaRef
from mlstudio.entities.wire import ParamValue

MAGIC: Final = b"MLSJ"
VERSION: Final = 1
HEADER_SIZE: Final = 4096
SUFFIX: Final = ".mj"
ADOPTED: Final = 1
"""Flag: the component belongs to somebody else (a job, a forking parent); never close it."""

POINT, ROW, SERIES, KEYSET, OPEN, PARAM, TAG, ARTIFACT, STATUS, EVENT, MEDIA = range(1, 12)
POINT_SIZE: Final = 32
ROW_HEAD: Final = 24
NO_STEP_BITS: Final = 1 << 63

_HEAD: Final = struct.Struct("<4sHHQQQI")
_U64: Final = struct.Struct("<Q")
_FRAME: Final = struct.Struct("<III")
AT_DROPPED: Final = 8
AT_CLOSED: Final = 16
AT_HEARTBEAT: Final = 24

POINT_TYPE: Final = np.dtype([("crc", "<u4"), ("word", "<u4"), ("step", "<i8"), ("ts", "<f8"), ("value", "<f8")])


class JournalInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Whose journal this is. `seq` orders the files of one writer after a rotation."""

    journal: str
    component: str
    component_name: str
    process: Process
    seq: int = 0
    kernel: bool = False
    """Written by a notebook's kernel, which people restart without thinking of the run."""


class JournalHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The header page: the info and the counters that change."""

    info: JournalInfo
    adopted: bool
    dropped: int
    closed: bool
    heartbeat: int


class SeriesDef(msgspec.Struct, frozen=True):
    """Payload of SERIES: metric name and canonical JSON of its context."""

    name: str
    context: str


class ParamRecord(msgspec.Struct, frozen=True):
    """Payload of PARAM."""

    values: dict[str, ParamValue]


class TagRecord(msgspec.Struct, frozen=True):
    """Payload of TAG."""

    values: dict[str, str]


class ArtifactRecord(msgspec.Struct, frozen=True):
    """Payload of ARTIFACT."""

    direction: str
    name: str
    ref: ArtifactRef


class StatusRecord(msgspec.Struct, frozen=True):
    """Payload of STATUS; `at` in microseconds."""

    status: str
    at: int
    message: str | None = None
    resume: bool = False


class EventRecord(msgspec.Struct, frozen=True):
    """Payload of EVENT."""

    note: str | None = None


class MediaRecord(msgspec.Struct, frozen=True):
    """Payload of MEDIA: all that was logged by one call, so that a batch stays together."""

    items: list[MediaRef]


_encoder = msgspec.msgpack.Encoder()


def pack_header(info: JournalInfo, *, adopted: bool, dropped: int = 0) -> bytes:
    """Return the header page of a new journal.

    Raises:
        StoreDamaged: the info does not fit into the page (a host name of kilobytes).
    """
    body = _encoder.encode(info)
    page = _HEAD.pack(MAGIC, VERSION, ADOPTED if adopted else 0, dropped, 0, 0, len(body)) + body
    if len(page) > HEADER_SIZE:
        raise StoreDamaged("The header of a journal does not fit into its page.")
    return page.ljust(HEADER_SIZE, b"\0")


def unpack_header(page: bytes) -> JournalHeader:
    """Read a header page.

    Raises:
        StoreDamaged: it is no journal, a newer one, or torn (the process died while creating it).
    """
    try:
        magic, version, flags, dropped, closed, heartbeat, length = _HEAD.unpack_from(page)
        if magic != MAGIC or version > VERSION:
            raise StoreDamaged("This file is no journal of this version of mlstudio.")
        info = msgspec.msgpack.decode(page[_HEAD.size : _HEAD.size + length], type=JournalInfo)
    except (struct.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreDamaged(f"The header of a journal cannot be read: {error}.") from error
    return JournalHeader(
        info=info, adopted=bool(flags & ADOPTED), dropped=dropped, closed=bool(closed), heartbeat=heartbeat
    )


def put_u64(buffer: Any, at: int, value: int) -> None:
    """Write one counter of the header page."""
    _U64.pack_into(buffer, at, value)


def frame(kind: int, payload: object, *, number: int = 0) -> bytes:
    """Return a record with a msgpack payload."""
    return frame_bytes(kind, _encoder.encode(payload), number=number)


def frame_bytes(kind: int, body: bytes, *, number: int = 0) -> bytes:
    """Return a record with a length and raw payload, padded to 8 bytes."""
    padded = body.ljust((len(body) + 12 + 7 & ~7) - 12, b"\0")
    whole = _FRAME.pack(0, kind | number << 8, len(body)) + padded
    return struct.pack("<I", zlib.crc32(whole[4:])) + whole[4:]


def frame_keyset(series: tuple[int, ...], *, number: int) -> bytes:
    """Return a KEYSET record: the series of which its rows hold the values, in order."""
    return frame_bytes(KEYSET, struct.pack(f"<{len(series)}I", *series), number=number)


def row_type(columns: int) -> np.dtype[Any]:
    """Return the dtype of a ROW record of so many values."""
    return np.dtype([("crc", "<u4"), ("word", "<u4"), ("step", "<i8"), ("ts", "<f8"), ("values", "<f8", (columns,))])

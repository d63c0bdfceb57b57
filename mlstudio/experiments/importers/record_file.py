"""Record files of TensorFlow: length, checksum, bytes, checksum, again and again.

    u64 length | u32 masked crc32c of the length | length bytes | u32 masked crc32c of the bytes

Little endian. A file that is being written may end in the middle of a record; that is no damage, and
the next read begins there. A checksum that does not fit is damage: nothing behind it can be trusted,
for the length of a record is what finds the next one.

Source: tensorflow/core/lib/io/record_writer.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from mlstudio.experiments.importers.crc32c import crc32c, crc32c_many, masked, masked_many

_HEAD: Final = struct.Struct("<QI")
_TAIL: Final = 4
READ: Final = 8 << 20
MAX_RECORD: Final = 1 << 28


@dataclass(slots=True)
class Ending:
    """Where reading ended: all before `offset` was read; `damage` says what is wrong there, `torn` that it goes on."""

    offset: int
    damage: str | None = None
    torn: bool = False


def records(file: BinaryIO, ending: Ending) -> Iterator[bytes]:
    """Yield the records of a file from ``ending.offset`` on.

    Args:
        file: opened for reading.
        ending: where to begin; says afterwards where and why it ended.
    """
    file.seek(ending.offset)
    rest = b""
    while True:
        block = file.read(READ)
        body = rest + block
        used, pieces = _whole(body, ending)
        yield from pieces
        ending.offset += used
        rest = body[used:]
        if ending.damage is not None:
            return
        if not block:
            ending.torn = bool(rest)
            return


def _whole(body: bytes, ending: Ending) -> tuple[int, list[bytes]]:
    """Return how many bytes hold whole records, and these, up to the first that is damaged."""
    at, starts, lengths = 0, list[int](), list[int]()
    while at + _HEAD.size <= len(body):
        length = _HEAD.unpack_from(body, at)[0]
        if length > MAX_RECORD:
            break
        end = at + _HEAD.size + length + _TAIL
        if end > len(body):
            break
        starts.append(at)
        lengths.append(length)
        at = end
    good = _checked(body, starts, lengths)
    if good < len(starts):
        ending.damage = "the checksum of the record does not fit"
        at = starts[good]
    elif at + _HEAD.size <= len(body):
        length, crc = _HEAD.unpack_from(body, at)
        if crc != masked(crc32c(body[at : at + 8])):
            ending.damage = "the checksum of the length does not fit"
        elif length > MAX_RECORD:
            ending.damage = f"a record of {length:,} bytes"
    begin = _HEAD.size
    return at, [body[s + begin : s + begin + n] for s, n in zip(starts[:good], lengths[:good], strict=True)]


def _checked(body: bytes, starts: list[int], lengths: list[int]) -> int:
    """Return how many records from the first on have checksums that fit."""
    if not starts:
        return 0
    data = np.frombuffer(body, np.uint8)
    at, size = np.array(starts, np.int64), np.array(lengths, np.int64)
    heads = crc32c_many(data, at, np.full(len(at), 8, np.int64))
    sums = crc32c_many(data, at + _HEAD.size, size)
    fits = (masked_many(heads) == _words(data, at + 8)) & (masked_many(sums) == _words(data, at + _HEAD.size + size))
    return len(starts) if fits.all() else int(np.argmin(fits))


def _words(
    data: np.ndarray[tuple[int], np.dtype[np.uint8]], at: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the u32 at each place."""
    joined = np.stack([data[at + byte] for byte in range(4)], axis=1)
    found: npt.NDArray[np.uint32] = np.ascontiguousarray(joined).view("<u4").reshape(-1)
    return found


def framed(body: bytes) -> bytes:
    """Return a record as it stands in a file."""
    length = struct.pack("<Q", len(body))
    return b"".join((length, struct.pack("<I", masked(crc32c(length))), body, struct.pack("<I", masked(crc32c(body)))))

"""CRC-32C (Castagnoli), of one stretch of bytes or of very many at once.

zlib has the other polynomial. One byte at a time in Python would take a second for five megabytes;
numpy takes the same byte of all records together, and cuts a long stretch into lanes whose sums
are joined by the linear map "advance by n zero bytes".

Polynomial: RFC 3720, B.4. The mask is that of the record files of TensorFlow and LevelDB.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_POLYNOMIAL: Final = 0x82F63B78
_ONES: Final = 0xFFFFFFFF
_LANES: Final = 512
LONG: Final = 4096
"""Bytes above which lanes are quicker."""
U32 = npt.NDArray[np.uint32]


def _table() -> list[int]:
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)  # noqa: PLW2901 - eight steps on one number
        rows.append(value)
    return rows


_TABLE: Final = _table()
_ARRAY: Final = np.array(_TABLE, dtype=np.uint32)


def crc32c(data: bytes) -> int:
    """Return the checksum of bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    if len(data) > LONG:
        return _long(np.frombuffer(data, np.uint8))
    table, crc = _TABLE, _ONES
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ _ONES


def masked(crc: int) -> int:
    """Return the checksum as record files hold it: a checksum of checksums would be weak."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ONES


def masked_many(crcs: U32) -> U32:
    """Return `masked` of each."""
    return (crcs >> np.uint32(15) | crcs << np.uint32(17)) + np.uint32(0xA282EAD8)


def crc32c_many(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> U32:
    """Return the checksums of many stretches of one buffer.

    Args:
        data: the buffer.
        starts: where each begins.
        lengths: bytes of each.
    """
    found = np.empty(len(starts), np.uint32)
    for at in np.flatnonzero(lengths > LONG).tolist():
        found[at] = _long(data[starts[at] : starts[at] + lengths[at]])
    short = np.flatnonzero(lengths <= LONG)
    order = short[np.argsort(-lengths[short], kind="stable")]
    begin, size = starts[order], lengths[order]
    crc: Any = np.full(len(order), _ONES, np.uint32)
    negated = -size
    for step in range(int(size[0]) if len(size) else 0):
        active = int(np.searchsorted(negated, -step, side="left"))  # those longer than `step`
        part = crc[:active]
        crc[:active] = _ARRAY[(part ^ data[begin[:active] + step]) & np.uint32(255)] ^ part >> np.uint32(8)
    found[order] = crc ^ np.uint32(_ONES)
    return found


def _long(data: npt.NDArray[np.uint8]) -> int:
    """Return the checksum of a long stretch: lanes side by side, then joined."""
    width = len(data) // _LANES
    lanes = data[: width * _LANES].reshape(_LANES, width)
    # Thirty-two more lanes of zeros tell what advancing by `width` bytes does to each bit.
    state = np.zeros(_LANES + 32, np.uint32)
    state[0] = _ONES
    state[_LANES:] = np.uint32(1) << np.arange(32, dtype=np.uint32)
    column = np.zeros(_LANES + 32, np.uint32)
    for step in range(width):
        column[:_LANES] = lanes[:, step]
        state = _ARRAY[(state ^ column) & np.uint32(255)] ^ state >> np.uint32(8)
    advance = state[_LANES:].tolist()
    crc = int(state[0])
    for lane in state[1:_LANES].tolist():
        moved = 0
        for bit in range(32):
            if crc >> bit & 1:
                moved ^= advance[bit]
        crc = moved ^ lane
    for byte in data[width * _LANES :].tolist():
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ _ONES

"""The wire format of protocol buffers: enough to read a few messages by field number, and to write them.

Format: https://protobuf.dev/programming-guides/encoding. Knows nothing of: any message.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
_double = struct.Struct("<d")
_float = struct.Struct("<f")


class BadMessage(ValueError):
    """Bytes that are no message."""


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yield (number, wire type, value): an int for varints, bytes for the rest.

    Raises:
        BadMessage: the bytes end too early, or hold a wire type that does not exist.
    """
    at, end = 0, len(data)
    while at < end:
        key = data[at]
        at += 1
        if key >= 128:
            key, at = _varint(data, at - 1)
        number, kind = key >> 3, key & 7
        if kind == BYTES:
            length = data[at] if at < end else 0
            at += 1
            if length >= 128:
                length, at = _varint(data, at - 1)
            stop = at + length
        elif kind == VARINT:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        elif kind in {FIXED64, FIXED32}:
            stop = at + (8 if kind == FIXED64 else 4)
        else:
            raise BadMessage(f"wire type {kind} at byte {at}")
        if stop > end:
            raise BadMessage(f"field {number} ends beyond the message")
        yield number, kind, data[at:stop]
        at = stop


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise BadMessage(f"broken varint at byte {at}")
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value & (1 << 64) - 1, at
        shift += 7


def signed(value: int | bytes) -> int:
    """Return a varint as int64. Raises: BadMessage (it is none)."""
    if not isinstance(value, int):
        raise BadMessage("a number was expected")
    return value - (1 << 64) if value >= 1 << 63 else value


def blob(value: int | bytes) -> bytes:
    """Return the bytes of a field. Raises: BadMessage (it holds a number)."""
    if isinstance(value, int):
        raise BadMessage("bytes were expected")
    return value


def text(value: int | bytes) -> str:
    """Return a text; broken UTF-8 becomes U+FFFD."""
    return blob(value).decode("utf-8", "replace")


def double(value: int | bytes) -> float:
    """Return the float in eight, or four, bytes."""
    body = blob(value)
    if len(body) == 8:
        return float(_double.unpack(body)[0])
    if len(body) == 4:
        return float(_float.unpack(body)[0])
    raise BadMessage("a float was expected")


# ---------------------------------------------------------------- writing


def varint(value: int) -> bytes:
    """Return an int64 or uint64 as a varint."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def put_bytes(number: int, body: bytes | str) -> bytes:
    """Return a field of bytes, a text, or a message."""
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    return varint(number << 3 | BYTES) + varint(len(data)) + data


def put_int(number: int, value: int) -> bytes:
    """Return a field of a whole number."""
    return varint(number << 3 | VARINT) + varint(value)


def put_double(number: int, value: float) -> bytes:
    """Return a field of a double."""
    return varint(number << 3 | FIXED64) + _double.pack(value)


def put_float(number: int, value: float) -> bytes:
    """Return a field of a float32; what is beyond its range becomes an infinity."""
    try:
        packed = _float.pack(value)
    except OverflowError:
        packed = _float.pack(float("inf") if value > 0 else float("-inf"))
    return varint(number << 3 | FIXED32) + packed

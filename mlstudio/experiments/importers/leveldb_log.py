"""Log files of LevelDB, as W&B frames its ``.wandb`` files.

Seven bytes of W&B's own (``:W&B``, 0xBEE1, version 0), then blocks of 32 KiB that hold fragments:

    u32 crc | u16 length | u8 type (1 full, 2 first, 3 middle, 4 last) | length bytes

Little endian; less than seven bytes at the end of a block are padding. W&B's crc is the CRC-32 of zlib,
over the type and the bytes. A file that is being written may end within a record.

Source: leveldb/doc/log_format.md; wandb/core/pkg/leveldb.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from mlstudio.experiments.importers.record_file import Ending

HEADER: Final = struct.pack("<4sHB", b":W&B", 0xBEE1, 0)
BLOCK: Final = 32 * 1024
MAX_RECORD: Final = 1 << 29
_HEAD: Final = struct.Struct("<IHB")
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def is_wandb(head: bytes) -> bool:
    """Tell whether a file begins as W&B's do; the version may be a later one."""
    return head[:6] == HEADER[:6]


def log_records(file: BinaryIO, ending: Ending) -> Iterator[bytes]:
    """Yield the records of a file from its beginning.

    Args:
        file: opened for reading.
        ending: says afterwards where and why it ended.
    """
    at, pending, size = len(HEADER), list[bytes](), 0
    file.seek(0)
    block = file.read(BLOCK)
    while block:
        while len(block) - at >= _HEAD.size:
            crc, length, kind = _HEAD.unpack_from(block, at)
            if kind == 0 and length == 0:  # the rest of the block was never written
                at = len(block)
                break
            body = block[at + _HEAD.size : at + _HEAD.size + length]
            if len(body) < length:
                ending.torn = len(block) < BLOCK
                ending.damage = None if ending.torn else "a fragment is longer than its block"
                return
            size += length
            ending.damage = _wrong(crc, kind, body, bool(pending), size)
            if ending.damage is not None:
                return
            pending.append(body)
            at += _HEAD.size + length
            if kind in {FULL, LAST}:
                yield b"".join(pending)
                pending, size = [], 0
                ending.offset = file.tell() - len(block) + at
        block, at = file.read(BLOCK), 0
    ending.torn = bool(pending)


def _wrong(crc: int, kind: int, body: bytes, begun: bool, size: int) -> str | None:
    """Return what is wrong with a fragment, None when nothing is."""
    if crc != zlib.crc32(body, zlib.crc32(bytes([kind]))):
        return "the checksum does not fit"
    if kind not in {FULL, FIRST, MIDDLE, LAST} or (kind in {FULL, FIRST}) == begun:
        return f"a fragment of type {kind} where there should be none"
    return "a record that is too large" if size > MAX_RECORD else None

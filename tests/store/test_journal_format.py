"""The header page and the frames of a journal."""

from __future__ import annotations

import zlib

import pytest

from mlstudio.entities.errors import StoreDamaged
from mlstudio.entities.experiments import Process
from mlstudio.store.journal_format import (
    HEADER_SIZE,
    PARAM,
    JournalInfo,
    ParamRecord,
    frame,
    pack_header,
    row_type,
    unpack_header,
)

INFO = JournalInfo(journal="J", component="C", component_name="run", process=Process("host", 1, 2, "boot"), seq=3)


def test_a_header_page_comes_back_as_it_was_written() -> None:
    header = unpack_header(pack_header(INFO, adopted=True, dropped=7))
    assert (header.info, header.adopted, header.dropped, header.closed) == (INFO, True, 7, False)


def test_a_header_is_one_page_and_a_huge_host_name_is_refused() -> None:
    assert len(pack_header(INFO, adopted=False)) == HEADER_SIZE
    huge = JournalInfo(journal="J", component="C", component_name="r", process=Process("h" * 5000))
    with pytest.raises(StoreDamaged, match="does not fit"):
        pack_header(huge, adopted=False)


@pytest.mark.parametrize("page", [b"", b"\0" * 4096, b"MLSJ", b"MLSJ\x63\0" + b"\0" * 4090])
def test_a_page_that_is_no_header_is_damage_and_not_a_crash(page: bytes) -> None:
    with pytest.raises(StoreDamaged):
        unpack_header(page)


@pytest.mark.parametrize("size", range(9))
def test_frames_are_padded_to_eight_bytes_and_their_checksum_covers_the_rest(size: int) -> None:
    record = frame(PARAM, ParamRecord({"p": "x" * size}), number=5)
    assert len(record) % 8 == 0
    assert int.from_bytes(record[:4], "little") == zlib.crc32(record[4:])
    assert record[4] == PARAM
    assert int.from_bytes(record[5:8], "little") == 5


def test_a_row_of_n_values_is_24_plus_8n_bytes() -> None:
    assert row_type(3).itemsize == 24 + 8 * 3

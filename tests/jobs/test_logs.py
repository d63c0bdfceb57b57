"""Reading logs by absolute offset."""

from __future__ import annotations

from pathlib import Path

from mlstudio.jobs.logs import last_lines, marker, read_chunk, read_shown, total_bytes
from mlstudio.jobs.runner.logs import LogWriter


def test_a_log_is_read_in_pieces_that_join_without_a_seam(tmp_path: Path) -> None:
    data = bytes(range(256)) * 8
    writer = LogWriter(tmp_path / "log", "algo-1", head=300, tail=1 << 20, segment=500)
    writer.write(data)
    got, offset = b"", 0
    while chunk := read_chunk(tmp_path, offset=offset, limit=77).data:
        got += chunk
        offset += len(chunk)
    assert got == data
    assert total_bytes(tmp_path) == len(data)


def test_a_chunk_after_a_gap_says_what_is_missing(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", "algo-1", head=10, tail=20, segment=10)
    writer.write(b"".join(b"%09d\n" % number for number in range(10)))
    assert read_chunk(tmp_path, offset=0).data == b"000000000\n"
    after = read_chunk(tmp_path, offset=10)
    assert after.dropped == after.offset - 10 > 0
    assert after.data.startswith(b"%09d" % (after.offset // 10))
    assert after.total == 100
    assert "bytes dropped" in marker(after.dropped).decode()


def test_a_negative_offset_counts_from_the_end(tmp_path: Path) -> None:
    LogWriter(tmp_path / "log", "algo-1").write(b"one\ntwo\n")
    assert read_chunk(tmp_path, offset=-4).data == b"two\n"
    assert read_chunk(tmp_path, offset=-400).data == b"one\ntwo\n"


def test_a_log_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    chunk = read_chunk(tmp_path, offset=5)
    assert (chunk.data, chunk.next_offset, chunk.total) == (b"", 5, 0)
    assert total_bytes(tmp_path) == 0
    assert last_lines(tmp_path) == []


def test_the_last_lines_are_text_whatever_the_bytes_are(tmp_path: Path) -> None:
    LogWriter(tmp_path / "log", "algo-1").write(b"a\n\xff\nb\n")
    assert last_lines(tmp_path, 2) == ["\ufffd", "b"]


def test_a_log_is_shown_without_secrets_whatever_piece_is_read(tmp_path: Path) -> None:
    key = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEhush0\n" * 20 + b"-----END RSA PRIVATE KEY-----\n"
    data = b"epoch 1 tokens 5\nlogin token=hush0 ok\nhttps://me:hush0@host/\n" + key + b"end \xff\n"
    LogWriter(tmp_path / "log", "algo-1").write(data)
    whole = read_shown(tmp_path)
    assert b"hush" not in whole.data
    assert len(whole.data) == len(data)
    assert whole.data.startswith(b"epoch 1 tokens 5\nlogin token=***** ok\n")
    assert whole.data.endswith(b"end \xff\n")
    for limit in (1, 7, 50):
        pieces, offset = b"", 0
        while chunk := read_shown(tmp_path, offset=offset, limit=limit).data:
            pieces += chunk
            offset += len(chunk)
        assert pieces == whole.data
    assert "hush" not in "".join(last_lines(tmp_path))
    assert read_chunk(tmp_path).data == data

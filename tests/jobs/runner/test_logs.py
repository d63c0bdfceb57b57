"""Log files: offsets of the whole stream, whatever is kept of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstudio.jobs.runner import logs
from mlstudio.jobs.runner.logs import LogWriter, segments


def written(folder: Path, data: bytes, **sizes: int) -> LogWriter:
    writer = LogWriter(folder, "algo-1", **sizes)
    for at in range(0, len(data), 7):
        writer.write(data[at : at + 7])
    writer.close()
    return writer


def test_a_short_log_is_one_file(tmp_path: Path) -> None:
    writer = written(tmp_path, b"hello\nworld\n")
    assert (tmp_path / "algo-1.head").read_bytes() == b"hello\nworld\n"
    assert (writer.offset, writer.dropped) == (12, 0)


def test_a_long_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10
    writer = written(tmp_path, data, head=100, tail=200, segment=50)
    found = segments(tmp_path, "algo-1")
    assert found[0].path.read_bytes() == data[:100]
    for one in found:
        assert one.path.read_bytes() == data[one.start : one.end], "a name is the offset of the first byte"
    assert found[-1].end == len(data) == writer.offset
    assert writer.dropped == len(data) - sum(one.size for one in found)
    assert sum(one.size for one in found[1:]) >= 200 - 50


def test_a_full_disk_drops_and_counts_and_the_log_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LogWriter(tmp_path, "algo-1", head=1000, tail=1000, segment=100)
    writer.write(b"before\n")
    real = os.write
    monkeypatch.setattr(logs.os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    writer.write(b"lost one\n")
    writer.write(b"lost two\n")
    monkeypatch.setattr(logs.os, "write", real)
    writer.write(b"after\n")
    writer.close()
    assert writer.dropped == 18
    assert writer.offset == 7 + 18 + 6
    found = segments(tmp_path, "algo-1")
    assert [(one.start, one.size) for one in found] == [(0, 7), (25, 6)]


def test_files_of_other_hosts_are_not_mixed_in(tmp_path: Path) -> None:
    written(tmp_path, b"one")
    LogWriter(tmp_path, "algo-11").close()
    (tmp_path / "algo-1.tail.x").write_text("no offset")
    assert [one.path.name for one in segments(tmp_path, "algo-1")] == ["algo-1.head"]

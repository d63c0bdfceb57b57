"""A source that came as an archive: what is written, and what is refused by name."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.jobs import archive
from mlstudio.jobs.archive import is_archive, unpack_source
from mlstudio.jobs.runner.stage import Refused

Fill = Callable[[tarfile.TarFile], None]


def add(tar: tarfile.TarFile, name: str, data: bytes = b"x", **attributes: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for key, value in attributes.items():
        setattr(member, key, value)
    tar.addfile(member, io.BytesIO(data))


def packed(tmp_path: Path, fill: Fill) -> Path:
    path = tmp_path / "source.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        fill(tar)
    return path


def test_files_folders_and_links_inside_are_written(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "./lib/net.py", b"x = 1", mode=0o444)
        add(tar, "run.sh", b"#!/bin/sh", mode=0o4755)
        add(tar, "lib/again.py", b"", type=tarfile.SYMTYPE, linkname="../lib/net.py")
        add(tar, "twin.py", b"", type=tarfile.LNKTYPE, linkname="lib/net.py")
        add(tar, "closed", b"", type=tarfile.DIRTYPE, mode=0)

    unpack_source(packed(tmp_path, fill), tmp_path / "code")
    assert (tmp_path / "code" / "lib" / "again.py").read_text() == "x = 1"
    assert (tmp_path / "code" / "twin.py").read_text() == "x = 1"
    assert (tmp_path / "code" / "run.sh").stat().st_mode & 0o7777 == 0o755, "no set-uid bit comes with it"
    (tmp_path / "code" / "closed" / "writable").write_text("x")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("../evil", {})], "leads out"),
        ([("a/../../evil", {})], "leads out"),
        ([("/etc/evil", {})], "leads out"),
        ([("null", {"type": tarfile.CHRTYPE})], "device"),
        ([("pipe", {"type": tarfile.FIFOTYPE})], "device"),
        ([("l", {"type": tarfile.SYMTYPE, "linkname": "/etc"})], "outside"),
        ([("a/l", {"type": tarfile.SYMTYPE, "linkname": "../../x"})], "outside"),
        ([("a/l", {"type": tarfile.SYMTYPE, "linkname": "b/../../../x"})], "outside"),
        ([("h", {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"})], "leads out"),
        ([("h", {"type": tarfile.LNKTYPE, "linkname": "never"})], "no file of it"),
        ([("l", {"type": tarfile.SYMTYPE, "linkname": "."}), ("l/x", {})], "behind a link"),
        ([("l", {"type": tarfile.SYMTYPE, "linkname": "x"}), ("l", {})], "through a link"),
    ],
)
def test_what_could_write_elsewhere_is_refused(
    tmp_path: Path, members: list[tuple[str, dict[str, object]]], said: str
) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        for name, attributes in members:
            add(tar, name, b"", **attributes)

    with pytest.raises(Refused, match=said) as refused:
        unpack_source(packed(tmp_path, fill), tmp_path / "code")
    assert refused.value.code == "unsafe_path"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["code", "source.tar.gz"]


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path) -> None:
    source = packed(tmp_path, lambda tar: add(tar, "zeros", bytes(4 << 20)))
    assert source.stat().st_size < 1 << 16
    with pytest.raises(Refused, match="unpacks to more than 2 MiB") as refused:
        unpack_source(source, tmp_path / "code", limit=2 << 20)
    assert refused.value.code == "too_large"
    assert not (tmp_path / "code" / "zeros").exists()


def test_a_bomb_of_members_or_of_headers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 10)
    many = packed(tmp_path, lambda tar: [add(tar, f"f{n}", b"") for n in range(11)] and None)
    with pytest.raises(Refused, match="more than 10 members"):
        unpack_source(many, tmp_path / "many")
    monkeypatch.setattr(archive, "_OVERHEAD", 1 << 20)
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.XHDTYPE, 8 << 20
    with gzip.open(tmp_path / "header.tar.gz", "wb") as file:
        file.write(header.tobuf() + bytes(8 << 20))
    with pytest.raises(Refused, match="more than it may"):
        unpack_source(tmp_path / "header.tar.gz", tmp_path / "headers", limit=1 << 20)


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no tar" * 500, mtime=0)])
def test_what_is_no_archive_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tgz").write_bytes(data)
    with pytest.raises(Refused, match="cannot be unpacked"):
        unpack_source(tmp_path / "x.tgz", tmp_path / "code")


def test_a_cut_archive_says_so(tmp_path: Path) -> None:
    import random

    noise = random.Random(1).randbytes(1 << 20)
    whole = packed(tmp_path, lambda tar: add(tar, "f", noise)).read_bytes()
    (tmp_path / "cut.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused, match="cannot be unpacked"):
        unpack_source(tmp_path / "cut.tgz", tmp_path / "code")


def test_an_archive_is_known_by_its_name() -> None:
    assert [is_archive(name) for name in ("a.tar.gz", "a.tgz", "a.zip", "a.gz")] == [True, True, False, False]

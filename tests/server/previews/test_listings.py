"""Folders and archives: what is in them, nothing unpacked."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import msgspec
import pytest

from mlstudio.server.previews import listings
from mlstudio.store.artifacts import BlobStore


def test_a_stored_folder_lists_its_files(tmp_path: Path) -> None:
    source = tmp_path / "model"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "w.bin").write_bytes(b"x" * 10)
    (source / "link").symlink_to("/etc/passwd")
    blobs = BlobStore(tmp_path / "blobs")
    shown = listings.folder(blobs.path(blobs.put_folder(source).sha256), None)

    assert shown.files == ["link", "sub", "sub/w.bin"]
    assert shown.rows == [["link", "0", "link"], ["sub", "0", "folder"], ["sub/w.bin", "10", "file"]]
    assert shown.size == 10


def test_a_zip_is_listed_with_hostile_names_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
        archive.writestr("<img src=x onerror=alert(1)>", "yy")

    assert listings.archive(path, None).files == ["../../etc/passwd", "<img src=x onerror=alert(1)>"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_listed(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("a/b.txt")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("l")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)

    assert listings.archive(path, None).rows == [["a/b.txt", "3", "file"], ["l", "0", "link"]]


def test_many_members_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(listings.LISTED + 10):
            archive.writestr(f"f{number}", "")
    shown = listings.archive(path, None)

    assert (len(shown.files or []), shown.truncated, shown.total_rows) == (listings.LISTED, True, None)


def test_damage_raises(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x05\x06" + b"\0" * 3)
    with pytest.raises(zipfile.BadZipFile):
        listings.archive(path, None)
    path.write_bytes(b"\x1f\x8b\x08 no gzip")
    with pytest.raises((tarfile.TarError, OSError, EOFError)):
        listings.archive(path, None)
    path.write_bytes(b"{}")
    with pytest.raises(msgspec.DecodeError):
        listings.folder(path, None)

"""Content-addressed files: whole or not there, links listed, FIFOs passed over."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.store.artifacts import BlobStore


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "artifacts")


def test_a_file_is_found_by_its_hash_and_kept_once(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "model.bin"
    source.write_bytes(os.urandom(3 << 20))
    blob = blobs.put_file(source)
    assert blob.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert blobs.put_bytes(source.read_bytes()) == blob
    with blobs.open(blob.sha256) as handle:
        assert handle.read() == source.read_bytes()
    assert (blobs.exists(blob.sha256), blobs.size(blob.sha256)) == (True, 3 << 20)
    assert len([path for path in blobs.root.rglob("*") if path.is_file()]) == 1


def test_t13_blobs_and_folders_are_private_whatever_the_umask(blobs: BlobStore) -> None:
    before = os.umask(0)
    try:
        blob = blobs.put_bytes(b"x")
    finally:
        os.umask(before)
    path = blobs.path(blob.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 63 + "/", "\0" * 64])
def test_t14_a_text_that_is_no_hash_is_no_path(blobs: BlobStore, text: str) -> None:
    for call in (blobs.path, blobs.open, blobs.exists, blobs.size):
        with pytest.raises(InvalidField):
            call(text)


def test_what_is_missing_is_not_found(blobs: BlobStore, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        blobs.open("0" * 64)
    with pytest.raises(NotFound):
        blobs.size("0" * 64)
    with pytest.raises(NotFound):
        blobs.put_file(tmp_path / "nothing")
    with pytest.raises(NotFound):
        blobs.put_folder(tmp_path / "nothing")


def test_t16_t17_links_are_listed_fifos_sockets_and_devices_passed_over_without_hanging(
    blobs: BlobStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("a")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "away").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        manifest = blobs.read_manifest(blobs.put_folder(folder).sha256)
    found = {entry.path: (entry.kind, entry.target) for entry in manifest.entries}
    assert found == {
        "away": ("link", "/etc"),
        "passwd": ("link", "/etc/passwd"),
        "sub": ("folder", None),
        "sub/a.txt": ("file", None),
    }
    assert manifest.skipped == {"pipe": "a FIFO", "sock": "a socket"}
    assert "a FIFO" in caplog.text
    stored = [path.read_bytes() for path in blobs.root.rglob("*") if path.is_file()]
    assert not any(b"root:" in data for data in stored), "the target of a link was read"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_named_fifo_or_folder_is_no_file(blobs: BlobStore, tmp_path: Path, make: object) -> None:
    make(tmp_path / "x")  # type: ignore[operator]
    with pytest.raises(InvalidField):
        blobs.put_file(tmp_path / "x")
    with pytest.raises(InvalidField, match="a device"):
        blobs.put_file("/dev/zero")


def test_the_same_content_from_many_threads_is_one_blob_and_no_litter(blobs: BlobStore) -> None:
    data = os.urandom(1 << 20)
    threads = [threading.Thread(target=blobs.put_bytes, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path in blobs.root.rglob("*") if path.is_file()]) == 1


def test_a_root_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="cannot be written to"):
        BlobStore(tmp_path / "file" / "artifacts").put_bytes(b"x")


def test_a_manifest_is_read_back_only_from_a_manifest(blobs: BlobStore) -> None:
    with pytest.raises(InvalidField, match="is no folder"):
        blobs.read_manifest(blobs.put_bytes(b"[]").sha256)


def test_a_root_in_memory_by_fsspec_keeps_the_same_promises() -> None:
    pytest.importorskip("fsspec")
    blobs = BlobStore("memory://bucket/artifacts")
    blob = blobs.put_bytes(b"hello")
    assert blobs.put_bytes(b"hello") == blob
    with blobs.open(blob.sha256) as handle:
        assert handle.read() == b"hello"
    assert (blobs.exists(blob.sha256), blobs.size(blob.sha256), blobs.exists("0" * 64)) == (True, 5, False)
    with pytest.raises(InvalidField):
        blobs.path(blob.sha256)

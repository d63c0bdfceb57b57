"""What a job leaves behind is packed; what is not its own is not."""

from __future__ import annotations

import hashlib
import os
import tarfile
from pathlib import Path

import pytest

from mlstudio.jobs.runner import artifacts
from mlstudio.jobs.runner.artifacts import deliver, pack_folder


def test_an_archive_knows_its_hash_and_size(tmp_path: Path) -> None:
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "sub" / "w").write_bytes(b"w" * 1000)
    packed = pack_folder(tmp_path / "model", tmp_path / "out" / "model.tar.gz")
    assert packed is not None
    content = Path(packed["path"]).read_bytes()
    assert packed["sha256"] == hashlib.sha256(content).hexdigest()
    assert packed["size"] == len(content)
    with tarfile.open(packed["path"]) as archive:
        assert archive.getnames() == ["sub", "sub/w"]


def test_nothing_is_packed_from_an_empty_or_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    assert pack_folder(tmp_path / "model", tmp_path / "m.tar.gz") is None
    assert pack_folder(tmp_path / "none", tmp_path / "m.tar.gz") is None
    assert not (tmp_path / "m.tar.gz").exists()


def test_t16_t17_links_out_and_fifos_are_skipped_and_listed(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "shadow").symlink_to("/etc/shadow")
    (model / "folder").symlink_to("/etc")
    os.mkfifo(model / "pipe")
    (model / "weights").write_text("w")
    (model / "latest").symlink_to("weights")
    packed = pack_folder(model, tmp_path / "m.tar.gz")
    assert packed is not None
    assert packed["skipped"] == ["folder", "pipe", "shadow"]
    with tarfile.open(tmp_path / "m.tar.gz") as archive:
        assert sorted(archive.getnames()) == ["latest", "weights"]


def test_a_full_disk_leaves_no_half_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "w").write_text("w")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pack_folder(tmp_path / "model", tmp_path / "m.tar.gz")
    assert sorted(os.listdir(tmp_path)) == ["model"] or sorted(os.listdir(tmp_path)) == ["home", "model"]


def test_delivery_makes_the_folder(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_text("x")
    assert deliver(tmp_path / "model.tar.gz", tmp_path / "a" / "b") == tmp_path / "a" / "b" / "model.tar.gz"

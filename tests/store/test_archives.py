"""Archives from an enemy: judged before a byte is written, refused by the member's name."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.entities.errors import BadArchive, InvalidField, NotFound
from mlstudio.store.archives import Limits, extract, pack
from mlstudio.store.home import Home

Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> Member:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def make_tar(path: Path, *members: Member, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for info, data in members:
            tar.addfile(info, io.BytesIO(data) if info.size else None)
    return path


def make_zip(path: Path, names: dict[str, bytes], attributes: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            info = zipfile.ZipInfo(name)
            info.filename = name
            info.external_attr = attributes << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


@pytest.fixture(autouse=True)
def home_elsewhere(home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of an earlier test may open the store of the environment: not in the folder that is watched here."""
    del home  # set before, for every test; ours comes after
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path_factory.mktemp("elsewhere") / "home"))


@pytest.fixture
def canary(tmp_path: Path) -> Callable[[], None]:
    """A tree beside the target that no archive may change; the returned call asserts so."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("keep")
    before = sorted(path.name for path in tmp_path.iterdir())

    def unchanged() -> None:
        assert (outside / "keep").read_text() == "keep"
        assert sorted(path.name for path in outside.iterdir()) == ["keep"]
        now = {path.name for path in tmp_path.iterdir()} - {"bad.tgz", "bad.zip"}
        assert now == set(before), "something was left behind"

    return unchanged


SYM, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE = {
    "dot-dot": [member("../outside/evil")],
    "dot-dot inside": [member("a/../../outside/evil")],
    "absolute": [member("/etc/evil")],
    "backslash": [member("..\\outside\\evil")],
    "drive": [member("C:evil")],
    "symlink out": [member("l", kind=SYM, link="../outside")],
    "symlink absolute": [member("l", kind=SYM, link="/etc")],
    "symlink, then write through it": [member("l", kind=SYM, link="."), member("l/evil")],
    "symlink up through a link": [member("d/x", kind=SYM, link=".."), member("y", kind=SYM, link="d/x/../..")],
    "symlink leading through a link": [member("d/x", kind=SYM, link=".."), member("y", kind=SYM, link="d/x/z")],
    "symlink replaced by a file": [member("l", kind=SYM, link="a"), member("l")],
    "hardlink out": [member("h", kind=HARD, link="../outside/keep")],
    "hardlink absolute": [member("h", kind=HARD, link="/etc/passwd")],
    "hardlink to a symlink": [member("l", kind=SYM, link="a"), member("h", kind=HARD, link="l")],
    "device": [member("zero", kind=tarfile.CHRTYPE)],
    "block device": [member("sda", kind=tarfile.BLKTYPE)],
    "FIFO": [member("pipe", kind=tarfile.FIFOTYPE)],
    "twice": [member("a"), member("./a")],
    "a file below a file": [member("a"), member("a/b")],
    "too deep": [member("/".join("d" * 1 for _ in range(33)) + "/f")],
    "a file without a name": [member("./")],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_t15_a_hostile_tar_is_refused_by_name_and_leaves_nothing(
    tmp_path: Path, name: str, canary: Callable[[], None]
) -> None:
    archive = make_tar(tmp_path / "bad.tgz", member("good"), *HOSTILE[name])
    with pytest.raises(BadArchive) as caught:
        extract(archive, tmp_path / "target")
    assert caught.value.field
    canary()


@pytest.mark.parametrize(
    "name", ["../outside/evil", "/etc/evil", "..\\evil", "a/../../evil", "C:evil", "d/" * 33 + "f"]
)
def test_t15_a_hostile_zip_is_refused_by_name_and_leaves_nothing(
    tmp_path: Path, name: str, canary: Callable[[], None]
) -> None:
    with pytest.raises(BadArchive) as caught:
        extract(make_zip(tmp_path / "bad.zip", {"good": b"x", name: b"x"}), tmp_path / "target")
    assert caught.value.field
    canary()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_zip_with_links_or_devices_is_refused(tmp_path: Path, kind: int) -> None:
    with pytest.raises(BadArchive, match="a link or a special file"):
        extract(make_zip(tmp_path / "bad.zip", {"l": b"/etc"}, attributes=kind | 0o777), tmp_path / "target")


def test_a_zip_with_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("./a", b"2")
    with pytest.raises(BadArchive, match="twice"):
        extract(path, tmp_path / "target")


def test_bombs_are_stopped_while_reading_whatever_their_headers_say(tmp_path: Path, canary: Callable[[], None]) -> None:
    limits = Limits(size=1 << 30, ratio=5, members=100)
    tar = make_tar(tmp_path / "bad.tgz", member("zeros", bytes(64 << 20)))
    with pytest.raises(BadArchive):
        extract(tar, tmp_path / "target", limits=limits)
    with pytest.raises(BadArchive):
        extract(make_zip(tmp_path / "bad.zip", {"zeros": bytes(64 << 20)}), tmp_path / "target", limits=limits)
    canary()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(Limits(members=2), "one too many"), (Limits(size=10), "too large"), (Limits(depth=1), "deeper than 1")],
)
def test_a_limit_names_itself(tmp_path: Path, limits: Limits, reason: str) -> None:
    tar = make_tar(tmp_path / "a.tgz", member("a", b"12345678"), member("b/c", b"12345678"), member("d", b"1"))
    with pytest.raises(BadArchive, match=reason):
        extract(tar, tmp_path / "target", limits=limits)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", gzip.compress(b"no archive", mtime=0), b"PK\x03\x04 torn", b"\x1f\x8b torn"]
)
def test_what_is_no_archive_is_said_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadArchive):
        extract(tmp_path / "x", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_torn_archive_leaves_nothing(tmp_path: Path) -> None:
    whole = make_tar(tmp_path / "a.tgz", member("a", os.urandom(100_000)))
    (tmp_path / "torn.tgz").write_bytes(whole.read_bytes()[:50_000])
    with pytest.raises(BadArchive):
        extract(tmp_path / "torn.tgz", tmp_path / "target")
    assert not (tmp_path / "target").exists()


def tree(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): (
            f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text() if path.is_file() else "/"
        )
        for path in root.rglob("*")
    }


def some_folder(root: Path) -> Path:
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "ä b.txt").write_text("b")
    (root / "sub" / "link").symlink_to("../a.txt")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    return root


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_good_tars_of_every_packing_are_extracted(tmp_path: Path, mode: str) -> None:
    tar = make_tar(tmp_path / "a", member("./a/b", b"hello"), member("c", kind=SYM, link="a/b"), mode=mode)
    assert extract(tar, tmp_path / "target") == 2
    assert tree(tmp_path / "target") == {"a": "/", "a/b": "hello", "c": "-> a/b"}
    assert stat.S_IMODE((tmp_path / "target").stat().st_mode) == 0o700


def test_a_folder_comes_back_from_pack_and_extract_and_the_bytes_are_the_same_twice(tmp_path: Path) -> None:
    root = some_folder(tmp_path / "root")
    packed = pack(root, tmp_path / "one.tgz")
    pack(root, tmp_path / "two.tgz")
    assert (tmp_path / "one.tgz").read_bytes() == (tmp_path / "two.tgz").read_bytes()
    assert stat.S_IMODE((tmp_path / "one.tgz").stat().st_mode) == 0o600
    assert extract(tmp_path / "one.tgz", tmp_path / "back") == packed.members == 6
    assert tree(tmp_path / "back") == tree(root)
    assert os.access(tmp_path / "back" / "run.sh", os.X_OK)


def test_a_good_zip_is_extracted(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"d/": b"", "d/a": b"hello"})
    assert extract(archive, tmp_path / "target") == 2
    assert tree(tmp_path / "target") == {"d": "/", "d/a": "hello"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "sub/../../secret"])
def test_t16_packing_refuses_a_link_that_leaves_the_folder_by_name(tmp_path: Path, target: str) -> None:
    root = some_folder(tmp_path / "root")
    (tmp_path / "secret").write_text("key")
    (root / "leak").symlink_to(target)
    with pytest.raises(BadArchive, match='"leak" leaves the folder'):
        pack(root, tmp_path / "out.tgz")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name not in {"home"}) == ["root", "secret"]


def test_t17_packing_leaves_out_fifos_and_does_not_hang(tmp_path: Path) -> None:
    root = some_folder(tmp_path / "root")
    os.mkfifo(root / "pipe")
    assert pack(root, tmp_path / "out.tgz").skipped == {"pipe": "a FIFO"}


def test_targets_and_sources_that_cannot_be_are_refused(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tgz", member("a"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "full")
    for target in ("full", "link"):
        with pytest.raises(InvalidField):
            extract(archive, tmp_path / target)
    with pytest.raises(NotFound):
        extract(tmp_path / "none", tmp_path / "target")
    with pytest.raises(NotFound):
        pack(tmp_path / "none", tmp_path / "out.tgz")

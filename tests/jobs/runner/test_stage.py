"""Which code may be staged, and what a copy leaves out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstudio.jobs.runner.stage import Refused, check_entry, copy_source


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    (folder / "lib").mkdir(parents=True)
    (folder / "train.py").write_text("print(1)")
    (folder / "lib" / "net.py").write_text("x = 1")
    return folder


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "../train.py",
        "/etc/passwd",
        "-c",
        "lib/../train.py",
        "./train.py",
        "a//b.py",
        "train.py\n",
        "tr ain.py",
        "a;b.py",
    ],
)
def test_an_entry_point_that_is_no_plain_path_is_refused(source: Path, entry: str) -> None:
    with pytest.raises(Refused) as refused:
        check_entry(source, entry)
    assert refused.value.field == "entry_point"


def test_a_missing_entry_point_names_the_nearest_file(source: Path) -> None:
    with pytest.raises(Refused) as refused:
        check_entry(source, "tran.py")
    assert refused.value.hint == "Did you mean train.py?"


def test_a_folder_is_no_entry_point(source: Path) -> None:
    with pytest.raises(Refused, match="is a folder"):
        check_entry(source, "lib")


def test_an_entry_point_that_is_a_link_out_of_the_folder_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("")
    (source / "link.py").symlink_to(tmp_path / "evil.py")
    with pytest.raises(Refused, match="leads out"):
        check_entry(source, "link.py")


def test_a_link_that_leaves_the_folder_is_refused_by_name(source: Path, tmp_path: Path) -> None:
    (source / "lib" / "keys").symlink_to(Path.home())
    with pytest.raises(Refused, match=r"lib/keys in the source folder is a link to"):
        copy_source(source, tmp_path / "code")


def test_a_link_inside_the_folder_stays_a_link(source: Path, tmp_path: Path) -> None:
    (source / "again.py").symlink_to(source / "lib" / "net.py")
    (source / "loop").symlink_to(source)
    copy_source(source, tmp_path / "code")
    assert (tmp_path / "code" / "again.py").readlink() == Path("lib/net.py")
    assert (tmp_path / "code" / "again.py").read_text() == "x = 1"
    assert (tmp_path / "code" / "loop").is_symlink()


def test_a_fifo_is_passed_over_and_named(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "pipe")
    done = copy_source(source, tmp_path / "code")
    assert done.skipped == ["pipe"]
    assert done.files == 2


def test_folders_that_are_no_source_are_left_out(source: Path, tmp_path: Path) -> None:
    for name in (".git", "__pycache__", ".venv"):
        (source / name).mkdir()
        (source / name / "x").write_text("x")
    copy_source(source, tmp_path / "code")
    assert sorted(path.name for path in (tmp_path / "code").iterdir()) == ["lib", "train.py"]


def test_a_source_over_the_limit_is_refused_with_its_five_largest_files(source: Path, tmp_path: Path) -> None:
    for size in range(1, 8):
        (source / f"{9 - size}.bin").write_bytes(b"x" * (size << 20))
    with pytest.raises(Refused) as refused:
        copy_source(source, tmp_path / "code", limit=20 << 20)
    assert "holds 28 MiB, more than 20 MiB" in refused.value.message
    assert "2.bin (7 MiB), 3.bin (6 MiB), 4.bin (5 MiB), 5.bin (4 MiB), 6.bin (3 MiB)." in refused.value.message
    assert refused.value.code == "too_large"


def test_a_huge_file_is_refused_before_it_is_copied(source: Path, tmp_path: Path) -> None:
    with (source / "sparse.bin").open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(Refused, match=r"sparse.bin \(5,120 MiB\)"):
        copy_source(source, tmp_path / "code")
    with pytest.raises(Refused, match=r"sparse.bin \(5,120 MiB\)"):
        copy_source(source / "sparse.bin", tmp_path / "alone")
    assert not (tmp_path / "code" / "sparse.bin").exists()


def test_one_file_is_a_source(source: Path, tmp_path: Path) -> None:
    copy_source(source / "train.py", tmp_path / "code")
    assert [path.name for path in (tmp_path / "code").iterdir()] == ["train.py"]

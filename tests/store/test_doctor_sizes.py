"""Sizes are of what lies in a folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

from mlstudio.store.doctor_sizes import shown, size_of


def test_files_below_a_folder_are_summed_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 5_000)
    (tmp_path / "sub/b").write_bytes(b"x" * 7_000)
    (tmp_path / "loop").symlink_to(tmp_path)
    size, count = size_of(tmp_path)
    assert 12_000 <= size < 12_300
    assert count == 3
    assert size_of(tmp_path / "nothing") == (0, 0)


def test_a_sparse_file_counts_with_the_room_it_takes(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as handle:
        handle.truncate(1 << 30)
    assert size_of(tmp_path)[0] < 1 << 20


def test_sizes_are_shown_in_steps_of_a_thousand() -> None:
    assert [shown(size) for size in (0, 999, 1000, 1_500_000, 2.5e9, 3e12)] == [
        "0 B", "999 B", "1.0 kB", "1.5 MB", "2.5 GB", "3.0 TB",
    ]  # fmt: skip

"""Hearing of changes in run folders."""

from __future__ import annotations

from pathlib import Path

from mlstudio.jobs.agent.watch import Watcher


def test_writes_and_renames_are_heard_and_forgotten_names_are_not(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    watcher = Watcher()
    watcher.add("a", one)
    watcher.add("b", two)
    assert watcher.changed() == set()
    (one / "x").write_text("x")
    assert watcher.changed() == {"a"}
    (one / "x").rename(two / "y")
    assert watcher.changed() == {"b"}
    watcher.remove("b")
    (two / "z").write_text("z")
    assert watcher.changed() == set()


def test_a_folder_that_cannot_be_watched_is_looked_at_by_the_clock(tmp_path: Path) -> None:
    watcher = Watcher()
    watcher.add("a", tmp_path / "missing")
    assert watcher.blind == {"a"}
    watcher.remove("a")
    assert watcher.blind == set()


def test_an_overflow_means_that_anything_may_have_changed(tmp_path: Path) -> None:
    watcher = Watcher()
    watcher.add("a", tmp_path)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    file = (tmp_path / "x").open("w")
    other = (tmp_path / "y").open("w")
    for _ in range(min(limit, 40_000) // 2 + 10):  # alternating: equal neighbours are merged
        file.write("x")
        file.flush()
        other.write("y")
        other.flush()
    file.close()
    other.close()
    assert watcher.changed() == {"a"}

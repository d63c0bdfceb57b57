"""Files of a running job are copied as they are closed."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlstudio.jobs.runner import continuous
from mlstudio.jobs.runner.continuous import Closed, Source, copier, sources_of, start


def await_that(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A folder that is followed, and the one that gets its files."""
    folder, target = tmp_path / "ml" / "out" / "o", tmp_path / "to"
    folder.mkdir(parents=True)
    (folder / "before").write_text("b")
    pid = start(
        [Source(tmp_path / "ml", folder, copier(target)), Source(tmp_path / "ml", folder.parent / "p", copier(target))]
    )
    assert pid is not None
    await_that((target / "before").exists)
    yield folder, target
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


def test_a_file_arrives_when_it_is_closed_and_again_when_it_changes(followed: tuple[Path, Path]) -> None:
    folder, target = followed
    with (folder / "rows").open("w") as file:
        file.write("1")
        file.flush()
        time.sleep(0.2)
        assert not (target / "rows").exists(), "it is still being written"
    await_that((target / "rows").exists)
    (folder / "rows").write_text("22")
    await_that(lambda: (target / "rows").read_text() == "22")
    (folder / ".part").write_text("3")
    (folder / ".part").rename(folder / "renamed")
    await_that((target / "renamed").exists)


def test_new_folders_and_a_folder_that_is_made_again_are_followed(followed: tuple[Path, Path]) -> None:
    folder, target = followed
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "deep").write_text("d")
    await_that((target / "a" / "b" / "deep").exists)
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "again").write_text("a")
    await_that((target / "again").exists)
    (folder.parent / "p").mkdir()
    (folder.parent / "p" / "late").write_text("p")
    await_that((target / "late").exists)


def test_links_and_pipes_are_left_alone(followed: tuple[Path, Path]) -> None:
    folder, target = followed
    os.mkfifo(folder / "pipe")
    (folder / "shadow").symlink_to("/etc/shadow")
    (folder / "last").write_text("l")
    await_that((target / "last").exists)
    assert sorted(path.name for path in target.iterdir()) == ["before", "last"]


def test_where_the_kernel_tells_nothing_it_is_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuous, "_LOOK", 0.05)
    (tmp_path / "o").mkdir()
    closed = Closed([Source(tmp_path, tmp_path / "o", copier(tmp_path / "to"))])
    os.close(closed.descriptor)
    closed.descriptor = -1
    over = threading.Event()
    thread = threading.Thread(target=closed.run, args=(over.is_set,))
    thread.start()
    try:
        (tmp_path / "o" / "x").write_text("x")
        await_that((tmp_path / "to" / "x").exists)
    finally:
        over.set()
        thread.join()


def test_only_continuous_outputs_are_followed(tmp_path: Path) -> None:
    plan = {
        "outputs": [
            {"name": "a", "source": "processing/output/a", "destination": None, "continuous": True},
            {"name": "b", "source": "processing/output/b", "destination": None, "continuous": False},
        ]
    }
    assert [one.folder for one in sources_of(tmp_path, plan)] == [tmp_path / "ml" / "processing/output/a"]
    assert start([]) is None

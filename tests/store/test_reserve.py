"""The room that is kept for the day on which the disk is full."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mlstudio.entities.errors import Conflict, DiskFull
from mlstudio.store import reserve
from mlstudio.store.reserve import SIZE, keep_reserve, reserve_of, with_room


class Work:
    """A transaction that meets a full disk so many times; what was done beside it is listed."""

    def __init__(self, path: Path, full: int) -> None:
        self._path, self._full = path, full
        self.did: list[str] = []

    def __call__(self) -> None:
        self.did.append("work" if reserve_of(self._path).exists() else "work without reserve")
        if self._full:
            self._full -= 1
            raise DiskFull("The disk is full.")

    def tidy(self) -> None:
        self.did.append("tidy")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    keep_reserve(tmp_path / "mlstudio.db")
    return tmp_path / "mlstudio.db"


def test_a_reserve_takes_its_room_and_is_for_the_owner_only(path: Path) -> None:
    found = reserve_of(path).stat()
    assert (found.st_size, found.st_mode & 0o777) == (SIZE, 0o600)
    assert found.st_blocks * 512 >= SIZE, "no hole: the room is taken"
    keep_reserve(path)
    assert reserve_of(path).stat().st_ino == found.st_ino, "twice is once"


@pytest.mark.parametrize(
    ("full", "did"),
    [
        (0, ["work"]),
        (1, ["work", "tidy", "work"]),
        (2, ["work", "tidy", "work", "work without reserve"]),
    ],
)
def test_the_reserve_is_given_up_when_nothing_else_helps_and_comes_back(
    path: Path, caplog: pytest.LogCaptureFixture, full: int, did: list[str]
) -> None:
    work = Work(path, full)
    with caplog.at_level(logging.WARNING, "mlstudio"):
        with_room(path, work, tidy=work.tidy)
    assert work.did == did
    assert len(caplog.messages) == (full == 2)
    assert reserve_of(path).exists(), "there is room here"


def test_a_disk_that_is_full_without_a_reserve_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserve, "free_megabytes", lambda folder: 0.1)
    work = Work(path, 99)
    for _ in range(2):
        with pytest.raises(DiskFull):
            with_room(path, work, tidy=work.tidy)
    first, second = work.did[:4], work.did[4:]
    assert first == ["work", "tidy", "work", "work without reserve"]
    assert second == ["work without reserve", "tidy", "work without reserve"]
    assert not reserve_of(path).exists()


def test_no_reserve_is_made_where_there_is_no_room_and_other_errors_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mlstudio.db"
    monkeypatch.setattr(reserve, "free_megabytes", lambda folder: 1.0)
    keep_reserve(path)
    keep_reserve(tmp_path / "missing" / "mlstudio.db")
    assert list(tmp_path.iterdir()) == []

    def refused() -> None:
        raise Conflict("not deleted")

    with pytest.raises(Conflict):
        with_room(path, refused, tidy=refused)

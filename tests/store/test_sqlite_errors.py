"""SQLite's errors in the words of a person."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mlstudio.entities.errors import (
    Conflict,
    DiskFull,
    InvalidField,
    StoreBusy,
    StoreDamaged,
    StoreUnreachable,
    StudioError,
    TooLarge,
)
from mlstudio.entities.experiments import ExperimentCreate, ListRequest
from mlstudio.store import sqlite, sqlite_errors
from mlstudio.store.home import Home
from mlstudio.store.opening import open_sqlite, open_store
from mlstudio.store.sqlite_errors import studio_error
from mlstudio.store.sqlite_store import SqliteStore


class Raised(Exception):
    """A driver's error with a result code."""

    def __init__(self, code: int) -> None:
        super().__init__("the driver's words")
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, StoreBusy),
        (5 | 2 << 8, StoreBusy),
        (6, StoreBusy),
        (8, StoreUnreachable),
        (10, StoreUnreachable),
        (14, StoreUnreachable),
        (13, DiskFull),
        (11, StoreDamaged),
        (26, StoreDamaged),
        (18, TooLarge),
        (19, Conflict),
        (1, StudioError),
    ],
)
def test_each_result_code_has_its_error(tmp_path: Path, code: int, kind: type[StudioError]) -> None:
    for error in (Raised(code), OperationalError("SELECT 1", {}, Raised(code))):
        found = studio_error(error, tmp_path / "mlstudio.db")
        assert type(found) is kind
        assert "SELECT" not in found.message, "no SQL is shown"


def test_an_io_error_on_a_full_disk_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_errors, "free_megabytes", lambda path: 0.2)
    found = studio_error(Raised(10), tmp_path / "mlstudio.db")
    assert type(found) is DiskFull
    assert f"free 0.2 MB at {tmp_path}" in found.message


def test_errors_that_are_not_the_drivers_have_their_words_too(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    assert type(studio_error(PoolTimeout(), path)) is StoreBusy
    assert type(studio_error(OverflowError("too large to convert"), path)) is InvalidField
    assert type(studio_error(UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"), path)) is StoreDamaged


def test_a_lock_held_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    store, other = open_sqlite(tmp_path / "mlstudio.db"), open_sqlite(tmp_path / "mlstudio.db")
    with other.write():
        with pytest.raises(StoreBusy, match="another process"):
            store.create_experiment(ExperimentCreate("e"))
        assert store.list_experiments(ListRequest()).items == [], "readers go on"
    failures: list[Exception] = []

    def write() -> None:
        try:
            store.create_experiment(ExperimentCreate("f"))
        except StoreBusy as error:
            failures.append(error)

    with store.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert "Another thread" in str(failures[0])
    store.close()
    other.close()


def test_one_record_that_cannot_be_read_does_not_close_the_store_for_writing(home: Home) -> None:
    store = open_store(home=home)
    assert isinstance(store, SqliteStore)
    store.create_experiment(ExperimentCreate(name="good"))

    with pytest.raises(StoreDamaged), store.read():
        msgspec.json.decode(b"{torn", type=dict)

    assert store.create_experiment(ExperimentCreate(name="better")).name == "better"

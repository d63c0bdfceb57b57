"""The contract of a store over every backend of ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import open_sqlite
from mlstudio.testing import StoreContract


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, to be copied: making one costs more than most tests."""
    path = tmp_path_factory.mktemp("empty") / "mlstudio.db"
    open_sqlite(path).close()
    return path


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path, empty: Path) -> Iterator[Store]:
        path = tmp_path / "store" / "mlstudio.db"
        path.parent.mkdir()
        shutil.copy(empty, path)
        store = open_sqlite(path)
        yield store
        store.close()


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

"""The contract of a store over every backend of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import open_sqlite
from mlstudio.testing import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        store = open_sqlite(tmp_path / "store" / "mlstudio.db")
        yield store
        store.close()


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

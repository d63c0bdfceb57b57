"""A forked child and SQLite: what the parent was doing is no business of the child's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.sqlite_store import SqliteStore


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    found = open_store(home=home)
    yield found
    found.close()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_that_is_forked_while_a_thread_writes_can_write(store: Store) -> None:
    """SQLite would tell the child for ever that the parent's write goes on."""
    assert isinstance(store, SqliteStore)
    writes = threading.Event()

    def slowly() -> None:
        with store.write() as conn:
            store.note_change(conn, "experiment", "u", "n", "updated")
            writes.set()
            time.sleep(0.2)

    thread = threading.Thread(target=slowly)
    thread.start()
    writes.wait()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            store.create_component(ComponentCreate(name="of-the-child"))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    thread.join()
    assert time.monotonic() - began < 10
    assert store.get_component("of-the-child").name == "of-the-child"
    store.create_component(ComponentCreate(name="of-the-parent"))

"""One real server per module; each test speaks to it with the server's own home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server, running_server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server") / "home") as server:
        yield server


@pytest.fixture
def server(shared_server: Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The module's server; this process looks at the same home."""
    monkeypatch.setenv("MLSTUDIO_HOME", str(shared_server.home))
    return shared_server


@pytest.fixture
def store(server: Server) -> Store:
    """The server's store, as another caller in this process opens it."""
    return open_store(home=Home(server.home))

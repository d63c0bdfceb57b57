"""The agent of processing jobs under test, and a script to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlstudio.entities.jobs import JobListRequest
from mlstudio.jobs.agent.ensure import status, stop_agent
from mlstudio.store import open_store
from mlstudio.store.home import Home

Write = Callable[[str], Path]


@pytest.fixture(scope="session")
def processing_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home, one agent, for all processors that are tried."""
    home = Home(tmp_path_factory.mktemp("processing") / "home")
    yield home
    stop_agent(home)
    assert status(home) is None
    open_store(home=home).close()


@pytest.fixture
def agent(home: Home, processing_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The shared agent; every job of the test has ended when it is over."""
    monkeypatch.setenv("MLSTUDIO_HOME", str(processing_home.root))
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "300")
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "4")
    yield processing_home
    running = [one.name for one in open_store().list_jobs(JobListRequest(status="InProgress")).items]
    assert not running, f"jobs were left running: {running}"


@pytest.fixture
def script(tmp_path: Path) -> Write:
    """Write a script."""

    def write(text: str) -> Path:
        path = tmp_path / "prepare.py"
        path.write_text(text)
        return path

    return write

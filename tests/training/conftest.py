"""The agent of the jobs' tests, for estimators."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.jobs import JobListRequest
from mlstudio.jobs.agent.ensure import status, stop_agent
from mlstudio.store import open_store
from mlstudio.store.home import Home


@pytest.fixture(scope="session")
def training_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home, one agent, for all estimators that are tried."""
    home = Home(tmp_path_factory.mktemp("training") / "home")
    yield home
    stop_agent(home)
    assert status(home) is None
    open_store(home=home).close()


@pytest.fixture
def agent(home: Home, training_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The shared agent; every job of the test has ended when it is over."""
    monkeypatch.setenv("MLSTUDIO_HOME", str(training_home.root))
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "300")
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "4")
    yield training_home
    running = [one.name for one in open_store().list_jobs(JobListRequest(status="InProgress")).items]
    assert not running, f"jobs were left running: {running}"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that prints a metric, its arguments, and what it finds in its channel."""
    path = tmp_path / "train.py"
    path.write_text(
        "import os, sys\n"
        "print('args', sys.argv[1:])\n"
        "folder = os.environ.get('SM_CHANNEL_TRAINING')\n"
        "print('files', sorted(os.listdir(folder)) if folder else None)\n"
        "for value in (0.5, 0.25):\n"
        "    print(f'loss={value};')\n"
        "open(os.path.join(os.environ['SM_MODEL_DIR'], 'model.txt'), 'w').write('m')\n"
    )
    return path

"""Real jobs under a real agent, of which nothing is left after the test."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.experiments import SeriesSummary
from mlstudio.entities.jobs import JobListRequest, JobRecord, JobSpec
from mlstudio.jobs.agent.ensure import status, stop_agent
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.runner.files import read_json
from mlstudio.store import open_store
from mlstudio.store.home import Home

SpecFactory = Callable[..., JobSpec]
_numbers = itertools.count(1)


def processes_of(home: Path) -> dict[int, str]:
    """Return the living processes that belong to a home, by pid."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            environment = Path("/proc", name, "environ").read_bytes()
            command = Path("/proc", name, "cmdline").read_bytes()
        except OSError:
            continue
        if str(home).encode() in environment + command and command:
            found[int(name)] = command.replace(b"\0", b" ").decode("utf-8", "replace")
    return found


def await_that(condition: Callable[[], object], what: str, timeout: float = 20.0) -> None:
    """Wait until something is true; say what, when it never is."""
    until = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < until, f"{what} did not happen within {timeout:g} s"
        time.sleep(0.01)


@pytest.fixture
def spec(tmp_path: Path) -> SpecFactory:
    """Make the specification of a one-file job."""

    def make(script: str, **fields: Any) -> JobSpec:
        count = next(_numbers)
        folder = tmp_path / f"src{count}"
        folder.mkdir()
        (folder / "train.py").write_text(textwrap.dedent(script))
        known = {"name": f"job-{count}", "entry_point": "train.py", "source_dir": str(folder)}
        return JobSpec(**{**known, "interpreter": sys.executable, **fields})

    return make


def clean_up(home: Home) -> None:
    """End the agent of a home and everything it ran; fail when something cannot be ended."""
    stop_agent(home)
    for run in home.jobs.glob("*/run.json") if home.jobs.exists() else []:
        known = read_json(run)
        if known and not (run.parent / "exit.json").exists():
            for who in ("child", "supervisor"):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(known[who].get("pgid", known[who]["pid"]), signal.SIGKILL)
    try:
        await_that(lambda: not processes_of(home.root), "the end of all processes of the home", 5)
    except AssertionError:
        left = processes_of(home.root)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        raise AssertionError(f"processes were left behind: {left}") from None
    finally:
        open_store(home=home).close()


@pytest.fixture
def own_agent(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home whose agent a test may kill; nothing of it is left afterwards."""
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "60")
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "4")
    yield home
    clean_up(home)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose agent serves many tests: starting one costs a second."""
    home = Home(tmp_path_factory.mktemp("shared") / "home")
    yield home
    clean_up(home)


@pytest.fixture
def agent(home: Home, shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The shared agent; every job of the test has ended when it is over."""
    monkeypatch.setenv("MLSTUDIO_HOME", str(shared_home.root))
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "300")
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "4")
    yield shared_home
    running = [one.name for one in open_store().list_jobs(JobListRequest(status="InProgress")).items]
    assert not running, f"jobs were left running: {running}"


def agent_pid(home: Home) -> int:
    """Return the pid of the running agent."""
    known = status(home)
    assert known is not None, "no agent runs"
    return int(known["pid"])


def metrics_of(record: JobRecord) -> list[SeriesSummary]:
    """Return what the job itself measured, without the machine's series that a job of more than a second has."""
    return [one for one in open_store().series(record.trial_component) if not one.name.startswith("system/")]


def run_json(record: JobRecord) -> dict[str, Any]:
    """Return run.json of a started job."""
    known = read_json(run_folder(record) / "run.json")
    assert known is not None
    return known


def await_log(name: str, text: str) -> None:
    """Wait until a job's log holds a text."""
    await_that(lambda: text in jobs.Job(name).logs(), f"{text!r} in the log of {name}")

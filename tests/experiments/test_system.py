"""System metrics: every run that goes on has them, nobody else, and they end with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

import mlstudio
from mlstudio import Tracker, configure
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.experiments import system
from mlstudio.experiments.recording import JOB_COMPONENT
from mlstudio.store import open_store

ALWAYS = {"system/cpu", "system/mem", "system/proc.rss"}


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "FIRST", 0.05)
    configure(system_metrics=0.5)


def counts(component: str) -> dict[str, int]:
    return {one.name: one.count for one in open_store().series(component) if one.name.startswith("system/")}


def wait_for_sample(run: mlstudio.Run, least: int = 1) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        run.flush()
        if counts(run.component_name).get("system/cpu", 0) >= least:
            return
        time.sleep(0.05)
    pytest.fail("no sample came")


@pytest.mark.usefixtures("often")
def test_runs_that_go_on_share_one_thread_that_ends_with_the_last() -> None:
    with mlstudio.run("e", "a", capture=False) as first, mlstudio.run("e", "b", capture=False) as second:
        wait_for_sample(first)
        wait_for_sample(second)
        assert [one.name for one in threading.enumerate()].count("mlstudio-system") == 1
    found = {one.name: one for one in open_store().series(first.component_name)}
    assert set(found) >= ALWAYS
    assert 0 <= (found["system/cpu"].last or 0) <= 100
    assert 0 < (found["system/mem"].last or 0) < 100
    assert (found["system/proc.rss"].last or 0) > 1e6
    deadline = time.monotonic() + 5
    while "mlstudio-system" in {one.name for one in threading.enumerate()} and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "mlstudio-system" not in {one.name for one in threading.enumerate()}
    assert first.dropped == 0


@pytest.mark.usefixtures("often")
def test_frames_leave_system_metrics_out_until_they_are_asked_for() -> None:
    with mlstudio.run("e", "a", capture=False) as run:
        run.log(loss=1.0)
        wait_for_sample(run)
    assert list(run.history().columns) == ["step", "loss"]
    assert len(run.history("system/cpu")) >= 1
    assert not [name for name in mlstudio.ExperimentAnalytics("e").dataframe().columns if "system/" in name]
    asked = mlstudio.ExperimentAnalytics("e", metric_names=["system/cpu"]).dataframe()
    assert "system/cpu - Last" in asked.columns
    assert "system/" not in run._repr_html_()


@pytest.mark.usefixtures("often")
def test_a_component_that_is_only_added_to_has_none() -> None:
    with mlstudio.run("e", "done", capture=False) as done:
        pass
    before = counts(done.component_name)
    with mlstudio.run("e", "going", capture=False) as going:
        tracker = Tracker.load(done.component_name)
        tracker.log_metric("late", 1.0)
        wait_for_sample(going)
        tracker.close()
        assert counts(done.component_name) == before


@pytest.mark.usefixtures("often")
def test_the_component_of_the_job_that_we_run_in_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    open_store().create_component(ComponentCreate(name="job", status="InProgress"))
    monkeypatch.setenv(JOB_COMPONENT, "job")
    run = mlstudio.load_run()
    run.log(loss=1.0)
    wait_for_sample(run)
    run.finish()
    assert open_store().get_component("job").status == "InProgress"


@pytest.mark.usefixtures("often")
def test_another_rank_records_its_own_memory_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    with mlstudio.run("e", "a", capture=False) as run:
        deadline = time.monotonic() + 20
        while not counts(run.component_name) and time.monotonic() < deadline:
            time.sleep(0.05)
            run.flush()
    found = [(one.name, one.context) for one in open_store().series(run.component_name)]
    assert found == [("system/proc.rss", {"rank": 1})]


def test_off_is_off() -> None:
    with mlstudio.run("e", "a", capture=False):
        assert "mlstudio-system" not in {one.name for one in threading.enumerate()}


def test_a_run_that_is_forgotten_ends_without_a_warning() -> None:
    code = (
        "import mlstudio, time; from mlstudio.experiments import system; system.FIRST = 0.01\n"
        "run = mlstudio.run('e', 'a', capture=False); time.sleep(0.5)"
    )
    environment = {**os.environ, "MLSTUDIO_SYSTEM_METRICS": "0.5"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    record = open_store().get_component("e-a")
    assert (record.status, record.dropped) == ("Completed", 0)
    assert counts("e-a")["system/cpu"] >= 1


def test_what_a_system_does_not_tell_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    def broken(*_: object, **__: object) -> None:
        raise OSError("not here")

    probe = system.Probe()
    for name in ("virtual_memory", "disk_io_counters"):
        monkeypatch.setattr(psutil, name, broken)
    monkeypatch.setattr(psutil, "net_io_counters", lambda: None)
    found = probe.read()
    assert "system/cpu" in found
    assert not {"system/mem", "system/disk", "system/net"} & set(found)

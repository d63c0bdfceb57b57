"""Recording never hurts training: what happens when the store is away, the disk fails, or nobody closes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlstudio
from mlstudio import Tracker
from mlstudio.entities.errors import DiskFull, StoreBusy
from mlstudio.experiments import files, recording, records, run_plan
from mlstudio.store import open_store


def program(text: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    script = tmp_path / "script.py"
    script.write_text(text)
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False)


def test_a_forgotten_close_is_completed_when_the_interpreter_ends(tmp_path: Path) -> None:
    done = program("import mlstudio\nrun = mlstudio.run('e', 'r')\nrun.log(loss=1.0, step=1)\n", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    record = open_store().get_component("e-r")
    assert record.status == "Completed"
    assert record.metrics[0].last == 1.0


def test_a_forgotten_close_is_failed_when_an_exception_ends_it(tmp_path: Path) -> None:
    done = program("import mlstudio\nrun = mlstudio.run('e', 'r')\nraise ValueError('no luck')\n", tmp_path)
    assert done.returncode == 1
    record = open_store().get_component("e-r")
    assert (record.status, record.status_message) == ("Failed", "ValueError: no luck")


def test_a_tracker_that_was_only_loaded_leaves_the_status_alone_at_the_end(tmp_path: Path) -> None:
    with Tracker.create() as tracker:
        tracker.log_metric("loss", 1.0)
        text = f"from mlstudio import Tracker\nTracker.load({tracker.component_name!r}).log_parameter('late', 1)\n"
        assert program(text, tmp_path).stderr == ""
        tracker.flush()
        record = open_store().get_component(tracker.component_name)
        assert (record.status, record.params) == ("InProgress", {"late": 1})


class Away:
    """A store that answers nothing until it is back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = True

        def opened(*_: object, **__: object) -> object:
            if self.away:
                raise StoreBusy("The store is locked.")
            return self.real()

        self.real = open_store
        for module, name in ((records, "the_store"), (run_plan, "the_store"), (recording, "the_store")):
            monkeypatch.setattr(module, name, opened)
        monkeypatch.setattr("mlstudio.experiments.tracker.the_store", opened)
        monkeypatch.setattr("mlstudio.experiments.git.GIT_SECONDS", 0.0)
        monkeypatch.setattr("mlstudio.store.open_store", opened)


def test_a_run_begins_and_logs_while_the_store_is_away_and_arrives_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = Away(monkeypatch)
    run = mlstudio.run("e", "r", lr=0.1)
    run.log(loss=1.0, step=1)
    run["late"] = 2
    assert not run.flush(0.1)
    assert "cannot be reached now" in caplog.text
    store.away = False
    assert run.flush(20)
    run.finish()
    record = store.real().get_component(run.component_name)
    assert record.params == {"lr": 0.1, "late": 2}
    assert record.display_name == "r"
    assert [one.experiment_name for one in record.trials] == ["e"]
    assert record.metrics[0].last == 1.0
    code = store.real().code(run.component_name).code
    assert code is not None, "where it came from arrives as well"


def test_a_tracker_begins_while_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Away(monkeypatch)
    tracker = Tracker.create(display_name="t")
    tracker.log_parameter("a", 1)
    tracker.log_metric("loss", 1.0)
    store.away = False
    assert tracker.flush(20)
    tracker.close()
    record = store.real().get_component(tracker.component_name)
    assert (record.display_name, record.params, record.status) == ("t", {"a": 1}, "Completed")


def test_a_full_disk_costs_the_artifact_not_the_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = tmp_path / "weights"
    source.write_text("x")

    def full(*_: object) -> None:
        raise DiskFull("The disk is full: free 3 MB at /artifacts.")

    monkeypatch.setattr(files, "stored", full)
    with mlstudio.run("e") as run:
        run.log_file(source)
        run.log(loss=1.0, step=1)
    record = open_store().get_component(run.component_name)
    assert record.status == "Completed"
    assert not record.outputs
    assert "was not recorded: The disk is full" in caplog.text


def test_an_exception_is_described_even_when_it_cannot_say_its_name() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ZeroDivisionError

    assert recording.describe(ValueError("x")) == "ValueError: x"
    assert recording.describe(Mute()) == "Mute"
    assert recording.describe(ValueError()) == "ValueError"

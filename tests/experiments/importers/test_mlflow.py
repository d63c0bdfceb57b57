"""Real MLflow stores, both layouts, made by MLflow itself."""

from __future__ import annotations

import math
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ComponentRecord, ComponentUpdate
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.importers import mlflow
from mlstudio.experiments.importers.found import FoundRun
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home

Bring = Callable[..., TransferReport]
LAYOUTS = ("mlflow.db", "mlruns")


def found(text: str) -> list[ComponentRecord]:
    return open_store().search_components(parse(text))


def why(report: TransferReport) -> dict[str, str]:
    return {one.what: one.why for one in report.skipped}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_of_a_store_comes_in_once(layout: str, made_by_mlflow: Path, bring: Bring) -> None:
    report = bring("mlflow", made_by_mlflow / layout)
    assert (report.runs, report.updated, report.unchanged) == (16, 0, 0)
    assert report.experiments == ["text-model", "digits-sweep"] or set(report.experiments) == {
        "text-model",
        "digits-sweep",
    }
    assert why(report) == {"deleted run": "it is deleted in MLflow"}
    again = bring("mlflow", made_by_mlflow / layout)
    assert (again.runs, again.updated, again.unchanged) == (0, 0, 16)
    assert len(found("")) == 16


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_three_best_are_found_by_a_search(layout: str, made_by_mlflow: Path, bring: Bring) -> None:
    bring("mlflow", made_by_mlflow / layout)
    best = found('experiment = "digits-sweep" order by metrics.accuracy.last desc limit 3')
    assert [one.display_name for one in best] == ["trial 1", "trial 2", "trial 3"]
    assert [series.last for one in best for series in one.metrics if series.name == "accuracy"] == [0.99, 0.98, 0.97]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_mlflow_says_of_a_run_stands_where_it_belongs(
    layout: str, made_by_mlflow: Path, bring: Bring, home: Home
) -> None:
    bring("mlflow", made_by_mlflow / layout)
    (run,) = found('display_name = "trial 5"')
    assert run.params == {"lr": 0.003162, "optimizer": "lion", "depth": 2, "seed": 5, "augment": False, "code": "005"}
    assert run.tags["mlflow.user"] == "dana"
    assert "mlflow.runName" not in run.tags
    (above,) = found('display_name = "search 0"')
    assert run.parent == above.name
    assert open_store().code(run.name).code.git_commit == f"{5:040x}"
    assert open_store().code(run.name).code.entrypoint == "train.py"
    assert (run.status, run.end_time - run.start_time) == ("Completed", 60_000_000)
    assert set(run.outputs) == {"reports/summary.txt", "plots/confusion.png"}
    blob = BlobStore(home.artifacts).open(run.outputs["reports/summary.txt"].sha256)
    with blob:
        assert blob.read().startswith(b"report of trial 5\n")
    (odd,) = found('display_name = "trial 7"')
    assert odd.description == "Try **7**: the loss is odd."
    assert open_store().get_experiment("digits-sweep").description == "Which **optimizer** reads digits best?"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_metric_without_steps_is_numbered_by_time(layout: str, made_by_mlflow: Path, bring: Bring) -> None:
    bring("mlflow", made_by_mlflow / layout)
    (run,) = found('display_name = "trial 5"')
    points = open_store().points(run.name, "batch time")
    assert points.steps.tolist() == list(range(12))
    assert np.all(np.diff(points.ts) > 0)
    assert points.values.tolist() == [0.1 + 0.001 * (step % 3) for step in range(12)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_run_whose_process_was_killed_is_stopped(layout: str, made_by_mlflow: Path, bring: Bring) -> None:
    bring("mlflow", made_by_mlflow / layout)
    by_name = {run.display_name: run for run in found('experiment = "text-model"')}
    assert by_name["killed in the middle"].status == "Stopped"
    assert "no sign of life" in str(by_name["killed in the middle"].status_message)
    assert by_name["ran out of memory"].status == "Failed"
    assert by_name["stopped by hand"].status == "Stopped"


def test_a_run_that_shows_signs_of_life_is_in_progress() -> None:
    run, now = FoundRun(), int(time.time() * 1000)
    mlflow.set_status(run, "RUNNING", now - 7_200_000, None, alive=time.time() - 60)
    assert (run.status, run.end) == ("InProgress", None)
    mlflow.set_status(run, "RUNNING", now - 7_200_000, None, alive=0)
    assert (run.status, run.end) == ("Stopped", (now - 7_200_000) * 1000)


def test_infinity_is_what_mlflow_keeps_as_the_greatest_double() -> None:
    values = np.array([1.7976931348623157e308, -1.7976931348623157e308, math.nan, 1.0])
    kept = mlflow.series("x", np.arange(4), np.arange(4.0), values, Tally())
    assert kept.values.tolist()[:2] == [math.inf, -math.inf]
    assert math.isnan(kept.values[2])


def test_the_later_of_two_points_of_a_step_is_kept_and_the_other_reported() -> None:
    tally = Tally()
    kept = mlflow.series("x", np.array([0, 1, 1]), np.array([0.0, 2.0, 1.0]), np.array([1.0, 3.0, 2.0]), tally)
    assert kept.values.tolist() == [1.0, 2.0, 3.0]
    assert [(one.what, one.count) for one in tally.report().skipped] == [("points of metric x", 1)]


def test_everything_can_go_into_one_experiment(made_by_mlflow: Path, bring: Bring) -> None:
    report = bring("mlflow", f"sqlite:///{made_by_mlflow / 'mlflow.db'}", experiment="a year")
    assert report.experiments == ["a-year"]
    assert len(found('experiment = "a-year"')) == 16


def test_a_rehearsal_writes_nothing(made_by_mlflow: Path, bring: Bring, home: Home) -> None:
    report = bring("mlflow", made_by_mlflow, dry_run=True)
    assert (report.runs, report.points > 300) == (16, True)
    assert found("") == []
    assert not home.artifacts.exists()


def test_an_import_can_be_stopped_and_gone_on_with(made_by_mlflow: Path, bring: Bring) -> None:
    seen: list[int] = []
    report = bring("mlflow", made_by_mlflow, progress=lambda done, *_: seen.append(done), stop=lambda: len(seen) > 5)
    assert 0 < report.runs < 16
    assert "Import again to go on" in report.notes[0]
    assert bring("mlflow", made_by_mlflow).runs == 16 - report.runs
    assert seen == sorted(seen)


def test_only_what_is_new_comes_in_the_second_time(mlflow_copy: Path, bring: Bring) -> None:
    bring("mlflow", mlflow_copy / "mlflow.db")
    (run,) = found('display_name = "trial 5"')
    with sqlite3.connect(mlflow_copy / "mlflow.db") as db:
        run_id = run.name.removeprefix("mlflow-")
        db.execute("INSERT INTO metrics VALUES ('loss', 0.01, ?, ?, 99, 0)", (int(time.time() * 1000), run_id))
        db.execute("INSERT INTO tags VALUES ('later', 'yes', ?)", (run_id,))
    db.close()
    report = bring("mlflow", mlflow_copy / "mlflow.db")
    assert (report.runs, report.updated, report.unchanged) == (0, 1, 15)
    (grown,) = found('display_name = "trial 5"')
    assert next(series for series in grown.metrics if series.name == "loss").last == 0.01
    assert grown.tags["later"] == "yes"


def test_what_a_person_changed_here_is_not_written_over(mlflow_copy: Path, bring: Bring) -> None:
    bring("mlflow", mlflow_copy / "mlflow.db")
    (run,) = found('display_name = "trial 7"')
    mine = {**run.tags, "stage": "mine"}
    open_store().update_component(run.name, ComponentUpdate(display_name="the one", description="my note", tags=mine))
    with sqlite3.connect(mlflow_copy / "mlflow.db") as db:
        db.execute("UPDATE runs SET status = 'FAILED' WHERE run_uuid = ?", (run.name.removeprefix("mlflow-"),))
    db.close()
    assert bring("mlflow", mlflow_copy / "mlflow.db").updated == 1
    kept = open_store().get_component(run.name)
    assert (kept.display_name, kept.description, kept.tags["stage"]) == ("the one", "my note", "mine")
    assert kept.status == "Failed"


def test_a_run_that_was_deleted_here_stays_deleted_and_a_purged_one_comes_back(mlflow_copy: Path, bring: Bring) -> None:
    bring("mlflow", mlflow_copy / "mlruns")
    (run,) = found('display_name = "trial 3"')
    store = open_store()
    store.delete("trial-component", run.name, force=True)
    (mlflow_copy / "mlruns").rglob("*")
    note = next((mlflow_copy / "mlruns").glob(f"*/{run.name.removeprefix('mlflow-')}/tags"))
    (note / "more").write_text("x", encoding="utf-8")
    assert why(bring("mlflow", mlflow_copy / "mlruns"))["run deleted here"].startswith("restore it")
    store.purge("trial-component", run.name)
    assert bring("mlflow", mlflow_copy / "mlruns").runs == 1


def test_the_artifacts_of_a_store_that_was_moved_are_found(mlflow_copy: Path, bring: Bring) -> None:
    report = bring("mlflow", mlflow_copy / "mlflow.db")
    assert why(report) == {"deleted run": "it is deleted in MLflow"}
    (run,) = found('display_name = "trial 5"')
    assert run.outputs["reports/summary.txt"].sha256 is not None


@pytest.mark.slow
def test_a_store_comes_in_while_mlflow_writes_to_it(mlflow_copy: Path, peers: str, bring: Bring) -> None:
    program = (
        "import sys, time, logging; logging.disable(30)\n"
        "from mlflow import MlflowClient\n"
        "client = MlflowClient(sys.argv[1])\n"
        "where = client.get_experiment_by_name('text model').experiment_id\n"
        "run = client.create_run(where, run_name='alive').info.run_id\n"
        "step = 0\n"
        "while True:\n"
        "    client.log_metric(run, 'loss', 1 / (step + 1), step=step)\n"
        "    step += 1\n"
        "    print(step, flush=True)\n"
    )
    database = mlflow_copy / "mlflow.db"
    writer = subprocess.Popen([peers, "-c", program, f"sqlite:///{database}"], stdout=subprocess.PIPE, text=True)
    steps: list[int] = []
    assert writer.stdout is not None
    reader = threading.Thread(target=lambda: steps.extend(int(line) for line in writer.stdout), daemon=True)
    reader.start()
    try:
        wait_until(lambda: len(steps) > 3)
        first = bring("mlflow", database)
        assert first.runs == 17
        (run,) = found('display_name = "alive"')
        assert run.status == "InProgress"
        before = steps[-1]
        wait_until(lambda: steps[-1] > before + 3)
        second = bring("mlflow", database)
        assert (second.runs, second.updated) == (0, 1)
        assert writer.poll() is None, "the writer was not disturbed"
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        reader.join(10)
        writer.stdout.close()
    third = bring("mlflow", database)
    (run,) = found('display_name = "alive"')
    points = open_store().points(run.name, "loss")
    assert third.runs == 0
    assert points.steps.tolist() == list(range(len(points.steps)))
    assert len(points.steps) >= steps[-1], "every point that MLflow had is here"


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


# ---------------------------------------------------------------- places that are none


def test_what_is_no_store_is_said_so(tmp_path: Path, bring: Bring) -> None:
    with pytest.raises(NotFound, match="nothing at"):
        bring("mlflow", tmp_path / "missing")
    with pytest.raises(InvalidField, match="no MLflow store"):
        bring("mlflow", tmp_path)
    for address in ("postgresql://u:secret@h/db", "https://mlflow.example", "databricks"):
        with pytest.raises(InvalidField, match="Only MLflow's own files") as raised:
            bring("mlflow", address)
        assert "secret" not in str(raised.value)


def test_an_empty_store_brings_nothing(tmp_path: Path, bring: Bring, mlflow_copy: Path) -> None:
    (tmp_path / "mlruns" / ".trash").mkdir(parents=True)
    assert bring("mlflow", tmp_path).runs == 0
    with sqlite3.connect(mlflow_copy / "mlflow.db") as db:
        for table in ("runs", "tags", "params", "metrics"):
            db.execute(f"DELETE FROM {table}")
    db.close()
    report = bring("mlflow", mlflow_copy / "mlflow.db")
    assert (report.runs, report.experiments) == (0, [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_rights_is_said_so(mlflow_copy: Path, bring: Bring) -> None:
    folder = mlflow_copy / "mlruns"
    folder.chmod(0)
    try:
        with pytest.raises(InvalidField, match="cannot be read"):
            bring("mlflow", folder)
    finally:
        folder.chmod(0o700)
    shutil.rmtree(folder)

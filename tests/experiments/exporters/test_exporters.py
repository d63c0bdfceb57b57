"""CSV, Parquet, MLflow: exact numbers, nothing that runs, whole or not there."""

from __future__ import annotations

import csv
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

import mlstudio
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentUpdate, ExperimentUpdate
from mlstudio.entities.tables import TableScope
from mlstudio.entities.transfers import ExportRequest
from mlstudio.experiments.exporters import run_export, selection
from mlstudio.experiments.exporters.csv_file import guarded, moment, number
from mlstudio.experiments.exporters.mlflow import run_id_of
from mlstudio.store import open_store

ROOT = Path(__file__).parents[3]
HARD = 0.1 + 0.2


def export(format: str, path: Path, **options: object) -> mlstudio.entities.transfers.TransferReport:
    return run_export(ExportRequest(format=format, **options), path)  # type: ignore[arg-type]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_is_exact_and_runs_nothing(recorded: None, tmp_path: Path) -> None:
    report = export("csv", tmp_path / "a.csv", scope=TableScope(experiment="digits"))
    assert (report.runs, report.experiments) == (2, ["digits"])
    one, two = rows(tmp_path / "a.csv")
    assert float(one["params.lr"]) == HARD
    assert float(two["params.lr"]) == 1e-300
    assert (one["params.opt"], one["tags.team"]) == ("'=1+1", "'@vision")
    assert (one["metrics.loss.last"], two["metrics.loss.last"]) == ("nan", "inf")
    assert (one["params.n"], two["params.n"], two["metrics.acc.last"]) == ("3", "", "")
    assert two["note"] == 'two\nlines, and a "quote"'
    assert one["created"].endswith("Z")
    assert pd.read_csv(tmp_path / "a.csv")["params.lr"].tolist() == [HARD, 1e-300]


def test_archived_and_deleted_rows_are_exported_when_they_are_asked_for(recorded: None, tmp_path: Path) -> None:
    one, two, *_ = [run.component_name for run in mlstudio.list_runs("digits")]
    open_store().update_component(one, ComponentUpdate(archived=True))
    open_store().delete("trial-component", two, force=True)
    scope = TableScope(experiment="digits")
    for place, (state, names) in enumerate((({"archived": True}, [one]), ({"deleted": True}, [two]), ({}, []))):
        export("csv", tmp_path / f"{place}.csv", scope=scope, columns=["name"], **state)
        assert [row["name"] for row in rows(tmp_path / f"{place}.csv")] == names
        export("csv", tmp_path / f"named-{place}.csv", components=names, columns=["name"], **state)
        assert [row["name"] for row in rows(tmp_path / f"named-{place}.csv")] == names


def test_a_search_decides_which_rows_and_in_which_order(recorded: None, tmp_path: Path) -> None:
    report = mlstudio.export_runs(
        "csv", tmp_path / "a.csv", "metrics.loss < 100 order by params.lr desc limit 1", columns=["display_name"]
    )
    assert report.runs == 1
    assert rows(tmp_path / "a.csv") == [{"display_name": "three"}]
    names = [run.component_name for run in mlstudio.list_runs("digits")]
    export("csv", tmp_path / "b.csv", components=names[:1], columns=["name"])
    assert rows(tmp_path / "b.csv") == [{"name": names[0]}]
    assert export("csv", tmp_path / "c.csv", where="params.none = 1").runs == 0


def test_rows_come_page_by_page(recorded: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PAGE", 1)
    told: list[tuple[int, int | None, str]] = []
    mlstudio.export_runs(
        "csv",
        tmp_path / "a.csv",
        "order by name",
        columns=["name", "params.opt"],
        progress=lambda *said: told.append(said),
    )
    assert len(rows(tmp_path / "a.csv")) == 3
    assert [said[:2] for said in told] == [(1, 3), (2, 3), (3, 3)]
    mlstudio.export_runs("parquet", tmp_path / "a.parquet", "order by name limit 2", columns=["name", "params.opt"])
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 2


def test_what_others_write_meanwhile_moves_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PAGE", 2)
    store = open_store()
    for at in range(8):
        store.create_component(ComponentCreate(name=f"c{at}", params={"p": at}))
    pages_told = []

    def others(done: int, total: int | None, words: str) -> None:
        pages_told.append((done, total))
        if len(pages_told) == 1:
            store.delete("trial-component", "c0")  # read already: what follows would move up
            store.update_component("c6", ComponentUpdate(archived=True))
        if len(pages_told) == 2:
            store.create_component(ComponentCreate(name="a", params={"p": 7}))  # sorts first: all would move down
            store.delete("trial-component", "c7")

    report = mlstudio.export_runs("csv", tmp_path / "a.csv", "order by name", columns=["name"], progress=others)
    assert [row["name"] for row in rows(tmp_path / "a.csv")] == ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]
    assert pages_told == [(2, 8), (4, 8), (6, 8), (8, 8)]
    assert [(one.what, one.count) for one in report.skipped] == [("runs", 1)], "c7 went before its page was read"
    assert report.runs == 7


def test_texts_that_a_spreadsheet_would_run_are_guarded() -> None:
    assert [guarded(text) for text in ("=1", "+1+1", "-x", "@x", "\tx", "-1.5", "+3", "-inf", "plain", "")] == [
        "'=1",
        "'+1+1",
        "'-x",
        "'@x",
        "'\tx",
        "-1.5",
        "+3",
        "-inf",
        "plain",
        "",
    ]
    assert [number(value) for value in (3.0, -0.0, 0.1, 1e300, math.nan)] == ["3", "-0.0", "0.1", "1e+300", "nan"]
    assert moment(1_700_000_000_000_000.0) == "2023-11-14T22:13:20Z"
    assert moment(1e300) == "1e+300"


# ---------------------------------------------------------------- MLflow

READ = """
import json, logging, os, sys
from pathlib import Path
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
logging.disable(30)
from mlflow import MlflowClient
from mlflow.store.fs2db import migrate

def read(uri):
    client, found = MlflowClient(uri), {}
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id]):
            data, info = run.data, run.info
            history = {name: client.get_metric_history(info.run_id, name) for name in data.metrics}
            found[info.run_name] = {
                "experiment": experiment.name, "status": info.status, "id": info.run_id,
                "params": data.params, "tags": data.tags,
                "history": {name: [[one.step, one.value] for one in points] for name, points in history.items()},
                "artifacts": sorted(one.path for one in client.list_artifacts(info.run_id)),
            }
    return found

folder = Path(sys.argv[1])
before = read(folder.as_uri())
target = "sqlite:///" + str(folder.parent / "new.db")
migrate(folder, target, progress=False)
print(json.dumps([before, read(target)]))
"""


def read_by_mlflow(python: str, folder: Path) -> list[dict[str, Any]]:
    """What MLflow finds in a folder, and in the database that it migrates it into."""
    done = subprocess.run([python, "-c", READ, str(folder)], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_mlflow_opens_what_was_exported_and_migrates_it(peers: str, tmp_path: Path) -> None:
    picture = tmp_path / "a.bin"
    picture.write_bytes(b"\0" * 5000)
    with mlstudio.run("digits", "parent", lr=0.1, opt="adam", deep=True) as run:
        for step in (0, 5, 3):
            run.log(loss=1 / (step + 1), step=step)
        run.log(rank=1.0, context={"rank": 1}, step=0)
        run.tag("../../up", "x")
        run.note("why")
        run.log_file(str(picture), name="deep/a.bin")
        with mlstudio.run("digits", "child") as child:
            child.log(loss=2.0, step=0)
    mlstudio.export_runs("mlflow", tmp_path / "out")
    seen, migrated = read_by_mlflow(peers, tmp_path / "out")
    parent = seen["parent"]
    assert (parent["experiment"], parent["status"]) == ("digits", "FINISHED")
    assert parent["params"] == {"lr": "0.1", "opt": "adam", "deep": "True"}
    assert [row[:2] for row in parent["history"]["loss"]] == [[0, 1.0], [3, 0.25], [5, 1 / 6]]
    assert set(parent["history"]) == {"loss", "rank/rank:1"}
    assert parent["tags"]["mlflow.note.content"] == "why"
    assert parent["tags"]["_/_/up"] == "x"
    assert "deep" in parent["artifacts"]
    assert seen["child"]["tags"]["mlflow.parentRunId"] == parent["id"]
    assert not (tmp_path / "up").exists()
    assert set(migrated) == {"parent", "child"}
    assert migrated["parent"]["params"] == parent["params"]


def test_there_and_back_nothing_is_lost(recorded: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlstudio.export_runs("mlflow", tmp_path / "out")
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path / "second"))
    report = mlstudio.import_runs("mlflow", tmp_path / "out")
    assert (report.runs, report.skipped) == (3, [])
    (one,) = mlstudio.list_runs("digits", where='display_name = "one"')
    record = open_store().get_component(one.component_name)
    assert record.params == {"lr": HARD, "opt": "=1+1", "n": 3}
    assert math.isnan(open_store().points(record.name, "loss").values[0])
    again = mlstudio.export_runs("mlflow", tmp_path / "again")
    assert again.runs == 3
    assert (tmp_path / "again").glob(f"*/{run_id_of(record)}/meta.yaml")
    meta = next((tmp_path / "again").glob(f"*/{record.name.removeprefix('mlflow-')}/meta.yaml"))
    assert yaml.safe_load(meta.read_text())["run_name"] == "one"


def test_names_that_are_file_and_folder_at_once_both_have_a_place(tmp_path: Path) -> None:
    with mlstudio.run("digits", "one", **{"a": 1, "a/b": 2, "x" * 400: 3, "ü": 4, "..": 5}) as run:
        run.log_artifact("where", "s3://b/k")
    store = open_store()
    store.add_artifact(run.component_name, "output", "gone.bin", ArtifactRef("file:///x", sha256="0" * 64, size=1))
    report = mlstudio.export_runs("mlflow", tmp_path / "out")
    folder = next((tmp_path / "out").glob("*/*/params"))
    values = sorted(path.read_text() for path in folder.rglob("*") if path.is_file())
    assert values == ["1", "2", "3", "4", "5"]
    assert {one.what for one in report.skipped} >= {"artifact gone.bin"}
    assert any(path.read_text() == "s3://b/k" for path in folder.parent.joinpath("tags").iterdir())


def test_experiments_of_one_title_keep_a_name_each(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with mlstudio.run(name, "r"):
            pass
        open_store().update_experiment(name, ExperimentUpdate(display_name="Same"))

    run_export(ExportRequest(format="mlflow"), tmp_path / "out")

    metas = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (tmp_path / "out").glob("*/meta.yaml")]
    names = {meta["name"] for meta in metas}
    assert len(names) == 3
    assert {"Default", "Same"} < names

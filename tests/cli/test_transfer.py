"""``mlstudio import``, ``mlstudio export`` and ``mlstudio tensorboard``."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

import mlstudio
from mlstudio.cli import tensorboard, transfer
from mlstudio.cli.main import main
from mlstudio.entities.transfers import Skipped, TransferReport

STORE = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, experiment_id INTEGER, status TEXT, start_time BIGINT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
INSERT INTO experiments VALUES (1, 'old');
INSERT INTO runs VALUES ('aa', 1, 'FINISHED', 1500000000000);
INSERT INTO metrics VALUES ('loss', 2.0, 1500000000000, 'aa');
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    db = sqlite3.connect(tmp_path / "mlflow.db")
    db.executescript(STORE)
    db.close()
    return tmp_path / "mlflow.db"


def test_an_import_says_what_came_in(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "mlflow", str(store), "--dry-run"]) == 0
    assert "1 runs, 1 points would come in" in capsys.readouterr().out
    assert main(["import", "mlflow", str(store), "--experiment", "mine"]) == 0
    assert "Experiments: mine" in capsys.readouterr().out
    assert main(["import", "mlflow", str(store), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1


def test_wrong_sources_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "tensorboard", str(tmp_path / "none")]) == 1
    assert "There is nothing at" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["import", "excel", "x"])


def test_an_export_is_written_and_said(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", "mlflow", str(store)])
    target = tmp_path / "a.csv"
    assert main(["export", "csv", 'experiment = "old"', str(target), "--columns", "name, metrics.loss.last"]) == 0
    assert target.read_text().splitlines() == ["name,metrics.loss.last", "mlflow-aa,2"]
    assert f"written to {target}" in capsys.readouterr().out
    assert main(["export", "csv", "params.x <", str(target)]) == 1


def test_a_report_names_what_was_left_behind() -> None:
    report = TransferReport(
        runs=2, bytes=1_500_000, skipped=[Skipped("a\x1b[31m", "why", 3)], notes=["note"], seconds=1.0
    )
    assert transfer.summary(report, "came in").splitlines() == [
        "2 runs came in in 1.0 s.",
        "1.5 MB of files.",
        "Left behind:",
        "  a\\x1b[31m: why (3 times)",
        "note",
    ]


def test_progress_is_one_line_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transfer.Progress() as quiet:
        quiet(1, 2, "x")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with transfer.Progress() as line:
        line(1, 2, "first")
        line(2, 2, "last")
    assert "\r2 of 2  last" in capsys.readouterr().err


def test_tensorboard_s_files_are_written_and_the_command_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mlstudio.run("digits", "one") as run:
        run.log(loss=1.0, step=0)
    logdir = tmp_path / "logs"
    assert main(["tensorboard", 'experiment = "digits"', "--logdir", str(logdir), "--no-serve"]) == 0
    out = capsys.readouterr().out
    assert "1 runs, 1 points, 0 media" in out
    assert f"tensorboard --logdir {logdir}" in out
    assert len(list(logdir.rglob("*.mlstudio"))) == 1
    assert main(["tensorboard", "params.x <", "--logdir", str(logdir)]) == 1


def test_tensorboard_is_started_and_its_end_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "tensorboard"
    program.write_text(
        f"#!{sys.executable}\nimport sys, time\nprint(sys.argv[1:], flush=True)\ntime.sleep(0.3)\nsys.exit(3)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(tensorboard, "INTERVAL", 0.05)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with mlstudio.run("digits", "one") as run:
        run.log(loss=1.0, step=0)
    assert main(["tensorboard", "--port", "7007"]) == 3
    out = capfd.readouterr().out
    assert "'--port', '7007'" in out
    place = out.split("'--logdir', '")[1].split("'")[0]
    assert not os.path.exists(place), "the files were for the time being"

"""MLflow's database: damaged, hostile, older, newer."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.transfers import TransferReport
from mlstudio.experiments.importers.mlflow_sql import MlflowDatabase
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store

Bring = Callable[..., TransferReport]
OLD = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, experiment_id INTEGER, status TEXT, start_time BIGINT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
INSERT INTO experiments VALUES (1, 'old');
INSERT INTO runs VALUES ('aa', 1, 'FINISHED', 1500000000000);
INSERT INTO metrics VALUES ('loss', 2.0, 1500000000000, 'aa'), ('loss', 1.0, 1500000001000, 'aa');
INSERT INTO params VALUES ('lr', '0.1', 'aa');
"""


def database(path: Path, more: str = "") -> Path:
    db = sqlite3.connect(path)
    db.executescript(OLD + more)
    db.close()
    return path


def only() -> ComponentRecord:
    (run,) = open_store().search_components(parse(""))
    return run


def test_a_version_of_long_ago_is_read_without_the_columns_that_it_lacks(tmp_path: Path, bring: Bring) -> None:
    report = bring("mlflow", database(tmp_path / "old.db"))
    assert (report.runs, report.points) == (1, 2)
    run = only()
    assert (run.name, run.params, run.status) == ("mlflow-aa", {"lr": 0.1}, "Completed")
    assert open_store().points(run.name, "loss").values.tolist() == [2.0, 1.0]


def test_a_newer_version_is_read_as_far_as_it_is_understood(tmp_path: Path, bring: Bring) -> None:
    more = "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('ffffffffffff');"
    report = bring("mlflow", database(tmp_path / "new.db", more))
    assert report.runs == 1
    assert "ffffffffffff" in report.notes[0]


def test_a_version_that_cannot_be_understood_is_refused_with_its_name(tmp_path: Path, bring: Bring) -> None:
    more = (
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('ffffffffffff');"
        "ALTER TABLE metrics RENAME COLUMN run_uuid TO run_key;"
    )
    with pytest.raises(InvalidField, match=r"schema ffffffffffff\) is not understood: metrics.run_uuid is missing"):
        bring("mlflow", database(tmp_path / "new.db", more))


def test_a_file_that_is_no_database_or_no_store_is_refused(tmp_path: Path, bring: Bring) -> None:
    text = tmp_path / "text.db"
    text.write_text("this is no database" * 100, encoding="utf-8")
    with pytest.raises(InvalidField, match="cannot be read as an SQLite database"):
        bring("mlflow", text)
    other = tmp_path / "other.db"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE shop (x)")
    db.close()
    with pytest.raises(InvalidField, match="no table experiments"):
        bring("mlflow", other)


def test_our_own_store_is_no_source(bring: Bring) -> None:
    store = open_store()
    with pytest.raises(InvalidField, match="no MLflow database"):
        bring("mlflow", store.url)
    assert store.last_change() == 0, "it is still open and whole"


def test_a_damaged_database_is_said_so_and_what_came_in_stays(mlflow_copy: Path, bring: Bring) -> None:
    path = mlflow_copy / "mlflow.db"
    body = bytearray(path.read_bytes())
    for at in range(len(body) // 2, len(body), 512):
        body[at : at + 256] = b"\xff" * 256
    path.write_bytes(body)
    with pytest.raises(InvalidField, match="cannot be read as an SQLite database"):
        bring("mlflow", path)


def test_long_texts_are_cut_and_reported_and_broken_ones_replaced(tmp_path: Path, bring: Bring) -> None:
    path = database(tmp_path / "big.db")
    db = sqlite3.connect(path)
    with db:
        db.execute("INSERT INTO tags VALUES ('huge', ?, 'aa')", ("x" * 100_000_000,))
        db.execute("INSERT INTO tags VALUES ('broken', CAST(? AS TEXT), 'aa')", (b"a\xff\xfeb",))
        db.execute("INSERT INTO tags VALUES ('', 'no name', 'aa')")
        db.execute("INSERT INTO params VALUES ('a\x07b', '1', 'aa')")
    db.close()
    report = bring("mlflow", path)
    run = only()
    assert len(run.tags["huge"]) == 1 << 20
    assert run.tags["broken"] == "a��b"
    assert run.params["a b"] == 1
    assert {one.why for one in report.skipped} == {
        "longer than 1,048,576 characters; the rest was cut",
        "its name is empty",
    }


def test_points_with_impossible_steps_are_left_out_and_ids_that_are_none(tmp_path: Path, bring: Bring) -> None:
    more = (
        "ALTER TABLE metrics ADD COLUMN step BIGINT DEFAULT 0; UPDATE metrics SET step = rowid;"
        "INSERT INTO metrics VALUES ('loss', 3.0, 1500000002000, 'aa', 9007199254740993);"
        "INSERT INTO runs VALUES ('../../etc', 1, 'FINISHED', 1);"
    )
    report = bring("mlflow", database(tmp_path / "odd.db", more))
    assert report.points == 2
    assert {one.why for one in report.skipped} == {"the step is beyond 2⁵³", "its id is none of MLflow's"}


def hostile(tmp_path: Path, uri: str) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    more = f"ALTER TABLE runs ADD COLUMN artifact_uri TEXT; UPDATE runs SET artifact_uri = '{uri}';"
    return database(folder / "mlflow.db", more)


def test_artifacts_outside_the_source_are_not_copied_unless_a_person_says_so(tmp_path: Path, bring: Bring) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "key.pem").write_text("private", encoding="utf-8")
    path = hostile(tmp_path, secrets.as_uri())
    report = bring("mlflow", path)
    assert report.artifacts == 1
    assert only().outputs["artifacts"].sha256 is None
    assert "outside the source's folder" in report.skipped[0].why
    open_store().delete("trial-component", only().name, force=True)
    open_store().purge("trial-component", "mlflow-aa")
    bring("mlflow", path, artifact_roots=[str(secrets)])
    assert only().outputs["key.pem"].sha256 is not None


def test_dots_and_links_lead_nowhere(tmp_path: Path, bring: Bring) -> None:
    (tmp_path / "secret.txt").write_text("private", encoding="utf-8")
    path = hostile(tmp_path, "arts")
    arts = path.parent / "arts"
    arts.mkdir()
    (arts / "fine.txt").write_text("fine", encoding="utf-8")
    (arts / "link.txt").symlink_to(tmp_path / "secret.txt")
    (arts / "up").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(arts / "pipe")
    report = bring("mlflow", path)
    assert set(only().outputs) == {"fine.txt"}
    assert {(one.what, one.count) for one in report.skipped} == {("artifact link", 2), ("artifact", 1)}
    db = sqlite3.connect(path)
    with db:
        db.execute("UPDATE runs SET artifact_uri = 'arts/../../'")
    db.close()
    assert "outside" in bring("mlflow", path).skipped[0].why


def test_addresses_elsewhere_stay_pointers_without_their_passwords(tmp_path: Path, bring: Bring) -> None:
    report = bring("mlflow", hostile(tmp_path, "https://user:secret@host/bucket"))
    assert only().outputs["artifacts"].value == "https://host/bucket"
    assert "another machine" in report.skipped[0].why


def test_a_read_only_folder_is_read_all_the_same(tmp_path: Path) -> None:
    path = database(tmp_path / "wal.db", "PRAGMA journal_mode=WAL;")
    for name in ("wal.db-wal", "wal.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    tmp_path.chmod(0o500)
    try:
        source = MlflowDatabase(path, Tally())
        assert len(source.candidates()) == 1
        source.close()
    finally:
        tmp_path.chmod(0o700)

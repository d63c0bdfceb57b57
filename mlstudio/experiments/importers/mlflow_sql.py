"""MLflow's database, read by plain SQL through a connection that cannot write.

Works while MLflow writes to it: each run is read in one short transaction, which is over before
anything is written on our side (in SQLite's rollback mode a long reader would hold up the writer).

What is needed are the tables and columns of `NEEDED`; whatever else a version has or has not is
asked of the file itself. A version that is not known is read as far as it is understood, and
reported. Schema: mlflow/store/tracking/dbmodels/models.py (MLflow 1.0 to 3.17).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from mlstudio.entities.errors import InvalidField
from mlstudio.experiments.importers import mlflow, places, texts
from mlstudio.experiments.importers.found import (
    Candidate,
    FoundExperiment,
    FoundRun,
    Source,
    parents_first,
)
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import clean_text
from mlstudio.store.batch import SeriesPoints
from mlstudio.store.sqlite_build import sqlite_module

# The library that our own file is opened with: a second one in the process would drop each other's locks,
# should somebody name our own database.
_sqlite: Final = sqlite_module()
NEEDED: Final = {
    "experiments": {"experiment_id", "name"},
    "runs": {"run_uuid", "experiment_id", "status", "start_time"},
    "metrics": {"key", "value", "timestamp", "run_uuid"},
    "params": {"key", "value", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}
NEWEST: Final = "dc11669786a5"
"""alembic version of MLflow 3.17, the newest that was tried."""
BUSY_SECONDS: Final = 30.0
_LEFT_BEHIND: Final = {
    "trace_info": "traces",
    "registered_models": "registered models",
    "assessments": "assessments",
    "evaluation_datasets": "evaluation datasets",
}
_CUT: Final = texts.MAX_TEXT + 1
_INPUTS: Final = (
    "SELECT d.name, d.digest, substr(d.dataset_source, 1, ?), d.dataset_source_type FROM inputs i JOIN datasets d"
    " ON d.dataset_uuid = i.source_id WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN'"
    " AND i.destination_id = ? ORDER BY d.name"
)
_MODELS: Final = (
    "SELECT name, model_id, artifact_location FROM logged_models WHERE source_run_id = ?"
    " AND lifecycle_stage IS NOT 'deleted' ORDER BY creation_timestamp_ms"
)


class MlflowDatabase(Source):
    """Reader of a SQLite database of MLflow.

    Args:
        path: the file.
        tally: told of trouble.
        roots: more folders from which artifacts may be copied.

    Raises:
        InvalidField: no SQLite database, none of MLflow's, or one too new to be understood.
    """

    def __init__(self, path: Path, tally: Tally, roots: Sequence[str] = ()) -> None:
        self.path, self.tally = path.resolve(), tally
        self.base = self.path.parent
        self.roots = [self.base, *places.resolved(roots)]
        self._conn = self._connect()
        try:
            with self._said():
                self._columns = self._look()
        except BaseException:
            self._conn.close()
            raise
        self._described: dict[str, FoundExperiment] = {}

    def _connect(self) -> Any:
        target = f"file:{quote(str(self.path))}?mode=ro"
        with self._said():
            try:
                return self._opened(target)
            except _sqlite.OperationalError:
                # A folder without rights: WAL needs its -shm file. Without a WAL the file is all there is.
                if self.path.with_name(f"{self.path.name}-wal").exists():
                    raise
                return self._opened(f"{target}&immutable=1")

    def _opened(self, target: str) -> Any:
        conn = _sqlite.connect(
            target, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            conn.text_factory = _text
            for pragma in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "cache_size=-16000"):
                conn.execute(f"PRAGMA {pragma}")
            conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            conn.close()
            raise
        return conn

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what SQLite raises into a sentence."""
        try:
            yield
        except _sqlite.Error as error:
            raise InvalidField(
                f"{self.path} cannot be read as an SQLite database: {error}.",
                field="source",
                hint="Name MLflow's own file, as in sqlite:///mlflow.db, or the folder mlruns.",
            ) from error

    def _look(self) -> dict[str, set[str]]:
        """Return the columns of each table that is there. Raises: InvalidField."""
        tables = [row[0] for row in self._conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, set[str]] = {}
        for table in tables:
            rows = self._conn.execute("SELECT name FROM pragma_table_info(?)", (table,))
            found[table] = {row[0] for row in rows}
        version = self._version(found)
        for table, columns in NEEDED.items():
            if table not in found:
                raise InvalidField(
                    f"{self.path} is no MLflow database: it has no table {table}.",
                    field="source",
                    hint="Name MLflow's own file, or the folder mlruns.",
                )
            missing = sorted(columns - found[table])
            if missing:
                raise InvalidField(
                    f"This MLflow database (schema {version}) is not understood: {table}.{missing[0]} is missing.",
                    field="source",
                    hint=f"mlstudio reads the schemas up to {NEWEST} (MLflow 3.17).",
                )
        return found

    def _version(self, found: dict[str, set[str]]) -> str:
        if "version_num" not in found.get("alembic_version", set()):
            return "unknown"
        row = self._conn.execute("SELECT version_num FROM alembic_version").fetchone()
        version = str(row[0])[:40] if row else "unknown"
        if version != NEWEST:
            self.tally.note(
                f"The database has MLflow's schema {version}; {NEWEST} (MLflow 3.17) is the newest that was tried. "
                "What is understood was read."
            )
        return version

    def _has(self, table: str, column: str | None = None) -> bool:
        return table in self._columns and (column is None or column in self._columns[table])

    def _or(self, table: str, column: str, otherwise: str = "NULL") -> str:
        """Return a column of this version, or what stands for it where it is missing."""
        return column if self._has(table, column) else otherwise

    # ------------------------------------------------------------ runs

    def candidates(self) -> list[Candidate]:
        """Return the living runs of living experiments, parents first."""
        with self._said(), self._snapshot():
            names = self._experiment_names()
            grown = self._growth()
            parents = dict(
                self._conn.execute("SELECT run_uuid, value FROM tags WHERE key = ?", (mlflow.PARENT,)).fetchall()
            )
            rows = self._conn.execute(
                f"SELECT run_uuid, experiment_id, {self._or('runs', 'name')}, status, start_time,"  # noqa: S608
                f" {self._or('runs', 'end_time')}, {self._or('runs', 'artifact_uri')},"
                f" {self._or('runs', 'lifecycle_stage', repr('active'))}, {self._or('runs', 'user_id')}"
                " FROM runs ORDER BY start_time, run_uuid"
            ).fetchall()
            titles = dict(
                self._conn.execute(
                    "SELECT run_uuid, substr(value, 1, 1000) FROM tags WHERE key = ?", (mlflow.NAME,)
                ).fetchall()
            )
            self._leave_behind()
        found = []
        for row in rows:
            run_id, experiment = str(row[0]), names.get(row[1])
            if row[7] == "deleted" or experiment is None:
                self.tally.skip("deleted run", "it is deleted in MLflow")
                continue
            if not _is_id(run_id):
                self.tally.skip(f"run {run_id[:80]!r}", "its id is none of MLflow's")
                continue
            found.append(self._candidate(row, experiment, grown.get(run_id, ""), parents, titles))
        return parents_first(found)

    def _candidate(
        self, row: Sequence[Any], experiment: str, grown: str, parents: dict[str, str], titles: dict[str, str]
    ) -> Candidate:
        run_id, status, start, end, uri = str(row[0]), row[3], row[4], row[5], row[6]
        folder = self._artifact_folder(str(uri or ""), row[1], run_id)
        parent = parents.get(run_id)
        stale = ""
        if status in {"RUNNING", "SCHEDULED"}:
            stale = "stale" if mlflow.is_stale(self._alive(run_id, start)) else "alive"
        said = f"{status}|{start}|{end}|{stale}|{grown}|{places.stamp(folder) if folder else ''}"

        def load(_last: str | None) -> FoundRun:
            return self._load(row, folder)

        return Candidate(
            source_id=run_id,
            experiment=experiment,
            name=titles.get(run_id) or row[2] or None,
            fingerprint=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32],
            load=load,
            parent=parent if parent and parent != run_id and _is_id(parent) else None,
        )

    def _experiment_names(self) -> dict[Any, str]:
        """Return the names of the living experiments by id."""
        stage = self._or("experiments", "lifecycle_stage", repr("active"))
        names: dict[Any, str] = {}
        for key, name, lived in self._conn.execute(f"SELECT experiment_id, name, {stage} FROM experiments"):  # noqa: S608
            if lived == "deleted":
                self.tally.skip(f"experiment {name}", "it is deleted in MLflow")
            else:
                names[key] = str(name)
        if self._has("experiment_tags"):
            rows = self._conn.execute(
                "SELECT experiment_id, key, substr(value, 1, ?) FROM experiment_tags", (_CUT,)
            ).fetchall()
            for key, name in names.items():
                tags = {row[1]: row[2] for row in rows if row[0] == key and row[2] is not None}
                note = tags.pop(mlflow.NOTE, None)
                kept = {tag: value for tag, value in tags.items() if tag}
                self._described[name] = FoundExperiment(note, kept)
        return names

    def experiments(self) -> dict[str, FoundExperiment]:
        """Return notes and tags of the experiments."""
        return self._described

    def _growth(self) -> dict[str, str]:
        """Return, by run, what grows when something is logged: counts and highest row numbers, from indexes alone."""
        grown: dict[str, list[str]] = {}
        for table in ("metrics", "params", "tags"):
            statement = f"SELECT run_uuid, count(*), max(rowid) FROM {table} GROUP BY run_uuid"  # noqa: S608
            for run_id, count, row in self._conn.execute(statement):
                grown.setdefault(run_id, []).append(f"{table[0]}{count}.{row}")
        return {run_id: ",".join(parts) for run_id, parts in grown.items()}

    def _leave_behind(self) -> None:
        for table, words in _LEFT_BEHIND.items():
            if self._has(table):
                count = self._conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
                if count:
                    self.tally.skip(words, "mlstudio has no such thing", count)

    def _alive(self, run_id: str, start: int | None) -> float:
        """Return the last sign of life of a run, seconds since the epoch."""
        row = self._conn.execute("SELECT max(timestamp) FROM metrics WHERE run_uuid = ?", (run_id,)).fetchone()
        newest = max(row[0] or 0, start or 0) / 1000
        return min(newest, time.time())

    def _artifact_folder(self, uri: str, experiment: Any, run_id: str) -> Path | None:
        """Return where a run's artifacts lie, None when there are none that may be copied."""
        guesses = [places.local_path(uri, self.base)]
        if uri.startswith("mlflow-artifacts:"):
            guesses.append(self.base / "mlartifacts" / uri.removeprefix("mlflow-artifacts:").lstrip("/"))
        guesses.append(self.base / "mlruns" / str(experiment) / run_id / "artifacts")
        guesses += places.moved(uri, self.base, run_id)
        for guess in guesses:
            if guess is None or not guess.exists():
                continue
            real = places.allowed(guess, self.roots)
            if real is not None and real.is_dir():
                return real
        return None

    # ------------------------------------------------------------ one run

    def _load(self, row: Sequence[Any], folder: Path | None) -> FoundRun:
        run_id, label = str(row[0]), f"run {row[2] or row[0]}"
        with self._said(), self._snapshot():
            fresh = self._conn.execute(
                f"SELECT status, start_time, {self._or('runs', 'end_time')} FROM runs WHERE run_uuid = ?",  # noqa: S608
                (run_id,),
            ).fetchone()
            params = dict(self._texts("params", run_id))
            tags = {key: value for key, value in self._texts("tags", run_id) if value is not None}
            points = self._points(run_id)
            inputs = self._conn.execute(_INPUTS, (_CUT, run_id)).fetchall() if self._has("inputs") else []
            models = self._conn.execute(_MODELS, (run_id,)).fetchall() if self._has("logged_models") else []
            alive = self._alive(run_id, row[4])
        status, start, end = fresh or (row[3], row[4], row[5])
        run = FoundRun(points=points)
        mlflow.fill(run, tags, params, label, self.tally)
        if row[8] and "mlflow.user" not in run.tags:
            run.tags["mlflow.user"] = texts.bounded(str(row[8]), "user", self.tally)
        mlflow.set_status(run, status, start, end, alive)
        for name, digest, source, kind in inputs:
            mlflow.put_input(run.inputs, name, digest, mlflow.dataset(name, digest, source or "", kind))
        self._files(run, row, folder, models)
        mlflow.pictures(run, self.tally)
        return run

    def _texts(self, table: str, run_id: str) -> list[tuple[str, str]]:
        statement = f"SELECT key, substr(value, 1, ?) FROM {table} WHERE run_uuid = ?"  # noqa: S608
        rows: list[tuple[str, str]] = self._conn.execute(statement, (_CUT, run_id)).fetchall()
        return rows

    def _points(self, run_id: str) -> list[SeriesPoints]:
        step, nan = self._or("metrics", "step", "0"), self._or("metrics", "is_nan", "0")
        rows = self._conn.execute(
            f"SELECT key, value, timestamp, {step}, {nan} FROM metrics WHERE run_uuid = ? ORDER BY key, rowid",  # noqa: S608
            (run_id,),
        ).fetchall()
        if not rows:
            return []
        keys, values, ts, steps, nans = zip(*rows, strict=True)
        value = np.array(values, dtype=np.float64)
        value[np.array(nans, dtype=bool)] = np.nan
        seconds = np.array(ts, dtype=np.float64) / 1000
        step_of = np.array(steps, dtype=np.int64)
        found, start = [], 0
        for end in range(1, len(keys) + 1):
            if end == len(keys) or keys[end] != keys[start]:
                part = slice(start, end)
                found.append(mlflow.series(keys[start], step_of[part], seconds[part], value[part], self.tally))
                start = end
        return found

    def _files(self, run: FoundRun, row: Sequence[Any], folder: Path | None, models: Sequence[Sequence[Any]]) -> None:
        """Find the artifacts of a run, and the models that it logged."""
        uri = str(row[6] or "")
        if folder is not None:
            run.files = places.files_below(folder, self.tally)
        elif uri:
            self._pointer(run, "artifacts", uri)
        for name, model_id, location in models:
            label = clean_text(f"models/{name or model_id}")
            place = places.local_path(str(location or ""), self.base)
            real = places.allowed(place, self.roots) if place is not None else None
            if real is not None and real.is_dir():
                run.files += places.files_below(real, self.tally, prefix=f"{label}/")
            elif location:
                self._pointer(run, label, str(location))

    def _pointer(self, run: FoundRun, name: str, uri: str) -> None:
        """Keep where artifacts are that cannot be copied; a local folder that is not there holds none."""
        place = places.local_path(uri, self.base)
        if place is not None and not place.exists():
            return
        run.outputs[name] = mlflow.pointer(uri)
        why = "it is on another machine; its address was kept"
        if place is not None:
            why = "it lies outside the source's folder; its path was kept. Name its folder as an artifact root"
        self.tally.skip("artifact folder", why)

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Read at one moment; the transaction ends with the block."""
        self._conn.execute("BEGIN")
        try:
            yield
        finally:
            self._conn.rollback()

    def close(self) -> None:
        """Close the connection."""
        with closing(self._conn):
            pass


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _is_id(text: str) -> bool:
    """Tell whether a text can be a run's id: it becomes part of a name."""
    return 0 < len(text) <= 100 and text.isascii() and text.isalnum()

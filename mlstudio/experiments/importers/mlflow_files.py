"""MLflow's file layout, ``mlruns``: a folder an experiment, a folder a run, a file a value.

    <root>/<experiment>/meta.yaml, tags/<key>
    <root>/<experiment>/<run>/meta.yaml, params/<key>, tags/<key>, metrics/<key>, artifacts/…
    <root>/<experiment>/<run>/inputs/<id>/meta.yaml  →  <experiment>/datasets/<id>/meta.yaml
    <root>/<experiment>/models/<id>/meta.yaml, artifacts/…       models that runs logged
    <root>/.trash/                                               deleted experiments

A line of a metric is ``<ms> <value> [<step> [<dataset> <digest>]]``. MLflow writes some lines twice
(after `log_model`); they count once. A torn last line is left out and reported with its place.
Source: mlflow/store/tracking/file_store.py (MLflow 1.0 to 3.17).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlstudio.experiments.importers import mlflow, places, texts
from mlstudio.experiments.importers.found import Candidate, FoundExperiment, FoundRun, Source, parents_first
from mlstudio.experiments.importers.plain_yaml import BadYaml, read_mapping
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import clean_text
from mlstudio.store.batch import SeriesPoints

META: Final = "meta.yaml"
MAX_METRIC: Final = 1 << 30
"""Bytes of one metric's file."""
_NO_RUN: Final = frozenset({"tags", "datasets", "models", "traces", ".trash"})


def is_file_store(root: Path) -> bool:
    """Tell whether a folder has MLflow's file layout."""
    if not root.is_dir():
        return False
    return (root / ".trash").is_dir() or any(_is_experiment(child / META) for child in root.iterdir())


def _is_experiment(path: Path) -> bool:
    try:
        return b"experiment_id" in places.read(path, 4096)
    except OSError:
        return False


class MlflowFiles(Source):
    """Reader of an ``mlruns`` folder.

    Args:
        root: the folder.
        tally: told of trouble.
        roots: more folders from which artifacts may be copied.
    """

    def __init__(self, root: Path, tally: Tally, roots: Sequence[str] = ()) -> None:
        self.root, self.tally = root.resolve(), tally
        self.roots = [self.root, *places.resolved(roots)]
        self._described: dict[str, FoundExperiment] = {}
        self._models: dict[str, list[tuple[str, Path]]] = {}

    def experiments(self) -> dict[str, FoundExperiment]:
        """Return notes and tags of the experiments."""
        return self._described

    def candidates(self) -> list[Candidate]:
        """Return the living runs of living experiments, parents first."""
        found: list[Candidate] = []
        trash = self.root / ".trash"
        gone = len(list(trash.iterdir())) if trash.is_dir() else 0
        if gone:
            self.tally.skip("experiment", "it is deleted in MLflow", gone)
        for folder in self._folders(self.root):
            if folder.name == ".trash" or not (folder / META).is_file():
                continue
            meta = self._meta(folder / META)
            if meta is None or "experiment_id" not in meta:  # mlruns/models: registered models
                continue
            name = str(meta.get("name") or folder.name)
            if meta.get("lifecycle_stage") == "deleted":
                self.tally.skip(f"experiment {name}", "it is deleted in MLflow")
                continue
            tags = self._values(folder / "tags")
            note = tags.pop(mlflow.NOTE, None)
            self._described[name] = FoundExperiment(note, tags)
            self._find_models(folder)
            found.extend(self._runs(folder, name))
        found.sort(key=lambda one: (one.fingerprint.partition("|")[0], one.source_id))
        return parents_first(found)

    def _runs(self, folder: Path, experiment: str) -> Iterator[Candidate]:
        for run in self._folders(folder):
            if run.name in _NO_RUN or not (run / META).exists():
                continue
            if not (run.name.isascii() and run.name.isalnum() and len(run.name) <= 100):
                self.tally.skip(f"run {run.name[:80]!r}", "its id is none of MLflow's")
                continue
            meta = self._meta(run / META)
            if meta is None:
                continue
            if meta.get("lifecycle_stage") == "deleted":
                self.tally.skip("deleted run", "it is deleted in MLflow")
                continue
            yield self._candidate(run, experiment, meta)

    def _candidate(self, run: Path, experiment: str, meta: dict[str, Any]) -> Candidate:
        title = self._value(run / "tags" / mlflow.NAME) or meta.get("run_name") or meta.get("name")
        parent = self._value(run / "tags" / mlflow.PARENT)
        fits = parent is not None and parent.isascii() and parent.isalnum() and parent != run.name
        start = _whole(meta.get("start_time")) or 0
        status = _status(meta)
        stale = ""
        if status in {"RUNNING", "SCHEDULED"}:
            stale = "stale" if mlflow.is_stale(_alive(run, meta)) else "alive"
        said = f"{status}|{meta.get('end_time')}|{stale}|{places.stamp(run)}"

        def load(_last: str | None) -> FoundRun:
            return self._load(run, meta)

        return Candidate(
            source_id=run.name,
            experiment=experiment,
            name=str(title) if title else None,
            fingerprint=f"{start:015d}|{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}",
            load=load,
            parent=parent if fits else None,
        )

    # ------------------------------------------------------------ one run

    def _load(self, run: Path, meta: dict[str, Any]) -> FoundRun:
        label = f"run {meta.get('run_name') or run.name}"
        tags = self._values(run / "tags")
        found = FoundRun()
        mlflow.fill(found, tags, self._values(run / "params"), label, self.tally)
        user = meta.get("user_id")
        if user and "mlflow.user" not in found.tags:
            found.tags["mlflow.user"] = texts.bounded(str(user), "user", self.tally)
        mlflow.set_status(
            found, _status(meta), _whole(meta.get("start_time")), _whole(meta.get("end_time")), _alive(run, meta)
        )
        for path in self._below(run / "metrics"):
            points = self._metric(path, path.relative_to(run / "metrics").as_posix())
            if points is not None:
                found.points.append(points)
        self._inputs(found, run)
        self._files(found, run, str(meta.get("artifact_uri") or ""))
        mlflow.pictures(found, self.tally)
        return found

    def _metric(self, path: Path, name: str) -> SeriesPoints | None:
        body = self._bytes(path, MAX_METRIC)
        if body is None:
            return None
        rows: list[tuple[int, float, int]] = []
        lines = body.split(b"\n")
        if lines[-1]:
            self._damaged(path, name, len(body) - len(lines[-1]), "half-written")
        for line in dict.fromkeys(lines[:-1]):
            parts = line.split()
            try:
                if len(parts) not in {2, 3, 4, 5}:
                    raise ValueError(f"{len(parts)} fields")
                rows.append((int(parts[0]), float(parts[1]), int(parts[2]) if len(parts) > 2 else 0))
            except ValueError:
                self._damaged(path, name, body.find(line), "it cannot be read")
        rows = [row for row in rows if -(2**53) < row[0] < 2**53 and -(2**63) <= row[2] < 2**63]
        if not rows:
            return None
        ts, values, steps = zip(*rows, strict=True)
        return mlflow.series(
            name, np.array(steps, np.int64), np.array(ts, np.float64) / 1000, np.array(values, np.float64), self.tally
        )

    def _damaged(self, path: Path, name: str, at: int, why: str) -> None:
        self.tally.skip(f"line of metric {name}", f"{why}: {path.relative_to(self.root)} at byte {at}")

    def _inputs(self, found: FoundRun, run: Path) -> None:
        for folder in self._folders(run / "inputs"):
            said = self._meta(folder / META) or {}
            source_id = str(said.get("source_id") or "")
            if said.get("source_type") != "DATASET" or not source_id.isalnum():
                continue
            meta = self._meta(run.parent / "datasets" / source_id / META)
            if meta is not None:
                name, digest = str(meta.get("name") or "dataset"), str(meta.get("digest") or "")
                ref = mlflow.dataset(name, digest, str(meta.get("source") or ""), str(meta.get("source_type") or ""))
                mlflow.put_input(found.inputs, name, digest, ref)

    def _files(self, found: FoundRun, run: Path, uri: str) -> None:
        """Find the artifacts: beside the run, whatever the URI says, for a store may have been moved."""
        folder = run / "artifacts"
        if not folder.is_dir() or folder.is_symlink():
            place = places.local_path(uri, self.root.parent)
            real = places.allowed(place, self.roots) if place is not None else None
            if real is not None and real.is_dir():
                folder = real
            elif uri and (place is None or place.exists()):
                found.outputs["artifacts"] = mlflow.pointer(uri)
                self.tally.skip("artifact folder", "it is on another machine, or outside the source's folder")
        if folder.is_dir() and not folder.is_symlink():
            found.files = places.files_below(folder, self.tally)
        for name, place in self._models.get(run.name, []):
            found.files += places.files_below(place, self.tally, prefix=f"models/{name}/")

    def _find_models(self, experiment: Path) -> None:
        """Note which models the runs of an experiment logged."""
        for folder in self._folders(experiment / "models"):
            meta = self._meta(folder / META) or {}
            run_id, place = meta.get("source_run_id"), folder / "artifacts"
            if run_id and place.is_dir() and not place.is_symlink():
                name = clean_text(str(meta.get("name") or folder.name))
                self._models.setdefault(str(run_id), []).append((name, place))

    # ------------------------------------------------------------ files

    def _folders(self, folder: Path) -> list[Path]:
        """Return the folders in a folder by name; links are reported, not followed."""
        try:
            children = sorted(folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            self.tally.skip(f"folder {folder.name}", f"it cannot be read: {error.strerror}")
            return []
        links = sum(child.is_symlink() for child in children)
        if links:
            self.tally.skip(f"links in {folder.name}", "links are not followed", links)
        return [child for child in children if not child.is_symlink() and child.is_dir()]

    def _below(self, folder: Path) -> list[Path]:
        try:
            return list(places.regular(folder, self.tally)) if folder.is_dir() and not folder.is_symlink() else []
        except OSError as error:
            self.tally.skip(f"folder {folder.relative_to(self.root)}", f"it cannot be read: {error.strerror}")
            return []

    def _values(self, folder: Path) -> dict[str, str]:
        """Return what a folder of one file a value says."""
        found: dict[str, str] = {}
        for path in self._below(folder):
            body = self._bytes(path, 4 * texts.MAX_TEXT)
            if body is not None:
                found[path.relative_to(folder).as_posix()] = body.decode("utf-8", "replace").removesuffix("\n")
        return found

    def _value(self, path: Path) -> str | None:
        if not path.is_file():
            return None
        body = self._bytes(path, 4000)
        return None if body is None else body.decode("utf-8", "replace").strip()

    def _bytes(self, path: Path, limit: int) -> bytes | None:
        try:
            return places.read(path, limit)
        except OSError as error:
            self.tally.skip(f"file {path.relative_to(self.root)}", f"it cannot be read: {error.strerror}")
            return None

    def _meta(self, path: Path) -> dict[str, Any] | None:
        try:
            return read_mapping(path)
        except BadYaml as error:
            self.tally.skip(f"damaged {path.relative_to(self.root)}", str(error))
            return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _status(meta: dict[str, Any]) -> str:
    """Return the status in words; old versions wrote the word, newer ones write the number."""
    said = meta.get("status")
    return mlflow.STATUS_NUMBERS.get(said, "FINISHED") if isinstance(said, int) else str(said or "FINISHED")


def _alive(run: Path, meta: dict[str, Any]) -> float:
    """Return the last sign of life of a run, seconds since the epoch: its newest point.

    Not the files' own times, which a copy of the store makes new.
    """
    newest = _whole(meta.get("start_time")) or 0
    for path in (run / "metrics").rglob("*"):
        try:
            lines = places.read(path, 200, tail=True).split(b"\n")
        except OSError:
            continue
        stamps = [int(line.split(b" ")[0]) for line in lines[1:] or lines if line.split(b" ")[0].isdigit()]
        newest = max([newest, *(stamp for stamp in stamps if stamp < 2**53)])
    return min(newest / 1000, time.time())

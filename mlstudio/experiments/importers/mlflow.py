"""MLflow: which of its two layouts lies at a source, and what its words mean here.

    mlflow.db, sqlite:///…      the database; see `mlflow_sql`
    mlruns/                     the file layout; see `mlflow_files`

Tags that MLflow itself writes become what they mean: ``mlflow.note.content`` the note,
``mlflow.runName`` the name, ``mlflow.parentRunId`` the parent, ``mlflow.source.…`` where the code
came from. Statuses: FINISHED → Completed, FAILED → Failed, KILLED → Stopped. MLflow has no
heartbeat: a run that still says RUNNING an hour after its last sign of life was killed, and is
Stopped with that sentence; a younger one is InProgress until a later import finds its end.

Knows nothing of: how either layout is read.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ArtifactRef, CodeRecord
from mlstudio.entities.status import ComponentStatus
from mlstudio.experiments.capture import without_credentials
from mlstudio.experiments.importers import texts
from mlstudio.experiments.importers.found import FoundFile, FoundRun, Source
from mlstudio.experiments.importers.shown import medium
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import clean_text
from mlstudio.store.batch import SeriesPoints

STALE_SECONDS: Final = 3600.0
GREATEST: Final = 1.7976931348623157e308
"""MLflow keeps infinities as the greatest double."""
NOTE: Final = "mlflow.note.content"
NAME: Final = "mlflow.runName"
PARENT: Final = "mlflow.parentRunId"
SAID_ELSEWHERE: Final = frozenset({NOTE, NAME, PARENT, "mlflow.log-model.history", "mlflow.loggedArtifacts"})
"""Tags that become something else, or only repeat what the artifacts say."""
_STATUS: Final[dict[str, ComponentStatus]] = {
    "FINISHED": "Completed",
    "FAILED": "Failed",
    "KILLED": "Stopped",
    "RUNNING": "InProgress",
    "SCHEDULED": "InProgress",
}
STATUS_NUMBERS: Final = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
"""``RunStatus`` in MLflow's service.proto; the file layout writes the number."""
_FAR: Final = ("http://", "https://", "databricks", "postgresql", "mysql", "mssql", "uc:")


def open_mlflow(where: str, tally: Tally, roots: Sequence[str] = ()) -> Source:
    """Return the reader of an MLflow store.

    Args:
        where: a database file or ``sqlite:///`` URL, an ``mlruns`` folder, or a folder that holds either.
        tally: what is told of trouble.
        roots: more folders from which artifacts may be copied.

    Raises:
        NotFound: nothing is there.
        InvalidField: it is no MLflow store, or lies on another machine.
    """
    from mlstudio.experiments.importers.mlflow_files import MlflowFiles, is_file_store
    from mlstudio.experiments.importers.mlflow_sql import MlflowDatabase

    if where.lower().startswith(_FAR):
        raise InvalidField(
            f"Only MLflow's own files can be read, not {where.split(':', 1)[0]}.",
            field="source",
            hint="Name the SQLite file or the mlruns folder, on this machine.",
        )
    path = Path(where.removeprefix("sqlite:///").removeprefix("file://").partition("?")[0]).expanduser()
    try:
        if path.is_file():
            return MlflowDatabase(path, tally, roots)
        if not path.is_dir():
            raise NotFound(f"There is nothing at {where}.", field="source")
        if (path / "mlflow.db").is_file():
            return MlflowDatabase(path / "mlflow.db", tally, roots)
        for folder in (path, path / "mlruns"):
            if is_file_store(folder):
                return MlflowFiles(folder, tally, roots)
    except OSError as error:
        raise InvalidField(f"{where} cannot be read: {error.strerror}.", field="source") from error
    raise InvalidField(
        f"The folder {where} is no MLflow store.",
        field="source",
        hint="Name the folder mlruns, or the file mlflow.db.",
    )


def fill(run: FoundRun, tags: Mapping[str, str], params: Mapping[str, str], label: str, tally: Tally) -> None:
    """Put MLflow's tags and parameters where they belong here.

    Args:
        run: filled in place.
        tags: as MLflow keeps them.
        params: texts; numbers where they read as numbers.
        label: which run, for the report.
        tally: told of what was cut.
    """
    for name, value in params.items():
        key = texts.key(name, f"a parameter of {label}", tally)
        if key is not None:
            run.params[key] = texts.param(texts.bounded(value, f"parameter {key} of {label}", tally))
    for name, value in tags.items():
        if name in SAID_ELSEWHERE:
            continue
        key = texts.key(name, f"a tag of {label}", tally)
        if key is not None:
            run.tags[key] = texts.bounded(value, f"tag {key} of {label}", tally)
    note = tags.get(NOTE)
    run.note = texts.bounded(note, f"note of {label}", tally) if note else None
    run.code = code_of(tags)


def code_of(tags: Mapping[str, str]) -> CodeRecord | None:
    """Return where a run's code came from, as MLflow's tags say it; None when they do not."""
    source, kind = tags.get("mlflow.source.name") or "", tags.get("mlflow.source.type")
    commit = tags.get("mlflow.source.git.commit") or tags.get("mlflow.gitCommit")
    remote = tags.get("mlflow.source.git.repoURL") or tags.get("mlflow.gitRepoURL")
    if not (source or commit or remote):
        return None
    notebook = source if kind == "NOTEBOOK" or source.endswith(".ipynb") else None
    entry = tags.get("mlflow.project.entryPoint")
    dirty = tags.get("mlflow.source.git.dirty")
    return CodeRecord(
        git_commit=clean_text(commit)[:200] if commit else None,
        git_remote=clean_text(without_credentials(remote))[:2000] if remote else None,
        git_dirty=dirty.lower() == "true" if dirty else None,
        entrypoint=None if notebook else (clean_text(entry or source)[:2000] or None),
        notebook_path=clean_text(notebook)[:2000] if notebook else None,
    )


def set_status(run: FoundRun, status: str | None, start_ms: int | None, end_ms: int | None, alive: float) -> None:
    """Set status and times of a run.

    Args:
        run: filled in place.
        status: MLflow's word.
        start_ms: milliseconds since the epoch, None when unknown.
        end_ms: the same.
        alive: seconds since the epoch of its last sign of life, 0 when there is none.
    """
    run.start, run.end = micros(start_ms), micros(end_ms)
    run.status = _STATUS.get(status or "", "Completed")
    if run.status == "Stopped":
        run.message = "killed"
    if run.status != "InProgress":
        return
    last = max(alive, (start_ms or 0) / 1000)
    if is_stale(last):
        run.status, run.end = "Stopped", round(last * 1e6)
        run.message = f"MLflow still says {status}; there was no sign of life for an hour or more, so it was killed"


def is_stale(alive: float) -> bool:
    """Tell whether a run that gave its last sign of life then must have been killed."""
    return time.time() - alive > STALE_SECONDS


def micros(ms: int | None) -> int | None:
    """Return microseconds of MLflow's milliseconds; None for what no calendar holds."""
    if ms is None or not isinstance(ms, int) or not -(2**42) < ms < 2**43:
        return None
    return ms * 1000


def series(
    name: str,
    steps: npt.NDArray[np.int64],
    ts: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    tally: Tally,
) -> SeriesPoints:
    """Return one metric as it is kept here.

    Args:
        name: the metric.
        steps: as logged; when all are the same (nobody gave a step) the points are numbered by time.
        ts: seconds since the epoch.
        values: NaN is NaN; the greatest double is infinity, as MLflow means it.
        tally: told of points that share a step with a later one.
    """
    values = np.where(np.abs(values) >= GREATEST, np.copysign(math.inf, values), values)
    order = np.lexsort((np.arange(len(ts)), ts))
    if len(steps) > 1 and (steps == steps[0]).all():
        return SeriesPoints(name, "{}", np.arange(len(steps), dtype=np.int64), ts[order], values[order])
    doubled = len(steps) - len(np.unique(steps))
    if doubled:
        tally.skip(f"points of metric {name}", "a later point has the same step", doubled)
    return SeriesPoints(name, "{}", steps[order], ts[order], values[order])


def dataset(name: str, digest: str, source: str, kind: str | None = None) -> ArtifactRef:
    """Return an input for a dataset that a run read: its URI, else its name and digest."""
    uri = None
    if len(source) <= texts.MAX_TEXT:
        try:
            said: Any = json.loads(source)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            uri = next((said[key] for key in ("uri", "path", "url", "delta_table_name") if key in said), None)
    value = str(uri) if uri else f"mlflow-dataset:{name}@{digest}"
    return ArtifactRef(clean_text(value)[:4096], f"dataset/{kind}" if kind else None)


def put_input(inputs: dict[str, ArtifactRef], name: str, digest: str, ref: ArtifactRef) -> None:
    """Add an input under its name; a second one of that name is told apart by its digest."""
    key = clean_text(name)[: texts.MAX_KEY] or "dataset"
    if key in inputs and inputs[key] != ref:
        key = f"{key}@{digest}"
    inputs[key] = ref


def pointer(uri: str) -> ArtifactRef:
    """Return an output that says where the bytes are; credentials in the address are cut out."""
    return ArtifactRef(clean_text(without_credentials(uri))[:4096])


def pictures(run: FoundRun, tally: Tally) -> None:
    """Make media of the images that `mlflow.log_image` wrote by step; the smaller copies that it adds are dropped.

    Their names are ``images/<key>+step+<n>+timestamp+<ms>+<uuid>.png``; before MLflow 3.10 with ``%`` for ``+``.
    """
    kept: list[FoundFile] = []
    places: dict[tuple[str, int], int] = {}
    for one in run.files:
        said = None if one.folder else _picture(one.name)
        if said is None:
            kept.append(one)
            continue
        name, step, ts, smaller = said
        if smaller:
            continue
        seq = places[name, step] = places.get((name, step), -1) + 1
        try:
            run.media.append(medium("image", name, one.path, step=step, ts=ts, seq=seq))
        except InvalidField as error:
            tally.skip(f"image {name}", f"it stays a file: {error.message}")
            kept.append(one)
    run.files = kept


def _picture(name: str) -> tuple[str, int, float, bool] | None:
    """Return key, step, time and whether it is the smaller copy; None for a file that is no such image."""
    folder, _, stem = name.rpartition(".")[0].partition("/")
    for mark in ("+", "%"):
        head, found, tail = stem.rpartition(f"{mark}step{mark}")
        parts = tail.split(mark)
        if folder != "images" or not found or len(parts) not in {4, 5} or parts[1] != "timestamp":
            continue
        if parts[0].isdecimal() and parts[2].isdecimal() and len(parts[0]) < 16 and len(parts[2]) < 16:
            key = clean_text(head.replace("~", "/").replace("#", "/"))[: texts.MAX_KEY]
            return key or "image", int(parts[0]), int(parts[2]) / 1000, parts[-1] == "compressed"
    return None

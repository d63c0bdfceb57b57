"""Runs as a folder in MLflow's file layout, which MLflow opens as it is or migrates into a database.

    MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri DEST
    mlflow migrate-filestore --source DEST --target sqlite:///mlflow.db

Every point, parameter, tag, note, parent, artifact and medium goes along. A run that once came from
MLflow keeps its id there. MLflow's names hold letters, digits and ``_ - . : /`` and blanks only; other
characters become ``_``, and the report says so. The folder is made beside its place and renamed.

Layout: see `importers.mlflow_files`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from mlstudio.entities.errors import InvalidField, NotFound, StudioError
from mlstudio.entities.experiments import ArtifactRef, ComponentRecord
from mlstudio.entities.secrets import masked_value
from mlstudio.entities.transfers import ExportRequest
from mlstudio.experiments.exporters.selection import pages
from mlstudio.experiments.files import FOLDER_TYPE
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.run_plan import SOURCE_TAG
from mlstudio.store.artifacts import CHUNK, BlobStore
from mlstudio.store.home import default_home
from mlstudio.store.rules import canonical

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

STATUS: Final = {"InProgress": 1, "Stopping": 1, "Completed": 3, "Failed": 4, "Stopped": 5}
_ALLOWED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.: ")
_CHUNK: Final = 100
_PLACE: Final = "artifacts"


def write_mlflow(store: Store, request: ExportRequest, path: Path, tally: Tally) -> None:
    """Write the runs of a request into a new folder.

    Args:
        store: where from.
        request: which runs; its columns do not matter.
        path: a folder that is not there, or is empty.
        tally: counts, is told and asked.

    Raises:
        InvalidField: there is something at `path`.
        OSError: it cannot be written.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InvalidField(f"There is something at {path} already.", field="destination", hint="Name a new folder.")
    names = [
        name for rows in pages(store, msgspec.structs.replace(request, columns=["name"]), tally) for name in rows.names
    ]
    tally.done, tally.total = 0, len(names)
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(mode=0o700, parents=True)
        writer = MlflowFolder(store, part, path, tally)
        for first in range(0, len(names), _CHUNK):
            for record in store.get_components(names[first : first + _CHUNK]):
                writer.run(record)
                tally.step(record.display_name or record.name)
        part.chmod(0o755)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    tally.note(f"MLflow opens it by MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri {path}")


def run_id_of(record: ComponentRecord) -> str:
    """Return the id of a run in MLflow: the one that it had there, else one made of its uid."""
    came = record.name.removeprefix("mlflow-")
    if came != record.name and len(came) == 32 and came.isalnum():
        return came
    return hashlib.sha256(record.uid.encode()).hexdigest()[:32]


class MlflowFolder:
    """Writes runs below a folder.

    Args:
        store: where from.
        root: the folder.
        home: where the folder will lie at last; MLflow keeps absolute addresses.
        tally: counts and is told of trouble.
    """

    def __init__(self, store: Store, root: Path, home: Path, tally: Tally) -> None:
        self.store, self.root, self.home, self.tally = store, root, home.absolute(), tally
        self.blobs = BlobStore(default_home().artifacts)
        self._experiments: dict[str, str] = {}
        self._titles: set[str] = set()
        self._experiment("Default")

    def run(self, record: ComponentRecord) -> None:
        """Write one run."""
        experiment = self._experiment(record.trials[0].experiment_name if record.trials else "Default")
        run_id = run_id_of(record)
        folder = self.root / experiment / run_id
        for name in ("params", "metrics", "tags", _PLACE):
            (folder / name).mkdir(parents=True)
        start = record.start_time if record.start_time is not None else record.created_at
        tags = self._tags(record)
        meta: dict[str, Any] = {
            "artifact_uri": (self.home / experiment / run_id / _PLACE).as_uri(),
            "end_time": None if record.end_time is None else record.end_time // 1000,
            "entry_point_name": "",
            "experiment_id": experiment,
            "lifecycle_stage": "active",
            "run_id": run_id,
            "run_name": record.display_name or record.name,
            "run_uuid": run_id,
            "source_name": "",
            "source_type": 4,
            "source_version": "",
            "start_time": start // 1000,
            "status": STATUS.get(record.status or "", 2),
            "tags": [],
            "user_id": tags.get("mlflow.user", record.created_by),
        }
        _yaml(folder / "meta.yaml", meta)
        self._values(folder / "params", {key: _spelled(value) for key, value in record.params.items()})
        self._values(folder / "tags", tags)
        self._metrics(folder / "metrics", record)
        self._artifacts(folder / _PLACE, record)
        self.tally.runs += 1
        self.tally.params += len(record.params)

    def _experiment(self, name: str) -> str:
        """Return the id of an experiment, whose folder is made at the first call."""
        if name in self._experiments:
            return self._experiments[name]
        found = str(int(hashlib.sha256(name.encode()).hexdigest()[:14], 16) + 10**17) if name != "Default" else "0"
        self._experiments[name] = found
        title, note, tags, at = name, None, dict[str, str](), 0
        try:
            record = self.store.get_experiment(name)
            title, note = record.display_name or name, record.description
            tags, at = record.tags, record.created_at // 1000
            self.tally.experiments[name] = None
        except NotFound:
            pass
        if title in self._titles:  # MLflow's databases take each name once
            title = f"{title} ({name})"
        self._titles.add(title)
        folder = self.root / found
        folder.mkdir(exist_ok=True)
        meta: dict[str, Any] = {
            "artifact_location": (self.home / found).as_uri(),
            "creation_time": at,
            "experiment_id": found,
            "last_update_time": at,
            "lifecycle_stage": "active",
            "name": title,
        }
        _yaml(folder / "meta.yaml", meta)
        said = dict(tags) | ({"mlflow.note.content": note} if note else {})
        if said:
            (folder / "tags").mkdir()
            self._values(folder / "tags", said)
        return found

    def _tags(self, record: ComponentRecord) -> dict[str, str]:
        tags = {key: value for key, value in record.tags.items() if key != SOURCE_TAG}
        tags["mlflow.runName"] = record.display_name or record.name
        tags.setdefault("mlflow.user", record.created_by)
        if record.description:
            tags["mlflow.note.content"] = record.description
        if record.status_message:
            tags["mlstudio.status_message"] = record.status_message
        if record.parent:
            above = self.store.get_components([record.parent])
            if above:
                tags["mlflow.parentRunId"] = run_id_of(above[0])
        code = self.store.code(record.name).code
        if code is not None:
            said = {
                "mlflow.source.name": code.notebook_path or code.entrypoint,
                "mlflow.source.git.commit": code.git_commit,
                "mlflow.source.git.repoURL": code.git_remote,
            }
            tags |= {key: value for key, value in said.items() if value and key not in tags}
        for direction, refs in (("input", record.inputs), ("output", record.outputs)):
            for name, ref in refs.items():
                if ref.sha256 is None or direction == "input":
                    tags[f"mlstudio.{direction}.{name}"] = ref.value
        return tags

    def _values(self, folder: Path, values: dict[str, str]) -> None:
        for key, value in values.items():
            place = self._place(folder, key)
            place.write_text(masked_value(key, value), encoding="utf-8", errors="replace", newline="")

    def _metrics(self, folder: Path, record: ComponentRecord) -> None:
        for series in record.metrics:
            name = series.name
            context = canonical(series.context) if series.context else "{}"
            if series.context:
                name += "/" + " ".join(f"{key}:{value}" for key, value in sorted(series.context.items()))
            points = self.store.points(record.name, series.name, context)
            rows = zip(points.ts.tolist(), points.values.tolist(), points.steps.tolist(), strict=True)
            with self._place(folder, name).open("w", encoding="utf-8") as file:
                file.writelines(f"{round(ts * 1000)} {value!r} {step}\n" for ts, value, step in rows)
            self.tally.points += len(points.steps)
            self.tally.check()

    # ------------------------------------------------------------ artifacts

    def _artifacts(self, folder: Path, record: ComponentRecord) -> None:
        for name, ref in record.outputs.items():
            if ref.sha256 is not None:
                self._copied(folder, name, ref)
        cursor = None
        while True:
            page = self.store.media(record.name, limit=1000, cursor=cursor)
            for one in page.items:
                ending = {"image/png": ".png", "image/jpeg": ".jpg", "audio/wav": ".wav", "text/plain": ".txt"}
                ending |= {
                    "application/json": ".json",
                    "text/html": ".html",
                    "video/mp4": ".mp4",
                    "image/webp": ".webp",
                }
                suffix = ending.get(one.media_type or "", "")
                artifact = self.store.artifact(one.artifact_uid)
                ref = ArtifactRef(artifact.value, sha256=artifact.sha256)
                if self._copied(folder, f"media/{one.name}/{one.step}-{one.seq}{suffix}", ref):
                    self.tally.media += 1
            cursor = page.next
            if cursor is None:
                return

    def _copied(self, folder: Path, name: str, ref: ArtifactRef) -> bool:
        """Copy an artifact, or the files of a folder, out of the store."""
        try:
            if ref.media_type == FOLDER_TYPE:
                for entry in self.blobs.read_manifest(str(ref.sha256)).entries:
                    if entry.sha256 is not None:
                        self._copy(entry.sha256, self._place(folder, f"{name}/{entry.path}"))
            else:
                self._copy(str(ref.sha256), self._place(folder, name))
        except StudioError as error:
            self.tally.skip(f"artifact {name}", error.message)
            return False
        self.tally.artifacts += 1
        return True

    def _copy(self, sha256: str, place: Path) -> None:
        with self.blobs.open(sha256) as source, place.open("xb") as target:
            shutil.copyfileobj(source, target, CHUNK)
            self.tally.bytes += target.tell()
        self.tally.check()

    def _place(self, folder: Path, name: str) -> Path:
        """Return a path below a folder for a name that somebody gave; its folders are made."""
        parts = [_part(part) for part in name.split("/") if part] or ["_"]
        if "/".join(parts) != name:
            self.tally.skip(f"characters of the name {name[:80]!r}", "MLflow does not allow them; they became _")
        for place in _alternatives(folder.joinpath(*parts)):
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):  # "a" is a file, and here is "a/b"
                continue
            if not os.path.lexists(place):
                return place
        raise InvalidField(f"There is no place for {name[:80]!r}.", field="destination")


def _alternatives(place: Path) -> Iterator[Path]:
    yield place
    for number in range(2, 1000):
        yield place.with_name(f"{place.name}_{number}")
    for number in range(2, 1000):
        yield place.parent.with_name(f"{place.parent.name}_{number}") / place.name


def _part(text: str) -> str:
    """Return one part of a name as MLflow and every file system take it."""
    kept = "".join(char if char in _ALLOWED else "_" for char in text)
    if kept in {".", ".."}:
        kept = "_"
    if len(kept) > 200:
        kept = f"{kept[:190]}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return kept


def _spelled(value: object) -> str:
    return str(value)


def _yaml(path: Path, document: dict[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        yaml.safe_dump(document, file, default_flow_style=False, allow_unicode=True)

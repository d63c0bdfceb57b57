"""Runs that were found, written into the store: once each, however often they are imported.

A run's component is called ``<kind>-<source id>``; the store remembers (kind, source id), the
component's uid and a fingerprint of what was read. A run that is there and has not changed costs
one look-up. An update brings what is new (points, parameters, artifacts, the end) and never
overwrites what a person changed here: name, note, tags that exist.

All of a run goes in by one `Store.apply`, or a few for millions of points. A crash between that
and the memory of it is mended by the next import: the component is found by its name.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from mlstudio.entities.errors import Conflict, InvalidField, NotFound
from mlstudio.entities.experiments import (
    ArtifactRef,
    ComponentCreate,
    ComponentRecord,
    ExperimentUpdate,
)
from mlstudio.entities.media import MAX_PREVIEW, MediaRef
from mlstudio.entities.names import new_uid
from mlstudio.entities.status import ENDED
from mlstudio.entities.wire import MAX_INT
from mlstudio.experiments.files import FOLDER_TYPE
from mlstudio.experiments.importers import texts
from mlstudio.experiments.importers.found import Candidate, FoundExperiment, FoundFile, FoundMedium, FoundRun
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.records import named
from mlstudio.experiments.run_plan import SOURCE_TAG, ensure, trial_name_of
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.batch import NO_STEP, ArtifactAdd, Batch, SeriesPoints, StatusMove
from mlstudio.store.home import default_home
from mlstudio.store.laws_around import Origin
from mlstudio.store.rules import now

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

CHUNK: Final = 200
"""Runs whose origins are looked up together."""
MAX_POINTS: Final = 1 << 20
"""Points of one transaction, unless one series alone has more."""


def component_name(kind: str, source_id: str) -> str:
    """Return the name of an imported run, for ever the same: ``mlflow-<run id>``."""
    return f"{kind}-{source_id}"


class Landing:
    """Writes candidates of one kind into a store.

    Args:
        store: where to.
        kind: mlflow, tensorboard, wandb, smexperiments.
        tally: counts, is told and asked.
        experiment: put everything into this one.
        described: what the source says of its experiments.
        dry_run: count, and write nothing.
    """

    def __init__(
        self,
        store: Store,
        kind: str,
        tally: Tally,
        *,
        experiment: str | None = None,
        described: dict[str, FoundExperiment] | None = None,
        dry_run: bool = False,
    ) -> None:
        self.store, self.kind, self.tally = store, kind, tally
        self.experiment, self.dry_run = experiment, dry_run
        self.described = described or {}
        self.blobs = BlobStore(default_home().artifacts)
        self._trials: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def land(self, candidates: Sequence[Candidate]) -> None:
        """Bring all of them in. Raises: Stopped, and what the store raises."""
        self.tally.total = len(candidates)
        self.tally.tell(f"{len(candidates)} runs found")
        for first in range(0, len(candidates), CHUNK):
            self._land_chunk(candidates[first : first + CHUNK])

    def _land_chunk(self, chunk: Sequence[Candidate]) -> None:
        known = self.store.origins(self.kind, [one.source_id for one in chunk])
        moved = {
            component_name(self.kind, one.source_id): one
            for one in chunk
            if one.source_id not in known or known[one.source_id].fingerprint.partition("#")[0] != one.fingerprint
        }
        self.tally.unchanged += len(chunk) - len(moved)
        if len(chunk) > len(moved):
            self.tally.step("unchanged", len(chunk) - len(moved))
        here = {record.name: record for record in self.store.get_components(list(moved))}
        for name, one in moved.items():
            self._land_one(one, name, known.get(one.source_id), here.get(name))
            self.tally.step(one.name or name)

    def _land_one(self, one: Candidate, name: str, origin: Origin | None, record: ComponentRecord | None) -> None:
        if record is not None and record.deleted_at is not None:
            self.tally.skip("run deleted here", "restore it, or purge it to import it again")
            return
        label = f"run {one.name or one.source_id}"
        try:
            run = one.load(origin.fingerprint if origin is not None and record is not None else None)
            self._clean_points(run, label)
            points = sum(len(one.steps) for one in run.points) if record is None else self._fresh(record, run)
            if self.dry_run:
                self._touched(*named(self.experiment or one.experiment))
                self._count(run, points, new=record is None)
                return
            uid = self._open(one, name, run) if record is None else self._grow(record, run)
        except (NotFound, InvalidField, Conflict) as error:  # purged or removed this very moment, or unfit for a record
            self.tally.skip(label, error.message)
            return
        self._count(run, points, new=record is None)
        self.store.set_origin(Origin(self.kind, one.source_id, uid, run.fingerprint or one.fingerprint))

    def _touched(self, experiment: str, written: str | None = None) -> None:
        """Name an experiment in the report, with the display name that it has or will have."""
        if self.tally.experiments.get(experiment) is None:
            title = self.store.get_experiment(experiment).display_name if self._exists(experiment) else written
            self.tally.experiments[experiment] = title

    def _fresh(self, record: ComponentRecord, run: FoundRun) -> int:
        """Return how many points of a run stand at steps that the record does not have."""
        count = 0
        for one in run.points:
            try:
                known = self.store.points(record.name, one.name, one.context).steps
            except NotFound:  # a metric that is new
                known = np.empty(0, dtype=np.int64)
            unnumbered = one.steps == NO_STEP
            count += int(unnumbered.sum()) + len(np.setdiff1d(one.steps[~unnumbered], known))
        return count

    def _count(self, run: FoundRun, points: int, *, new: bool) -> None:
        if new:
            self.tally.runs += 1
        else:
            self.tally.updated += 1
        self.tally.params += len(run.params)
        self.tally.points += points
        self.tally.media += len(run.media)
        self.tally.artifacts += len(run.outputs) + len(run.inputs) + (len(run.files) if self.dry_run else 0)

    def _clean_points(self, run: FoundRun, label: str) -> None:
        """Leave out what no series can hold: empty names, steps that JavaScript cannot count."""
        kept = []
        for one in run.points:
            name = texts.key(one.name, f"a metric of {label}", self.tally)
            if name is None:
                continue
            good = (one.steps >= -MAX_INT) & (one.steps <= MAX_INT) | (one.steps == np.int64(-(2**63)))
            lost = len(good) - int(good.sum())
            if lost:
                self.tally.skip(f"points of {name} in {label}", "the step is beyond 2⁵³", lost)
                one = SeriesPoints(name, one.context, one.steps[good], one.ts[good], one.values[good])  # noqa: PLW2901
            elif name != one.name:
                one = SeriesPoints(name, one.context, one.steps, one.ts, one.values)  # noqa: PLW2901
            if len(one.steps):
                kept.append(one)
        run.points = kept

    # ------------------------------------------------------------ new runs

    def _open(self, one: Candidate, name: str, run: FoundRun) -> str:
        """Write a new run and return its component's uid."""
        trial = self._trial(self.experiment or one.experiment)
        wanted = ComponentCreate(
            name=name,
            uid=new_uid(),
            display_name=texts.bounded(one.name or one.source_id, "run name", self.tally)[:500],
            description=run.note,
            kind="imported",
            parent=component_name(self.kind, one.parent) if one.parent else None,
            status="InProgress",
            start_time=run.start,
            params=run.params,
            tags={SOURCE_TAG: "run", **run.tags},
            inputs=run.inputs,
            outputs={**run.outputs, **self._copied(run.files)},
            trials=[trial],
            code=run.code,
            env=run.env,
        )
        uid = str(wanted.uid)
        batch = self._batch(uid, 0)
        batch.open = wanted
        batch.media = self._media(run.media)
        if run.status != "InProgress":
            batch.status = StatusMove(run.status, run.end if run.end is not None else (run.start or now()), run.message)
        self._apply(batch, run.points)
        return uid

    def _trial(self, text: str) -> str:
        """Return the trial of an experiment's runs; both are made when they are missing."""
        if text not in self._trials:
            name, written = named(texts.bounded(text, "experiment name", self.tally))
            if name in self._names and self._names[name] != text:  # "a b" and "a-b" stay two
                name = f"{name[:111].rstrip('-')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
            self._names[name] = text
            new = not self._exists(name)
            self._trials[text] = ensure(self.store, name, written and written[:500], trial_name_of(name))
            said = self.described.get(text)
            if new and said is not None and self.experiment is None and (said.description or said.tags):
                change = ExperimentUpdate(description=said.description, tags=said.tags)
                self.store.update_experiment(name, change)
            self._touched(name)
        return self._trials[text]

    def _exists(self, experiment: str) -> bool:
        try:
            self.store.get_experiment(experiment)
        except NotFound:
            return False
        return True

    # ------------------------------------------------------------ runs that are here

    def _grow(self, record: ComponentRecord, run: FoundRun) -> str:
        """Bring what is new into a run that is here and return its uid."""
        start = self.store.drained_to(f"import-{record.uid}")
        wanted = run.status
        if record.status in ENDED and wanted != record.status:
            back = self._batch(record.uid, start)
            back.status = StatusMove("InProgress", record.start_time or now(), resume=True)
            start = self.store.apply(back)
        batch = self._batch(record.uid, start)
        batch.params = {key: value for key, value in run.params.items() if record.params.get(key) != value}
        batch.tags = {key: value for key, value in run.tags.items() if key not in record.tags}
        batch.note = run.note if run.note and not record.description else None
        batch.artifacts = [
            ArtifactAdd("input", key, ref) for key, ref in run.inputs.items() if _differs(record.inputs.get(key), ref)
        ]
        outputs = {**run.outputs, **self._copied(run.files)}
        batch.artifacts += [
            ArtifactAdd("output", key, ref) for key, ref in outputs.items() if _differs(record.outputs.get(key), ref)
        ]
        batch.media = self._media(run.media)
        if wanted != "InProgress" and (record.status != wanted or record.end_time != run.end):
            batch.status = StatusMove(wanted, run.end if run.end is not None else now(), run.message)
        self._apply(batch, run.points)
        for trial in record.trials:
            self._touched(trial.experiment_name)
        return record.uid

    # ------------------------------------------------------------ writing

    def _batch(self, uid: str, start: int) -> Batch:
        return Batch(f"import-{uid}", uid, start, start + 1)

    def _apply(self, batch: Batch, points: list[SeriesPoints]) -> None:
        """Apply a batch with its points; the end of the run comes with the last ones."""
        groups = list(_groups(points)) or [[]]
        status, batch.status = batch.status, None
        for number, group in enumerate(groups):
            batch.points = group
            if number == len(groups) - 1:
                batch.status = status
            end = self.store.apply(batch)
            batch = self._batch(batch.component, end)
            self.tally.check()

    def _copied(self, files: Sequence[FoundFile]) -> dict[str, ArtifactRef]:
        """Copy files into the artifact store; what cannot be read is reported."""
        refs: dict[str, ArtifactRef] = {}
        for one in files:
            self.tally.check()
            name = texts.key(one.name, "artifact", self.tally)
            if name is None:
                continue
            try:
                blob = self.blobs.put_folder(one.path) if one.folder else self.blobs.put_file(one.path, follow=False)
            except (InvalidField, NotFound) as error:
                self.tally.skip(f"artifact {one.name}", error.message)
                continue
            guessed = FOLDER_TYPE if one.folder else mimetypes.guess_type(one.path.name)[0]
            refs[name] = self._ref(blob.sha256, blob.size, one.media_type or guessed)
            self.tally.artifacts += 1
            inside = self.blobs.read_manifest(blob.sha256).entries if one.folder else []
            self.tally.bytes += blob.size + sum(entry.size for entry in inside)
        return refs

    def _ref(self, sha256: str, size: int, media_type: str | None) -> ArtifactRef:
        uri = Path(self.blobs.path(sha256)).as_uri()
        return ArtifactRef(uri, media_type or "application/octet-stream", size=size, sha256=sha256)

    def _media(self, found: Sequence[FoundMedium]) -> list[MediaRef]:
        """Copy media into the artifact store."""
        refs = []
        for one in found:
            try:
                data = one.data
                blob = (
                    self.blobs.put_bytes(data) if isinstance(data, bytes) else self.blobs.put_file(data, follow=False)
                )
            except (InvalidField, NotFound) as error:
                self.tally.skip(f"{one.kind} {one.name}", error.message)
                continue
            preview = one.preview if one.preview is not None and len(one.preview) <= MAX_PREVIEW else None
            refs.append(
                MediaRef(
                    name=one.name,
                    kind=one.kind,
                    ref=self._ref(blob.sha256, blob.size, one.media_type),
                    ts=one.ts,
                    step=one.step,
                    seq=one.seq,
                    caption=one.caption,
                    preview=preview,
                    preview_type=one.preview_type if preview is not None else None,
                )
            )
            self.tally.bytes += blob.size
        return refs


def _differs(old: ArtifactRef | None, new: ArtifactRef) -> bool:
    if old is None:
        return True
    return old.sha256 != new.sha256 if new.sha256 else msgspec.structs.replace(old, uid=None) != new


def _groups(points: Sequence[SeriesPoints]) -> Iterator[list[SeriesPoints]]:
    """Yield series in groups of about `MAX_POINTS` points."""
    group: list[SeriesPoints] = []
    count = 0
    for one in points:
        if group and count + len(one.steps) > MAX_POINTS:
            yield group
            group, count = [], 0
        group.append(one)
        count += len(one.steps)
    if group:
        yield group

"""TensorBoard: a folder of event files; each folder that holds some is a run.

A run below another run is nested in it (as `add_hparams` makes them). Hyperparameters become
parameters, scalars metrics, images, sounds, histograms and texts media. Event files do not say how
a run ended: it is Completed when ten minutes passed since somebody wrote to it, unless its
hyperparameters' session says that it failed; else it is InProgress.

A later import reads on where the last one ended. A file that is damaged is read up to the damage.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.media import MediaKind
from mlstudio.experiments.importers import places, texts
from mlstudio.experiments.importers.events import Scalars, Shown, Told
from mlstudio.experiments.importers.found import Candidate, FoundRun, Source, parents_first
from mlstudio.experiments.importers.protobuf import BadMessage
from mlstudio.experiments.importers.record_file import Ending, records
from mlstudio.experiments.importers.shown import medium
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.media import Unfit
from mlstudio.experiments.values import clean_text
from mlstudio.store.batch import NO_STEP, SeriesPoints

MARK: Final = "tfevents"
QUIET_SECONDS: Final = 600.0
MAX_RUNS: Final = 100_000
_KINDS: Final[dict[str, MediaKind]] = {"image": "image", "audio": "audio", "text": "text", "histogram": "histogram"}


class ReadSoFar(msgspec.Struct):
    """What is remembered of a run: where each file was read to, and what only its first events said."""

    offsets: dict[str, int] = {}
    plugins: dict[str, str] = {}
    automatic: list[str] = []
    """Tags whose points never had a step; they are numbered as they come."""


class TensorBoardSource(Source):
    """Reader of a folder, or of one event file.

    Args:
        root: the folder that would be given to ``tensorboard --logdir``.
        tally: told of trouble.

    Raises:
        InvalidField: there are no event files.
    """

    def __init__(self, root: Path, tally: Tally) -> None:
        self.root, self.tally = root.resolve(), tally
        self._runs = self._found()
        if not self._runs:
            raise InvalidField(
                f"There are no event files in {root}.",
                field="source",
                hint="Name the folder that you give to `tensorboard --logdir`.",
            )

    def _found(self) -> dict[Path, list[Path]]:
        """Return the event files of each folder that has some."""
        if self.root.is_file():
            return {self.root.parent: [self.root]} if MARK in self.root.name else {}
        runs: dict[Path, list[Path]] = {}

        def unreadable(error: OSError) -> None:
            self.tally.skip(f"folder {error.filename}", f"it cannot be read: {error.strerror}")

        for folder, folders, names in os.walk(self.root, onerror=unreadable):
            folders.sort()
            files = [Path(folder, name) for name in sorted(names) if MARK in name]
            regular = [path for path in files if path.is_file() and not path.is_symlink()]
            if len(regular) < len(files):
                self.tally.skip("event file", "it is a link, or no file", len(files) - len(regular))
            if regular:
                runs[Path(folder)] = regular
            if len(runs) >= MAX_RUNS:
                self.tally.skip("folders", f"more than {MAX_RUNS:,} runs")
                break
        return runs

    def candidates(self) -> list[Candidate]:
        """Return one run a folder, parents first."""
        ids = {folder: _source_id(folder, files) for folder, files in self._runs.items()}
        found = []
        for folder, files in self._runs.items():
            relative = folder.relative_to(self.root if self.root.is_dir() else self.root.parent)
            above = next((ids[up] for up in folder.parents if up in ids), None)
            found.append(
                Candidate(
                    source_id=ids[folder],
                    experiment=clean_text(self.root.name or "tensorboard"),
                    name=clean_text(str(relative)) if relative.parts else clean_text(folder.name),
                    fingerprint=_stamp(files),
                    load=self._loader(folder, files),
                    parent=above if above != ids[folder] else None,
                )
            )
        return parents_first(found)

    def _loader(self, folder: Path, files: list[Path]) -> Callable[[str | None], FoundRun]:
        def load(last: str | None) -> FoundRun:
            return self._load(folder, files, last)

        return load

    def _load(self, folder: Path, files: list[Path], last: str | None) -> FoundRun:
        before = _remembered(last)
        told = Told(plugins=dict(before.plugins))
        offsets = {path.name: self._read(path, before.offsets.get(path.name, 0), told) for path in files}
        run = FoundRun(tags={"tensorboard.logdir": clean_text(str(folder))})
        for name, value in told.params.items():
            key = texts.key(name, "hyperparameter", self.tally)
            if key is not None:
                run.params[key] = texts.bounded(value, key, self.tally) if isinstance(value, str) else value
        automatic = set(before.automatic)
        run.points = [self._series(tag, points, automatic) for tag, points in told.scalars.items()]
        for one in told.media:
            self._show(run, one)
        for what, count in told.left.items():
            self.tally.skip(what, "mlstudio has no such thing", count)
        self._end(run, told, files)
        now_read = ReadSoFar(offsets, told.plugins, sorted(automatic))
        run.fingerprint = f"{_stamp(files)}#{msgspec.json.encode(now_read).decode()}"
        return run

    def _read(self, path: Path, offset: int, told: Told) -> int:
        """Read a file on and return where to go on next time."""
        ending = Ending(offset)
        bad = 0
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < offset:  # written anew: steps that were read are written over
                    ending.offset = 0
                for number, record in enumerate(records(file, ending)):
                    if number % 4096 == 0:
                        self.tally.check()
                    try:
                        told.read(record)
                    except BadMessage:
                        bad += 1
        except OSError as error:
            self.tally.skip(f"file {path.name}", f"it cannot be read: {error.strerror}")
        if bad:
            self.tally.skip(f"records of {path.name}", "they are no events", bad)
        if ending.damage is not None:
            self.tally.skip(f"the rest of {path.name}", f"damaged at byte {ending.offset}: {ending.damage}")
        elif ending.torn:
            self.tally.skip(
                f"the last record of {path.name}", f"half-written at byte {ending.offset}; read when it is whole"
            )
        return ending.offset

    def _series(self, tag: str, points: Scalars, automatic: set[str]) -> SeriesPoints:
        steps = np.frombuffer(points.steps, np.int64)
        if len(steps) > 1 and (steps == steps[0]).all():
            automatic.add(tag)
        if tag in automatic:
            steps = np.full(len(steps), NO_STEP, np.int64)
        return SeriesPoints(tag, "{}", steps, np.frombuffer(points.ts), np.frombuffer(points.values))

    def _show(self, run: FoundRun, one: Shown) -> None:
        name = texts.key(one.tag, one.kind, self.tally)
        if name is None:
            return
        data = one.data
        if one.kind == "histogram":
            data = (one.data[1], one.data[0])
        try:
            suffix = ".wav" if one.kind == "audio" else ""
            kept = medium(_KINDS[one.kind], name, data, step=one.step, ts=one.ts, seq=one.seq, suffix=suffix)
            run.media.append(kept)
        except Unfit as error:
            self.tally.skip(f"{one.kind} {name}", error.message)

    def _end(self, run: FoundRun, told: Told, files: list[Path]) -> None:
        run.start = None if told.first is None else _micros(told.first)
        run.end = None if told.last is None else _micros(told.last)
        if told.succeeded is False:
            run.status, run.message = "Failed", "its hyperparameters' session says that it failed"
        elif told.succeeded is None and _alive(files):
            run.status = "InProgress"


def _micros(seconds: float) -> int | None:
    return round(seconds * 1e6) if -(2**31) < seconds < 2**33 else None


def _remembered(last: str | None) -> ReadSoFar:
    if last is None or "#" not in last:
        return ReadSoFar()
    try:
        return msgspec.json.decode(last.partition("#")[2], type=ReadSoFar)
    except msgspec.DecodeError:
        return ReadSoFar()


def _stamp(files: list[Path]) -> str:
    """Return what tells whether event files have grown."""
    sizes = []
    for path in files:
        try:
            sizes.append(f"{path.name}:{path.stat().st_size}")
        except OSError:
            continue
    said = "|".join([*sizes, "alive" if _alive(files) else "ended"])
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _alive(files: list[Path]) -> bool:
    """Tell whether somebody wrote in the last minutes."""
    newest = 0.0
    for path in files:
        try:
            newest = max(newest, path.stat().st_mtime)
        except OSError:
            continue
    return time.time() - newest < QUIET_SECONDS


def _source_id(folder: Path, files: list[Path]) -> str:
    """Return an id that a run keeps when its folder is moved: its name, and how its first file begins."""
    try:
        head = places.read(files[0], 64)
    except OSError:
        head = b""
    said = b"\0".join((folder.name.encode("utf-8", "replace"), files[0].name.encode("utf-8", "replace"), head))
    return hashlib.sha256(said).hexdigest()[:32]

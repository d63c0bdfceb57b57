"""Runs as event files, kept up to date while they run: ``mlstudio tensorboard``.

    <logdir>/<experiment>/<run>/events.out.tfevents.<time>.<pid>.mlstudio

`write` brings the folder up to date: runs that are new get a file, runs that have grown get more
events. Only files that end in ``.mlstudio`` are ever replaced. Points that are written over later
(a run that was resumed from an earlier step) come as events of their own; TensorBoard shows the newer.

Knows nothing of: the program tensorboard.
"""

from __future__ import annotations

import io
import json
import warnings
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.entities.experiments import ComponentRecord, SeriesSummary
from mlstudio.entities.media import MediaItem
from mlstudio.entities.search import Query
from mlstudio.entities.status import ENDED
from mlstudio.experiments.exporters import event_file
from mlstudio.experiments.exporters.event_file import EventFile
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.query_text import parse
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import default_home
from mlstudio.store.rules import canonical

if TYPE_CHECKING:
    from mlstudio.store.laws import Store

MARK: Final = "mlstudio"
MAX_MEDIUM: Final = 64 << 20
_CHUNK: Final = 200
_EARLIEST: Final = -(2**62)
_LATEST: Final = 2**62
_ALLOWED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,=+ ")


@dataclass(slots=True)
class _Written:
    """What of a run is in its file."""

    file: EventFile
    counts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Of each series: how many points there were, and the last step that was written."""
    media: set[tuple[str, int, int]] = field(default_factory=set)
    ended: bool = False


class EventFolder:
    """Event files of the runs that a search finds.

    Args:
        store: where from.
        logdir: the folder; made when it is missing.
        where: the search, in our text language; None: every run.
        tally: counts, is told and asked.

    Raises:
        BadQuery: the search cannot be read.
    """

    def __init__(self, store: Store, logdir: Path, where: str | None, tally: Tally) -> None:
        self.store, self.logdir, self.tally = store, logdir, tally
        self.query = parse(where) if where else Query()
        self.blobs = BlobStore(default_home().artifacts)
        self._written: dict[str, _Written] = {}
        self._folders: dict[Path, str] = {}
        self._seen = -1

    def write(self) -> int:
        """Bring the files up to date and return how many runs were new or had grown.

        Raises:
            OSError: the folder cannot be written.
            Stopped: somebody asked for it.
        """
        present = self.store.last_change()
        if present == self._seen:
            return 0
        grown = 0
        for record in self.store.search_components(self.query):
            grown += self._run(record)
            self.tally.check()
        self._seen = present
        return grown

    def close(self) -> None:
        """Close the files."""
        for one in self._written.values():
            one.file.close()

    def _run(self, record: ComponentRecord) -> bool:
        written = self._written.get(record.uid)
        new = written is None
        if written is None:
            written = self._written[record.uid] = self._begin(record)
            self.tally.runs += 1
        before = self.tally.points, self.tally.media
        try:
            for series in record.metrics:
                self._series(record, series, written)
            self._media(record, written)
        except NotFound:  # purged this very moment
            return False
        self._end(record, written)
        written.file.flush()
        return new or before != (self.tally.points, self.tally.media)

    def _begin(self, record: ComponentRecord) -> _Written:
        """Make the folder and the file of a run, and write its hyperparameters."""
        experiment = record.trials[0].experiment_name if record.trials else "no experiment"
        folder = self.logdir / _part(experiment) / _part(record.display_name or record.name)
        if self._folders.setdefault(folder, record.uid) != record.uid:
            folder = folder.with_name(f"{folder.name[:60]} {record.name[-40:]}")
            self._folders[folder] = record.uid
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"*tfevents*.{MARK}"):
            old.unlink()
        file = EventFile(folder, MARK)
        start = (record.start_time or record.created_at) / 1e6
        if record.params:
            file.add(event_file.event(start, 0, [event_file.hparams_start(record.params, start)]))
            self.tally.params += len(record.params)
        return _Written(file)

    def _series(self, record: ComponentRecord, series: SeriesSummary, written: _Written) -> None:
        context = canonical(series.context) if series.context else "{}"
        count, last = written.counts.get((series.name, context), (0, _EARLIEST))
        if series.count == count and series.last_step == last:
            return
        points = self.store.points(record.name, series.name, context, (last + 1, _LATEST))
        tag = series.name
        if series.context:
            tag += " " + ",".join(f"{key}={value}" for key, value in sorted(series.context.items()))
        rows = zip(points.steps.tolist(), points.ts.tolist(), points.values.tolist(), strict=True)
        for step, ts, value in rows:
            written.file.add(event_file.event(ts, step, [event_file.scalar(tag, value)]))
        self.tally.points += len(points.steps)
        written.counts[series.name, context] = (series.count, int(points.steps[-1]) if len(points.steps) else last)

    def _media(self, record: ComponentRecord, written: _Written) -> None:
        cursor = None
        while True:
            page = self.store.media(record.name, limit=500, cursor=cursor)
            for one in page.items:
                key = (one.name, one.step, one.seq)
                if key not in written.media:
                    written.media.add(key)
                    self._medium(one, written.file)
            cursor = page.next
            if cursor is None:
                return

    def _medium(self, one: MediaItem, file: EventFile) -> None:
        tag = one.name if one.seq == 0 else f"{one.name}/{one.seq}"
        try:
            sha256 = self.store.artifact(one.artifact_uid).sha256 or ""
            if self.blobs.size(sha256) > MAX_MEDIUM:
                self.tally.skip(f"{one.kind} {one.name}", "larger than 64 MB")
                return
            with self.blobs.open(sha256) as handle:
                body = handle.read()
            value = _value(one, tag, body)
        except StudioError as error:
            self.tally.skip(f"{one.kind} {one.name}", error.message)
            return
        except (ValueError, KeyError, TypeError, EOFError, OSError, wave.Error):
            self.tally.skip(f"{one.kind} {one.name}", "its bytes cannot be read")
            return
        if value is None:
            self.tally.skip(f"media of kind {one.kind}", "TensorBoard has no such thing")
            return
        file.add(event_file.event(one.ts, one.step, [value]))
        self.tally.media += 1

    def _end(self, record: ComponentRecord, written: _Written) -> None:
        ended = record.status in ENDED
        if ended and not written.ended and record.params:
            end = (record.end_time or record.modified_at) / 1e6
            value = event_file.hparams_end(succeeded=record.status == "Completed", end=end)
            written.file.add(event_file.event(end, 0, [value]))
        written.ended = ended


def _value(one: MediaItem, tag: str, body: bytes) -> bytes | None:
    """Return the Summary.Value of a medium, None when TensorBoard has no such thing."""
    if one.kind == "image" or (one.kind == "figure" and (one.media_type or "").startswith("image/")):
        return event_file.image(tag, body, *_size(body))
    if one.kind == "histogram":
        said = json.loads(body)
        return event_file.histogram(
            tag, np.array(said["edges"], float).tolist(), np.array(said["counts"], float).tolist()
        )
    if one.kind == "text":
        return event_file.text(f"{tag}/text_summary", body.decode("utf-8", "replace"))
    if one.kind == "audio" and one.media_type == "audio/wav":
        with wave.open(io.BytesIO(body)) as sound:
            rate, channels, frames = sound.getframerate(), sound.getnchannels(), sound.getnframes()
        return event_file.audio(tag, body, rate=rate, channels=channels, frames=frames, media_type="audio/wav")
    return None


def _size(body: bytes) -> tuple[int, int]:
    """Return width and height of an image, from its header alone."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nothing is unpacked here
        with Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP", "GIF")) as picture:
            return picture.size


def _part(text: str) -> str:
    """Return a name as a part of a path: no separator, no dots alone, not too long."""
    kept = "".join(char if char in _ALLOWED else "_" for char in text).strip() or "_"
    return "_" if set(kept) == {"."} else kept[:100].strip()

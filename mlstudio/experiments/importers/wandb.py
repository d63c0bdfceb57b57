"""W&B offline runs: the ``.wandb`` file of a run, and the files beside it.

    wandb/offline-run-<time>-<id>/run-<id>.wandb, files/…, files/media/…

A project becomes an experiment, the configuration parameters (nested keys dotted), the history
metrics and media, the machine's statistics ``system/…`` metrics, ``files/`` artifacts, a group and tags
tags. What the summary alone says becomes a metric of one point. The exit code says how it ended; a file without
one that nobody wrote to for ten minutes was killed. Folders of one run that was resumed are one run.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import CodeRecord, EnvironmentRecord
from mlstudio.entities.media import MediaKind
from mlstudio.entities.names import legal_name
from mlstudio.experiments.capture import arguments, without_credentials
from mlstudio.experiments.importers import places, texts
from mlstudio.experiments.importers.found import Candidate, FoundFile, FoundRun, Source
from mlstudio.experiments.importers.leveldb_log import is_wandb, log_records
from mlstudio.experiments.importers.protobuf import BadMessage
from mlstudio.experiments.importers.record_file import Ending
from mlstudio.experiments.importers.shown import medium
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.importers.wandb_records import Curve, WandbRun, number_of
from mlstudio.experiments.media import Unfit
from mlstudio.experiments.values import clean_text
from mlstudio.store.batch import SeriesPoints

QUIET_SECONDS: Final = 600.0
_HEAD_RECORDS: Final = 20
_MEDIA: Final[dict[str, MediaKind]] = {
    "image-file": "image",
    "audio-file": "audio",
    "video-file": "video",
    "html-file": "html",
}


class WandbSource(Source):
    """Reader of a ``wandb`` folder, the folder of a run, or one ``.wandb`` file.

    Args:
        root: where.
        tally: told of trouble.

    Raises:
        InvalidField: there are no runs.
    """

    def __init__(self, root: Path, tally: Tally) -> None:
        self.root, self.tally = root.resolve(), tally
        files = [self.root] if self.root.is_file() else sorted(self.root.rglob("*.wandb"))
        regular = [path for path in files if path.is_file() and not path.is_symlink()]
        self._runs: dict[str, list[Path]] = {}
        self._heads: dict[str, WandbRun] = {}
        for path in regular:
            self._look(path)
        if not self._runs:
            raise InvalidField(
                f"There are no W&B runs in {root}.",
                field="source",
                hint="Name the folder wandb, which holds offline-run-… folders with .wandb files.",
            )

    def _look(self, path: Path) -> None:
        """Read how a file begins: whose run it is."""
        try:
            if not is_wandb(places.read(path, 7)):
                self.tally.skip(f"file {path.name}", "it does not begin as W&B's files do")
                return
            head = WandbRun()
            self._read(path, head, only_head=True)
        except OSError as error:
            self.tally.skip(f"file {path.name}", f"it cannot be read: {error.strerror}")
            return
        run_id = head.run_id or path.stem.removeprefix("run-")
        source_id = legal_name(f"{head.project or 'wandb'}-{run_id}")[:100].strip("-")
        self._runs.setdefault(source_id, []).append(path)
        self._heads.setdefault(source_id, head)

    def _read(self, path: Path, run: WandbRun, *, only_head: bool = False) -> None:
        ending, bad = Ending(0), 0
        with path.open("rb") as file:
            for number, record in enumerate(log_records(file, ending)):
                if number % 1024 == 0:
                    self.tally.check()
                try:
                    run.read(record)
                except BadMessage:
                    bad += 1
                if only_head and (run.run_id or number > _HEAD_RECORDS):
                    return
        if only_head:
            return
        if bad:
            self.tally.skip(f"records of {path.name}", "they cannot be read", bad)
        if ending.damage is not None:
            self.tally.skip(f"the rest of {path.name}", f"damaged behind byte {ending.offset}: {ending.damage}")
        elif ending.torn:
            self.tally.skip(f"the last record of {path.name}", f"half-written behind byte {ending.offset}")

    def candidates(self) -> list[Candidate]:
        """Return the runs by the time of their folders."""
        found = []
        for source_id, paths in self._runs.items():
            head = self._heads[source_id]
            found.append(
                Candidate(
                    source_id=source_id,
                    experiment=head.project or "wandb",
                    name=head.name or head.run_id or None,
                    fingerprint=_stamp(paths),
                    load=self._loader(paths),
                )
            )
        return found

    def _loader(self, paths: list[Path]) -> Callable[[str | None], FoundRun]:
        def load(_last: str | None) -> FoundRun:
            return self._load(paths)

        return load

    def _load(self, paths: list[Path]) -> FoundRun:
        said, run = WandbRun(), FoundRun()
        for path in paths:
            try:
                self._read(path, said)
            except OSError as error:
                self.tally.skip(f"file {path.name}", f"it cannot be read: {error.strerror}")
            self._files(run, path.parent / "files")
        for what, count in said.left.items():
            self.tally.skip(what, "mlstudio has no such thing", count)
        for name, value in said.config.items():
            key = texts.key(name, "configuration", self.tally)
            if key is not None:
                run.params[key] = texts.bounded(value, key, self.tally) if isinstance(value, str) else value
        words = {"wandb.group": said.group, "wandb.job_type": said.job_type, "wandb.host": said.host}
        run.tags = {key: clean_text(value) for key, value in words.items() if value}
        run.tags |= {clean_text(tag)[: texts.MAX_KEY]: "true" for tag in said.tags if tag}
        run.note = texts.bounded(said.notes, "notes", self.tally) if said.notes else None
        self._points(run, said)
        for key, step, ts, value in said.media:
            self._show(run, paths, key, step, ts, value)
        _surroundings(run, said)
        _end(run, said, paths)
        return run

    def _points(self, run: FoundRun, said: WandbRun) -> None:
        run.points = [_series(key, curve) for key, curve in said.curves.items()]
        run.points += [_series(f"system/{key}", curve) for key, curve in said.system.items()]
        last = max((curve.steps[-1] for curve in said.curves.values()), default=0)
        for key, value in said.summary.items():
            number = number_of(value)
            if number is not None and key not in said.curves and not key.startswith("_"):
                curve = Curve()
                curve.add(last, said.last or said.started or 0.0, number)
                run.points.append(_series(key, curve))

    def _show(self, run: FoundRun, paths: list[Path], key: str, step: int, ts: float, value: Any) -> None:
        """Keep a value of the history that is no number."""
        name = texts.key(key, "media", self.tally)
        if name is None:
            return
        try:
            if isinstance(value, str):
                run.media.append(medium("text", name, value, step=step, ts=ts))
            elif isinstance(value, dict) and value.get("_type") == "histogram":
                edges, counts = np.array(value["bins"], float), np.array(value["values"], float)
                run.media.append(medium("histogram", name, (counts, edges), step=step, ts=ts))
            elif isinstance(value, dict):
                self._show_files(run, paths, name, step, ts, value)
            else:
                self.tally.skip("list in the history", "it is no number and no medium")
        except (Unfit, InvalidField) as error:
            self.tally.skip(f"media {name}", error.message)
        except (KeyError, ValueError, TypeError):
            self.tally.skip(f"media {name}", "its description cannot be read")

    def _show_files(
        self, run: FoundRun, paths: list[Path], name: str, step: int, ts: float, said: dict[str, Any]
    ) -> None:
        kind = _MEDIA.get(str(said.get("_type")))
        listed = said.get("filenames") if said.get("_type") == "images/separated" else [said.get("path")]
        if said.get("_type") == "images/separated":
            kind = "image"
        if kind is None or not isinstance(listed, list):
            self.tally.skip(
                f"W&B's {str(said.get('_type'))[:60]}", "mlstudio has no such medium; its file is an artifact"
            )
            return
        captions = said.get("captions") or [said.get("caption")]
        for seq, relative in enumerate(listed[:1000]):
            place = _inside(paths, str(relative))
            if place is None:
                self.tally.skip(f"media {name}", "its file is not there")
                continue
            caption = captions[seq] if isinstance(captions, list) and seq < len(captions) else None
            run.media.append(
                medium(
                    kind, name, place, step=step, ts=ts, seq=seq, caption=clean_text(str(caption)) if caption else None
                )
            )

    def _files(self, run: FoundRun, folder: Path) -> None:
        if folder.is_symlink() or not folder.is_dir():
            return
        found = places.files_below(folder, self.tally)
        run.files += [one for one in found if not _is_medium(one)]
        try:
            said = places.read(folder / "requirements.txt", 1 << 20).decode("utf-8", "replace")
        except OSError:
            return
        pairs = (line.partition("==") for line in said.splitlines())
        packages = {name.strip(): version.strip() for name, _, version in pairs if version}
        run.env = EnvironmentRecord(
            python="", packages={clean_text(key): clean_text(value) for key, value in packages.items()}
        )


def _is_medium(one: FoundFile) -> bool:
    return one.name.startswith(("media/images/", "media/audio/", "media/videos/", "media/html/"))


def _inside(paths: list[Path], relative: str) -> Path | None:
    """Return a file that a run names, when it lies in the files of that run."""
    for path in paths:
        base = path.parent / "files"
        place = base / relative if "\0" not in relative else base
        real = places.allowed(place, places.resolved([base]))
        if real is not None and real.is_file() and not place.is_symlink():
            return real
    return None


def _series(key: str, curve: Curve) -> SeriesPoints:
    return SeriesPoints(
        key, "{}", np.frombuffer(curve.steps, np.int64), np.frombuffer(curve.ts), np.frombuffer(curve.values)
    )


def _surroundings(run: FoundRun, said: WandbRun) -> None:
    """Set code and environment."""
    around = {key: clean_text(value)[:2000] for key, value in said.environment.items()}
    program = around.get("program", "")
    if program or said.commit or said.args:
        run.code = CodeRecord(
            git_commit=clean_text(said.commit)[:200] or None,
            git_remote=clean_text(without_credentials(said.remote))[:2000] or None,
            entrypoint=program or None,
            argv=arguments([clean_text(one) for one in said.args[:1000]]),
        )
    packages = run.env.packages if run.env is not None else {}
    if packages or around:
        hardware = {key: value for key, value in around.items() if key in {"host", "gpu"}}
        run.env = EnvironmentRecord(
            python=around.get("python", ""), platform=around.get("os", ""), packages=packages, hardware=hardware
        )


def _end(run: FoundRun, said: WandbRun, paths: list[Path]) -> None:
    run.start = None if said.started is None else round(said.started * 1e6)
    run.end = None if said.last is None else round(said.last * 1e6)
    if said.exit_code is not None:
        run.status = "Completed" if said.exit_code == 0 else "Failed"
        run.message = None if said.exit_code == 0 else f"exit code {said.exit_code}"
    elif _alive(paths):
        run.status = "InProgress"
    else:
        run.status, run.message = "Stopped", "the file ends without an exit code: the process was killed"


def _alive(paths: list[Path]) -> bool:
    return any(time.time() - path.stat().st_mtime < QUIET_SECONDS for path in paths if path.exists())


def _stamp(paths: list[Path]) -> str:
    said = "|".join(f"{path.name}:{path.stat().st_size}" for path in paths if path.exists())
    return hashlib.sha256(f"{said}|{_alive(paths)}".encode("utf-8", "replace")).hexdigest()[:32]

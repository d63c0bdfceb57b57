"""Curves of running runs that are complete: what the store has, and over it what journals still hold.

A point lies in its journal for up to some seconds before it is drained. A chart that is opened on
a running run would begin without it, and events tell only what comes later. So a question for
curves reads the journals of this host too: from the offset up to which the store has them, at
one moment for both. Nothing is written: a living journal belongs to its process.

Reads: journals, and the store. For several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.errors import NotFound, StudioError
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.entities.tables import CurveRequest
from mlstudio.store.batch import NO_STEP, SeriesPoints
from mlstudio.store.curves import curve
from mlstudio.store.home import Home
from mlstudio.store.journal import JournalReader
from mlstudio.store.journal_format import JournalInfo
from mlstudio.store.journal_values import canonical
from mlstudio.store.laws import BlockSummaries, Points, Store
from mlstudio.store.series import merge, ordered

KEPT: Final = 64
"""Journals that stay open: to read on needs no names again."""
ROUNDS: Final = 16
"""Reads of one journal for one question: some MB each."""
CHUNK: Final = 1024
TRIES: Final = 5
Key = tuple[str, str]


@dataclass(slots=True)
class _Open:
    reader: JournalReader
    lock: threading.Lock


class Overlay:
    """Knows the journals of this host.

    Args:
        home: whose journal folder.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._infos: dict[Path, JournalInfo] = {}
        self._open: OrderedDict[Path, _Open] = OrderedDict()
        self._ours: set[str] = set()

    def curves(self, store: Store, request: CurveRequest) -> bytes:
        """Return the MLC1 body of curves, points that are not drained yet among them.

        Raises:
            NotFound: a component does not exist.
            InvalidField: an unknown x axis, or a range that is none.
        """
        names = {series.component for series in request.series}
        over = self._undrained(store, names)
        # After the journals: what is drained and removed meanwhile is in the store by then.
        with store.moment():
            return curve(_Covered(store, over), request)

    def close(self) -> None:
        """Let go of all files."""
        with self._lock:
            kept = list(self._open.values())
            self._open.clear()
            self._infos.clear()
        for item in kept:
            with item.lock:
                item.reader.close()

    def _undrained(self, store: Store, names: set[str]) -> dict[str, dict[Key, Points]]:
        """Return by component and series what journals hold beyond the store."""
        journals: dict[str, list[tuple[Path, JournalInfo]]] = {}
        for path, info in self._journals():
            if info.component_name in names:
                journals.setdefault(info.component_name, []).append((path, info))
        return {name: self._of_one(store, name, found) for name, found in journals.items()}

    def _of_one(self, store: Store, name: str, journals: list[tuple[Path, JournalInfo]]) -> dict[Key, Points]:
        """Return what the journals of one component hold, at one moment of the store."""
        ours = [(path, info) for path, info in journals if self._is_ours(store, info)]
        made: dict[Key, Points] = {}
        for _ in range(TRIES if ours else 0):
            before = [store.drained_to(info.journal) for _, info in ours]
            parts = [part for (path, _), offset in zip(ours, before, strict=True) for part in self._read(path, offset)]
            made = _in_order(store, name, parts)
            if not parts or before == [store.drained_to(info.journal) for _, info in ours]:
                break
        return made

    def _journals(self) -> list[tuple[Path, JournalInfo]]:
        """Return the journals that lie in the folder now; each header is read once."""
        present = set(self._home.journals.glob("*.mj"))
        with self._lock:
            self._infos = {path: info for path, info in self._infos.items() if path in present}
            self._ours &= {info.component for info in self._infos.values()}
            known = dict(self._infos)
            gone = [self._open.pop(path) for path in list(self._open) if path not in present]
        for item in gone:
            with item.lock:
                item.reader.close()
        for path in present - known.keys():
            try:
                with JournalReader(path) as reader:
                    known[path] = reader.header.info
            except StudioError:
                continue  # its header is not finished yet, or it is gone again
        with self._lock:
            self._infos.update(known)
        return sorted(known.items(), key=lambda item: (item[1].process.proc_start, item[1].seq, item[0]))

    def _is_ours(self, store: Store, info: JournalInfo) -> bool:
        """Tell whether a journal belongs to this store: another one may have a component of that name.

        Ids are never used again, so a yes is remembered.
        """
        if info.component in self._ours:
            return True
        try:
            found = store.get_component(info.component_name).uid == info.component
        except NotFound:
            return False
        if found:
            self._ours.add(info.component)
        return found

    def _read(self, path: Path, offset: int) -> list[SeriesPoints]:
        """Return what a journal holds from an offset on."""
        parts: list[SeriesPoints] = []
        try:
            item = self._opened(path)
            with item.lock:
                for _ in range(ROUNDS):
                    batch = item.reader.read(offset)
                    parts += batch.points
                    if batch.end <= offset:
                        break
                    offset = batch.end
        except StudioError:
            return []  # drained to its end and removed: the store has it all
        return parts

    def _opened(self, path: Path) -> _Open:
        with self._lock:
            item = self._open.get(path)
            if item is None:
                item = self._open[path] = _Open(JournalReader(path), threading.Lock())
            self._open.move_to_end(path)
            spare = [self._open.popitem(last=False)[1] for _ in range(max(0, len(self._open) - KEPT))]
        for one in spare:
            with one.lock:
                one.reader.close()
        return item


def _in_order(store: Store, name: str, parts: Iterable[SeriesPoints]) -> dict[Key, Points]:
    """Return parts as the store will have them: steps given, one value a step."""
    last: dict[Key, int] | None = None
    found: dict[Key, Points] = {}
    for part in parts:
        key = (part.name, part.context)
        if last is None and (part.steps == NO_STEP).any():
            last = {(one.name, canonical(one.context)): one.last_step for one in store.series(name)}
        before = (last or {}).get(key, -1)
        if key in found:
            before = max(before, int(found[key].steps[-1]))
        points = ordered(part, before)
        found[key] = merge(found[key], points) if key in found else points
    return found


class _Covered:
    """A store with points of journals over it; what `curve` reads from.

    Args:
        store: below.
        over: by component and series, the points above.
    """

    def __init__(self, store: Store, over: dict[str, dict[Key, Points]]) -> None:
        self._store = store
        self._over = over

    def points(self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None) -> Points:
        """Return the points of a series, both ends of `steps` included. Raises: NotFound."""
        over = self._over.get(component, {}).get((name, context))
        if over is None:
            return self._store.points(component, name, context, steps)
        if steps is not None:
            keep = (over.steps >= steps[0]) & (over.steps <= steps[1])
            over = Points(over.steps[keep], over.ts[keep], over.values[keep])
        try:
            below = self._store.points(component, name, context, steps)
        except NotFound as error:
            if error.field != "name":
                raise
            return over
        return merge(below, over)

    def get_components(self, names: Sequence[str], *, most: int | None = None) -> list[ComponentRecord]:
        """Return components as the store has them."""
        return self._store.get_components(names, most=most)

    def blocks(
        self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None
    ) -> BlockSummaries:
        """Return summaries with those of the points above; none where these reach into what lies below."""
        over = self._over.get(component, {}).get((name, context))
        if over is None or not len(over.steps):
            return self._store.blocks(component, name, context, steps)
        try:
            below = self._store.blocks(component, name, context)
        except NotFound as error:
            if error.field != "name":
                raise
            return _none()
        if not len(below.n) or int(over.steps[0]) <= int(below.step1[-1]):
            return _none()
        above = [_summary(over, place) for place in range(0, len(over.steps), CHUNK)]
        columns = [
            np.concatenate([getattr(below, field), _column([one[place] for one in above], getattr(below, field))])
            for place, field in enumerate(BlockSummaries.__slots__)
        ]
        whole = BlockSummaries(*columns)
        if steps is None:
            return whole
        meets = (whole.step1 >= steps[0]) & (whole.step0 <= steps[1])
        return BlockSummaries(*(getattr(whole, field)[meets] for field in BlockSummaries.__slots__))


def _none() -> BlockSummaries:
    """No summaries: whoever draws must read the points."""
    whole, real = np.empty(0, np.int64), np.empty(0)
    return BlockSummaries(whole, whole, whole, real, real, real, real, real, whole, real, real, whole, real, whole)


def _column(values: list[float], like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.array(values).astype(like.dtype)


def _summary(points: Points, start: int) -> tuple[float, ...]:
    """Return the summary of at most `CHUNK` points, in the order of `BlockSummaries`."""
    steps, ts, values = (column[start : start + CHUNK] for column in (points.steps, points.ts, points.values))
    finite = np.isfinite(values)
    low = int(np.where(finite, values, np.inf).argmin())
    high = int(np.where(finite, values, -np.inf).argmax())
    ends = (len(steps), steps[0], steps[-1], ts[0], ts[-1], values[0], values[-1])
    extremes = (values[low], steps[low], ts[low], values[high], steps[high], ts[high])
    return (*ends, *extremes, int((~finite).sum()))

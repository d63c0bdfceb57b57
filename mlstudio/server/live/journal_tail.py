"""Points straight from the journals of this host: on the screen before they are in the database.

A journal is followed while somebody listens to its component's points or to an experiment in
which the component stands. Following begins at what the store already has, so that a reader who
listens first and then asks for the curve misses nothing; a point may come twice, once in each.

Reads: journals, and of the store what is drained. Runs in one thread at a time.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from mlstudio.entities.errors import StudioError
from mlstudio.server.live.hub import News
from mlstudio.server.live.points import Ints, numbered, packed
from mlstudio.server.live.project import Projector
from mlstudio.store.batch import SeriesPoints
from mlstudio.store.home import Home
from mlstudio.store.journal import JournalReader
from mlstudio.store.journal_values import canonical
from mlstudio.store.laws import Store

ROUNDS: Final = 4
"""Reads of one journal in one look: a flood is followed, not drunk."""
PAUSE: Final = 1.0
"""Seconds between two askings to read a curve anew: a run that counts its steps down does it all the time."""
Key = tuple[str, str]


@dataclass(slots=True)
class _Followed:
    """One journal that is followed."""

    reader: JournalReader
    journal: str
    uid: str
    name: str
    offset: int = 0
    last: dict[Key, int] = field(default_factory=dict)
    rewritten: bool = False
    """Steps were logged again that a reader has drawn already, and nobody was told yet."""
    told_at: float = -math.inf


class JournalTail:
    """Follows the journals of this host.

    Args:
        home: whose journal folder.
        projector: knows where components stand; is told how far `last` was told.
    """

    def __init__(self, home: Home, projector: Projector) -> None:
        self._home = home
        self._projector = projector
        self._followed: dict[Path, _Followed] = {}
        self._ended: set[Path] = set()

    @property
    def active(self) -> set[str]:
        """Names of components whose journals are followed."""
        return {item.name for item in self._followed.values()}

    def look(self, store: Store, points: set[str], experiments: set[str]) -> list[News]:
        """Return what was logged since the last look.

        Args:
            store: for what is drained already.
            points: components whose points somebody listens to.
            experiments: experiments whose rows somebody listens to.
        """
        news: list[News] = []
        present = set(self._home.journals.glob("*.mj")) if points or experiments else set()
        self._ended &= present
        for path in sorted(present - self._followed.keys() - self._ended):
            self._follow(store, path, points, experiments)
        for path, item in list(self._followed.items()):
            places = self._projector.experiments_of(store, item.uid, item.name) & experiments
            if not places and item.name not in points:
                self._drop(path)
            else:
                news += self._read(path, item, item.name in points, places, gone=path not in present)
        return news

    def undrained(self, store: Store, name: str) -> list[dict[str, Any]]:
        """Return the points of a followed component that are not in the store yet, for one more listener."""
        found: list[dict[str, Any]] = []
        for item in [item for item in self._followed.values() if item.name == name]:
            try:
                with JournalReader(item.reader.path) as reader:
                    twin = _Followed(reader, item.journal, item.uid, item.name)
                    self._begin(store, twin)
                    found += [_packed(*one[:2]) for one in _numbered(twin, reader.read(twin.offset).points)]
            except StudioError:
                continue  # just drained to its end and removed: the store has it all
        return found

    def close(self) -> None:
        """Let go of all files."""
        for path in list(self._followed):
            self._drop(path)

    def _follow(self, store: Store, path: Path, points: set[str], experiments: set[str]) -> None:
        try:
            reader = JournalReader(path)
        except StudioError:
            return  # not finished yet, or gone again
        info = reader.header.info
        item = _Followed(reader, info.journal, info.component, info.component_name)
        wanted = item.name in points
        if not wanted and experiments:
            wanted = bool(self._projector.experiments_of(store, item.uid, item.name) & experiments)
        try:
            if wanted:
                self._begin(store, item)
                self._followed[path] = item
        except StudioError:
            wanted = False  # its component is not in the store yet
        if not wanted:
            reader.close()

    def _begin(self, store: Store, item: _Followed) -> None:
        """Find where the store stands: offset and last steps of one moment."""
        drained = -1
        for _ in range(5):
            before, drained = drained, store.drained_to(item.journal)
            if before == drained:
                break
            item.last = {(one.name, canonical(one.context)): one.last_step for one in store.series(item.name)}
        item.offset = drained

    def _read(self, path: Path, item: _Followed, points: bool, places: frozenset[str], *, gone: bool) -> list[News]:
        news: list[News] = []
        cells: dict[str, Any] = {}
        try:
            for _ in range(ROUNDS):
                batch = item.reader.read(item.offset)
                new = _numbered(item, batch.points)
                item.rewritten |= any(again for _, _, again in new)
                if points and new:
                    news.append((f"points:{item.name}", "append", {"series": [_packed(*one[:2]) for one in new]}))
                for part, steps, _ in new:
                    self._cell(item, part, steps, cells)
                moved, item.offset = batch.end > item.offset, max(item.offset, batch.end)
                if not moved:
                    break
            if batch.closed or (gone and not moved):
                self._end(path)
        except StudioError:
            self._end(path)
        if points and item.rewritten and time.monotonic() - item.told_at >= PAUSE:
            item.rewritten, item.told_at = False, time.monotonic()
            news.append((f"points:{item.name}", "rewritten", {}))
        if cells:
            data = {"uid": item.uid, "name": item.name, "cells": cells}
            news += [(f"experiment:{place}", "component.updated", data) for place in sorted(places)]
        return news

    def _cell(self, item: _Followed, part: SeriesPoints, steps: Ints, cells: dict[str, Any]) -> None:
        if part.context != "{}":
            return
        newest = int(steps.argmax())
        ahead = self._projector.ahead.setdefault(item.uid, {})
        if int(steps[newest]) >= item.last[(part.name, part.context)]:
            ahead[part.name] = int(steps[newest])
            cells[f"metrics.{part.name}.last"] = float(part.values[newest])

    def _end(self, path: Path) -> None:
        item = self._followed.get(path)
        if item:
            self._projector.ahead.pop(item.uid, None)
        self._ended.add(path)
        self._drop(path)

    def _drop(self, path: Path) -> None:
        item = self._followed.pop(path, None)
        if item:
            item.reader.close()


def _numbered(item: _Followed, parts: list[SeriesPoints]) -> list[tuple[SeriesPoints, Ints, bool]]:
    """Return the parts that hold points, with the steps that the store will give them, and whether any goes back."""
    found = []
    for part in parts:
        key = (part.name, part.context)
        before = item.last.get(key, -1)
        steps, item.last[key] = numbered(part.steps, before)
        if len(steps):
            reached = np.maximum.accumulate(np.concatenate([[before], steps[:-1]]))
            found.append((part, steps, bool((steps < reached).any())))
    return found


def _packed(part: SeriesPoints, steps: Ints) -> dict[str, Any]:
    return packed(part.name, part.context, steps, part.ts, part.values)

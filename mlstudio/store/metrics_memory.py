"""Metrics of the store in memory: the same answers as SQL, in a few dictionaries.

A series is a dictionary from step to (time, value): the law itself, which the contract suite holds
against the blocks of SQL.

`MemoryStore` gives the hooks `_uid_of`, `_name_of`, `_open_lenient` and `_move`, its lock, and the
public calls that are used for what is not a point.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.experiments import ComponentCreate, SeriesSummary
from mlstudio.store.batch import Batch, Purged
from mlstudio.store.codec import encode
from mlstudio.store.laws import BlockSummaries, Heartbeat, Points
from mlstudio.store.memory_media import MemoryMedia
from mlstudio.store.metrics_rows import series_summary, summaries_of
from mlstudio.store.series import ordered, summary_of

Steps = dict[int, tuple[float, float]]


@dataclass
class _Journal:
    """What is known of a journal."""

    component: str
    drained_to: int = 0
    dropped: int = 0
    bad_records: int = 0


class MemoryMetrics(MemoryMedia):
    """The part of the store in memory that holds series, media and journals."""

    def __init__(self) -> None:
        super().__init__()
        self._series: dict[str, dict[tuple[str, str], Steps]] = {}
        self._journals: dict[str, _Journal] = {}

    # ---- what MemoryStore gives

    @abstractmethod
    def _name_of(self, uid: str) -> str | None:
        """Return the name of a component by its uid, None when there is none."""

    @abstractmethod
    def _open_lenient(self, wanted: ComponentCreate) -> str:
        """Create a component as `sql_components.open_component(lenient=True)` does, and return its uid."""

    @abstractmethod
    def _merge_state(self, uid: str, batch: Batch) -> None:
        """Merge params, tags, artifacts, note, status (forbidden moves ignored) and heartbeat of a batch."""

    @abstractmethod
    def _note(self, uid: str, op: str) -> None:
        """Add to the change feed."""

    @abstractmethod
    def _is_purged(self, uid: str) -> bool:
        """Tell whether a component was there and was removed for good."""

    @abstractmethod
    def heartbeats(self) -> list[Heartbeat]:
        """Return the components that run and have a process."""

    # ---- the seam

    def apply(self, batch: Batch) -> int:
        """Store a batch and return the offset up to which its journal is now stored.

        Raises:
            Conflict: the batch starts beyond the stored offset.
            NotFound: the component does not exist and the batch does not open it.
            Purged: it was removed for good, and with it what was known of the journal.
        """
        with self._lock:
            if batch.journal not in self._journals and self._is_purged(batch.component):
                raise Purged(batch.component)
            stored = self.drained_to(batch.journal)
            if batch.start > stored:
                raise Conflict(f"Journal {batch.journal} is stored up to {stored}, not to {batch.start}.")
            if batch.start < stored:
                return stored
            uid = self._component_for(batch)
            if batch.points:
                self._add_points(uid, batch)
                self._note(uid, "metrics")
            if batch.media:
                self._add_media(uid, batch.media)
                self._note(uid, "media")
            self._merge_state(uid, batch)
            journal = self._journals.setdefault(batch.journal, _Journal(uid))
            journal.drained_to = batch.end
            journal.dropped = max(journal.dropped, batch.dropped)
            journal.bad_records += batch.bad_records
        return batch.end

    def _component_for(self, batch: Batch) -> str:
        if self._name_of(batch.component) is not None:
            return batch.component
        if batch.open is None:
            raise NotFound(f'Trial component with the id "{batch.component}" does not exist.', field="component")
        return self._open_lenient(copy.copy(batch.open))

    def _add_points(self, uid: str, batch: Batch) -> None:
        mine = self._series.setdefault(uid, {})
        for logged in batch.points:
            steps = mine.setdefault((logged.name, logged.context), {})
            points = ordered(logged, max(steps, default=-1))
            columns = points.steps.tolist(), points.ts.tolist(), points.values.tolist()
            for step, ts, value in zip(*columns, strict=True):
                steps[step] = ts, value
            if not steps:
                del mine[logged.name, logged.context]

    def _dropped_of(self, uid: str) -> int:
        """Return the log calls that were lost of a component."""
        return sum(journal.dropped for journal in self._journals.values() if journal.component == uid)

    def _forget_metrics(self, uid: str) -> None:
        """Remove the points and media of a purged component."""
        self._series.pop(uid, None)
        self._forget_media(uid)

    def drained_to(self, journal: str) -> int:
        """Return the stored offset of a journal, 0 when it is unknown."""
        with self._lock:
            found = self._journals.get(journal)
            return found.drained_to if found else 0

    def series(self, component: str) -> list[SeriesSummary]:
        """Return the summaries of a component's series by (name, context)."""
        with self._lock:
            found = sorted(self._series.get(self._uid_of(component), {}).items())
            return [series_summary(name, context, summary_of(_points(steps))) for (name, context), steps in found]

    def points(self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None) -> Points:
        """Return the exact points of a series, both ends of `steps` included."""
        with self._lock:
            found = self._series.get(self._uid_of(component), {}).get((name, context))
            if found is None:
                where = f'Trial component "{component}" has no metric "{name}" in the context {context}.'
                raise NotFound(where, field="name")
            made = _points(found)
        if steps is None:
            return made
        start, end = np.searchsorted(made.steps, steps[0]), np.searchsorted(made.steps, steps[1], side="right")
        return Points(made.steps[start:end], made.ts[start:end], made.values[start:end])

    def blocks(
        self, component: str, name: str, context: str = "{}", steps: tuple[int, int] | None = None
    ) -> BlockSummaries:
        """Return the summaries of the blocks that meet `steps`."""
        rows: list[Any] = []
        for block in encode(self.points(component, name, context)):
            if steps is None or (block.step1 >= steps[0] and block.step0 <= steps[1]):
                ends = (block.n, block.step0, block.step1, block.ts0, block.ts1, block.first, block.last)
                low, high = (block.min, block.min_step, block.min_ts), (block.max, block.max_step, block.max_ts)
                rows.append((*ends, *low, *high, block.n_nan))
        return summaries_of(rows)


def _points(steps: Steps) -> Points:
    """Return a series' points in order of step."""
    ordered_steps = sorted(steps)
    ts = np.array([steps[step][0] for step in ordered_steps], dtype=np.float64)
    values = np.array([steps[step][1] for step in ordered_steps], dtype=np.float64)
    return Points(np.array(ordered_steps, dtype=np.int64), ts, values)

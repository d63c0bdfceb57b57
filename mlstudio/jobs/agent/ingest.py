"""Metrics of a job's log into its trial component, each value exactly once.

The log is a journal like any other: a batch says which bytes it stands for, and the store keeps
points and offset in one transaction. An agent that is killed between reading and storing reads
the same bytes again; one killed after storing does not.

Reads: log files, by absolute offset. Writes: `Store.apply`.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.jobs.logs import read_chunk, total_bytes
from mlstudio.jobs.metrics import LINE_LIMIT, Scanner
from mlstudio.store.batch import NO_STEP, Batch, SeriesPoints
from mlstudio.store.laws import Store

CHUNK = 1 << 18


def journal_uid(job_uid: str, attempt: int, host: str) -> str:
    """Return the name under which the store remembers how far a log was read."""
    return f"log-{job_uid}-{attempt}-{host}"


class LogIngest:
    """Reads one log as it grows.

    Args:
        run_dir: the run folder.
        host: ``algo-N``.
        definitions: of the job.
        journal: `journal_uid`.
        component: uid of the trial component.
    """

    def __init__(
        self, run_dir: Path, host: str, definitions: list[MetricDefinition], *, journal: str, component: str
    ) -> None:
        self._run_dir, self._host = run_dir, host
        self._journal, self._component = journal, component
        self._scanner = Scanner(definitions)
        self._stored = -1
        self._offset = 0
        self._skipping = False
        self.total = 0
        self.unparsable = 0

    def step(self, store: Store, *, last: bool = False) -> bool:
        """Read one stretch and store its metrics.

        Args:
            store: where they go.
            last: the job has ended: an unfinished last line is a line.

        Returns:
            True when it got further: call again.

        Raises:
            StudioError: the store is away; nothing is lost, call again later.
        """
        if not self._scanner:
            self.total = total_bytes(self._run_dir, self._host)
            return False
        if self._stored < 0:
            self._stored = self._offset = store.drained_to(self._journal)
        chunk = read_chunk(self._run_dir, self._host, offset=self._offset, limit=CHUNK)
        self.total = chunk.total
        if not chunk.data:
            return False
        data, offset = chunk.data, chunk.offset
        skipping = self._skipping or chunk.dropped > 0
        if skipping:
            newline = data.find(b"\n")
            if newline < 0:
                self._offset, self._skipping = chunk.next_offset, True
                return True
            data, offset = data[newline + 1 :], offset + newline + 1
            self._offset, self._skipping = offset, False
        whole = chunk.next_offset >= chunk.total
        if self._take(store, data, offset, last=last and whole):
            return True
        if whole:
            return False
        self._offset, self._skipping = chunk.next_offset, True  # the rest of this line was dropped
        return True

    def _take(self, store: Store, data: bytes, offset: int, *, last: bool) -> bool:
        found = self._scanner.scan(data, last=last)
        if found.end == 0 and len(data) > LINE_LIMIT:  # a line too long to be looked at, its end not here yet
            self._offset, self._skipping = offset + len(data), True
            return True
        if found.values and not self._store(store, found.values, offset + found.end):
            return True
        before, self._offset, self._skipping = self._offset, offset + found.end, False
        self.unparsable += found.unparsable
        return self._offset > before

    def _store(self, store: Store, values: dict[str, list[float]], end: int) -> bool:
        """Store values; False when the log has to be read again, from where the store says."""
        now = time.time()
        points = [
            SeriesPoints(
                name,
                "{}",
                np.full(len(many), NO_STEP, np.int64),
                np.full(len(many), now),
                np.asarray(many, np.float64),
            )
            for name, many in values.items()
        ]
        try:
            self._stored = store.apply(Batch(self._journal, self._component, self._stored, end, points=points))
        except NotFound:  # the component was purged while its job runs: nobody wants its values any more
            self._scanner = Scanner([])
        except Conflict:  # the store forgot this journal: with its component, or because it is an older copy
            stored = store.drained_to(self._journal)
            if stored >= self._stored:
                raise
            self._stored = self._offset = stored
            self._skipping = False
            return False
        return True

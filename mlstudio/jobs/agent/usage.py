"""What a running job uses of its machine, as series of its trial component: ``system/job.cpu``, ``system/job.rss``.

The supervisor writes a line every few seconds; as with the log, the file's offset and what it
meant are stored in one transaction.

Reads: ``usage.jsonl`` of the run folder. Writes: `Store.apply`.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Final

import numpy as np

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.store.batch import NO_STEP, Batch, SeriesPoints
from mlstudio.store.laws import Store

SERIES: Final = {"cpu": "system/job.cpu", "rss": "system/job.rss"}
"""Per cent of one core, bytes; of all processes of the job together."""
_CHUNK: Final = 1 << 18


class UsageIngest:
    """Reads one file of usage as it grows.

    Args:
        run_dir: the run folder.
        journal: unique name of the file.
        component: uid of the trial component; "" when there is none: nothing is read then.
    """

    def __init__(self, run_dir: Path, journal: str, component: str) -> None:
        self._path, self._journal, self._component = run_dir / "usage.jsonl", journal, component
        self._offset = -1

    def step(self, store: Store) -> None:
        """Store what is new.

        Raises:
            StudioError: the store is away; call again.
        """
        try:
            size = self._path.stat().st_size
        except OSError:
            return
        if not self._component or size == self._offset:
            return
        if self._offset < 0:
            self._offset = store.drained_to(self._journal)
        data = self._read()
        rows = [(one["t"], one["cpu"], one["rss"]) for one in map(_parsed, data.splitlines()) if one]
        if not rows:
            return
        t, cpu, rss = (np.asarray(column, np.float64) for column in zip(*rows, strict=True))
        steps = np.full(len(rows), NO_STEP, np.int64)
        points = [SeriesPoints(SERIES[name], "{}", steps, t, values) for name, values in (("cpu", cpu), ("rss", rss))]
        batch = Batch(self._journal, self._component, self._offset, self._offset + len(data), points=points)
        try:
            self._offset = store.apply(batch)
        except NotFound:  # the component was purged while its job runs
            self._component = ""
        except Conflict:  # the store is an older copy: from where it stands
            self._offset = -1

    def _read(self) -> bytes:
        """Return whole lines from the offset on."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(_CHUNK)
        except OSError:
            return b""
        return data[: data.rfind(b"\n") + 1]


def _parsed(line: bytes) -> dict[str, float] | None:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        found = json.loads(line)
        return {key: float(found[key]) for key in ("t", *SERIES)} if isinstance(found, dict) else None
    return None

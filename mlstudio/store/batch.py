"""What a drain hands to a backend: everything that one stretch of a journal said.

A journal is a stream of bytes with a name. `Batch` is the meaning of bytes `start`…`end` of it;
`Store.apply` writes that meaning and the new offset in one transaction, so that a stretch is
stored exactly once whoever drains it. The same law carries a job's log: its metrics are a batch
whose journal uid is ``log-<job uid>-<attempt>-<host>`` and whose offsets are log offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, Process
from mlstudio.entities.media import MediaRef
from mlstudio.entities.wire import ParamValue

NO_STEP: Final = -(2**63)
"""Step of a point logged without one; the store gives last_step + 1 inside its transaction."""


class Purged(NotFound):
    """The component was removed for good: what a journal still says of it has no place any more."""

    def __init__(self, component: str) -> None:
        super().__init__(f'Trial component with the id "{component}" was removed for good.', field="component")


@dataclass(frozen=True, slots=True)
class SeriesPoints:
    """Points of one series, in the order in which they were logged.

    Attributes:
        name: metric name.
        context: canonical JSON (sorted keys, no spaces) of the context; ``{}`` for none.
        steps: int64 (n,), `NO_STEP` where none was given.
        ts: float64 (n,), seconds since the epoch.
        values: float64 (n,), NaN and infinities kept.
    """

    name: str
    context: str
    steps: npt.NDArray[np.int64]
    ts: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StatusMove:
    """A move along the component state table, with its time (µs) and message."""

    status: str
    at: int
    message: str | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class ArtifactAdd:
    """An input or output that was logged."""

    direction: str
    name: str
    ref: ArtifactRef


@dataclass(slots=True)
class Batch:
    """The meaning of bytes ``start`` to ``end`` of a journal. Empty parts are left out of the transaction."""

    journal: str
    component: str
    """uid of the component."""
    start: int
    end: int
    process: Process = field(default_factory=Process)
    open: ComponentCreate | None = None
    """Create the component (idempotent by uid) before anything else."""
    points: list[SeriesPoints] = field(default_factory=list)
    params: dict[str, ParamValue] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: list[ArtifactAdd] = field(default_factory=list)
    media: list[MediaRef] = field(default_factory=list)
    """In the order in which they were logged. Without a step: a `seq` of 0 takes the step after the
    last of its name, a greater one stays at that last step, so that a batch stays together."""
    note: str | None = None
    status: StatusMove | None = None
    heartbeat: int | None = None
    """Number that rises while the process lives."""
    dropped: int = 0
    """Total of lost log calls so far, from the journal's header."""
    bad_records: int = 0
    closed: bool = False
    """The journal ends here; its file may be removed after the commit."""

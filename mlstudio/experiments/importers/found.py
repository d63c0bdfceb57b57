"""What an importer finds: runs in neutral words, before anything is written.

A `Candidate` is cheap: an id, a fingerprint, and how to load the rest. A run whose fingerprint is
the one that was imported last is never loaded.

Knows nothing of: the store's tables, any particular source.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mlstudio.entities.experiments import ArtifactRef, CodeRecord, EnvironmentRecord
from mlstudio.entities.media import MediaKind
from mlstudio.entities.status import ComponentStatus
from mlstudio.entities.wire import ParamValue
from mlstudio.store.batch import SeriesPoints


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, or a folder that is kept as one, to be copied: its name as an artifact and where it lies."""

    name: str
    path: Path
    folder: bool = False
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class FoundMedium:
    """A medium whose bytes are at hand, or at `path`."""

    name: str
    kind: MediaKind
    media_type: str
    data: bytes | Path
    step: int
    ts: float
    seq: int = 0
    caption: str | None = None
    preview: bytes | None = None
    preview_type: str | None = None


@dataclass(slots=True)
class FoundRun:
    """A run as it will be kept; times in microseconds since the epoch."""

    status: ComponentStatus = "Completed"
    message: str | None = None
    start: int | None = None
    end: int | None = None
    params: dict[str, ParamValue] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    note: str | None = None
    code: CodeRecord | None = None
    env: EnvironmentRecord | None = None
    inputs: dict[str, ArtifactRef] = field(default_factory=dict)
    outputs: dict[str, ArtifactRef] = field(default_factory=dict)
    """Pointers; what is to be copied stands in `files`."""
    files: list[FoundFile] = field(default_factory=list)
    points: list[SeriesPoints] = field(default_factory=list)
    media: list[FoundMedium] = field(default_factory=list)
    fingerprint: str | None = None
    """The candidate's, then ``#`` and what the next `load` is to know; None: the candidate's."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run that a source has.

    Attributes:
        source_id: its id there, unique within the kind; letters, digits and dashes, at most 100.
        experiment: free text.
        name: free text, what people see.
        parent: source id of the run that it is nested in.
        fingerprint: changes when the run does; holds no ``#``.
        load: reads the rest; it is given the fingerprint of the last import, None for a new run.
    """

    source_id: str
    experiment: str
    name: str | None
    fingerprint: str
    load: Callable[[str | None], FoundRun]
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class FoundExperiment:
    """What a source says of an experiment itself."""

    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


class Source(ABC):
    """Somewhere runs come from. Closed by `close`."""

    @abstractmethod
    def candidates(self) -> list[Candidate]:
        """Return every run that can be brought in, parents before children."""

    def experiments(self) -> dict[str, FoundExperiment]:
        """Return what is said of experiments, by their free text."""
        return {}

    def close(self) -> None:  # noqa: B027 - most sources hold nothing open
        """Let go of files and connections."""


def parents_first(candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates with each parent before its children; a circle is cut where it was entered."""
    by_id = {one.source_id: one for one in candidates}
    order: dict[str, Candidate] = {}
    for one in candidates:
        chain: dict[str, Candidate] = {}
        at: Candidate | None = one
        while at is not None and at.source_id not in order and at.source_id not in chain:
            chain[at.source_id] = at
            at = by_id.get(at.parent) if at.parent else None
        for link in reversed(chain.values()):
            order[link.source_id] = link
    return list(order.values())

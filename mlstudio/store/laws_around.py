"""The laws of what stands around a record: media, lineage, saved views, origins, and the room it takes.

Part of `Store` (see `store.laws`); tested by the same contract over each backend.

1.  Media obey the laws of points: recorded by `apply`, idempotent by (journal, offset), the last
    write of (name, step, seq) wins, gone with their component when it is purged.
2.  A lineage walk ends: a vertex is visited once, at most 5,000 are returned, and cycles are fine.
3.  A view belongs to its experiment and goes with it; its `version` decides between two writers.
4.  An origin (kind, id at the source) names at most one component, so that an import is idempotent.
5.  A blob that no artifact, medium or code record names is unreferenced. It is collected when it is
    older than a day: a recorder may have written it and not yet said so.
6.  What a person does to a record (names, notes, tags, stars, archive, moves, deletion) is written down
    with who and when, in the same transaction; at least the last 100,000 are kept. What a run logs is not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mlstudio.entities.housekeeping import AuditEntry
from mlstudio.entities.lineage import Association, LineageQuery, LineageReply
from mlstudio.entities.media import MediaPage, MediaSeries
from mlstudio.entities.parts import ArtifactPage, PairPage, PartRequest, SeriesPage
from mlstudio.entities.views import SavedView, SavedViewCreate, SavedViewUpdate

PartOwner = Literal["experiment", "trial", "trial-component"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an imported component came from.

    Attributes:
        kind: ``mlflow``, ``tensorboard``, ``wandb``, ``smexperiments``.
        source_id: id of the run there, unique within the kind (MLflow's run_uuid, a hashed path, …).
        component: its uid here.
        fingerprint: what was read last (a count, a time, a size), to see whether it has grown.
    """

    kind: str
    source_id: str
    component: str
    fingerprint: str


class MediaStore(ABC):
    """Media of components."""

    @abstractmethod
    def media_series(self, component: str) -> list[MediaSeries]:
        """Return the media of a component (its name), folded by name. Raises: NotFound."""

    @abstractmethod
    def media(
        self,
        component: str,
        name: str | None = None,
        *,
        steps: tuple[int, int] | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> MediaPage:
        """Return a page by name, step and seq; both ends of `steps` included. Raises: NotFound."""


class LineageStore(ABC):
    """Who made what from what."""

    @abstractmethod
    def add_association(self, wanted: Association) -> None:
        """State an edge; twice is once. Raises: InvalidField (an edge to itself)."""

    @abstractmethod
    def remove_association(self, unwanted: Association) -> None:
        """Take a stated edge back. Raises: NotFound."""

    @abstractmethod
    def associations(self, arn: str) -> list[Association]:
        """Return the stated edges that touch an ARN."""

    @abstractmethod
    def lineage(self, query: LineageQuery) -> LineageReply:
        """Walk from an ARN. Raises: NotFound (an ARN of this store that names nothing)."""


class ViewStore(ABC):
    """Saved views."""

    @abstractmethod
    def create_view(self, wanted: SavedViewCreate) -> SavedView:
        """Keep a view. Raises: NotFound (the experiment), AlreadyExists (the name), InvalidField (256 KiB)."""

    @abstractmethod
    def views(self, experiment: str) -> list[SavedView]:
        """Return the views of an experiment by name. Raises: NotFound."""

    @abstractmethod
    def get_view(self, uid: str) -> SavedView:
        """Return one. Raises: NotFound."""

    @abstractmethod
    def update_view(self, uid: str, change: SavedViewUpdate) -> SavedView:
        """Change it. Raises: NotFound, VersionConflict, AlreadyExists."""

    @abstractmethod
    def delete_view(self, uid: str) -> None:
        """Remove it. Raises: NotFound."""


class OriginStore(ABC):
    """Where imported components came from."""

    @abstractmethod
    def origins(self, kind: str, source_ids: Sequence[str]) -> dict[str, Origin]:
        """Return what is known of these, by source id; a component that was purged is forgotten."""

    @abstractmethod
    def set_origin(self, origin: Origin) -> None:
        """Remember one; the last write wins. Raises: NotFound (the component)."""


class BlobUse(ABC):
    """Which blobs are in use."""

    @abstractmethod
    def blobs_in_use(self, sha256s: Iterable[str] | None = None) -> set[str]:
        """Return those hashes that a record names (None: all that are named)."""


class AuditStore(ABC):
    """Who did what to which record."""

    @abstractmethod
    def audit(self, uid: str | None = None, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return entries, newest first, of one record (its uid; a purged one's too) or of all.

        Args:
            uid: of a record.
            before: only entries with a smaller id, for the next page.
            limit: how many at most.
        """


class PartStore(ABC):
    """Parts of a record by pages: its total counts all pages, its cursor neither skips nor repeats."""

    @abstractmethod
    def series_page(self, component: str, request: PartRequest) -> SeriesPage:
        """Return a page of metrics by name and context. Raises: NotFound, InvalidField (the cursor)."""

    @abstractmethod
    def params_page(self, component: str, request: PartRequest) -> PairPage:
        """Return a page of parameters by name. Raises: NotFound, InvalidField (the cursor)."""

    @abstractmethod
    def tags_page(self, kind: PartOwner, name: str, request: PartRequest) -> PairPage:
        """Return a page of tags by key. Raises: NotFound, InvalidField (the cursor)."""

    @abstractmethod
    def artifacts_page(self, component: str, request: PartRequest) -> ArtifactPage:
        """Return a page of inputs, then outputs, by name. Raises: NotFound, InvalidField (the cursor)."""


class AroundStore(MediaStore, LineageStore, ViewStore, OriginStore, BlobUse, AuditStore, PartStore):
    """All of it."""

"""Lineage, saved views, origins and the use of blobs, in the store in memory."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.lineage import Association, LineageEdge, LineageQuery, LineageReply, LineageVertex
from mlstudio.entities.names import new_uid
from mlstudio.entities.views import SavedView, SavedViewCreate, SavedViewUpdate
from mlstudio.store.laws_around import Origin
from mlstudio.store.lineage_rules import (
    Graph,
    artifact_arn,
    artifact_vertex,
    checked_edge,
    no_edge,
    no_start,
    other_vertex,
    thing_of,
    walk,
)
from mlstudio.store.memory_pages import MemoryPages
from mlstudio.store.rules import arn, clean_text, not_found, now, user
from mlstudio.store.view_rules import check_view_version, checked_view_name, no_view, read_view, view_json, view_taken

PART = "trial-component"


class MemoryAround(MemoryPages):
    """The part of the store in memory that stands around records."""

    def __init__(self) -> None:
        super().__init__()
        self._edges: set[tuple[str, str, str]] = set()
        self._views: dict[str, tuple[str, SavedView]] = {}  # by uid: uid of the experiment, the view
        self._origins: dict[tuple[str, str], Origin] = {}

    # ---- lineage

    def add_association(self, wanted: Association) -> None:
        """State an edge; twice is once. Raises: InvalidField (an edge to itself)."""
        edge = checked_edge(wanted)
        with self._lock:
            self._edges.add((edge.source_arn, edge.dest_arn, edge.type))

    def remove_association(self, unwanted: Association) -> None:
        """Take a stated edge back. Raises: NotFound."""
        edge = (unwanted.source_arn, unwanted.dest_arn, unwanted.type)
        with self._lock:
            if edge not in self._edges:
                raise no_edge(unwanted)
            self._edges.remove(edge)

    def associations(self, arn: str) -> list[Association]:
        """Return the stated edges that touch an ARN."""
        with self._lock:
            return [Association(*edge) for edge in sorted(self._edges) if arn in edge[:2]]  # type: ignore[arg-type]

    def lineage(self, query: LineageQuery) -> LineageReply:
        """Walk from an ARN. Raises: NotFound (an ARN of this store that names nothing)."""
        with self._lock:
            return walk(_MemoryGraph(self), query)

    # ---- views

    def create_view(self, wanted: SavedViewCreate) -> SavedView:
        """Keep a view. Raises: NotFound (the experiment), AlreadyExists (the name), InvalidField (256 KiB)."""
        name, spec = checked_view_name(wanted.name), view_json(wanted.spec)
        at, who = now(), user()
        with self._lock:
            home = self._living("experiment", wanted.experiment)
            self._refuse_view(home, name)
            view = SavedView(
                uid=new_uid(),
                experiment=home.name,
                name=name,
                owner=who,
                spec=read_view(spec),
                created_at=at,
                modified_at=at,
                modified_by=who,
            )
            self._views[view.uid] = (home.uid, view)
            self._noted("view", view.uid, home.name, "created")
            return copy.deepcopy(view)

    def _refuse_view(self, home: Any, name: str) -> None:
        if any(uid == home.uid and view.name == name for uid, view in self._views.values()):
            raise view_taken(name, home.name)

    def views(self, experiment: str) -> list[SavedView]:
        """Return the views of an experiment by name. Raises: NotFound."""
        with self._lock:
            home = self._required("experiment", experiment).uid
            mine = [view for uid, view in self._views.values() if uid == home]
            return copy.deepcopy(sorted(mine, key=lambda view: view.name))

    def get_view(self, uid: str) -> SavedView:
        """Return one. Raises: NotFound."""
        with self._lock:
            if uid not in self._views:
                raise no_view(uid)
            return copy.deepcopy(self._views[uid][1])

    def update_view(self, uid: str, change: SavedViewUpdate) -> SavedView:
        """Change it. Raises: NotFound, VersionConflict, AlreadyExists."""
        spec = UNSET if change.spec is UNSET else read_view(view_json(change.spec))
        name = UNSET if change.name is UNSET else checked_view_name(change.name)
        with self._lock:
            present = self.get_view(uid)
            check_view_version(present.name, present.version, change.version)
            home = self._views[uid][0]
            if name is not UNSET and name != present.name:
                self._refuse_view(self._by_uid("experiment", home), name)
            changed = msgspec.structs.replace(
                present,
                name=present.name if name is UNSET else name,
                spec=present.spec if spec is UNSET else spec,
                modified_at=now(),
                modified_by=user(),
                version=present.version + 1,
            )
            self._views[uid] = (home, changed)
            self._noted("view", uid, present.experiment, "updated")
            return copy.deepcopy(changed)

    def delete_view(self, uid: str) -> None:
        """Remove it. Raises: NotFound."""
        with self._lock:
            present = self.get_view(uid)
            del self._views[uid]
            self._noted("view", uid, present.experiment, "deleted")

    # ---- origins and blobs

    def origins(self, kind: str, source_ids: Sequence[str]) -> dict[str, Origin]:
        """Return what is known of these, by source id; a component that was purged is forgotten."""
        with self._lock:
            found = {source: self._origins.get((kind, source)) for source in source_ids}
            return {source: origin for source, origin in found.items() if origin is not None}

    def set_origin(self, origin: Origin) -> None:
        """Remember one; the last write wins. Raises: NotFound (the component)."""
        for field in ("kind", "source_id", "fingerprint"):
            clean_text(getattr(origin, field), field)
        with self._lock:
            if self._by_uid(PART, origin.component) is None:
                raise not_found(PART, origin.component)
            self._origins[origin.kind, origin.source_id] = origin

    def blobs_in_use(self, sha256s: Iterable[str] | None = None) -> set[str]:
        """Return those hashes that a record names (None: all that are named)."""
        with self._lock:
            items = [item.sha256 for held in self._artifacts.values() for item in held.values()]
            media = [artifact.sha256 for held in self._media.values() for _, artifact in held.values()]
            diffs = [reply.code.diff_sha256 for reply in self._code.values() if reply.code is not None]
        named = {sha256 for sha256 in (*items, *media, *diffs) if sha256 is not None}
        return named if sha256s is None else named & set(sha256s)

    def _forget_around(self, kind: str, record: Any) -> None:
        """Let go of what stands around a record that was purged."""
        here = arn(self.uid, kind, record.name)
        self._edges = {edge for edge in self._edges if here not in edge[:2]}
        self._views = {uid: kept for uid, kept in self._views.items() if kept[0] != record.uid}
        self._origins = {key: origin for key, origin in self._origins.items() if origin.component != record.uid}

    # ---- what a walk asks

    def _held(self, direction: str) -> Iterator[tuple[str, str, ArtifactItem]]:
        """Yield (ARN of the component, ARN of the artifact, the artifact) of all inputs or outputs."""
        for part in self._records[PART].values():
            for item in self._artifacts.get(part.uid, {}).values():
                if item.direction == direction:
                    yield arn(self.uid, PART, part.name), artifact_arn(self.uid, item.sha256, item.value), item

    def _all_edges(self) -> Iterator[LineageEdge]:
        for part, artifact, _ in self._held("input"):
            yield LineageEdge(artifact, part, "ContributedTo")
        for part, artifact, _ in self._held("output"):
            yield LineageEdge(part, artifact, "Produced")
        for child, up in self._parents.items():
            parent, record = self._by_uid(PART, up), self._by_uid(PART, child)
            ends = arn(self.uid, PART, parent.name), arn(self.uid, PART, record.name)
            yield LineageEdge(*ends, "AssociatedWith")
        for edge in sorted(self._edges):
            yield LineageEdge(*edge)  # type: ignore[arg-type]


class _MemoryGraph(Graph):
    """The lineage of a store in memory, at one moment."""

    def __init__(self, store: MemoryAround) -> None:
        self.store = store
        self.edges = list(store._all_edges())

    def home(self, start: str) -> str:
        thing, store = thing_of(start), self.store
        if thing is None or thing.store != store.uid:
            return start
        if thing.kind == "artifact":
            for here, item in self._artifacts():
                if start == here or item.uid == thing.name:
                    return here
            raise no_start(thing)
        known = store._records.get(thing.kind)
        if known is None and thing.kind.endswith("-job"):
            known = store._jobs
        if known is not None and thing.name not in known:
            raise no_start(thing)
        return start

    def _artifacts(self) -> Iterator[tuple[str, ArtifactItem]]:
        for direction in ("input", "output"):
            for _, here, item in self.store._held(direction):
                yield here, item

    def causes(self, arns: Collection[str]) -> list[LineageEdge]:
        wanted = set(arns)
        return [edge for edge in self.edges if edge.dest in wanted]

    def effects(self, arns: Collection[str]) -> list[LineageEdge]:
        wanted = set(arns)
        return [edge for edge in self.edges if edge.source in wanted]

    def describe(self, levels: dict[str, int]) -> list[LineageVertex]:
        artifacts = dict(self._artifacts())
        return [self._vertex(here, level, artifacts) for here, level in levels.items()]

    def _vertex(self, here: str, level: int, artifacts: dict[str, ArtifactItem]) -> LineageVertex:
        item, thing = artifacts.get(here), thing_of(here)
        if item is not None:
            return artifact_vertex(here, item.value, item.name, item.uid, item.media_type, item.created_at, level)
        ours = thing is not None and thing.kind == PART and thing.store == self.store.uid
        part = self.store._records[PART].get(thing.name) if ours and thing is not None else None
        if part is None:
            return other_vertex(here, level)
        return LineageVertex(
            arn=here,
            kind="trial-component",
            name=part.name,
            label=part.display_name or part.name,
            status=part.status,
            created_at=part.created_at,
            level=level,
        )

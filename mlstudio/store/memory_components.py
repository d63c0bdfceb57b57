"""Trial components of the store in memory, and what a drain says of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from mlstudio.entities.experiments import (
    ArtifactItem,
    ArtifactRef,
    CodeRecord,
    CodeReply,
    ComponentCreate,
    ComponentPage,
    ComponentRecord,
    ComponentUpdate,
    EnvironmentRecord,
    ListRequest,
    PartTotals,
    Process,
    TrialRef,
)
from mlstudio.entities.names import new_uid
from mlstudio.entities.search import Expr
from mlstudio.entities.secrets_records import masked_code, masked_environment
from mlstudio.entities.status import ENDED
from mlstudio.store.batch import Batch
from mlstudio.store.laws import Direction, Heartbeat
from mlstudio.store.memory_base import archived_field, common_fields, first_of, op_of, sorted_tags
from mlstudio.store.memory_records import MemoryRecords
from mlstudio.store.metrics_memory import MemoryMetrics
from mlstudio.store.rules import (
    check_move,
    check_version,
    checked_name,
    clean_key,
    clean_optional,
    clean_params,
    clean_tags,
    clean_text,
    may_move,
    not_found,
    now,
    unique,
)

PART = "trial-component"


class MemoryComponents(MemoryMetrics, MemoryRecords):
    """The part of the store in memory that holds trial components."""

    def create_component(self, wanted: ComponentCreate) -> ComponentRecord:
        """Create, with its associations. Idempotent by uid. Raises: AlreadyExists, NotFound (a trial), InvalidName."""
        with self._lock:
            if wanted.parent is not None:
                self._required(PART, wanted.parent)
            known = None if wanted.uid is None else self._by_uid(PART, wanted.uid)
            return self._part(known if known is not None else self._open(wanted, wanted.name, lenient=False))

    def _open(self, wanted: ComponentCreate, name: str, *, lenient: bool) -> ComponentRecord:
        stamps = {**self._stamps(PART, checked_name(PART, name)), **({"uid": wanted.uid} if wanted.uid else {})}
        self._refuse_taken(PART, name)
        names = ("display_name", "description", "source_arn")
        texts: dict[str, Any] = {key: clean_optional(getattr(wanted, key), key) for key in names}
        record = ComponentRecord(
            **stamps,
            **texts,
            kind=wanted.kind,
            status=wanted.status,
            start_time=wanted.start_time,
            process=wanted.process,
            params=clean_params(wanted.params),
            tags=sorted_tags(clean_tags(wanted.tags)),
        )
        find = self._records["trial"].get if lenient else lambda trial: self._living("trial", trial)
        trials = [trial for trial in map(find, unique(wanted.trials)) if trial is not None]
        artifacts = {
            **_artifacts("input", wanted.inputs),
            **_artifacts("output", wanted.outputs),
        }
        self._put(PART, record)
        self._artifacts[record.uid] = artifacts
        self._links |= {(trial.uid, record.uid) for trial in trials}
        self._code[record.uid] = kept_code(wanted.code, wanted.env)
        parent = None if wanted.parent is None else self._records[PART].get(wanted.parent)
        if parent is not None:
            self._parents[record.uid] = parent.uid
        self._changed(PART, record, "created")
        return record

    def get_component(self, name: str, *, most: int | None = None) -> ComponentRecord:
        """Return it with metrics, artifacts and trials, deleted or not. Raises: NotFound."""
        with self._lock:
            return self._part(self._required(PART, name), most)

    def _part(self, record: ComponentRecord, most: int | None = None) -> ComponentRecord:
        """Return a copy of a component with everything that hangs on it, or with so many metrics and tags."""
        metrics, tags = self.series(record.name), sorted(record.tags.items())
        cut = most is not None and max(len(metrics), len(tags)) > most
        items = [item for _, item in sorted(self._artifacts.get(record.uid, {}).items())]
        refs = {
            direction: {item.name: _ref(item) for item in items if item.direction == direction}
            for direction in ("input", "output")
        }
        parent = self._by_uid(PART, self._parents.get(record.uid, ""))
        groups = [group for group in self._records["trial"].values() if (group.uid, record.uid) in self._links]
        living = sorted((group.name, group.uid) for group in groups if group.deleted_at is None)
        trials = [TrialRef(name, self._by_uid("experiment", self._home[uid]).name) for name, uid in living]
        shown = msgspec.structs.replace(
            record,
            inputs=refs["input"],
            outputs=refs["output"],
            parent=None if parent is None else parent.name,
            trials=trials,
            metrics=metrics[:most],
            tags=dict(tags[:most]),
            totals=PartTotals(metrics=len(metrics), tags=len(tags)) if cut else None,
            dropped=self._dropped_of(record.uid),
        )
        return copy.deepcopy(shown)

    def get_components(self, names: Sequence[str], *, most: int | None = None) -> list[ComponentRecord]:
        """Return many, in the order of `names`; unknown names are left out."""
        with self._lock:
            return [self._part(record, most) for record in first_of(self._records[PART].values(), names)]

    def list_components(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        trial: str | None = None,
        source_arn: str | None = None,
        where: Expr | None = None,
        most: int | None = None,
    ) -> ComponentPage:
        """Return a page of records with at most `most` metrics each; None: all of them."""
        with self._lock:
            inside, passes = self._scope(experiment, trial), self._passes(PART, where)

            def fits(record: ComponentRecord) -> bool:
                sourced = source_arn is None or record.source_arn == source_arn
                return sourced and (inside is None or record.uid in inside) and bool(passes(record))

            return ComponentPage(*self._page(PART, request, fits, lambda record: self._part(record, most), where))

    def _scope(self, experiment: str | None, trial: str | None) -> set[str] | None:
        """Return the uids of the components in an experiment and in a trial, None for all. Raises: NotFound."""
        found: set[str] | None = None
        if experiment is not None:
            home = self._required("experiment", experiment).uid
            groups = {group.uid for group in self._trials_in(home) if group.deleted_at is None}
            found = {part for group, part in self._links if group in groups}
        if trial is not None:
            uid = self._required("trial", trial).uid
            mine = {part for group, part in self._links if group == uid}
            found = mine if found is None else found & mine
        return found

    def update_component(self, name: str, change: ComponentUpdate, *, most: int | None = None) -> ComponentRecord:
        """Change fields. Raises: NotFound, VersionConflict, Conflict (a forbidden status move)."""
        with self._lock:
            record = self._required(PART, name)
            fields = {**common_fields(change), **_set_fields(change), **archived_field(record, change)}
            check_version(PART, name, record.version, change.version)
            moved = change.status is not UNSET and check_move(name, record.status, change.status, resume=change.resume)
            if change.status is not UNSET:
                fields["status"] = change.status
            params = {} if change.params is UNSET else clean_params(change.params)
            merged = {**record.params, **params}
            fields["params"] = {key: value for key, value in merged.items() if key not in change.params_to_remove}
            self._edited(PART, record, change)
            self._merge_artifacts(record.uid, change)
            self._merge_code(record.uid, change)
            changed = self._change(PART, record, **fields)
            self._changed(PART, record, "status" if moved else op_of(change))
            return self._part(changed, most)

    def _merge_artifacts(self, uid: str, change: ComponentUpdate) -> None:
        added = {
            **_artifacts("input", {} if change.inputs is UNSET else change.inputs),
            **_artifacts("output", {} if change.outputs is UNSET else change.outputs),
        }
        mine = self._artifacts.setdefault(uid, {})
        for direction, names in (("input", change.inputs_to_remove), ("output", change.outputs_to_remove)):
            for name in names:
                mine.pop((direction, name), None)
        mine.update(added)

    def _merge_code(self, uid: str, change: ComponentUpdate) -> None:
        known = self._code.get(uid, CodeReply())
        code = known.code if change.code is UNSET else change.code
        env = known.env if change.env is UNSET else change.env
        self._code[uid] = kept_code(code, env)

    def code(self, component: str) -> CodeReply:
        """Return code and environment of a component; fields are None where not captured."""
        with self._lock:
            return copy.deepcopy(self._code.get(self._required(PART, component).uid, CodeReply()))

    def add_artifact(self, component: str, direction: Direction, name: str, ref: ArtifactRef) -> ArtifactItem:
        """Add or replace an input or output. A ref with sha256 gets a uid."""
        with self._lock:
            record = self._required(PART, component)
            made = _artifacts(direction, {name: ref})
            self._artifacts.setdefault(record.uid, {}).update(made)
            self._changed(PART, record, "artifacts")
            return made[direction, name]

    def artifacts(self, component: str) -> list[ArtifactItem]:
        """Return inputs, then outputs, by name."""
        with self._lock:
            return [item for _, item in sorted(self._artifacts.get(self._required(PART, component).uid, {}).items())]

    def artifact(self, uid: str) -> ArtifactItem:
        """Return one by uid, a medium's included. Raises: NotFound."""
        with self._lock:
            for items in self._artifacts.values():
                for item in items.values():
                    if item.uid == uid:
                        return item
            medium = self._media_artifact(uid)
        if medium is None:
            raise not_found("artifact", uid)
        return medium

    # ---- what MemoryMetrics asks for

    def _uid_of(self, component: str) -> str:
        return str(self._required(PART, component).uid)

    def _is_purged(self, uid: str) -> bool:
        gone = any((act.kind, act.uid, act.action) == (PART, uid, "purged") for act in self._acts)
        return gone and self._by_uid(PART, uid) is None

    def _name_of(self, uid: str) -> str | None:
        record = self._by_uid(PART, uid)
        return None if record is None else str(record.name)

    def _open_lenient(self, wanted: ComponentCreate) -> str:
        known = None if wanted.uid is None else self._by_uid(PART, wanted.uid)
        if known is not None:
            return str(known.uid)
        name, uid = wanted.name, wanted.uid or new_uid()
        if name in self._records[PART]:
            name = f"{name[:113].strip('-')}-{uid[-6:]}"
        return self._open(msgspec.structs.replace(wanted, uid=uid), name, lenient=True).uid

    def _merge_state(self, uid: str, batch: Batch) -> None:
        record = self._by_uid(PART, uid)
        fields: dict[str, Any] = {}
        ops = []
        if batch.params:
            fields["params"] = {**record.params, **clean_params(batch.params)}
            ops.append("params")
        if batch.tags:
            fields["tags"] = sorted_tags({**record.tags, **clean_tags(batch.tags)})
            ops.append("updated")
        for added in batch.artifacts:
            self._artifacts.setdefault(uid, {}).update(_artifacts(added.direction, {added.name: added.ref}))
        if batch.artifacts:
            ops.append("artifacts")
        if batch.note is not None:
            fields["description"] = batch.note
            ops.append("updated")
        move = batch.status
        if move is not None and may_move(record.status, move.status, resume=move.resume):
            fields |= {"status": move.status, "status_message": move.message}
            if move.status in ENDED:
                fields["end_time"] = max(move.at, move.at if record.start_time is None else record.start_time)
            elif move.status == "InProgress":
                fields |= {"start_time": move.at if record.start_time is None else record.start_time, "end_time": None}
            ops.append("status")
        if batch.heartbeat is not None:
            self._beats[uid] = batch.heartbeat
        if ops:
            self._change(PART, record, **fields)
        for op in unique(ops):
            self._changed(PART, record, op)

    def _note(self, uid: str, op: str) -> None:
        self._changed(PART, self._by_uid(PART, uid), op)

    def heartbeats(self) -> list[Heartbeat]:
        """Return the components that run and have a process."""
        with self._lock:
            running = [part for part in self._records[PART].values() if part.status in ("InProgress", "Stopping")]
            return [
                Heartbeat(
                    part.uid, part.name, self._beats.get(part.uid, 0), part.process or Process(), bool(part.source_arn)
                )
                for part in sorted(running, key=lambda part: part.uid)
                if part.process is not None
            ]


def _artifacts(direction: str, refs: Mapping[str, ArtifactRef]) -> dict[tuple[str, str], ArtifactItem]:
    found = {}
    for name, ref in refs.items():
        clean_key(name, f"{direction}s")
        fields = msgspec.structs.asdict(ref)
        fields["uid"] = ref.uid or (new_uid() if ref.sha256 else None)
        clean_text(ref.value, f"{direction}s")
        clean_optional(ref.media_type, "media_type")
        item = msgspec.convert({**fields, "name": name, "direction": direction, "created_at": now()}, ArtifactItem)
        found[direction, name] = item
    return found


def _ref(item: ArtifactItem) -> ArtifactRef:
    return ArtifactRef(item.value, item.media_type, item.uid, item.size, item.sha256)


def _set_fields(change: ComponentUpdate) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key in ("source_arn", "status_message"):
        if getattr(change, key) is not UNSET:
            fields[key] = clean_optional(getattr(change, key), key)
    for key in ("start_time", "end_time"):
        if getattr(change, key) is not UNSET:
            fields[key] = getattr(change, key)
    if change.tags is not UNSET:
        fields["tags"] = sorted_tags(clean_tags(change.tags))
    return fields


def kept_code(code: CodeRecord | None, env: EnvironmentRecord | None) -> CodeReply:
    """Return code and environment as they are kept: copies without secrets."""
    return copy.deepcopy(CodeReply(code and masked_code(code), env and masked_environment(env)))

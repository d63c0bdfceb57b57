"""The dictionaries of the store in memory, and what its parts share.

It keeps the same laws as SQLite and none of its speed: records are copied in and out, a call holds
one lock. For tests, and for a look at mlstudio that leaves no file.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from mlstudio.entities.events import Change
from mlstudio.entities.experiments import (
    ArtifactItem,
    CodeReply,
    ComponentRecord,
    ExperimentRecord,
    ListRequest,
    TrialRecord,
)
from mlstudio.entities.housekeeping import AuditEntry
from mlstudio.entities.jobs import JobRecord, StopRequest
from mlstudio.entities.names import new_uid
from mlstudio.entities.search import Expr
from mlstudio.store.cursors import decode_cursor, encode_cursor
from mlstudio.store.record_rules import edits
from mlstudio.store.rules import (
    arn,
    ascii_lower,
    checked_name,
    clean_optional,
    in_bin,
    not_found,
    now,
    taken,
    user,
)
from mlstudio.store.search_rules import on_shelf, shelf_of

Record = TypeVar("Record", ExperimentRecord, TrialRecord, ComponentRecord)
AnyRecord = ExperimentRecord | TrialRecord | ComponentRecord


class MemoryBase:
    """Dictionaries by name, one lock, one change feed."""

    def __init__(self) -> None:
        self.url = "memory:"
        self.uid = new_uid()
        self.closed = False
        self._lock = threading.RLock()
        self._records: dict[str, dict[str, Any]] = {"experiment": {}, "trial": {}, "trial-component": {}}
        self._home: dict[str, str] = {}  # trial uid → experiment uid
        self._links: set[tuple[str, str]] = set()  # (trial uid, component uid)
        self._taken_by: dict[str, str] = {}  # trial uid → uid of the experiment that took it along
        self._parents: dict[str, str] = {}  # component uid → component uid
        self._artifacts: dict[str, dict[tuple[str, str], ArtifactItem]] = {}
        self._code: dict[str, CodeReply] = {}
        self._beats: dict[str, int] = {}
        self._jobs: dict[str, JobRecord] = {}
        self._tokens: dict[str, str | None] = {}
        self._stops: dict[str, StopRequest] = {}
        self._changes: list[Change] = []
        self._acts: list[AuditEntry] = []

    def close(self) -> None:
        """Let go of it; twice is once. What was kept is gone with the object."""
        self.closed = True

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all that this thread reads inside be of one moment: others wait."""
        with self._lock:
            yield

    def changes(self, after: int, *, limit: int = 1000) -> list[Change]:
        """Return the change feed after an id, oldest first."""
        with self._lock:
            return self._changes[max(after, 0) : max(after, 0) + limit]

    def last_change(self) -> int:
        """Return the id of the newest change, 0 in an empty store."""
        return len(self._changes)

    def _changed(self, kind: str, record: Any, op: str) -> None:
        self._noted(kind, record.uid, record.name, op)

    def _noted(self, kind: str, uid: str, name: str, op: str) -> None:
        self._changes.append(Change(len(self._changes) + 1, now(), kind, uid, name, op))

    def audit(self, uid: str | None = None, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return what somebody did, newest first."""
        with self._lock:
            mine = [act for act in reversed(self._acts) if uid is None or act.uid == uid]
        return copy.deepcopy([act for act in mine if before is None or act.id < before][: max(limit, 0)])

    def _act(self, kind: str, record: Any, action: str, before: Any = None, after: Any = None) -> None:
        """Write down what somebody did to a record."""
        told = {"kind": kind, "uid": record.uid, "name": record.name, "before": before, "after": after}
        self._acts.append(AuditEntry(id=len(self._acts) + 1, at=now(), who=user(), action=action, **told))

    def _edited(self, kind: str, record: Any, change: Any, **more: Any) -> None:
        """Write down what an update changes of a record."""
        keys = ("display_name", "description", "starred", "tags")
        present = {key: getattr(record, key) for key in keys} | {"archived": record.archived_at is not None, **more}
        for action, before, after in edits(present, change):
            self._act(kind, record, action, before, after)

    def _required(self, kind: str, name: str) -> Any:
        """Return a record, deleted or not. Raises: NotFound."""
        found = self._records[kind].get(name)
        if found is None:
            raise not_found(kind, name)
        return found

    def _living(self, kind: str, name: str) -> Any:
        """Return a record that is not deleted. Raises: NotFound."""
        found = self._required(kind, name)
        if found.deleted_at is not None:
            raise in_bin(kind, name)
        return found

    def _by_uid(self, kind: str, uid: str) -> Any:
        return next((record for record in self._records[kind].values() if record.uid == uid), None)

    def _refuse_taken(self, kind: str, name: str) -> None:
        found = self._records[kind].get(checked_name(kind, name))
        if found is not None:
            raise taken(kind, name, deleted=found.deleted_at is not None)

    def _stamps(self, kind: str, name: str) -> dict[str, Any]:
        """Return the fields that every new record has."""
        at, who = now(), user()
        stamps = {"created_at": at, "created_by": who, "modified_at": at, "modified_by": who}
        return {"uid": new_uid(), "name": name, "arn": arn(self.uid, kind, name), **stamps}

    def _put(self, kind: str, record: Any) -> None:
        self._records[kind][record.name] = copy.deepcopy(record)

    def _change(self, kind: str, record: Any, **fields: Any) -> Any:
        """Set fields of a record, and who did it when; its version grows."""
        stamps = {"modified_at": now(), "modified_by": user(), "version": record.version + 1}
        changed = msgspec.structs.replace(record, **fields, **stamps)
        self._put(kind, changed)
        return changed

    def _page(
        self,
        kind: str,
        request: ListRequest,
        passes: Callable[[Any], bool],
        show: Callable[[Any], Any],
        where: Expr | None,
    ) -> tuple[list[Any], str | None]:
        """Return a page of records, as they are shown, and the cursor of the next."""
        by_name, down = request.sort_by == "Name", request.sort_order == "Descending"
        pairs = [(self._sort_key(record, by_name), record) for record in self._records[kind].values()]
        after = None if request.cursor is None else decode_cursor(request.cursor, str if by_name else int)
        found, shelf = [], shelf_of(where, archived=request.archived)
        for key, record in sorted(pairs, key=lambda pair: pair[0], reverse=down):
            behind = after is None or (key < after if down else key > after)
            if (
                behind
                and on_shelf(record.archived_at, shelf)
                and _listed(record, request)
                and passes(shown := show(record))
            ):
                found.append((key, shown))
        if len(found) <= request.limit:
            return [shown for _, shown in found], None
        return [shown for _, shown in found[: request.limit]], encode_cursor(*found[request.limit - 1][0])

    @staticmethod
    def _sort_key(record: Any, by_name: bool) -> Any:
        return (record.name if by_name else record.created_at, record.uid)


def _listed(record: Any, request: ListRequest) -> bool:
    texts = ascii_lower(record.name), ascii_lower(record.display_name or "")
    return all(
        (
            (record.deleted_at is not None) == request.deleted,
            record.starred or not request.starred,
            request.created_before is None or record.created_at < request.created_before,
            request.created_after is None or record.created_at > request.created_after,
            not request.name_contains or any(ascii_lower(request.name_contains) in text for text in texts),
        )
    )


def common_fields(change: Any) -> dict[str, Any]:
    """Return the fields that an update of any kind sets."""
    fields: dict[str, Any] = {}
    for key in ("display_name", "description"):
        if getattr(change, key) is not UNSET:
            fields[key] = clean_optional(getattr(change, key), key)
    if change.starred is not UNSET:
        fields["starred"] = bool(change.starred)
    return fields


def archived_field(record: Any, change: Any) -> dict[str, Any]:
    """Return when a record was archived, as an update says; archiving twice keeps the first time."""
    if change.archived is UNSET:
        return {}
    return {"archived_at": (record.archived_at or now()) if change.archived else None}


def op_of(change: Any) -> str:
    """Return what the change feed calls an update of any kind."""
    return "updated" if change.archived is UNSET else "archived"


def sorted_tags(tags: dict[str, str]) -> dict[str, str]:
    """Return tags by key, as every backend returns them."""
    return dict(sorted(tags.items()))


def first_of(records: Iterable[Any], names: Sequence[str]) -> list[Any]:
    """Return records in the order of names; unknown names are left out."""
    found = {record.name: record for record in records}
    return [found[name] for name in names if name in found]

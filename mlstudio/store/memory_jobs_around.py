"""Leases and schedules of the store in memory."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import msgspec

from mlstudio.entities.instances import HolderKind, Lease, LeaseWish
from mlstudio.entities.names import check_name, new_uid
from mlstudio.entities.schedules import Schedule, ScheduleCreate, ScheduleUpdate
from mlstudio.store.job_rules import cut
from mlstudio.store.lease_rules import check_wishes, granted
from mlstudio.store.memory_base import MemoryBase
from mlstudio.store.rules import now, user
from mlstudio.store.schedule_rules import changed_fields, check_schedule_version, no_schedule, schedule_taken


class MemoryJobsAround(MemoryBase):
    """The part of the store in memory that stands around jobs."""

    def __init__(self) -> None:
        super().__init__()
        self._leases: list[Lease] = []
        self._schedules: dict[str, Schedule] = {}

    def take_leases(self, holder: str, kind: HolderKind, wishes: Sequence[LeaseWish], *, ttl: float) -> list[Lease]:
        """Grant all wishes for `ttl` seconds; a holder that has leases gets those, renewed. Raises: ResourceInUse."""
        check_wishes(wishes)
        at = now()
        with self._lock:
            held = [one for one in self._leases if one.expires_at > at]
            leases = granted(held, holder, kind, wishes, at=at, ttl=ttl)
            self._leases = [*(one for one in held if one.holder != holder), *leases]
            return sorted(leases, key=lambda one: one.resource)

    def renew_leases(self, holders: Sequence[str], *, ttl: float) -> None:
        """Let leases of these holders end `ttl` seconds from now."""
        until = now() + int(ttl * 1e6)
        with self._lock:
            self._leases = [
                msgspec.structs.replace(one, expires_at=until) if one.holder in holders else one for one in self._leases
            ]

    def release_leases(self, holder: str) -> None:
        """Give back all that a holder has; nothing to give back is fine."""
        with self._lock:
            self._leases = [one for one in self._leases if one.holder != holder]

    def leases(self) -> list[Lease]:
        """Return what is held now, by resource."""
        at = now()
        with self._lock:
            held = [one for one in self._leases if one.expires_at > at]
            return sorted(held, key=lambda one: (one.resource, one.holder))

    def create_schedule(self, wanted: ScheduleCreate, *, next_at: int | None) -> Schedule:
        """Keep a schedule. Raises: AlreadyExists, InvalidName."""
        check_name(wanted.name, field="schedule_name")
        at = now()
        with self._lock:
            if wanted.name in self._schedules:
                raise schedule_taken(wanted.name)
            fields = copy.deepcopy(msgspec.structs.asdict(wanted))
            made = Schedule(
                **fields, uid=new_uid(), owner=user(), created_at=at, modified_at=at, next_at=next_at, version=1
            )
            self._schedules[wanted.name] = made
            self._changed("schedule", made, "created")
            return copy.deepcopy(made)

    def _plan(self, name: str) -> Schedule:
        if name not in self._schedules:
            raise no_schedule(name)
        return self._schedules[name]

    def schedules(self) -> list[Schedule]:
        """Return all by name."""
        with self._lock:
            return [copy.deepcopy(self._schedules[name]) for name in sorted(self._schedules)]

    def get_schedule(self, name: str) -> Schedule:
        """Return one. Raises: NotFound."""
        with self._lock:
            return copy.deepcopy(self._plan(name))

    def update_schedule(self, name: str, change: ScheduleUpdate) -> Schedule:
        """Change it. Raises: NotFound, VersionConflict."""
        with self._lock:
            present = self._plan(name)
            check_schedule_version(name, present.version, change.version)
            fields = copy.deepcopy(changed_fields(change))
            return self._keep_schedule(
                msgspec.structs.replace(present, **fields, modified_at=now(), version=present.version + 1)
            )

    def _keep_schedule(self, fresh: Schedule) -> Schedule:
        self._schedules[fresh.name] = fresh
        self._changed("schedule", fresh, "updated")
        return copy.deepcopy(fresh)

    def delete_schedule(self, name: str) -> None:
        """Remove it; its jobs stay. Raises: NotFound."""
        with self._lock:
            gone = self._plan(name)
            del self._schedules[name]
            self._changed("schedule", gone, "deleted")

    def fire_schedule(self, name: str, due: int, *, job: str, next_at: int | None) -> bool:
        """Claim the run that is `due` for `job`; False when another has claimed it. Raises: NotFound."""
        with self._lock:
            present = self._plan(name)
            if present.next_at != due or not present.enabled:
                return False
            fields = {"next_at": next_at, "last_at": now(), "last_job": job, "last_error": None}
            self._keep_schedule(msgspec.structs.replace(present, **fields, runs=present.runs + 1))
            return True

    def schedule_failed(self, name: str, error: str | None) -> None:
        """Keep why the last submission was refused, None: it was not. Raises: NotFound."""
        with self._lock:
            present = self._plan(name)
            self._keep_schedule(msgspec.structs.replace(present, last_error=None if error is None else cut(error)))

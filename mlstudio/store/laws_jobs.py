"""The laws of what stands around jobs: who holds which resource, and what is submitted by the clock.

Part of `Store` (see `store.laws`); tested by the same contract over each backend.

1.  A resource has one holder at a time, a pool never more than its capacity; all wishes of a holder
    are granted in one transaction, or none is.
2.  Taking is idempotent by holder: whoever asks twice has once, and keeps what was granted first.
3.  A lease that is not renewed ends; what has ended is nobody's.
4.  A schedule fires once for a time: of two processes that see it due, one wins.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mlstudio.entities.instances import HolderKind, Lease, LeaseWish
from mlstudio.entities.schedules import Schedule, ScheduleCreate, ScheduleUpdate


class LeaseStore(ABC):
    """Who holds which resource."""

    @abstractmethod
    def take_leases(self, holder: str, kind: HolderKind, wishes: Sequence[LeaseWish], *, ttl: float) -> list[Lease]:
        """Grant all wishes for `ttl` seconds; a holder that has leases gets those, renewed.

        Raises:
            ResourceInUse: one is held by another, or a pool is too full; the message names resource and holder.
            InvalidField: no wish, two wishes for one resource, or one that its pool could never hold.
        """

    @abstractmethod
    def renew_leases(self, holders: Sequence[str], *, ttl: float) -> None:
        """Let leases of these holders end `ttl` seconds from now."""

    @abstractmethod
    def release_leases(self, holder: str) -> None:
        """Give back all that a holder has; nothing to give back is fine."""

    @abstractmethod
    def leases(self) -> list[Lease]:
        """Return what is held now, by resource."""


class ScheduleStore(ABC):
    """What is submitted by the clock."""

    @abstractmethod
    def create_schedule(self, wanted: ScheduleCreate, *, next_at: int | None) -> Schedule:
        """Keep a schedule. Raises: AlreadyExists, InvalidName."""

    @abstractmethod
    def schedules(self) -> list[Schedule]:
        """Return all by name."""

    @abstractmethod
    def get_schedule(self, name: str) -> Schedule:
        """Return one. Raises: NotFound."""

    @abstractmethod
    def update_schedule(self, name: str, change: ScheduleUpdate) -> Schedule:
        """Change it. Raises: NotFound, VersionConflict."""

    @abstractmethod
    def delete_schedule(self, name: str) -> None:
        """Remove it; its jobs stay. Raises: NotFound."""

    @abstractmethod
    def fire_schedule(self, name: str, due: int, *, job: str, next_at: int | None) -> bool:
        """Claim the run that is `due` (its `next_at`) for `job`; False: another has claimed it. Raises: NotFound."""

    @abstractmethod
    def schedule_failed(self, name: str, error: str | None) -> None:
        """Keep why the last submission was refused, None: it was not. Raises: NotFound."""


class JobsAroundStore(LeaseStore, ScheduleStore):
    """All of it."""

"""Who may have what: the decision about leases, alike for every backend.

Knows nothing of: how leases are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mlstudio.entities.errors import InvalidField, ResourceInUse
from mlstudio.entities.instances import HolderKind, Lease, LeaseWish


def lease_key(resource: str, holder: str, *, pooled: bool) -> str:
    """Return what is unique of a lease: the resource, in a pool together with its holder."""
    return f"{resource}#{holder}" if pooled else resource


def check_wishes(wishes: Sequence[LeaseWish]) -> None:
    """Refuse wishes that could never be granted. Raises: InvalidField."""
    if not wishes:
        raise InvalidField("Nothing is wished for.", field="wishes")
    names = [wish.resource for wish in wishes]
    if len(set(names)) != len(names):
        raise InvalidField("Two wishes are for one resource.", field="wishes")
    for wish in wishes:
        if wish.capacity is not None and wish.amount > wish.capacity:
            raise InvalidField(
                f"{wish.amount} of {wish.resource} are wished for, and there are {wish.capacity}.", field="wishes"
            )


def granted(
    held: Iterable[Lease], holder: str, kind: HolderKind, wishes: Sequence[LeaseWish], *, at: int, ttl: float
) -> list[Lease]:
    """Return the leases that `holder` has from now on.

    Args:
        held: all leases that have not ended.
        holder: who asks.
        kind: what it is.
        wishes: checked.
        at: now, microseconds.
        ttl: seconds.

    Raises:
        ResourceInUse: somebody else has it, or a pool is too full.
    """
    until = at + int(ttl * 1e6)
    living = list(held)
    mine = [one for one in living if one.holder == holder]
    if mine:
        return [msgspec.structs.replace(one, expires_at=until) for one in mine]
    by_name: dict[str, list[Lease]] = {}
    for one in living:
        by_name.setdefault(one.resource, []).append(one)
    for wish in wishes:
        others = by_name.get(wish.resource, [])
        if wish.capacity is None and others:
            raise ResourceInUse(
                f"{wish.resource} is held by {others[0].kind} {others[0].holder}.", field="instance_type"
            )
        taken = sum(one.amount for one in others)
        if wish.capacity is not None and taken + wish.amount > wish.capacity:
            names = ", ".join(sorted(f"{one.kind} {one.holder}" for one in others)[:5])
            raise ResourceInUse(
                f"{wish.amount} of {wish.resource} are asked for; {wish.capacity - taken} of {wish.capacity} are free"
                f" ({names}).",
                field="instance_type",
            )
    return [
        Lease(resource=one.resource, holder=holder, kind=kind, amount=one.amount, acquired_at=at, expires_at=until)
        for one in wishes
    ]

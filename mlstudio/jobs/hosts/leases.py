"""Which cores and GPUs a holder gets, and the promise that nobody else gets them meanwhile.

Jobs hold cores, memory and GPUs. A kernel holds GPUs only: it idles most of its life, and a
notebook that is open must not keep jobs from running; its cores and memory are limits, not leases.

Reads and writes: the store's table of leases.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import Final

from mlstudio.entities.errors import ResourceInUse, StudioError
from mlstudio.entities.instances import Gpu, HolderKind, HostCapacity, Lease, LeaseWish
from mlstudio.entities.job_parts import Grant
from mlstudio.jobs.hosts.demand import Demand
from mlstudio.store.laws_jobs import LeaseStore

TTL: Final = 60.0
"""Seconds after which a lease ends that nobody renews; it is renewed with every heartbeat (10 s)."""
_TRIES: Final = 3
"""Another process may take what was just seen to be free."""


def resource(host: str, kind: str, name: object) -> str:
    """Return the name of a resource: ``<host>/cpu/3``."""
    return f"{host}/{kind}/{name}"


def _held(leases: Sequence[Lease], host: str, kind: str) -> set[str]:
    start = resource(host, kind, "")
    return {one.resource.removeprefix(start) for one in leases if one.resource.startswith(start)}


def choose_gpus(gpus: Sequence[Gpu], held: Collection[str], count: int, memory_mib: int) -> list[str]:
    """Return UUIDs of `count` free GPUs: large enough ones before small ones, those that others fill last.

    Raises:
        ResourceInUse: fewer are free.
    """
    free = [one for one in gpus if one.uuid not in held]
    if len(free) < count:
        raise ResourceInUse(
            f"{count} GPU{'s' if count > 1 else ''} asked for, {len(free)} of {len(gpus)} free.", field="instance_type"
        )
    free.sort(key=lambda one: (one.busy_outside, one.memory_mib < memory_mib, one.memory_mib, one.index))
    return [one.uuid for one in free[:count]]


def choose_cpus(cpus: Sequence[int], held: Collection[str], count: int) -> list[int]:
    """Return the lowest `count` free cores.

    Raises:
        ResourceInUse: fewer are free.
    """
    free = [one for one in cpus if str(one) not in held]
    if len(free) < count:
        raise ResourceInUse(f"{count} vCPU asked for, {len(free)} of {len(cpus)} free.", field="instance_type")
    return free[:count]


def take(
    store: LeaseStore, holder: str, kind: HolderKind, wanted: Demand, host: HostCapacity, *, shared: bool = False
) -> Grant:
    """Take what a demand asks for, all of it or nothing; taking twice is taking once.

    Args:
        store: where leases are kept.
        holder: name of the job or endpoint, id of the kernel.
        kind: what it is.
        wanted: made for `host`.
        host: what there is.
        shared: cores and memory are not leased, only GPUs.

    Raises:
        ResourceInUse: what is short, and who holds it.
    """
    shared = shared or kind == "kernel"
    for attempt in range(_TRIES):
        leases = store.leases()
        mine = [one for one in leases if one.holder == holder]
        if mine:
            store.renew_leases([holder], ttl=TTL)
            return _grant(mine, wanted, host)
        others = f" Held by: {_names(leases, host.host)}."
        try:
            wishes = _wishes(leases, wanted, host, shared=shared)
        except ResourceInUse as error:
            raise ResourceInUse(error.message + others, field="instance_type") from None
        if not wishes:
            return _grant([], wanted, host)
        try:
            return _grant(store.take_leases(holder, kind, wishes, ttl=TTL), wanted, host)
        except ResourceInUse:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _wishes(leases: Sequence[Lease], wanted: Demand, host: HostCapacity, *, shared: bool) -> list[LeaseWish]:
    name = host.host
    gpus = choose_gpus(host.gpus, _held(leases, name, "gpu"), wanted.gpus, wanted.gpu_memory_mib) if wanted.gpus else []
    wishes = [LeaseWish(resource(name, "gpu", one)) for one in gpus]
    if shared:
        return wishes
    cpus = choose_cpus(host.cpus, _held(leases, name, "cpu"), wanted.cpus)
    wishes += [LeaseWish(resource(name, "cpu", one)) for one in cpus]
    if wanted.memory_mib is not None:
        wishes.append(LeaseWish(f"{name}/memory", wanted.memory_mib, host.memory_mib))
    return wishes


def fits(leases: Sequence[Lease], wanted: Demand, host: HostCapacity, *, shared: bool = False) -> bool:
    """Tell whether a demand could be met if only these leases were held; nothing is taken."""
    try:
        wishes = _wishes(leases, wanted, host, shared=shared)
    except ResourceInUse:
        return False
    held = {wish.resource: sum(one.amount for one in leases if one.resource == wish.resource) for wish in wishes}
    return all(wish.capacity is None or held[wish.resource] + wish.amount <= wish.capacity for wish in wishes)


def _names(leases: Sequence[Lease], host: str) -> str:
    names = sorted({f"{one.kind} {one.holder}" for one in leases if one.resource.startswith(f"{host}/")})
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "") if names else "nobody"


def _grant(leases: Sequence[Lease], wanted: Demand, host: HostCapacity) -> Grant:
    cpus = sorted(int(one) for one in _held(leases, host.host, "cpu"))
    return Grant(
        instance_type=wanted.type.name,
        cpus=cpus,
        vcpu=wanted.cpus,
        memory_mib=wanted.memory_mib,
        gpus=sorted(_held(leases, host.host, "gpu")),
        notices=list(wanted.notices),
    )


def retake(
    store: LeaseStore, holder: str, kind: HolderKind, grant: Grant, host: HostCapacity, *, shared: bool = False
) -> None:
    """Take what was granted before, the very same; taking twice is taking once.

    Raises:
        ResourceInUse: another holds it now.
    """
    wishes = [LeaseWish(resource(host.host, "gpu", one)) for one in grant.gpus]
    if not shared:
        wishes += [LeaseWish(resource(host.host, "cpu", one)) for one in grant.cpus]
        if grant.memory_mib is not None:
            wishes.append(LeaseWish(f"{host.host}/memory", min(grant.memory_mib, host.memory_mib), host.memory_mib))
    if wishes:
        store.take_leases(holder, kind, wishes, ttl=TTL)


def give_back(store: LeaseStore, holder: str) -> None:
    """Release all that a holder has; a store that is away is forgiven, the lease ends by itself."""
    with contextlib.suppress(StudioError):
        store.release_leases(holder)

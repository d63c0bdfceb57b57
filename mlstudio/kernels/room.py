"""What a size means for a kernel on this host: GPUs leased, cores chosen, a memory limit, variables.

A kernel leases GPUs only (see `jobs.hosts.leases`); its cores are those that jobs do not hold and
that the fewest other kernels are bound to.

Reads: sizes, the host, leases, the files of other kernels. Writes: leases.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from msgspec.structs import replace as changed

from mlstudio.entities.errors import InvalidField, ResourceInUse, StudioError
from mlstudio.entities.instances import HostCapacity, Lease
from mlstudio.entities.job_parts import Grant
from mlstudio.jobs.hosts import leases
from mlstudio.jobs.hosts.capacity import capacity
from mlstudio.jobs.hosts.demand import Demand, demand
from mlstudio.jobs.runner.limits import thread_variables
from mlstudio.kernels.choices import KernelFile, living
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

SHARED: Final = "local"
"""The whole host, shared: no leases, no limits. (`local_gpu` holds every GPU.)"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a kernel asks for: a size, or parts of the host.

    Attributes:
        instance_type: name of a size.
        gpus, cpus, memory_mib: instead of the size's own; None: the size's.
    """

    instance_type: str = SHARED
    gpus: int | None = None
    cpus: int | None = None
    memory_mib: int | None = None

    @property
    def plain(self) -> bool:
        """The kernel is to start as it would without mlstudio."""
        return self.instance_type == SHARED and self.gpus is self.cpus is self.memory_mib is None

    def on(self, host: HostCapacity, home: Home) -> Demand:
        """Return what this asks of a host. Raises: InvalidField: no size of that name."""
        wanted = demand(self.instance_type, host, allow_cpu_fallback=True, home=home)
        if self.instance_type == SHARED:
            wanted = replace(wanted, gpus=0)
        return replace(
            wanted,
            gpus=min(wanted.gpus if self.gpus is None else self.gpus, len(host.gpus)),
            cpus=min(wanted.cpus if self.cpus is None else self.cpus, len(host.cpus)),
            memory_mib=min(self.memory_mib, host.memory_mib) if self.memory_mib else wanted.memory_mib,
        )


def choose_cores(cores: Sequence[int], count: int, held: Collection[int], bound: Mapping[int, int]) -> list[int]:
    """Return the cores to bind to; [] for all of them.

    Args:
        cores: of this host.
        count: how many are wanted.
        held: leased by jobs and endpoints; taken last.
        bound: how many other kernels are bound to each.
    """
    if count >= len(cores):
        return []
    return sorted(sorted(cores, key=lambda core: (core in held, bound.get(core, 0), core))[:count])


def settle(kept: KernelFile, wish: Wish, home: Home) -> Grant:
    """Take what a kernel asks for; asking again for the same is keeping it.

    A size that is unknown here is replaced by the whole host, and the grant says so.

    Args:
        kept: what the kernel got before.
        wish: not a plain one.
        home: whose sizes, leases and kernels count.

    Raises:
        ResourceInUse: too few GPUs are free; the message names who holds them.
        StudioError: GPUs are asked for and the store is away.
    """
    host = capacity()
    try:
        wanted = wish.on(host, home)
    except InvalidField as error:
        release(kept, home)
        return Grant(instance_type=SHARED, notices=[f"{error.message} The kernel runs on the whole host."])
    if kept.granted != wish.instance_type:
        release(kept, home)
    grant = Grant(
        instance_type=wanted.type.name, vcpu=wanted.cpus, memory_mib=wanted.memory_mib, notices=list(wanted.notices)
    )
    if wanted.gpus:
        try:
            taken = leases.take(open_store(home=home), kept.kernel_id, "kernel", wanted, host)
        except ResourceInUse as error:
            raise _no_room(wish.instance_type, error, home) from None
        grant = changed(grant, gpus=taken.gpus)
    return with_cores(grant, host, kept, home)


def with_cores(grant: Grant, host: HostCapacity, kept: KernelFile, home: Home) -> Grant:
    """Return a grant with cores chosen; a kernel that starts again on its size keeps its cores."""
    if kept.granted == grant.instance_type and kept.cpus and len(kept.cpus) == grant.vcpu:
        return changed(grant, cpus=kept.cpus)
    held: set[int] = set()
    if grant.vcpu < len(host.cpus):
        with contextlib.suppress(StudioError):  # cores are a courtesy: without the store any will do
            held = _cores_held(open_store(home=home).leases(), host.host)
    bound = Counter(core for one in living(home) if one.kernel_id != kept.kernel_id for core in one.cpus)
    return changed(grant, cpus=choose_cores(host.cpus, grant.vcpu, held, bound))


def _cores_held(held: Sequence[Lease], host: str) -> set[int]:
    start = leases.resource(host, "cpu", "")
    return {int(one.resource.removeprefix(start)) for one in held if one.resource.startswith(start)}


def release(kept: KernelFile, home: Home) -> None:
    """Give back what a kernel holds."""
    if kept.granted == SHARED and not kept.gpus:
        return
    with contextlib.suppress(StudioError):  # the lease ends by itself
        leases.give_back(open_store(home=home), kept.kernel_id)


def check(store: Store, kernel_id: str, name: str, home: Home) -> None:
    """Refuse a size that a kernel could not be started on now, before its state is given up for it.

    Args:
        store: where leases are kept.
        kernel_id: what this kernel holds counts as free.
        name: of a size.
        home: whose own sizes count.

    Raises:
        InvalidField: no size of that name, or one with GPUs on a host without any.
        ResourceInUse: too few GPUs are free; the message names who holds them.
    """
    if name == SHARED:
        return
    host = capacity()
    wanted = demand(name, host, home=home)
    if not wanted.gpus:
        return
    start = leases.resource(host.host, "gpu", "")
    others = [one for one in store.leases() if one.holder != kernel_id and one.resource.startswith(start)]
    taken = {one.resource.removeprefix(start) for one in others}
    try:
        leases.choose_gpus(host.gpus, taken, wanted.gpus, wanted.gpu_memory_mib)
    except ResourceInUse as error:
        who = ", ".join(sorted({f"{one.kind} {one.holder}" for one in others}))
        raise _no_room(name, ResourceInUse(f"{error.message} Held by: {who}."), home) from None


def _no_room(name: str, error: ResourceInUse, home: Home) -> ResourceInUse:
    """Return the error with notebooks instead of the ids of their kernels."""
    message = error.message
    for one in living(home):
        if one.path:
            message = message.replace(f"kernel {one.kernel_id}", f"the kernel of {PurePath(one.path).name}")
    return ResourceInUse(
        f"There is no room for {name} now: {message}",
        field="instance_type",
        hint="Use another instance type, or shut down who holds it.",
    )


def variables(grant: Grant) -> dict[str, str]:
    """Return the environment of a kernel with limits."""
    if grant.instance_type == SHARED and not grant.vcpu:
        return {"MLSTUDIO_INSTANCE_TYPE": SHARED}
    return {
        **thread_variables(grant.vcpu),
        "CUDA_VISIBLE_DEVICES": ",".join(grant.gpus),
        "MLSTUDIO_INSTANCE_TYPE": grant.instance_type,
    }

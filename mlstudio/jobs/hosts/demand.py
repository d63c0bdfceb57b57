"""What a size asks of a host: clipped to what is there, with the sentences that say so.

Reads: the catalogue and a capacity.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.instances import HostCapacity, InstanceType
from mlstudio.jobs.hosts.catalogue import KNOWN, LOCAL, derived, no_type, own_types, part_of_host
from mlstudio.store.home import Home


@dataclass(frozen=True, slots=True)
class Demand:
    """What a holder wants of one host.

    Attributes:
        type: the size that was asked for.
        cpus: cores, 1 to the host's number.
        memory_mib: limit; None for the whole host, which has none.
        gpus: how many.
        gpu_memory_mib: the least that each must have, 0 when any will do.
        notices: how this differs from the size, a sentence each.
    """

    type: InstanceType
    cpus: int
    memory_mib: int | None
    gpus: int
    gpu_memory_mib: int
    notices: tuple[str, ...]


def find_type(name: str, host: HostCapacity, home: Home | None = None) -> tuple[InstanceType, tuple[str, ...]]:
    """Return the size of a name, and what must be said about it.

    Raises:
        InvalidField: the name is no size; the hint has the nearest ones.
    """
    memory = max(host.memory_mib / 1024, 0.001)
    whole = InstanceType(name=name or "local", vcpu=len(host.cpus), memory_gib=memory, gpu=len(host.gpus))
    if name in LOCAL:
        return whole, ()
    part = part_of_host(name)
    if part is not None:
        kind, count = part
        if kind == "cpu":
            return InstanceType(name=name, vcpu=count, memory_gib=memory * min(1.0, count / len(host.cpus))), ()
        share = min(1.0, count / max(1, len(host.gpus)))
        cores = max(1, int(len(host.cpus) * share))
        return InstanceType(name=name, vcpu=cores, memory_gib=memory * share, gpu=count), ()
    known = KNOWN.get(name) or own_types(home).get(name)
    if known is not None:
        return known, ()
    made = derived(name)
    if made is None:
        raise no_type(name, home)
    size = f"{made.vcpu} vCPU and {made.memory_gib:g} GiB" + (f" and {made.gpu} GPU" if made.gpu else "")
    return made, (f"{name} is not in the list of sizes; it is taken for {size}.",)


def demand(name: str, host: HostCapacity, *, allow_cpu_fallback: bool = False, home: Home | None = None) -> Demand:
    """Return what a size means on a host.

    Args:
        name: of the size.
        host: what there is.
        allow_cpu_fallback: a GPU size on a host without GPUs runs on the CPU.
        home: whose own sizes count.

    Raises:
        InvalidField: no size of that name; or GPUs are asked for, and the host has none.
    """
    wanted, said = find_type(name, host, home)
    notices = list(said)
    cores = len(host.cpus)
    if wanted.vcpu > cores:
        notices.append(f"{wanted.name} asks {wanted.vcpu} vCPU, this host has {cores}: runs with {cores}.")
    memory = None if name in LOCAL else max(1, round(wanted.memory_gib * 1024))
    if memory is not None and memory > host.memory_mib:
        have = f"{host.memory_mib / 1024:.1f}"
        notices.append(f"{wanted.name} asks {wanted.memory_gib:g} GiB, this host has {have}: runs with {have}.")
        memory = host.memory_mib
    return Demand(
        type=wanted,
        cpus=min(wanted.vcpu, cores),
        memory_mib=memory,
        gpus=_gpus(wanted, host, notices, fallback=allow_cpu_fallback or name in LOCAL),
        gpu_memory_mib=0 if name in LOCAL else int(wanted.gpu_memory_gib * 1024),
        notices=tuple(notices),
    )


def _gpus(wanted: InstanceType, host: HostCapacity, notices: list[str], *, fallback: bool) -> int:
    have = len(host.gpus)
    if wanted.gpu and not have:
        if fallback:
            notices.append(f"{wanted.name} asks {wanted.gpu} GPU, this host has none: runs on the CPU.")
            return 0
        raise InvalidField(
            f"{wanted.name} has {wanted.gpu} GPU and this host has none.",
            field="instance_type",
            hint="Use a CPU type such as ml.m5.large, or allow_cpu_fallback=True.",
        )
    if wanted.gpu > have:
        notices.append(f"{wanted.name} asks {wanted.gpu} GPUs, this host has {have}: runs with {have}.")
    small = [one for one in host.gpus if one.memory_mib < int(wanted.gpu_memory_gib * 1024)]
    if wanted.gpu and small and len(host.gpus) - len(small) < wanted.gpu:
        notices.append(
            f"{wanted.name} has {wanted.gpu_memory_gib:g} GiB a GPU, this host's {small[0].name} has"
            f" {small[0].memory_mib / 1024:.0f}."
        )
    return min(wanted.gpu, have)

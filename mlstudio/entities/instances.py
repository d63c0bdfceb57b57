"""Instance types as sizes, what a host has of them, and who holds what.

``ml.*`` names are the sizes that people know from AWS; `vcpu`, `memory_gib` and `gpu` are what AWS
gives them. Jobs, kernels and endpoints share one table of leases.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count, Time

HolderKind = Literal["job", "kernel", "endpoint"]


class InstanceType(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A size."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    vcpu: Annotated[int, Meta(ge=1, le=4096)]
    memory_gib: Annotated[float, Meta(gt=0, le=65536)]
    gpu: Annotated[int, Meta(ge=0, le=64)] = 0
    gpu_memory_gib: Annotated[float, Meta(ge=0, le=4096)] = 0.0
    """Of each GPU."""
    own: bool = False
    """Made by the user in settings."""


class Gpu(Struct, frozen=True, kw_only=True):
    """A GPU, or a MIG slice, of a host."""

    uuid: str
    index: int
    name: str
    memory_mib: Count
    used_mib: Count = 0
    utilisation: float | None = None
    """0 to 1; None: the driver does not tell."""
    busy_outside: bool = False
    """Processes that are not mlstudio's hold memory on it."""


class HostCapacity(Struct, frozen=True, kw_only=True):
    """What a host has for mlstudio."""

    host: str
    cpus: list[int]
    memory_mib: Count
    gpus: list[Gpu] = field(default_factory=list)


class LeaseWish(Struct, frozen=True):
    """One resource that somebody wants.

    Attributes:
        resource: ``<host>/cpu/3``, ``<host>/gpu/<uuid>``: held by one at a time; with `capacity`
            a pool such as ``<host>/memory`` that holders share.
        amount: how much of a pool, in its unit (MiB).
        capacity: size of the pool; None: the resource is exclusive.
    """

    resource: str
    amount: Count = 1
    capacity: Count | None = None


class Lease(Struct, frozen=True, kw_only=True):
    """A resource and who holds it."""

    resource: str
    holder: str
    """Name of the job or endpoint, id of the kernel."""
    kind: HolderKind
    amount: Count = 1
    acquired_at: Time
    expires_at: Time
    """When it ends by itself unless it is renewed."""


class InstancesReply(Struct, frozen=True):
    """What may be asked for, what is there, and who has it."""

    types: list[InstanceType]
    host: HostCapacity
    leases: list[Lease]

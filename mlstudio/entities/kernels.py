"""Kernels on instance types: what each may use, and what it uses.

Imports: msgspec and its neighbours in `entities`.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from mlstudio.entities.wire import Count


class KernelChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """What a kernel shall run on from its next start."""

    instance_type: Annotated[str, Meta(min_length=1, max_length=64)]
    """A size, or ``local``: the whole host, shared with everything else."""


class KernelInstance(Struct, frozen=True, kw_only=True):
    """What a kernel may use of its host."""

    instance_type: str
    """The size it runs on; ``local``: the whole host, shared, without limits."""
    wanted: str
    """The size it gets at its next start."""
    vcpu: Count = 0
    """Cores that its numeric libraries count on."""
    memory_mib: Count | None = None
    """Limit of its private memory, MiB; None: none."""
    host_memory_mib: Count = 0
    """What all processes of the host may use together, MiB."""
    gpus: list[str] = field(default_factory=list)
    """UUIDs of the GPUs that it holds."""
    notices: list[str] = field(default_factory=list)
    """Sentences: how this differs from what was asked for."""


class KernelUsage(Struct, frozen=True, kw_only=True):
    """What a kernel and the processes it started use now."""

    kernel_id: str
    name: str
    """Of its kernelspec."""
    path: str = ""
    """The notebook or console it belongs to, below the server's root; empty: none."""
    instance: KernelInstance | None = None
    """None: another provisioner started it."""
    cpu_percent: float | None = None
    """100 is one core; None: it was not looked at before."""
    rss: Count | None = None
    """Bytes of memory; None: its processes are not on this host."""
    gpu_memory: Count | None = None
    """Bytes of GPU memory; None: no driver tells."""


class KernelsUsage(Struct, frozen=True):
    """All kernels of a server."""

    kernels: list[KernelUsage]
    host_memory: Count
    """Bytes that all processes of the host may use together."""

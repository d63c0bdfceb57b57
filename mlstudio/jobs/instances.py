"""Instance types as sizes: how many CPUs a job may count on, on this host.

``ml.*`` names ask for the vCPUs that AWS gives them, clipped to the host; ``local`` is the whole
host. Capacity, leases and the queue by size come with a later issue.

Imports: the words and the runner's limits.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Final

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.runner.limits import cores

_WORDS: Final = {"nano": 1, "micro": 1, "small": 1, "medium": 2, "large": 2, "xlarge": 4, "metal": 96}
_DIFFERENT: Final = {"ml.c5.9xlarge": 36, "ml.c5.18xlarge": 72, "ml.p2.xlarge": 4, "ml.p3.2xlarge": 8}
_KNOWN: Final = (
    "local", "local_gpu", "ml.t3.medium", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge",
    "ml.c5.2xlarge", "ml.r5.large", "ml.g4dn.xlarge", "ml.g5.xlarge", "ml.p3.2xlarge",
)  # fmt: skip


def asked_cpus(name: str) -> int:
    """Return the vCPUs that a type asks for; the host's for ``local``.

    Raises:
        InvalidField: the name is no type; the hint has the nearest one.
    """
    if name in ("local", "local_gpu"):
        return cores()
    if name in _DIFFERENT:
        return _DIFFERENT[name]
    parts = name.split(".")
    if len(parts) == 3 and parts[0] == "ml" and parts[1]:
        size = parts[2]
        if parts[1] == "local" and size[:3] in ("cpu", "gpu") and size[3:].isdigit():
            return int(size[3:]) if size.startswith("cpu") else cores()
        if size in _WORDS:
            return _WORDS[size]
        if size.endswith("xlarge") and size[:-6].isdigit():
            return 4 * int(size[:-6])
    near = difflib.get_close_matches(name, _KNOWN, n=1)
    raise InvalidField(
        f"{name!r:.100} is no instance type.",
        field="instance_type",
        hint=f"Did you mean {near[0]}?" if near else 'Use "local", or a size such as ml.m5.large.',
    )


def cpus(name: str) -> int:
    """Return the CPUs that a job of this type gets here, 1 to the host's number."""
    return max(1, min(asked_cpus(name), cores()))


def wants_gpu(name: str) -> bool:
    """Tell whether the type has GPUs (families p and g), or is the whole host."""
    family = name.split(".")[1] if name.startswith("ml.") and name.count(".") == 2 else name
    return name in ("local", "local_gpu") or family[0] in "pg" or name.startswith("ml.local.gpu")


def gpus(name: str) -> int:
    """Return how many GPUs a job of this type sees here."""
    return len(list(Path("/dev").glob("nvidia[0-9]*"))) if wants_gpu(name) else 0

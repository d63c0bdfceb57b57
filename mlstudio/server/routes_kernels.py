"""Routes of kernels: what they run on and what they use.

Part of the one table, `server.routes.ROUTES`.

Imports: msgspec and `entities`.
"""

from __future__ import annotations

from typing import Final

from mlstudio.entities.kernels import KernelChoice, KernelInstance, KernelsUsage
from mlstudio.server.route import JOBS, Route

ABOUT_KERNELS: Final[tuple[Route, ...]] = (
    Route("GET", "/kernels/usage", "kernels.Usage", JOBS, "read", "What kernels use now", returns=KernelsUsage),
    Route(
        "GET",
        "/kernels/{kernel_id}/instance",
        "kernels.Instance",
        JOBS,
        "read",
        "What a kernel may use",
        returns=KernelInstance,
        errors=("not_found", "conflict"),
    ),
    Route(
        "PUT",
        "/kernels/{kernel_id}/instance",
        "kernels.Instance",
        JOBS,
        "execute",
        "Choose what a kernel runs on from its next start",
        body=KernelChoice,
        returns=KernelInstance,
        errors=("not_found", "conflict", "resource_in_use"),
    ),
)

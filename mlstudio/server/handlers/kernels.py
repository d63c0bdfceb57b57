"""Kernels over HTTP: what each may use, what it uses, what it shall run on from its next start."""

from __future__ import annotations

from typing import Any

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.kernels import KernelChoice, KernelsUsage, KernelUsage
from mlstudio.jobs.hosts.capacity import memory_mib
from mlstudio.kernels.choices import choose
from mlstudio.kernels.provisioner import InstanceProvisioner
from mlstudio.kernels.room import check
from mlstudio.kernels.usage import Meter, Use
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import JOBS

_METER = "mlstudio_meter"


class Usage(StudioHandler):
    """GET /kernels/usage"""

    _track_activity = False

    @guarded("read", JOBS)
    async def get(self) -> None:
        meter: Meter = self.settings.setdefault(_METER, Meter())
        sessions = await self.session_manager.list_sessions()  # type: ignore[no-untyped-call]
        paths = {one["kernel"]["id"]: one["path"] for one in sessions}
        kernels = {one: self.kernel_manager.get_kernel(one) for one in self.kernel_manager.list_kernel_ids()}

        def look() -> KernelsUsage:
            pids = {one: pid for one, kernel in kernels.items() if (pid := getattr(kernel.provisioner, "pid", None))}
            used = meter.read(pids.values())
            rows = [
                _row(one, kernel, paths.get(one, ""), used.get(pids.get(one, 0))) for one, kernel in kernels.items()
            ]
            return KernelsUsage(rows, memory_mib() << 20)

        self.reply(await self.studio.run(look))


def _row(kernel_id: str, kernel: Any, path: str, use: Use | None) -> KernelUsage:
    provisioner = kernel.provisioner
    return KernelUsage(
        kernel_id=kernel_id,
        name=kernel.kernel_name,
        path=path,
        instance=provisioner.instance() if isinstance(provisioner, InstanceProvisioner) else None,
        cpu_percent=use.cpu_percent if use else None,
        rss=use.rss if use else None,
        gpu_memory=use.gpu_memory if use else None,
    )


class Instance(StudioHandler):
    """GET, PUT /kernels/{kernel_id}/instance"""

    @guarded("read", JOBS)
    async def get(self, kernel_id: str) -> None:
        provisioner = self._provisioner(kernel_id)
        self.reply(await self.studio.run(provisioner.instance))

    @guarded("execute", JOBS)
    async def put(self, kernel_id: str) -> None:
        name = self.body(KernelChoice).instance_type
        provisioner = self._provisioner(kernel_id)
        home = self.studio.home
        await self.ask(lambda store: check(store, kernel_id, name, home))
        await self.studio.run(lambda: choose(home, kernel_id, name))
        self.reply(await self.studio.run(provisioner.instance))

    def _provisioner(self, kernel_id: str) -> InstanceProvisioner:
        if kernel_id not in self.kernel_manager:
            raise NotFound(f"There is no kernel {kernel_id!r:.100}.", field="kernel_id")
        provisioner = self.kernel_manager.get_kernel(kernel_id).provisioner
        if not isinstance(provisioner, InstanceProvisioner):
            raise Conflict("This kernel was not started by mlstudio's provisioner.", field="kernel_id")
        return provisioner

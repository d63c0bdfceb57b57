"""Starts kernels on instance types, for any program that starts kernels through jupyter_client.

A kernelspec may name it, with a size of its own, in ``metadata.kernel_provisioner``::

    {"provisioner_name": "mlstudio", "config": {"instance_type": "ml.m5.xlarge"}}

In a Jupyter server with mlstudio it is the default for kernelspecs that name none (`server.app`).

Reads and writes: choices, leases. Knows nothing of: HTTP beyond the error that Jupyter shows.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any, Final

import msgspec
import psutil
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from tornado.web import HTTPError
from traitlets import Int, Unicode

from mlstudio.entities.errors import ResourceInUse, StudioError
from mlstudio.entities.job_parts import Grant
from mlstudio.entities.kernels import KernelInstance
from mlstudio.jobs.hosts.capacity import cpus, memory_mib
from mlstudio.jobs.runner.limits import THREAD_VARIABLES
from mlstudio.kernels import shim
from mlstudio.kernels.choices import KernelFile, chosen, forget_kernel, keep_kernel, kernel_file
from mlstudio.kernels.heartbeat import HEARTBEAT
from mlstudio.kernels.room import SHARED, Wish, release, settle, variables
from mlstudio.store.home import default_home

NAME: Final = "mlstudio"
"""Name of the entry point."""


class NoRoom(HTTPError):
    """A kernel that cannot be started now; Jupyter shows the sentence, other programs print it."""

    def __str__(self) -> str:
        return (self.log_message or "").replace("%%", "%")


class InstanceProvisioner(LocalProvisioner):
    """A local kernel with the cores, the memory and the GPUs of a size."""

    instance_type = Unicode(SHARED, help="Size of kernels for which nobody chose one.").tag(config=True)
    gpus = Int(None, allow_none=True, min=0, help="GPUs, instead of the size's.").tag(config=True)
    cpus = Int(None, allow_none=True, min=1, help="Cores, instead of the size's.").tag(config=True)
    memory_mb = Int(None, allow_none=True, min=1, help="MiB of memory, instead of the size's.").tag(config=True)

    grant: Grant = Grant(instance_type=SHARED)
    _wanted: str = SHARED
    _path: str = ""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take the size's room first: where there is none, nothing is left behind.

        Raises:
            NoRoom: too few GPUs are free, or the store that knows is away.
        """
        environment = kwargs.get("env") or {}
        self._path = str(environment.get("JPY_SESSION_NAME", "") or self._path)
        try:
            self.grant = await asyncio.to_thread(self._take)
        except StudioError as error:
            raise NoRoom(409 if isinstance(error, ResourceInUse) else 503, str(error)) from error
        try:
            kwargs = await super().pre_launch(**kwargs)
        except BaseException:
            await self._leave()
            raise
        env = kwargs["env"]
        own = self.kernel_spec.env if self.kernel_spec else {}
        for name, value in variables(self.grant).items():
            if name not in THREAD_VARIABLES or name not in own:
                env[name] = value
        kwargs["cmd"] = [*self._limits(), *kwargs["cmd"]]
        return kwargs

    def _take(self) -> Grant:
        home, kernel_id = default_home(), str(self.kernel_id)
        kept = kernel_file(home, kernel_id)
        choice = chosen(home, kernel_id, self._path)
        wish = (
            Wish(choice)
            if choice
            else Wish(self.instance_type, gpus=self.gpus, cpus=self.cpus, memory_mib=self.memory_mb)
        )
        self._wanted = wish.instance_type
        if wish.plain:
            release(kept, home)
            HEARTBEAT.drop(kernel_id)
            return Grant(instance_type=SHARED)
        grant = settle(kept, wish, home)
        for notice in grant.notices:
            self.log.warning("kernel %s: %s", kernel_id, notice)
        return grant

    def _limits(self) -> list[str]:
        """Return what stands before the kernel's command line; [] where nothing is limited."""
        grant = self.grant
        if os.name == "nt" or not (grant.cpus or grant.memory_mib):
            return []
        cores = ",".join(map(str, grant.cpus)) or "-"
        memory = str(grant.memory_mib << 20) if grant.memory_mib else "-"
        return [sys.executable, "-I", "-S", shim.__file__, cores, memory]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the process; when that fails, nothing stays leased."""
        try:
            made = await super().launch_kernel(cmd, **kwargs)
        except BaseException:
            await self._leave()
            raise
        self._keep()
        if self.grant.gpus:
            HEARTBEAT.keep(str(self.kernel_id), default_home(), self._alive)
        else:
            HEARTBEAT.drop(str(self.kernel_id))
        return made

    def _keep(self) -> None:
        """Write down what this kernel got; a full disk costs the memory of it, not the kernel."""
        home, pid = default_home(), int(self.pid or 0)
        kept = kernel_file(home, str(self.kernel_id))
        try:
            made = psutil.Process(pid).create_time()
            mine = msgspec.structs.replace(
                kept,
                path=self._path,
                granted=self.grant.instance_type,
                cpus=self.grant.cpus,
                gpus=self.grant.gpus,
                pid=pid,
                created=made,
            )
            keep_kernel(home, mine)
        except (psutil.Error, OSError, StudioError) as error:
            self.log.warning("kernel %s: what it runs on could not be kept: %s", self.kernel_id, error)

    def _alive(self) -> bool:
        process = self.process
        return process is not None and process.poll() is None

    async def cleanup(self, restart: bool = False) -> None:
        """Give everything back, unless the kernel starts again."""
        await super().cleanup(restart=restart)
        if not restart:
            await self._leave()

    async def _leave(self) -> None:
        """Hold nothing any more; the choice of the notebook stays."""
        home, kernel_id = default_home(), str(self.kernel_id)
        HEARTBEAT.drop(kernel_id)
        kept = KernelFile(kernel_id=kernel_id, granted=self.grant.instance_type, gpus=self.grant.gpus)
        await asyncio.to_thread(release, kept, home)
        forget_kernel(home, kernel_id)

    async def get_provisioner_info(self) -> dict[str, Any]:
        """Return what another process needs to go on with this kernel, its grant among it."""
        info = await super().get_provisioner_info()
        return {**info, NAME: {"grant": msgspec.to_builtins(self.grant), "wanted": self._wanted, "path": self._path}}

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        """Go on with a kernel of another process: its leases are renewed here from now on."""
        await super().load_provisioner_info(provisioner_info)
        ours = provisioner_info.get(NAME) or {}
        self.grant = msgspec.convert(ours.get("grant") or {"instance_type": SHARED}, Grant)
        self._wanted, self._path = str(ours.get("wanted") or SHARED), str(ours.get("path") or "")
        pid = int(self.pid or 0)
        if self.grant.gpus:
            HEARTBEAT.keep(str(self.kernel_id), default_home(), lambda: psutil.pid_exists(pid))

    def instance(self) -> KernelInstance:
        """Return what this kernel may use."""
        grant = self.grant
        kept = kernel_file(default_home(), str(self.kernel_id)).wanted
        return KernelInstance(
            instance_type=grant.instance_type,
            wanted=kept or self._wanted,
            vcpu=grant.vcpu or len(cpus()),
            memory_mib=grant.memory_mib,
            host_memory_mib=memory_mib(),
            gpus=grant.gpus,
            notices=grant.notices,
        )

"""The server extension: settings, routes, and what runs beside the requests.

Enabled by ``jupyter-config/server-config/mlstudio.json`` in every Jupyter server of an environment
in which mlstudio is installed.

Reads: traitlets. Knows nothing of: what a route answers.
"""

from __future__ import annotations

import os
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Int, Type, Unicode

from mlstudio.kernels.provisioner import NAME
from mlstudio.server.live.hub import Hub
from mlstudio.server.live.watcher import Live
from mlstudio.server.studio import Studio
from mlstudio.server.walk import faults, rules


class StudioApp(ExtensionApp):
    """mlstudio inside a Jupyter server."""

    name = "mlstudio"
    extension_url = "/lab"
    load_other_extensions = True

    store_url = Unicode("", help="URL of the store; empty: MLSTUDIO_STORE_URL, else the SQLite file in the home.").tag(
        config=True
    )
    max_body = Int(10 * 1024 * 1024, min=1024, help="Bytes that a request may carry.").tag(config=True)
    threads = Int(8, min=1, max=64, help="Questions that the store answers at a time.").tag(config=True)
    live_batch_ms = Int(200, min=10, help="Milliseconds between two frames to one socket.").tag(config=True)
    live_queue = Int(1000, min=10, help="Events that wait for a slow socket before it is told to start anew.").tag(
        config=True
    )
    live_bytes = Int(4 * 1024 * 1024, min=65536, help="Bytes that wait for a slow socket.").tag(config=True)
    live_ring = Int(10_000, min=100, help="Past events kept for sockets that come back.").tag(config=True)
    live_poll_ms = Int(250, min=20, help="Milliseconds between two looks at the store, while a socket is open.").tag(
        config=True
    )
    recover_seconds = Int(10, min=1, help="Seconds between two searches for processes that died.").tag(config=True)
    kernels = Bool(True, help="Start kernels on instance types when their kernelspec names no provisioner.").tag(
        config=True
    )
    studio_class = Type(Studio, klass=Studio, config=True, help="The service object behind all handlers.")

    def initialize_settings(self) -> None:
        """Make the service object; refuse to start with a route that is not guarded."""
        wrong = faults()
        if wrong:
            raise RuntimeError("mlstudio does not start: " + " ".join(wrong))
        studio = self.studio_class(self.store_url, max_body=self.max_body, threads=self.threads)
        hub = Hub(
            studio.boot,
            batch=self.live_batch_ms / 1000,
            queue=self.live_queue,
            queue_bytes=self.live_bytes,
            ring=self.live_ring,
        )
        studio.live = Live(studio, hub, poll=self.live_poll_ms / 1000, recover=self.recover_seconds, log=self.log)
        self.studio = studio
        self.settings["mlstudio"] = studio
        if self.kernels:
            self._offer_kernels()

    def _offer_kernels(self) -> None:
        """Become the default provisioner, unless somebody chose one: users' kernelspecs stay as they are.

        Set here and not in a file below etc/jupyter, which could outlive the entry point that it
        names: then no kernel would start any more.
        """
        factory = KernelProvisionerFactory.instance(parent=self.serverapp)
        known = NAME in factory.get_provisioner_entries()
        if known and factory.default_provisioner_name == "local-provisioner" and not _chosen(self.config):
            factory.default_provisioner_name = NAME

    def initialize_handlers(self) -> None:
        """Register what the table of routes says, and the wall behind it."""
        self.handlers.extend(rules())

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Begin to look after journals of dead processes, and give back the disk that is still owed."""
        self.studio.live.start()
        self.studio.reclaim.start()

    async def stop_extension(self) -> None:
        """End what runs beside the requests, then the pool."""
        await self.studio.live.stop()
        self.studio.close()


def _chosen(config: Any) -> bool:
    """Tell whether somebody named the default provisioner, be it Jupyter's own."""
    name = KernelProvisionerFactory.default_provisioner_name_env
    return bool(os.environ.get(name)) or "default_provisioner_name" in config.KernelProvisionerFactory

"""Sizes over HTTP: what may be asked for, what this host has, who holds what."""

from __future__ import annotations

import msgspec

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.instances import InstancesReply, InstanceType
from mlstudio.jobs.hosts.capacity import capacity
from mlstudio.jobs.hosts.catalogue import KNOWN, add_type, own_types, remove_type
from mlstudio.server.base import StudioHandler
from mlstudio.server.guards import guarded
from mlstudio.server.routes import JOBS


class Instances(StudioHandler):
    """GET /instances"""

    @guarded("read", JOBS)
    async def get(self) -> None:
        home = self.studio.home
        await self.answer(
            lambda store: InstancesReply([*own_types(home).values(), *KNOWN.values()], capacity(), store.leases())
        )


class Instance(StudioHandler):
    """PUT, DELETE /instances/{name}"""

    @guarded("write", JOBS)
    async def put(self, name: str) -> None:
        wanted = self.body(InstanceType)
        if wanted.name != name:
            raise InvalidField(f"The size {name!r:.100} is called {wanted.name!r:.100} in the body.", field="name")
        made = msgspec.structs.replace(wanted, own=True)
        home = self.studio.home
        self.reply(await self.studio.run(lambda: add_type(made, home, replace=True)))

    @guarded("write", JOBS)
    async def delete(self, name: str) -> None:
        home = self.studio.home
        await self.studio.run(lambda: remove_type(name, home))
        self.reply(None, status=204)

"""The one socket: topics come in, events go out."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import mlstudio
from mlstudio.entities.errors import StudioError
from mlstudio.entities.events import ClientOp, SubscribeOp
from mlstudio.entities.names import is_name
from mlstudio.entities.wire import decode
from mlstudio.server.base import StudioSocket
from mlstudio.server.guards import guarded
from mlstudio.server.live.hub import MAX_TOPICS, Subscriber
from mlstudio.server.routes import EXPERIMENTS, JOBS

RESOURCES: Final = {
    "experiments": EXPERIMENTS,
    "experiment": EXPERIMENTS,
    "component": EXPERIMENTS,
    "points": EXPERIMENTS,
    "output": EXPERIMENTS,
    "task": EXPERIMENTS,
    "views": EXPERIMENTS,
    "jobs": JOBS,
    "job": JOBS,
    "log": JOBS,
    "schedules": JOBS,
    "instances": JOBS,
}
BARE: Final = frozenset({"experiments", "jobs", "schedules", "instances"})
BAD_LIMIT: Final = 3
CLOSE_BAD: Final = 4400


class Events(StudioSocket):
    """GET /events, upgraded"""

    subscriber: Subscriber | None = None
    _bad = 0

    @property
    def max_message_size(self) -> int:
        """A client only names topics."""
        return 64 * 1024

    @guarded("read", EXPERIMENTS, socket=True)
    async def get(self, *names: str, **more: str) -> None:
        opening: Any = super().get(*names, **more)
        if opening is not None:
            await opening

    def open(self, *names: str, **more: str) -> None:
        super().open(*names, **more)
        self._turn = asyncio.Lock()
        hub = self.studio.live.hub
        self.subscriber = hub.join(self._write)
        self._bad = 0
        self.lighten()
        hub.tell(self.subscriber, "hello", "hello", {"version": mlstudio.__version__, "boot": hub.boot})

    async def _write(self, frame: bytes) -> None:
        await self.write_message(frame)

    async def on_message(self, message: str | bytes) -> None:
        async with self._turn:  # in the order in which they came, though the authorizer may wait
            await self._take(message)

    async def _take(self, message: str | bytes) -> None:
        try:
            op: ClientOp = decode(message, ClientOp)  # type: ignore[arg-type]
        except StudioError as error:
            self._refuse("error", error.code, error.message)
            return
        self._bad = 0
        subscriber = self.subscriber
        if subscriber is None:
            return
        if not isinstance(op, SubscribeOp):
            self.studio.live.hub.unsubscribe(subscriber, op.topics)
            return
        allowed = [topic for topic in op.topics if await self._admitted(topic, subscriber)]
        fresh = self.studio.live.hub.subscribe(subscriber, allowed, since=op.since, boot=op.boot)
        await self.studio.live.greet(subscriber, fresh)

    async def _admitted(self, topic: str, subscriber: Subscriber) -> bool:
        kind, colon, name = topic.partition(":")
        resource = RESOURCES.get(kind)
        if resource is None or bool(colon) == (kind in BARE) or (colon and not is_name(name)):
            return self._say(topic, "invalid_field", "There is no such topic.")
        if not await self.may("read", resource):
            return self._say(topic, "forbidden", "You may not listen to this.")
        if topic not in subscriber.topics and len(subscriber.topics) >= MAX_TOPICS:
            return self._say(topic, "too_many", f"A socket listens to at most {MAX_TOPICS} topics.")
        return True

    def _refuse(self, topic: str, code: str, message: str) -> None:
        self._bad += 1
        if self._bad >= BAD_LIMIT:
            self.close(CLOSE_BAD, "three messages in a row could not be read")
        else:
            self._say(topic, code, message)

    def _say(self, topic: str, code: str, message: str) -> bool:
        if self.subscriber:
            self.studio.live.hub.tell(self.subscriber, topic, "error", {"code": code, "message": message})
        return False

    def on_close(self) -> None:
        if self.subscriber:
            self.studio.live.hub.leave(self.subscriber)
            self.subscriber = None
        super().on_close()

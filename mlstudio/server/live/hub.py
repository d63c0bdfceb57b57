"""Fan-out of live events to sockets: one order, bounded memory, nobody waits for the slow.

Each event is encoded once and its bytes are shared by all who listen. A socket gets at most one
frame per batch time. A frame is only sent when the one before has left; meanwhile events queue,
and a queue that grows over its bounds is thrown away for one ``invalidate`` per topic.

The last events are kept in a ring, so that a socket that comes back with ``since`` misses nothing.

Runs in the event loop; not for threads. Knows nothing of: stores, HTTP.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from mlstudio.entities.wire import encode

MAX_TOPICS: Final = 200
RING_BYTES: Final = 32 * 1024 * 1024
"""That past events may take together."""
TAILED: Final = ("points:", "log:", "output:")
"""Topics that are only looked at while somebody listens: what happened in between is in no ring."""
Write = Callable[[bytes], Awaitable[None]]
News = tuple[str, str, Any]
"""Topic, type and data of an event that is not numbered yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event, encoded."""

    seq: int
    topic: str
    data: bytes


class Subscriber:
    """One socket's topics and queue.

    Args:
        hub: to which it belongs.
        write: sends one frame; done when the frame has left.
    """

    __slots__ = ("_bytes", "_closed", "_hub", "_last", "_queue", "_sending", "_task", "_timer", "_write", "topics")

    def __init__(self, hub: Hub, write: Write) -> None:
        self.topics: set[str] = set()
        self._hub = hub
        self._write = write
        self._queue: list[Event] = []
        self._bytes = 0
        self._sending = False
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._closed = False

    def push(self, event: Event) -> None:
        """Queue an event; over the bounds, forget all and say so once per topic."""
        self._queue.append(event)
        self._bytes += len(event.data)
        if len(self._queue) > self._hub.queue or self._bytes > self._hub.queue_bytes:
            self._queue = [self._hub.make(topic, "invalidate", {}) for topic in sorted(self.topics)]
            self._bytes = sum(len(item.data) for item in self._queue)
        self._schedule()

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True
        self._queue.clear()
        if self._timer:
            self._timer.cancel()

    def _schedule(self) -> None:
        if self._timer or self._sending or self._closed or not self._queue:
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, self._last + self._hub.batch - loop.time()), self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._queue and not self._closed:
            self._sending = True
            self._task: asyncio.Future[None] | None = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        frame = b"[" + b",".join(event.data for event in self._queue) + b"]"
        self._queue, self._bytes = [], 0
        self._last = asyncio.get_running_loop().time()
        try:
            await self._write(frame)
        except Exception:
            self.close()
        finally:
            self._sending = False
            self._task = None
            self._schedule()


class Hub:
    """All sockets of one server process.

    Args:
        boot: id of this process; numbers of another boot mean nothing here.
        batch: seconds between two frames to one socket.
        queue: events that may wait for one socket.
        queue_bytes: bytes that may wait for one socket.
        ring: past events that are kept.
    """

    def __init__(
        self,
        boot: str,
        *,
        batch: float = 0.2,
        queue: int = 1000,
        queue_bytes: int = 4 * 1024 * 1024,
        ring: int = 10_000,
    ) -> None:
        self.boot = boot
        self.batch = batch
        self.queue = queue
        self.queue_bytes = queue_bytes
        self.seq = 0
        self.on_sockets: Callable[[], None] = lambda: None
        """Called when a socket comes or changes its topics."""
        self._ring: deque[Event] = deque()
        self._ring_size = ring
        self._ring_bytes = 0
        self._floor = 0
        self._sockets: set[Subscriber] = set()
        self._listeners: dict[str, set[Subscriber]] = {}
        self._begun: dict[str, int] = {}

    @property
    def open(self) -> int:
        """How many sockets are open."""
        return len(self._sockets)

    def topics(self, prefix: str) -> set[str]:
        """Return what follows `prefix` in the topics that somebody listens to."""
        return {topic[len(prefix) :] for topic in self._listeners if topic.startswith(prefix)}

    def join(self, write: Write) -> Subscriber:
        """Add a socket."""
        subscriber = Subscriber(self, write)
        self._sockets.add(subscriber)
        self.on_sockets()
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a socket."""
        subscriber.close()
        self.unsubscribe(subscriber, list(subscriber.topics))
        self._sockets.discard(subscriber)

    def subscribe(
        self, subscriber: Subscriber, topics: Iterable[str], *, since: int | None = None, boot: str | None = None
    ) -> list[str]:
        """Let a socket listen; return the topics that it heard of for the first time.

        With `since`, what happened later is sent again, or ``invalidate`` where that is not known.
        """
        fresh = [topic for topic in dict.fromkeys(topics) if topic not in subscriber.topics]
        unheard = {topic for topic in fresh if topic not in self._listeners}
        for topic in fresh:
            subscriber.topics.add(topic)
            self._listeners.setdefault(topic, set()).add(subscriber)
            self._begun.setdefault(topic, self.seq)
        if since is not None:
            self._replay(subscriber, set(fresh), unheard, since, boot)
        self.on_sockets()
        return fresh

    def unsubscribe(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        """Let a socket listen no more."""
        for topic in topics:
            subscriber.topics.discard(topic)
            listeners = self._listeners.get(topic)
            if listeners:
                listeners.discard(subscriber)
                if not listeners:
                    del self._listeners[topic]
                    self._begun.pop(topic, None)

    def publish(self, topic: str, kind: str, data: Any) -> None:
        """Tell everybody who listens to `topic`, and keep it for those who come back."""
        event = self.make(topic, kind, data)
        self._keep(event)
        for subscriber in self._listeners.get(topic, ()):
            subscriber.push(event)

    def _keep(self, event: Event) -> None:
        self._ring.append(event)
        self._ring_bytes += len(event.data)
        while len(self._ring) > self._ring_size or self._ring_bytes > RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft().data)

    def tell(self, subscriber: Subscriber, topic: str, kind: str, data: Any) -> None:
        """Tell one socket only."""
        subscriber.push(self.make(topic, kind, data))

    def forget(self) -> None:
        """Something was missed: keep nothing, and let everybody start anew."""
        self._ring.clear()
        self._ring_bytes = 0
        self.seq += 1  # who is away now and has seen the newest event is told too, when it comes back
        self._floor = self.seq
        for topic in list(self._listeners):
            for subscriber in self._listeners[topic]:
                self.tell(subscriber, topic, "invalidate", {})

    def make(self, topic: str, kind: str, data: Any) -> Event:
        """Encode an event with the next number; a reader forgets one whose number it has seen."""
        self.seq += 1
        return Event(self.seq, topic, encode({"seq": self.seq, "topic": topic, "type": kind, "data": data}))

    def _replay(
        self, subscriber: Subscriber, topics: set[str], unheard: set[str], since: int, boot: str | None
    ) -> None:
        oldest = self._ring[0].seq - 1 if self._ring else self.seq
        lost = boot not in (None, self.boot) or not max(oldest, self._floor) <= since <= self.seq
        for topic in sorted(topics):
            if lost or (topic.startswith(TAILED) and (topic in unheard or self._begun[topic] > since)):
                self.tell(subscriber, topic, "invalidate", {})
                topics.discard(topic)
        for event in self._ring:
            if event.seq > since and event.topic in topics:
                subscriber.push(event)

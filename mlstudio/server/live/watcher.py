"""Who looks for news: four times a second while a socket is open, and not at all without one.

One look is one visit to a thread: the change feed, the journals of this host, the logs that
somebody reads. What it finds is published in the event loop. Beside it, whether sockets are open
or not, journals of dead processes are drained and lost components closed every few seconds, and
the agent is started when jobs have not ended and nobody follows them.

A look that fails (the store is busy, the disk is full) is said once in the log and tried again;
what it had found before it failed is lost, so everybody is told to start anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from typing import TYPE_CHECKING, Any, Final

from mlstudio import jobs
from mlstudio.entities.errors import StudioError
from mlstudio.server.live.hub import Hub, News, Subscriber
from mlstudio.server.live.journal_tail import JournalTail
from mlstudio.server.live.lease_tail import LeaseTail
from mlstudio.server.live.log_tail import job_logs, run_logs
from mlstudio.server.live.project import Projector
from mlstudio.server.live.store_tail import StoreTail
from mlstudio.store.recover import HeartbeatWatch, close_lost, recover_journals

if TYPE_CHECKING:
    from logging import Logger

    from mlstudio.server.studio import Studio
    from mlstudio.store.laws import Store

FAR_BEHIND: Final = 2000
"""Changes beyond which everybody starts anew instead of being told each."""
PAGE: Final = 1000
LOOKED_AT: Final = ("points:", "experiment:", "log:", "component:", "instances", "output:")
"""Topics, by how they begin, for which a look asks more than the change feed."""


class Live:
    """The hub and those who feed it.

    Args:
        studio: gives the store and the threads.
        hub: is told.
        poll: seconds between two looks.
        recover: seconds between two searches for dead processes.
        log: the server's log.
    """

    def __init__(self, studio: Studio, hub: Hub, *, poll: float, recover: float, log: Logger) -> None:
        self.hub = hub
        self._studio = studio
        self._poll = poll
        self._recover = recover
        self._log = log
        self._projector = Projector()
        self._journals = JournalTail(studio.home, self._projector)
        self._stored = StoreTail()
        self._logs = job_logs()
        self._outputs = run_logs(studio.home)
        self._leases = LeaseTail()
        self._heartbeats = HeartbeatWatch()
        self._after: int | None = None
        """Id of the last change that was told; below 0 when the store is another one than it was."""
        self._mark: tuple[int, int] | None = None
        """Id and time of that change: both, for a file that was put back by hand uses ids again."""
        self._store: weakref.ref[Store] | None = None
        self._missed = False
        """A look failed half way: what it had found already is lost."""
        self._seeded: set[str] = set()
        self._said: dict[str, str] = {}
        self._awake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        hub.on_sockets = self._wake

    def start(self) -> None:
        """Begin to look, and to recover. Call it in the running loop; twice is once."""
        if not self._tasks:
            self._loop = asyncio.get_running_loop()
            self._tasks = [asyncio.create_task(self._look_on()), asyncio.create_task(self._recover_on())]

    async def stop(self) -> None:
        """End both; what runs in a thread ends by itself."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        async with self._turn:
            self._journals.close()

    def publish(self, topic: str, kind: str, data: object) -> None:
        """Tell everybody who listens; for threads. Nobody listens before `start` and after the loop."""
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed at this very moment
                self._loop.call_soon_threadsafe(self.hub.publish, topic, kind, data)

    def _wake(self) -> None:
        self.start()
        self._awake.set()

    async def greet(self, subscriber: Subscriber, topics: list[str]) -> None:
        """Tell a new listener of points and logs what no event will: where they stand now."""
        for topic in topics:
            kind, _, name = topic.partition(":")
            if kind not in {"points", "log", "output", "experiment"}:
                continue
            try:
                async with self._turn:
                    news = await self._studio.ask(lambda store, kind=kind, name=name: self._greeting(store, kind, name))  # type: ignore[misc]
            except StudioError as error:
                self._complain("a greeting", error)
                continue
            for _, event, data in news:
                self.hub.tell(subscriber, topic, event, data)

    def _greeting(self, store: Store, kind: str, name: str) -> list[News]:
        if kind in {"log", "output"}:
            return (self._logs if kind == "log" else self._outputs).greeting(store, name)
        if kind == "experiment":
            self._seed(store, {name})
            return []
        self._stored.begin(store, name)
        series = self._journals.undrained(store, name)
        return [(f"points:{name}", "append", {"series": series})] if series else []

    async def _look_on(self) -> None:
        try:
            self._after = await self._studio.ask(lambda store: store.last_change())
        except Exception as error:  # a store that cannot be opened now is met again at the first look
            self._complain("live events", error)
        while True:
            await self._awake.wait()
            if not self.hub.open:
                self._awake.clear()
                continue
            try:
                async with self._turn:
                    wanted = [self.hub.topics(prefix) for prefix in LOOKED_AT]
                    news, missed = await self._studio.ask(lambda store, wanted=wanted: self._look(store, *wanted))  # type: ignore[misc]
            except Exception as error:
                self._missed = True
                self._complain("live events", error)
                await asyncio.sleep(max(1.0, self._poll))
                continue
            self._said.pop("live events", None)
            if missed or self._missed:
                self._missed = False
                self.hub.forget()
            for topic, kind, data in news:
                self.hub.publish(topic, kind, data)
            await asyncio.sleep(self._poll)

    def _look(
        self,
        store: Store,
        points: set[str],
        experiments: set[str],
        logs: set[str],
        components: set[str],
        instances: set[str],
        outputs: set[str],
    ) -> tuple[list[News], bool]:
        """Return the news, and whether some were missed. Runs in a thread; sockets are out of its sight."""
        newest = store.last_change()
        if self._is_another(store, newest):
            self._start_anew()
        self._seed(store, experiments - self._seeded)
        self._seeded &= experiments
        self._projector.forget_columns(experiments)
        self._stored.forget_others(points)
        news = self._journals.look(store, points, experiments)
        changes, missed = self._changes(store, newest)
        if any(change.kind == "store" for change in changes):
            self._start_anew()
            changes, missed = self._changes(store, newest)
        news += self._projector.project(store, changes, experiments, components)
        measured = {change.name for change in changes if change.op == "metrics"} & points
        news += self._stored.look(store, measured, silent=self._journals.active)
        news += self._logs.look(store, logs) + self._outputs.look(store, outputs)
        news += self._leases.look(store, wanted=bool(instances))
        return news, missed

    def _seed(self, store: Store, experiments: set[str]) -> None:
        for name in experiments:
            self._projector.seed_columns(store, name)
            self._seeded.add(name)

    def _is_another(self, store: Store, newest: int) -> bool:
        """Tell whether the store is another one than at the last look: a backup was put back."""
        before = self._store
        self._store = weakref.ref(store)
        if before is not None and before() is not store:
            return True
        return self._after is not None and (newest < self._after or not self._is_marked(store, newest))

    def _is_marked(self, store: Store, newest: int) -> bool:
        """Tell whether the last change that was told still stands in the feed as it stood there."""
        if self._mark is None or newest - self._mark[0] > FAR_BEHIND:  # that is told anyway
            return True
        return _mark_of(store, self._mark[0]) == self._mark

    def _start_anew(self) -> None:
        """Forget all that was known of the store; everybody is told to."""
        self._projector.reset()
        self._stored.reset()
        self._journals.close()
        self._seeded.clear()
        self._after = -1

    def _changes(self, store: Store, newest: int) -> tuple[list[Any], bool]:
        """Return the changes since the last look, and whether there were too many to tell, or others than thought."""
        if self._after is None or self._after < 0 or newest - self._after > FAR_BEHIND:
            missed = self._after is not None
            self._after, self._mark = newest, _mark_of(store, newest)
            return [], missed
        found: list[Any] = []
        while self._after < newest:
            page = store.changes(self._after, limit=PAGE)
            if not page:
                self._after = newest
                break
            found += page
            self._after, self._mark = page[-1].id, (page[-1].id, page[-1].at)
        if self._mark is None:
            self._mark = _mark_of(store, self._after)
        return found, False

    async def _recover_on(self) -> None:
        while True:
            try:
                await self._studio.ask(self._recover_once)
            except Exception as error:
                self._complain("recovery", error)
            else:
                self._said.pop("recovery", None)
            await asyncio.sleep(self._recover)

    def _recover_once(self, store: Store) -> None:
        recover_journals(store, self._studio.home)
        close_lost(store, self._studio.home, self._heartbeats)
        jobs.look_after(store, self._studio.home)

    def _complain(self, what: str, error: Exception) -> None:
        """Say a reason once, not at every look."""
        text = f"{type(error).__name__}: {error}"
        if self._said.get(what) != text:
            self._said[what] = text
            self._log.warning("mlstudio: %s must wait: %s", what, text, exc_info=not isinstance(error, StudioError))


def _mark_of(store: Store, number: int) -> tuple[int, int] | None:
    """Return id and time of a change; None for the one before the first, and for one that is not there."""
    found = store.changes(number - 1, limit=1) if number > 0 else []
    return (found[0].id, found[0].at) if found and found[0].id == number else None

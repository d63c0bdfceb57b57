"""Who goes next: priority, then order of submission, and bounded backfill.

What waits for room may be passed by what fits, so that a host is never idle for the sake of order;
but at most `PASSES` times, then the queue waits for it, so that a large job is not starved by
small ones.

Knows nothing of: what a job is, where room comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

PASSES: Final = 8
"""How often an entry may be passed."""
T = TypeVar("T")


@dataclass(slots=True)
class Entry(Generic[T]):
    """Something that waits.

    Attributes:
        name: of the job.
        priority: higher goes first.
        order: equal priorities go by it, the smallest first; the time of submission.
        what: the job.
        passed: how often another went first that stood behind it.
        why: what it waits for, a sentence; "" before anybody looked.
    """

    name: str
    priority: int
    order: int
    what: T
    passed: int = 0
    why: str = ""


@dataclass(slots=True)
class Queue(Generic[T]):
    """What waits, in the order in which it goes."""

    _entries: dict[str, Entry[T]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(sorted(self._entries.values(), key=lambda one: (-one.priority, one.order)))

    def add(self, name: str, what: T, *, priority: int, order: int) -> None:
        """Let something wait; what waits already keeps its place."""
        if name not in self._entries:
            self._entries[name] = Entry(name, priority, order, what)

    def get(self, name: str) -> T | None:
        """Return what waits under a name."""
        entry = self._entries.get(name)
        return None if entry is None else entry.what

    def remove(self, name: str) -> T | None:
        """Take something out that shall not run; None when it does not wait."""
        entry = self._entries.pop(name, None)
        return None if entry is None else entry.what

    def set_priority(self, name: str, priority: int) -> None:
        """Move something; what does not wait is left alone."""
        if name in self._entries:
            self._entries[name].priority = priority

    def told(self, name: str) -> str:
        """Return a sentence or two for a person: what it waits for, and how many go before it."""
        entry = self._entries.get(name)
        why = "" if entry is None else entry.why
        ahead = self.ahead_of(name)
        return " ".join(filter(None, [why, f"{ahead} ahead in the queue." if ahead or not why else ""]))

    def ahead_of(self, name: str) -> int:
        """Return how many go before it."""
        for position, entry in enumerate(self):
            if entry.name == name:
                return position
        return 0

    def next(self, room: Callable[[T], str | None]) -> T | None:
        """Take out and return what goes now; None when nothing does.

        Args:
            room: takes what it needs and returns None, or returns a sentence that says what is short.
                Called in order of the queue, for each that has no room, and for the one that goes.
        """
        waiting: list[Entry[T]] = []
        for entry in self:
            why = room(entry.what)
            if why is None:
                for one in waiting:
                    one.passed += 1
                del self._entries[entry.name]
                return entry.what
            entry.why = why
            waiting.append(entry)
            if entry.passed >= PASSES:
                return None
        return None

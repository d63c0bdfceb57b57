"""Fan-out: one order, bounded queues, and nothing missed by who comes back in time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mlstudio.server.live import hub as hub_module
from mlstudio.server.live.hub import Hub, Subscriber

BATCH = 0.02


class Reader:
    """A socket: keeps its frames; a slow one lets none leave until `gate` is set."""

    def __init__(self, hub: Hub, *, slow: bool = False) -> None:
        self.frames: list[list[dict[str, Any]]] = []
        self.raw: list[bytes] = []
        self.gate = asyncio.Event()
        if not slow:
            self.gate.set()
        self.subscriber: Subscriber = hub.join(self.write)

    async def write(self, frame: bytes) -> None:
        await self.gate.wait()
        self.raw.append(frame)
        self.frames.append(json.loads(frame))

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for frame in self.frames for event in frame]

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event["topic"], event["type"]) for event in self.events]


async def settle() -> None:
    await asyncio.sleep(BATCH * 4)


def test_who_listens_is_told_and_nobody_else() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        one, other = Reader(hub), Reader(hub)
        hub.subscribe(one.subscriber, ["jobs"])
        hub.subscribe(other.subscriber, ["experiments"])

        hub.publish("jobs", "created", {"name": "j"})
        await settle()

        assert one.told == [("jobs", "created")]
        assert one.events[0]["data"] == {"name": "j"}
        assert other.told == []

    asyncio.run(scene())


def test_numbers_rise_over_all_topics() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        reader = Reader(hub)
        hub.subscribe(reader.subscriber, ["jobs", "experiments"])
        for number in range(10):
            hub.publish("jobs" if number % 2 else "experiments", "updated", {})
        await settle()

        seqs = [event["seq"] for event in reader.events]
        assert len(seqs) == 10
        assert seqs == sorted(set(seqs))

    asyncio.run(scene())


def test_many_events_travel_in_few_frames() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=0.1)
        reader = Reader(hub)
        hub.subscribe(reader.subscriber, ["jobs"])
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() - begun < 0.35:
            hub.publish("jobs", "updated", {})
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.15)

        assert len(reader.frames) <= 6
        assert len(reader.events) > 50

    asyncio.run(scene())


def test_an_event_is_encoded_once_for_all_who_listen() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        readers = [Reader(hub) for _ in range(3)]
        for reader in readers:
            hub.subscribe(reader.subscriber, ["jobs"])
        hub.publish("jobs", "updated", {"value": float("nan")})
        await settle()

        assert len({reader.raw[0] for reader in readers}) == 1
        assert readers[0].events[0]["data"] == {"value": "nan"}

    asyncio.run(scene())


def test_t30_a_slow_reader_gets_one_invalidate_per_topic_and_the_others_everything() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH, queue=50)
        slow, quick = Reader(hub, slow=True), Reader(hub)
        for reader in (slow, quick):
            hub.subscribe(reader.subscriber, ["jobs", "experiments"])
        hub.publish("jobs", "first", {})
        await settle()
        for _ in range(2):
            for _ in range(30):
                hub.publish("jobs", "updated", {})
            await settle()
        slow.gate.set()
        await settle()

        assert slow.told[:3] == [("jobs", "first"), ("experiments", "invalidate"), ("jobs", "invalidate")]
        assert len(slow.told) == 3 + 9  # what came after the invalidate
        assert len(quick.events) == 61

    asyncio.run(scene())


def test_a_queue_is_bounded_in_bytes_too() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH, queue_bytes=10_000)
        slow = Reader(hub, slow=True)
        hub.subscribe(slow.subscriber, ["log:j"])
        hub.publish("log:j", "first", {})
        await settle()
        for _ in range(20):
            hub.publish("log:j", "append", {"b64": "x" * 1000})
        assert slow.subscriber._bytes <= 10_000
        slow.gate.set()
        await settle()

        assert ("log:j", "invalidate") in slow.told

    asyncio.run(scene())


def test_who_comes_back_in_time_misses_nothing_and_gets_nothing_twice() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        first = Reader(hub)
        hub.subscribe(first.subscriber, ["jobs"])
        hub.publish("jobs", "one", {})
        await settle()
        since = first.events[-1]["seq"]
        hub.leave(first.subscriber)
        hub.publish("jobs", "two", {})
        hub.publish("experiments", "other", {})

        again = Reader(hub)
        hub.subscribe(again.subscriber, ["jobs"], since=since, boot="boot")
        hub.publish("jobs", "three", {})
        await settle()

        assert again.told == [("jobs", "two"), ("jobs", "three")]

    asyncio.run(scene())


def test_who_comes_back_too_late_or_from_another_boot_starts_anew() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH, ring=100)
        for _ in range(300):
            hub.publish("jobs", "updated", {})
        for since, boot in ((5, "boot"), (hub.seq, "another"), (hub.seq + 1000, "boot")):
            reader = Reader(hub)
            hub.subscribe(reader.subscriber, ["jobs", "experiments"], since=since, boot=boot)
            await settle()
            assert reader.told == [("experiments", "invalidate"), ("jobs", "invalidate")], (since, boot)

    asyncio.run(scene())


def test_points_that_nobody_followed_meanwhile_are_loaded_anew() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        reader = Reader(hub)
        hub.subscribe(reader.subscriber, ["points:c", "jobs"])
        hub.publish("jobs", "one", {})
        since = hub.seq
        hub.leave(reader.subscriber)

        again = Reader(hub)
        hub.subscribe(again.subscriber, ["points:c", "jobs"], since=since, boot="boot")
        await settle()

        assert again.told == [("points:c", "invalidate")]

    asyncio.run(scene())


def test_after_a_gap_everybody_starts_anew() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        reader = Reader(hub)
        hub.subscribe(reader.subscriber, ["jobs"])
        hub.publish("jobs", "one", {})
        await settle()
        since = reader.events[-1]["seq"]

        hub.forget()
        late = Reader(hub)
        hub.subscribe(late.subscriber, ["jobs"], since=since, boot="boot")
        await settle()

        assert reader.told[-1] == ("jobs", "invalidate")
        assert reader.events[-1]["seq"] > since
        assert late.told == [("jobs", "invalidate")]

    asyncio.run(scene())


def test_who_was_away_and_had_seen_everything_starts_anew_too() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        hub.publish("jobs", "updated", {})
        since = hub.seq
        hub.forget()  # nobody listens
        for news in (False, True):
            late = Reader(hub)
            hub.subscribe(late.subscriber, ["jobs"], since=since, boot="boot")
            await settle()
            assert late.told == [("jobs", "invalidate")]
            if not news:
                hub.publish("other", "updated", {})

    asyncio.run(scene())


def test_a_socket_that_breaks_is_left_alone() -> None:
    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        tries = 0

        async def broken(frame: bytes) -> None:
            nonlocal tries
            tries += 1
            raise ConnectionError("gone")

        reader = hub.join(broken)
        hub.subscribe(reader, ["jobs"])
        for _ in range(3):
            hub.publish("jobs", "updated", {})
            await settle()
        hub.leave(reader)

        assert tries == 1
        assert hub.open == 0
        assert hub.topics("job") == set()

    asyncio.run(scene())


def test_past_events_keep_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RING_BYTES", 10_000)

    async def scene() -> None:
        hub = Hub("boot", batch=BATCH)
        for number in range(100):
            hub.publish("jobs", "updated", {"number": number, "text": "x" * 900})
        old, new = Reader(hub), Reader(hub)
        hub.subscribe(old.subscriber, ["jobs"], since=1)
        hub.subscribe(new.subscriber, ["jobs"], since=95)
        await settle()

        assert old.told == [("jobs", "invalidate")], "what it asks for is gone"
        assert [event["data"]["number"] for event in new.events] == [95, 96, 97, 98, 99]
        assert hub._ring_bytes <= 10_000

    asyncio.run(scene())

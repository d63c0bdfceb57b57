"""Disk that a purge gives back: what nothing names goes, what is young or in use stays."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.entities.transfers import TaskRecord
from mlstudio.server import reclaim as reclaim_module
from mlstudio.server.live.hub import Hub
from mlstudio.server.live.watcher import Live
from mlstudio.server.studio import Studio
from mlstudio.store import collect as collect_module
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.collect_debt import owed_since, settle
from mlstudio.store.home import Home
from mlstudio.store.journal_format import MAGIC, SUFFIX

LOG = logging.getLogger("test.reclaim")


def blob(home: Home, data: bytes, *, age: float) -> tuple[str, Path]:
    made = BlobStore(home.artifacts).put_bytes(data)
    path = BlobStore(home.artifacts).path(made.sha256)
    os.utime(path, (time.time() - age, time.time() - age))
    return made.sha256, path


def play(scene: Callable[[Studio], object]) -> list[TaskRecord]:
    async def run() -> list[TaskRecord]:
        studio = Studio(threads=2)
        studio.live = Live(studio, Hub(studio.boot), poll=1, recover=60, log=LOG)
        try:
            scene(studio)
            deadline = time.monotonic() + 10
            while any(task.ended_at is None for task in studio.tasks.all()):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)
            return studio.tasks.all()
        finally:
            studio.close()

    return asyncio.run(run())


def test_what_nothing_names_goes_and_the_rest_stays(home: Home) -> None:
    store = open_store()
    store.create_component(ComponentCreate(name="c"))
    used, used_path = blob(home, b"used", age=10**6)
    _, unused_path = blob(home, b"unused", age=10**6)
    _, young_path = blob(home, b"young", age=60)
    store.add_artifact("c", "output", "o", ArtifactRef(value="x", sha256=used, size=4))

    (task,) = play(lambda studio: studio.reclaim.after_purge())

    assert (used_path.exists(), unused_path.exists(), young_path.exists()) == (True, False, True)
    assert task.report is not None
    assert (task.kind, task.status, task.report.artifacts, task.report.bytes) == ("purge", "Completed", 1, 6)


def test_many_purges_are_one_collection(home: Home) -> None:
    open_store()

    def scene(studio: Studio) -> None:
        for _ in range(20):
            studio.reclaim.after_purge()

    assert 1 <= len(play(scene)) <= 3


def test_a_second_collection_follows(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store()
    monkeypatch.setattr(reclaim_module, "LATER", 0.2)

    async def run() -> int:
        studio = Studio(threads=2)
        studio.live = Live(studio, Hub(studio.boot), poll=1, recover=60, log=LOG)
        try:
            studio.reclaim.after_purge()
            deadline = time.monotonic() + 10
            while len(studio.tasks.all()) < 2:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)
            return len(studio.tasks.all())
        finally:
            studio.close()

    assert asyncio.run(run()) == 2


def test_the_second_collection_follows_the_last_purge(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store()
    monkeypatch.setattr(reclaim_module, "LATER", 0.5)
    begun: list[float] = []

    async def run() -> float:
        studio = Studio(threads=2)
        studio.live = Live(studio, Hub(studio.boot), poll=1, recover=60, log=LOG)
        monkeypatch.setattr(studio.reclaim, "_begin", lambda: begun.append(time.monotonic()))
        try:
            studio.reclaim.after_purge()
            await asyncio.sleep(0.3)
            studio.reclaim.after_purge()
            await asyncio.sleep(0.7)
            return begun[1]
        finally:
            studio.close()

    last = asyncio.run(run())
    assert len(begun) == 3
    assert begun[2] - last >= 0.45


def ended(studio: Studio) -> list[TaskRecord]:
    return [task for task in studio.tasks.all() if task.ended_at is not None]


async def wait_for(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not there():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_a_purge_while_a_collection_runs_is_collected_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store()
    _, first = blob(home, b"first", age=10**6)
    real, looking, go_on = collect_module.collect, threading.Event(), threading.Event()
    late: list[Path] = []

    def held_up(*arguments: Any, **options: Any) -> collect_module.Collected:
        found = real(*arguments, **options)
        if not looking.is_set():  # all was looked at, and the task has not ended yet
            looking.set()
            assert go_on.wait(10)
        return found

    monkeypatch.setattr(collect_module, "collect", held_up)

    async def run() -> list[TaskRecord]:
        studio = Studio(threads=2)
        studio.live = Live(studio, Hub(studio.boot), poll=1, recover=60, log=LOG)
        try:
            studio.reclaim.after_purge()
            await wait_for(looking.is_set)
            late.append(blob(home, b"second", age=10**6)[1])
            studio.reclaim.after_purge()
            go_on.set()
            await wait_for(lambda: ended(studio))
            return studio.tasks.all()
        finally:
            studio.close()

    (task,) = asyncio.run(run())
    assert not first.exists()
    assert not late[0].exists(), "it would have waited for a day"
    assert task.report is not None
    assert (task.report.artifacts, task.report.bytes) == (2, 11)


def test_what_a_server_that_ended_still_owed_is_paid_by_the_next_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store()
    monkeypatch.setattr(reclaim_module, "LATER", 60.0)
    _, young = blob(home, b"young", age=60)
    play(lambda studio: studio.reclaim.after_purge())  # this server ends, and with it its timer
    assert young.exists()
    assert owed_since(home) is not None
    os.utime(young, (1, 1))
    (task,) = play(lambda studio: studio.reclaim.start())
    assert (task.kind, young.exists()) == ("purge", False)
    assert owed_since(home) is not None, "a file of the very moment of the purge may still be too young"
    monkeypatch.setattr(reclaim_module, "LATER", 0.0)
    play(lambda studio: studio.reclaim.start())
    assert owed_since(home) is None
    assert play(lambda studio: studio.reclaim.start()) == [], "nothing is owed any more"


def test_a_late_collection_that_is_held_up_is_repeated(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store()
    monkeypatch.setattr(reclaim_module, "LATER", 0.0)
    monkeypatch.setattr(reclaim_module, "AGAIN", 0.1)
    _, unused = blob(home, b"unused", age=10**6)
    home.journals.mkdir()
    journal = home.journals / f"new{SUFFIX}"
    journal.write_bytes(MAGIC + b"\xff" * 8192)  # of a newer version: what it names cannot be known
    os.utime(journal, (1, 1))

    async def run() -> None:
        studio = Studio(threads=2)
        studio.live = Live(studio, Hub(studio.boot), poll=1, recover=60, log=LOG)
        try:
            studio.reclaim.after_purge()
            await wait_for(lambda: ended(studio))
            assert unused.exists()
            journal.unlink()
            await wait_for(lambda: not unused.exists())
            await wait_for(lambda: owed_since(home) is None)
        finally:
            studio.close()

    asyncio.run(run())


@pytest.mark.parametrize("text", ["", "soon", "9" * 400, "-1", str(10**18)])
def test_a_file_of_debts_that_makes_no_sense_is_paid_and_gone(home: Home, text: str) -> None:
    open_store()
    (home.root / "reclaim").write_text(text)
    since = owed_since(home)
    assert since is not None
    assert since <= time.time()
    settle(home, until=time.time() + 1)
    assert owed_since(home) is None

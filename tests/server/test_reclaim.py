"""Disk that a purge gives back: what nothing names goes, what is young or in use stays."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.entities.transfers import TaskRecord
from mlstudio.server import reclaim as reclaim_module
from mlstudio.server.live.hub import Hub
from mlstudio.server.live.watcher import Live
from mlstudio.server.studio import Studio
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home

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

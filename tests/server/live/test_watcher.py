"""Who looks for news: not without a socket, not for ever behind, and not stopped by a store that fails."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.errors import StoreBusy, StoreUnreachable
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ExperimentCreate, ListRequest
from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.entities.media import MediaRef
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.server.live.hub import Hub
from mlstudio.server.live.journal_tail import JournalTail
from mlstudio.server.live.log_tail import LARGEST, job_logs
from mlstudio.server.live.project import Projector
from mlstudio.server.live.store_tail import StoreTail
from mlstudio.server.live.watcher import FAR_BEHIND, Live
from mlstudio.server.studio import Studio
from mlstudio.store import open_store
from mlstudio.store.batch import Batch, SeriesPoints
from mlstudio.store.home import Home
from mlstudio.store.journal_write import JournalWriter
from mlstudio.store.laws import Store
from mlstudio.store.migrate import connect
from mlstudio.store.recorder import Recorder
from mlstudio.store.restore import restore_backup

LOG = logging.getLogger("test.watcher")


class Scene:
    """A hub with its lookers, and one socket."""

    def __init__(self) -> None:
        self.studio = Studio(threads=2)
        self.hub = Hub(self.studio.boot, batch=0.01)
        self.live = Live(self.studio, self.hub, poll=0.03, recover=60, log=LOG)
        self.told: list[tuple[str, str]] = []

    async def write(self, frame: bytes) -> None:
        self.told += [(event["topic"], event["type"]) for event in json.loads(frame)]

    async def until(self, wanted: tuple[str, str], timeout: float = 5.0) -> None:
        deadline = time.monotonic() + timeout
        while wanted not in self.told:
            assert time.monotonic() < deadline, self.told
            await asyncio.sleep(0.01)

    async def until_quiet(self) -> None:
        """Wait for some looks, so that what was before is known."""
        await asyncio.sleep(0.3)

    async def end(self) -> None:
        await self.live.stop()
        self.studio.close()


def play(scene: Callable[[Scene], Any]) -> None:
    async def run() -> None:
        stage = Scene()
        try:
            await scene(stage)
        finally:
            await stage.end()

    asyncio.run(run())


def test_nobody_looks_while_no_socket_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Scene) -> None:
        looks = 0
        real = stage.live._look

        def counted(*given: Any) -> Any:
            nonlocal looks
            looks += 1
            return real(*given)

        monkeypatch.setattr(stage.live, "_look", counted)
        stage.live.start()
        await asyncio.sleep(0.3)
        assert looks == 0
        socket = stage.hub.join(stage.write)
        deadline = time.monotonic() + 10
        while looks < 3:
            assert time.monotonic() < deadline, "nobody looks though a socket is open"
            await asyncio.sleep(0.02)
        stage.hub.leave(socket)
        await asyncio.sleep(0.1)
        before = looks
        await asyncio.sleep(0.2)
        assert looks == before

    play(scene)


def test_a_look_that_fails_is_said_once_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(stage: Scene) -> None:
        stage.live.start()
        socket = stage.hub.join(stage.write)
        stage.hub.subscribe(socket, ["experiments"])
        await asyncio.sleep(0.2)
        real, failed = stage.live._look, 0

        def failing(*given: Any) -> Any:
            nonlocal failed
            if failed < 2:
                failed += 1
                raise StoreBusy("The store is busy.")
            return real(*given)

        monkeypatch.setattr(stage.live, "_look", failing)
        open_store().create_experiment(ExperimentCreate("after"))
        await stage.until(("experiments", "created"))
        assert failed == 2

    with caplog.at_level(logging.WARNING, "test.watcher"):
        play(scene)

    assert [record.getMessage() for record in caplog.records].count(
        "mlstudio: live events must wait: StoreBusy: The store is busy."
    ) == 1


def test_who_is_far_behind_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Scene) -> None:
        store = open_store()
        stage.live.start()
        socket = stage.hub.join(stage.write)
        stage.hub.subscribe(socket, ["experiments", "jobs"])
        await asyncio.sleep(0.2)
        monkeypatch.setattr(store, "last_change", lambda: FAR_BEHIND + 100)
        await stage.until(("experiments", "invalidate"))
        await stage.until(("jobs", "invalidate"))

    play(scene)


def test_news_that_a_failing_look_lost_are_told_as_invalidate(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(stage: Scene) -> None:
        stage.live.start()
        socket = stage.hub.join(stage.write)
        stage.hub.subscribe(socket, ["experiments"])
        await asyncio.sleep(0.2)
        real, lost = stage.live._projector.project, 0

        def failing(store: Store, changes: Any, *listening: Any) -> Any:
            nonlocal lost
            if changes and not lost:
                lost += 1
                raise StoreBusy("The store is busy.")
            return real(store, changes, *listening)

        monkeypatch.setattr(stage.live._projector, "project", failing)
        open_store().create_experiment(ExperimentCreate("lost"))
        await stage.until(("experiments", "invalidate"))
        await asyncio.sleep(0.2)
        assert stage.told.count(("experiments", "invalidate")) == 1

    play(scene)


def test_a_store_that_went_back_to_a_backup_tells_every_page_to_start_anew(home: Home) -> None:
    async def scene(stage: Scene) -> None:
        store = open_store()
        store.create_experiment(ExperimentCreate("before"))
        backup = home.root / "copy.db"
        with closing(connect(home.database)) as raw:
            raw.execute("VACUUM INTO ?", (str(backup),))
        for number in range(5):
            store.create_experiment(ExperimentCreate(f"after-{number}"))
        stage.live.start()
        socket = stage.hub.join(stage.write)
        topics = ["experiments", "experiment:before", "component:c", "points:c", "views:before", "jobs"]
        stage.hub.subscribe(socket, topics)
        await stage.until_quiet()
        with closing(connect(home.database)) as raw, closing(connect(backup)) as saved:
            saved.backup(raw)
        for topic in topics:
            await stage.until((topic, "invalidate"))
        await stage.until_quiet()
        open_store().create_experiment(ExperimentCreate("later"))
        await stage.until(("experiments", "created"))
        assert stage.told.count(("experiments", "invalidate")) == 1

    play(scene)


def test_a_store_that_is_restored_tells_every_page_to_start_anew(home: Home) -> None:
    async def scene(stage: Scene) -> None:
        store = open_store()
        store.create_experiment(ExperimentCreate("before"))
        backup = home.root / "copy.db"
        with closing(connect(home.database)) as raw:
            raw.execute("VACUUM INTO ?", (str(backup),))
        store.create_experiment(ExperimentCreate("after"))
        stage.live.start()
        topics = ["experiments", "experiment:before", "component:c", "points:c"]
        stage.hub.subscribe(stage.hub.join(stage.write), topics)
        await stage.until_quiet()
        restore_backup(home.database, backup)
        for topic in topics:
            await stage.until((topic, "invalidate"))
        open_store().create_experiment(ExperimentCreate("later"))
        await stage.until(("experiments", "created"))

    play(scene)


def test_a_file_that_is_put_in_the_stores_place_is_refused_and_not_mixed_with_the_old_one(home: Home) -> None:
    async def scene(stage: Scene) -> None:
        open_store().create_experiment(ExperimentCreate("before"))
        backup = home.root / "copy.db"
        with closing(connect(home.database)) as raw:
            raw.execute("VACUUM INTO ?", (str(backup),))
        open_store().create_experiment(ExperimentCreate("after"))
        stage.live.start()
        stage.hub.subscribe(stage.hub.join(stage.write), ["experiments"])
        await stage.until_quiet()
        old = home.root / "old.db"
        home.database.replace(old)
        backup.replace(home.database)
        with pytest.raises(StoreUnreachable, match="replaced"):
            await stage.studio.ask(lambda store: store.list_experiments(ListRequest()))
        home.database.replace(backup)
        old.replace(home.database)
        open_store().create_experiment(ExperimentCreate("later"))
        await stage.until(("experiments", "created"))

    play(scene)


def test_steps_logged_again_are_told_as_rewritten_and_not_all_the_time(home: Home) -> None:
    store = open_store()
    tail = JournalTail(home, Projector())
    component = ComponentCreate(name="c", uid=store.create_component(ComponentCreate(name="c")).uid)
    writer = JournalWriter(home.journals, component, adopted=True, on_file=lambda: None)
    writer.log("loss", 1.0, 5)

    def look() -> list[str]:
        return [kind for topic, kind, _ in tail.look(store, {"c"}, set()) if topic == "points:c"]

    try:
        assert look() == ["append"]
        writer.log("loss", 2.0, 5)  # the last step again: a reader replaces it by itself
        writer.log("loss", 2.0, 6)
        assert look() == ["append"]
        writer.log("loss", 9.0, 3)
        assert look() == ["append", "rewritten"]
        for step in (2, 1, 0):
            writer.log("loss", 9.0, step)
            assert "rewritten" not in look(), "within a second it was said"
        (followed,) = tail._followed.values()
        followed.told_at -= 1
        assert look() == ["rewritten"]
        assert look() == []
    finally:
        tail.close()
        writer.finish()


def test_media_are_told_to_those_who_look_at_the_component(home: Home) -> None:
    store, projector = open_store(), Projector()
    uid = store.create_component(ComponentCreate(name="c")).uid
    ref = ArtifactRef(value="a.png", media_type="image/png", sha256="0" * 64, size=1)
    after = store.last_change()
    media = [MediaRef(name="samples", kind="image", ref=ref, ts=1.0, step=step) for step in (0, 5)]
    store.apply(Batch(journal="j", component=uid, start=0, end=32, media=media))
    changes = store.changes(after)

    told = [(topic, kind) for topic, kind, _ in projector.project(store, changes, set(), {"c"})]
    untold = [(topic, kind) for topic, kind, _ in projector.project(store, changes, set(), set())]
    (data,) = [data for _, kind, data in projector.project(store, changes, set(), {"c"}) if kind == "media"]

    assert ("component:c", "media") in told
    assert ("component:c", "media") not in untold
    assert [(one.name, one.count, one.steps) for one in data["series"]] == [("samples", 2, [0, 5])]


def record(store: Store, name: str, steps: list[int], at: int) -> None:
    uid = store.get_component(name).uid
    points = SeriesPoints("loss", "{}", np.array(steps), np.array(steps, float), np.array(steps, float))
    store.apply(Batch(journal="j", component=uid, start=at, end=at + 32, points=[points]))


def test_the_store_tells_what_is_newer_and_says_when_old_points_changed() -> None:
    store = open_store()
    store.create_component(ComponentCreate(name="c"))
    record(store, "c", [1, 2], 0)
    tail = StoreTail()
    tail.begin(store, "c")

    record(store, "c", [3, 4], 32)
    ((topic, kind, data),) = tail.look(store, {"c"}, silent=set())
    record(store, "c", [0], 64)
    rewritten = tail.look(store, {"c"}, silent=set())
    record(store, "c", [9], 96)
    silent = tail.look(store, {"c"}, silent={"c"})

    assert (topic, kind, data["series"][0]["n"]) == ("points:c", "append", 2)
    assert [kind for _, kind, _ in rewritten] == ["rewritten"]
    assert silent == []
    tail.forget_others(set())
    tail.begin(store, "nobody")
    assert tail.look(store, {"nobody"}, silent=set()) == []


def test_a_journal_is_followed_only_while_somebody_listens(home: Home) -> None:
    store = open_store()
    tail = JournalTail(home, Projector())
    recorder = Recorder(ComponentCreate(name="c"))
    try:
        recorder.log("loss", 1.0, step=0)
        assert tail.look(store, set(), set()) == []
        recorder.flush()
        for step in range(1, 6):
            recorder.log("loss", float(step), step=step)
        first = tail.look(store, {"c"}, set())
        assert tail.active == {"c"}
        assert [series["n"] for series in tail.undrained(store, "c")] in ([5], [])
        assert tail.look(store, {"other"}, set()) == []
        assert tail.active == set()
    finally:
        tail.close()
        recorder.close(status="Completed")

    assert [(topic, kind) for topic, kind, _ in first] in ([("points:c", "append")], [])


def test_a_journal_that_ends_is_let_go(home: Home) -> None:
    store = open_store()
    tail = JournalTail(home, Projector())
    recorder = Recorder(ComponentCreate(name="c"))
    recorder.log("loss", 1.0, step=0)
    tail.look(store, {"c"}, set())
    recorder.log("loss", 2.0, step=1)
    recorder.close(status="Completed")

    news = [item for _ in range(3) for item in tail.look(store, {"c"}, set())]

    assert tail.active == set()
    assert sum(one["n"] for _, _, data in news for one in data["series"]) >= 1
    tail.close()


def test_a_log_is_told_by_offsets_and_a_flood_of_it_only_by_its_size(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    store.create_job(JobSpec(name="j", entry_point="t.py", source_dir="/s", interpreter="/p"), trial_component="c")
    folder = home.jobs / store.get_job("j").uid
    store.update_job("j", JobUpdate(run_dir=str(folder)))
    out = LogWriter(folder / "log", "algo-1")
    tail = job_logs()
    out.write(b"before\n")

    assert tail.begin(store, "j") == 7
    out.write(b"one\n")
    ((_, kind, data),) = tail.look(store, {"j"})
    assert (kind, data["offset"]) == ("append", 7)
    assert tail.look(store, {"j"}) == []
    out.write(b"x" * (LARGEST + 1))
    ((_, kind, data),) = tail.look(store, {"j"})
    assert (kind, data["total"]) == ("behind", 11 + LARGEST + 1)
    assert tail.look(store, {"nobody"}) == []


def test_the_log_of_a_job_in_the_servers_own_store_is_told(home: Home, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/other.db")
    store.create_job(JobSpec(name="j", entry_point="t.py", source_dir="/s", interpreter="/p"), trial_component="c")
    folder = home.jobs / store.get_job("j").uid
    store.update_job("j", JobUpdate(run_dir=str(folder)))
    tail = job_logs()
    tail.begin(store, "j")
    LogWriter(folder / "log", "algo-1").write(b"one\n")

    assert [kind for _, kind, _ in tail.look(store, {"j"})] == ["append"]

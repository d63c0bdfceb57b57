"""Tasks: progress, ends, files to fetch, and no more than fit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField, NotFound, StoreBusy, TooLarge, TooMany
from mlstudio.entities.transfers import TaskRecord, TransferReport
from mlstudio.server import tasks as tasks_module
from mlstudio.server.tasks import Control, Tasks, check_destination


class Told(list[tuple[str, str, TaskRecord]]):
    """What was published."""

    def publish(self, topic: str, kind: str, data: object) -> None:
        assert isinstance(data, TaskRecord)
        self.append((topic, kind, data))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def tasks(tmp_path: Path, told: Told) -> Iterator[Tasks]:
    made = Tasks(tmp_path / "results", told.publish, quota=1000, age=3600)
    yield made
    made.close()


def ended(tasks: Tasks, uid: str, timeout: float = 10.0) -> TaskRecord:
    deadline = time.monotonic() + timeout
    while (record := tasks.get(uid)).ended_at is None:
        assert time.monotonic() < deadline, record
        time.sleep(0.01)
    return record


def write(name: str, size: int) -> Callable[[Control], TransferReport]:
    def work(control: Control) -> TransferReport:
        control.file(name).write_bytes(b"x" * size)
        return TransferReport(runs=3)

    return work


def test_a_task_tells_its_progress_and_its_end(tasks: Tasks, told: Told) -> None:
    def work(control: Control) -> TransferReport:
        control.progress(1, 4, "one of four")
        return TransferReport(runs=4)

    record = ended(tasks, tasks.start("import", "Import x", work).uid)

    assert (record.status, record.done, record.total, record.message) == ("Completed", 4, 4, "one of four")
    assert record.report == TransferReport(runs=4)
    assert [(topic, kind) for topic, kind, _ in told] == [
        (f"task:{record.uid}", "progress"),
        (f"task:{record.uid}", "done"),
    ]
    assert told[0][2].done == 1


def test_progress_is_told_at_most_five_times_a_second(tasks: Tasks, told: Told) -> None:
    def work(control: Control) -> None:
        begun = time.monotonic()
        while time.monotonic() - begun < 0.7:
            control.progress(1, None, "on")

    ended(tasks, tasks.start("import", "x", work).uid)

    assert 2 <= sum(kind == "progress" for _, kind, _ in told) <= 5


def test_a_task_that_is_stopped_ends_by_itself(tasks: Tasks) -> None:
    begun = threading.Event()

    def work(control: Control) -> TransferReport:
        begun.set()
        while not control.stopping():
            time.sleep(0.005)
        return TransferReport(runs=1)

    uid = tasks.start("import", "x", work).uid
    assert begun.wait(5)
    tasks.stop(uid)
    record = ended(tasks, uid)

    assert (record.status, record.report) == ("Stopped", TransferReport(runs=1))


def test_what_fails_says_why_and_a_bug_of_ours_says_little(tasks: Tasks, told: Told) -> None:
    def busy(_: Control) -> None:
        raise StoreBusy("The store is busy.", hint="Try again.")

    def bug(_: Control) -> None:
        raise ZeroDivisionError("secret detail")

    first = ended(tasks, tasks.start("import", "x", busy).uid)
    second = ended(tasks, tasks.start("import", "x", bug).uid)

    assert (first.status, first.message) == ("Failed", "The store is busy. Try again.")
    assert second.status == "Failed"
    assert "secret detail" not in second.message
    assert {kind for _, kind, _ in told} == {"failed"}


def test_a_file_can_be_fetched_and_is_private(tasks: Tasks) -> None:
    uid = tasks.start("export", "x", write("a.csv", 10)).uid
    record = ended(tasks, uid)
    path = tasks.result(uid)

    assert record.download
    assert (path.name, path.read_bytes()) == ("a.csv", b"x" * 10)
    assert path.parent.stat().st_mode & 0o077 == 0
    tasks.stop(uid)
    assert not path.exists()
    with pytest.raises(NotFound):
        tasks.get(uid)


def test_a_task_without_a_file_has_none_to_fetch(tasks: Tasks) -> None:
    uid = tasks.start("import", "x", lambda _: None).uid
    assert not ended(tasks, uid).download
    with pytest.raises(NotFound):
        tasks.result(uid)


def test_the_file_of_a_task_that_failed_or_stopped_is_removed(tasks: Tasks, tmp_path: Path) -> None:
    def work(control: Control) -> None:
        control.file("a.csv").write_bytes(b"half")
        raise StoreBusy("No.")

    ended(tasks, tasks.start("export", "x", work).uid)

    assert list((tmp_path / "results").iterdir()) == []


def test_a_file_over_the_quota_ends_its_task(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_module, "PAUSE", 0)

    def work(control: Control) -> None:
        with control.file("a.csv").open("wb") as out:
            for done in range(100):
                out.write(b"x" * 100)
                out.flush()
                control.progress(done, 100, "writing")

    record = ended(tasks, tasks.start("export", "x", work).uid)

    assert record.status == "Failed"
    assert "larger than" in record.message
    assert issubclass(TooLarge, Exception)


def test_a_file_that_is_written_beside_its_place_counts_too(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_module, "PAUSE", 0)

    def work(control: Control) -> None:
        target = control.file("a.csv")
        target.with_name(".a.csv.part").write_bytes(b"x" * 2000)
        control.progress(1, 100, "writing")

    record = ended(tasks, tasks.start("export", "x", work).uid)

    assert record.status == "Failed"
    assert "larger than" in record.message


def test_old_files_and_those_over_the_quota_go(tasks: Tasks, tmp_path: Path) -> None:
    orphan = tmp_path / "results" / "of-a-dead-server"
    orphan.mkdir(parents=True)
    (orphan / "a.csv").write_bytes(b"x")
    os.utime(orphan, (time.time() - 7200, time.time() - 7200))
    uids = []
    for _ in range(4):
        uids.append(tasks.start("export", "x", write("a.csv", 400)).uid)
        ended(tasks, uids[-1])
        time.sleep(0.02)
    ended(tasks, tasks.start("import", "x", lambda _: None).uid)

    assert not orphan.exists()
    with pytest.raises(NotFound, match="no file to fetch"):
        tasks.result(uids[0])
    assert tasks.result(uids[-1]).is_file()


def test_enough_tasks_wait(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_module, "WAITING", 3)
    go = threading.Event()
    uids = [tasks.start("import", str(number), lambda _: go.wait(10) and None).uid for number in range(3)]
    with pytest.raises(TooMany):
        tasks.start("import", "x", lambda _: None)
    tasks.stop(uids[2])
    go.set()

    assert [ended(tasks, uid).status for uid in uids] == ["Completed", "Completed", "Stopped"]
    assert [record.label for record in tasks.all()] == ["2", "1", "0"]


def test_old_tasks_are_forgotten(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_module, "KEPT", 3)
    for number in range(6):
        ended(tasks, tasks.start("import", str(number), lambda _: None).uid)

    assert [record.label for record in tasks.all()] == ["5", "4", "3"]


def test_a_server_that_ends_stops_its_tasks_and_removes_their_files(tmp_path: Path, told: Told) -> None:
    tasks = Tasks(tmp_path / "results", told.publish)
    ended(tasks, tasks.start("export", "x", write("a.csv", 5)).uid)
    begun, stopped = threading.Event(), threading.Event()

    def work(control: Control) -> None:
        begun.set()
        while not control.stopping():
            time.sleep(0.005)
        stopped.set()

    tasks.start("import", "x", work)
    assert begun.wait(5)
    tasks.close()

    assert stopped.wait(5)
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize(
    "text", ["relative.csv", "~/x.csv", "", "/nowhere/x.csv", "HOME/x.csv", "HOME/artifacts/../x.csv", "/tmp/a\0b"]
)
def test_a_destination_that_cannot_be_is_refused(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home"
    (home / "artifacts").mkdir(parents=True)
    with pytest.raises(InvalidField):
        check_destination(text.replace("HOME", str(home)), home)


def test_nothing_is_written_over_or_through_a_link(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    (tmp_path / "inside").symlink_to(home)
    for name in ("there.csv", "link", "inside/x.csv"):
        with pytest.raises(InvalidField):
            check_destination(str(tmp_path / name), home)

    assert check_destination(str(tmp_path / "new.csv"), home) == (tmp_path / "new.csv").resolve()

"""The recorder: what people call, with a true store behind it, or none."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidName, StoreBusy, StoreUnreachable
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.store import open_store
from mlstudio.store.batch import Batch
from mlstudio.store.home import Home
from mlstudio.store.journal_file import JournalFile
from mlstudio.store.laws import Store
from mlstudio.store.recorder import Recorder


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    found = open_store(home=home)
    yield found
    found.close()


def run_script(home: Home, code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a script that has `recorder` of a component named run."""
    head = (
        "from mlstudio.store.recorder import Recorder\n"
        "from mlstudio.entities.experiments import ComponentCreate\n"
        "recorder = Recorder(ComponentCreate(name='run'))\n"
    )
    environment = {**os.environ, "MLSTUDIO_HOME": str(home.root)}
    return subprocess.run(
        [sys.executable, "-c", head + code], check=check, capture_output=True, text=True, timeout=60, env=environment
    )


def test_the_record_exists_when_the_constructor_returns(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    found = store.get_component("run")
    assert (found.uid, found.status) == (recorder.uid, "InProgress")
    assert found.process is not None
    assert found.process.pid == os.getpid()
    recorder.close()


def test_what_was_said_is_in_the_store_after_flush(store: Store, home: Home) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    recorder.log("loss", 0.5, step=1)
    recorder.log_many({"a": 1, "b": 2}, step=2)
    recorder.param("lr", 0.1)
    recorder.params({"big": 2**80, "nan": float("nan"), "what": Path("/x"), "none": None, "deep": True})
    recorder.tag("team", "vision")
    recorder.note("# hello")
    recorder.artifact("input", "data", ArtifactRef("file:///d.npz"))
    assert recorder.flush()
    found = store.get_component("run")
    assert [series.name for series in found.metrics] == ["a", "b", "loss"]
    assert found.params == {"lr": 0.1, "big": str(2**80), "nan": "nan", "what": "/x", "none": "None", "deep": True}
    assert (found.tags, found.description, found.inputs["data"].value) == (
        {"team": "vision"},
        "# hello",
        "file:///d.npz",
    )
    recorder.close()
    assert store.get_component("run").status == "Completed"
    assert list(home.journals.iterdir()) == [], "a stored journal is removed"


def test_points_reach_the_store_by_themselves_within_a_second(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    time.sleep(0.05)
    recorder.log("loss", 1.0, step=0)
    deadline = time.monotonic() + 5
    while not store.series("run") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.monotonic() - deadline + 5 < 1.5
    recorder.close()


def test_closing_twice_is_closing_once_and_the_first_word_stands(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    recorder.close("Failed", "x" * 5000)
    recorder.close("Completed")
    found = store.get_component("run")
    assert found.status == "Failed"
    assert found.status_message == "x" * 1024


def test_an_adopted_component_is_neither_opened_nor_closed(store: Store) -> None:
    made = store.create_component(ComponentCreate(name="job", status="InProgress"))
    recorder = Recorder(ComponentCreate(name="job"), adopt=True)
    assert recorder.uid == made.uid
    recorder.log("loss", 1.0)
    recorder.close()
    found = store.get_component("job")
    assert (found.status, len(found.metrics)) == ("InProgress", 1)


def test_a_name_that_may_not_be_is_told_at_once_and_leaves_nothing(home: Home, store: Store) -> None:
    with pytest.raises(InvalidName):
        Recorder(ComponentCreate(name="a/b"))
    assert list(home.journals.iterdir()) == []


class Away:
    """A store that is not there, until it is."""

    def __init__(self, behind: Store, error: Exception) -> None:
        self.behind, self.error, self.asked = behind, error, 0
        self.there = False

    def __call__(self) -> Store:
        self.asked += 1
        if not self.there:
            raise self.error
        return self.behind


@pytest.mark.parametrize("error", [StoreUnreachable("gone."), StoreBusy("busy."), RuntimeError("bug")], ids=repr)
def test_a_store_that_is_away_costs_the_caller_nothing_and_gets_everything_later(
    store: Store, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    away = Away(store, error)
    begun = time.monotonic()
    recorder = Recorder(ComponentCreate(name="run"), store=away)
    for step in range(1000):
        recorder.log("loss", step, step=step)
    recorder.param("lr", 0.1)
    assert time.monotonic() - begun < 2, "neither the constructor nor a call waits for the store"
    assert recorder.flush(timeout=0.2) is False
    away.there = True
    assert recorder.flush()
    assert store.series("run")[0].count == 1000
    assert len([record for record in caplog.records if "cannot be written to" in record.message]) <= 1
    recorder.close()


def test_a_recorder_that_was_closed_while_the_store_was_away_is_drained_later(store: Store) -> None:
    away = Away(store, StoreUnreachable("gone."))
    recorder = Recorder(ComponentCreate(name="run"), store=away)
    recorder.log("loss", 1.0)
    recorder._finish("Completed", None, 0.2)
    away.there = True
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not recorder.flush(timeout=1):
        pass
    assert store.get_component("run").status == "Completed"
    assert store.series("run")[0].count == 1


class Forgetful:
    """A store whose file was replaced by an older copy: it knows less than the drain thinks."""

    def __init__(self, behind: Store) -> None:
        self.behind, self.told = behind, []
        self.drained = {"": 0}

    def apply(self, batch: Batch) -> int:
        self.told.append((batch.start, batch.end))
        return self.behind.apply(batch)

    def drained_to(self, journal: str) -> int:
        return self.behind.drained_to(journal)


def test_a_store_that_forgot_is_told_again(store: Store, tmp_path: Path) -> None:
    holder: list[Store] = [store]
    recorder = Recorder(ComponentCreate(name="run"), store=lambda: holder[0])
    recorder.log("loss", 1.0, step=0)
    assert recorder.flush()
    holder[0] = open_store(f"sqlite:///{tmp_path}/other.db")
    recorder.log("loss", 2.0, step=1)
    assert recorder.flush()
    assert holder[0].points("run", "loss").values.tolist() == [1.0, 2.0]
    recorder.close()
    holder[0].close()


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("recorder.log('loss', 1.0, step=0)", "Completed", None),
        ("recorder.log('loss', 1.0, step=0); raise ValueError('boom')", "Failed", "ValueError: boom"),
        ("recorder.log('loss', 1.0, step=0); recorder.close('Stopped', 'enough')", "Stopped", "enough"),
    ],
)
def test_a_forgotten_close_is_made_good_at_interpreter_exit(
    home: Home, code: str, status: str, message: str | None
) -> None:
    done = run_script(home, code, check=False)
    assert "Exception ignored" not in done.stderr
    with_store = open_store(home=home)
    found = with_store.get_component("run")
    assert (found.status, found.status_message, found.metrics[0].count) == (status, message, 1)
    assert list(home.journals.iterdir()) == []
    with_store.close()


def test_a_store_that_stays_away_is_no_exception_at_exit(home: Home) -> None:
    home.ensure()
    home.database.mkdir()  # no file can be made there
    done = run_script(home, "recorder.log('loss', 1.0)\nimport mlstudio.store.recorder as r; r.EXIT_WAIT = 0.3")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert len(list(home.journals.iterdir())) == 1, "the journal waits for a better day"


def test_a_signal_handler_may_log_while_the_same_thread_logs(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    hits = 0

    def handler(*_: object) -> None:
        nonlocal hits
        recorder.log("in/handler", hits)
        recorder.log(f"new/{hits % 50}", hits)
        hits += 1

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for step in range(100_000):
            recorder.log("loss", step, step)
            if step % 1000 == 0:
                recorder.log(f"more/{step}", step)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    recorder.close()
    counts = {series.name: series.count for series in store.series("run")}
    assert counts["loss"] == 100_000
    assert counts["in/handler"] == hits > 10
    assert recorder.dropped == 0


def in_child(recorder: Recorder, number: int) -> None:
    for step in range(200):
        recorder.log(f"child/{number}", step, step)
    recorder.log("loss", -1.0, step=1000 + number)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_forked_workers_log_into_journals_of_their_own_and_do_not_close_the_component(store: Store, home: Home) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    recorder.log("loss", 0.0, step=0)
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=in_child, args=(recorder, number)) for number in range(3)]
    for child in children:
        child.start()
    for step in range(1, 100):
        recorder.log("loss", step, step)
    for child in children:
        child.join(30)
        assert child.exitcode == 0
    assert store.get_component("run").status == "InProgress"
    recorder.close()
    counts = {series.name: series.count for series in store.series("run")}
    assert counts == {"child/0": 200, "child/1": 200, "child/2": 200, "loss": 103}
    assert store.get_component("run").status == "Completed"
    assert list(home.journals.iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_worker_that_is_killed_loses_nothing_that_returned(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for step in range(500):
            recorder.log("child", step, step)
        os.write(write, b"x")
        time.sleep(60)
        os._exit(1)
    assert os.read(read, 1) == b"x"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(read)
    os.close(write)
    recorder.close()
    assert store.series("run")[0].count == 500


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_holds_neither_the_parents_descriptor_nor_its_mapping(store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    name = recorder._writer.files[0].path.name
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = [
            os.readlink(f"/proc/self/fd/{fd}")
            for fd in os.listdir("/proc/self/fd")
            if os.path.exists(f"/proc/self/fd/{fd}")
        ]
        mapped = name in Path("/proc/self/maps").read_text()
        os.write(write, b"1" if mapped or any(name in target for target in held) else b"0")
        os._exit(0)
    assert os.read(read, 1) == b"0"
    os.waitpid(pid, 0)
    os.close(read)
    os.close(write)
    recorder.close()


def test_many_runs_in_one_process_leave_no_thread_and_no_descriptor_behind(store: Store, home: Home) -> None:
    def cycle(number: int) -> None:
        recorder = Recorder(ComponentCreate(name=f"run-{number}"))
        recorder.log("loss", 1.0)
        recorder.close()

    cycle(0)
    gc.collect()
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for number in range(1, 15):
        cycle(number)
    gc.collect()
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 1
    assert list(home.journals.iterdir()) == []


def test_a_call_takes_microseconds_also_while_the_store_hangs(store: Store) -> None:
    release = threading.Event()

    def hanging() -> Store:
        release.wait(20)
        return store

    import mlstudio.store.recorder as module

    waits: Callable[[], None] = lambda: None  # noqa: E731
    waits()
    before, module.FIRST_WAIT = module.FIRST_WAIT, 0.1
    try:
        recorder = Recorder(ComponentCreate(name="run"), store=hanging)
        slowest = []
        for step in range(20_000):
            begun = time.perf_counter()
            recorder.log("loss", 1.0, step)
            slowest.append(time.perf_counter() - begun)
        slowest.sort()
        assert slowest[len(slowest) // 2] < 20e-6, "p50"
        assert slowest[int(len(slowest) * 0.99)] < 1e-3, "p99 with room for a busy machine"
    finally:
        release.set()
        module.FIRST_WAIT = before
    recorder.close()


def test_what_is_logged_between_a_drains_look_and_the_close_is_not_lost(store: Store, home: Home) -> None:
    """The drain once asked whether the file was closed after it had asked where it ended."""
    recorder = Recorder(ComponentCreate(name="run"))
    assert recorder.flush()
    drainer, writer = recorder._drainer, recorder._writer
    assert drainer is not None
    look = writer.end_of

    def look_and_be_overtaken(file: JournalFile) -> int:
        end = look(file)
        if not file.closed:
            recorder.log("loss", 1.0, step=0)
            recorder.status("Completed")
            writer.finish()
        return end

    with drainer._one:
        writer.end_of = look_and_be_overtaken  # type: ignore[method-assign]
        drainer.drain()
    drainer.stop(10)
    assert store.series("run")[0].count == 1
    assert store.get_component("run").status == "Completed"
    assert list(home.journals.iterdir()) == []
    recorder.close()

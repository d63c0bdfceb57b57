"""What the dead left behind: drained, closed with the reason, and the living left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ComponentCreate, Process
from mlstudio.entities.names import new_uid
from mlstudio.store import open_store
from mlstudio.store.batch import Batch
from mlstudio.store.home import Home
from mlstudio.store.journal import list_journals
from mlstudio.store.journal_file import JournalFile, is_written
from mlstudio.store.journal_format import HEADER_SIZE, JournalInfo
from mlstudio.store.journal_process import boot_id, host_name, this_process
from mlstudio.store.laws import Store
from mlstudio.store.recorder import Recorder
from mlstudio.store.recover import HeartbeatWatch, close_lost, recover_journals


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    found = open_store(home=home)
    yield found
    found.close()


HEAD = """
import os, sys, time
from mlstudio.store.recorder import Recorder
from mlstudio.entities.experiments import ComponentCreate
def away():
    raise OSError("no store")
def wait():
    print("ready", flush=True); time.sleep(60)
"""


def killed(home: Home, code: str) -> None:
    """Run a script until it says ready, and kill it with -9."""
    environment = {**os.environ, "MLSTUDIO_HOME": str(home.root)}
    with subprocess.Popen([sys.executable, "-c", HEAD + code], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)


def test_a_killed_process_that_never_reached_the_store_loses_nothing(store: Store, home: Home) -> None:
    killed(
        home,
        """
r = Recorder(ComponentCreate(name="run"), store=away)
for i in range(3000): r.log("loss", i, i)
r.log_many({"a": 1, "b": 2}); r.param("lr", 0.1)
wait()
""",
    )
    report = recover_journals(store, home)
    found = store.get_component("run")
    assert (found.status, found.params) == ("Failed", {"lr": 0.1})
    assert found.status_message is not None
    assert found.status_message.startswith("process ended without closing the run; last heartbeat 2")
    assert {series.name: series.count for series in found.metrics} == {"a": 1, "b": 1, "loss": 3000}
    assert (len(report.drained), report.closed, report.waiting) == (1, ["run"], {})
    assert list(home.journals.iterdir()) == []
    assert recover_journals(store, home).drained == []


def test_a_run_that_was_closed_keeps_its_own_end(store: Store, home: Home) -> None:
    killed(
        home,
        """
import mlstudio.store.recorder as m
m.CLOSE_WAIT = 0.1
r = Recorder(ComponentCreate(name="run"), store=away)
r.log("loss", 1.0); r.close("Stopped", "enough")
wait()
""",
    )
    recover_journals(store, home)
    found = store.get_component("run")
    assert (found.status, found.status_message, found.metrics[0].count) == ("Stopped", "enough", 1)


def test_the_journal_of_a_living_process_is_left_alone(store: Store, home: Home) -> None:
    recorder = Recorder(ComponentCreate(name="run"))
    recorder.log("loss", 1.0)
    report = recover_journals(store, home)
    assert (report.drained, report.closed) == ([], [])
    assert len(list_journals(home.journals)) == 1
    recorder.close()


def test_an_adopted_journal_is_drained_and_its_component_left_to_its_owner(store: Store, home: Home) -> None:
    store.create_component(ComponentCreate(name="job", status="InProgress"))
    killed(home, 'r = Recorder(ComponentCreate(name="job"), adopt=True); r.log("loss", 1.0); wait()')
    assert recover_journals(store, home).closed == []
    found = store.get_component("job")
    assert (found.status, found.metrics[0].count) == ("InProgress", 1)


def test_a_dead_journal_does_not_end_a_run_that_a_living_process_goes_on_with(store: Store, home: Home) -> None:
    uid = new_uid()
    killed(home, f'r = Recorder(ComponentCreate(name="run", uid="{uid}")); r.log("loss", 1.0, 0); wait()')
    recorder = Recorder(ComponentCreate(name="run", uid=uid))
    recorder.log("loss", 2.0, 1)
    recover_journals(store, home)
    assert store.get_component("run").status == "InProgress"
    recorder.close()
    found = store.get_component("run")
    assert (found.status, found.metrics[0].count) == ("Completed", 2)


def test_a_killed_notebook_kernel_is_an_interruption(store: Store, home: Home) -> None:
    killed(home, 'sys.modules["ipykernel"] = sys; r = Recorder(ComponentCreate(name="run")); r.log("a", 1.0); wait()')
    recover_journals(store, home)
    found = store.get_component("run")
    assert found.status == "Stopped"
    assert found.status_message is not None
    assert found.status_message.startswith("interrupted: the notebook's kernel ended")


def test_t01_a_torn_tail_is_dropped_and_damage_in_the_middle_is_counted(store: Store, home: Home) -> None:
    killed(
        home,
        """
r = Recorder(ComponentCreate(name="run"), store=away)
for i in range(1000): r.log("loss", i, i)
wait()
""",
    )
    path = list_journals(home.journals)[0].path
    data = bytearray(path.read_bytes())
    end = len(bytes(data).rstrip(b"\0")) + 7 & ~7
    data[end - 20 : end] = bytes(20)
    data[HEADER_SIZE + (end - HEADER_SIZE) // 64 * 32 + 12] ^= 0xFF
    path.write_bytes(data)
    report = recover_journals(store, home)
    assert report.bad_records == 1
    assert (store.series("run")[0].count, store.series("run")[0].last_step) == (998, 998)


def test_a_journal_for_a_purged_component_waits_and_is_not_an_error(store: Store, home: Home) -> None:
    killed(
        home,
        f'r = Recorder(ComponentCreate(name="x", uid="{new_uid()}"), adopt=True, store=away); r.log("a", 1.0); wait()',
    )
    report = recover_journals(store, home)
    assert (report.drained, len(report.waiting)) == ([], 1)
    path = list_journals(home.journals)[0].path
    os.utime(path, (1, 1))
    recover_journals(store, home)
    assert list(home.journals.iterdir()) == [], "after a day nobody will come for it"


def test_a_file_that_a_process_died_creating_is_swept_and_others_files_are_not(store: Store, home: Home) -> None:
    home.ensure(home.journals)
    (home.journals / "torn.mj").write_bytes(b"\0" * 10_000)
    (home.journals / "theirs.mj").write_bytes(b"something else")
    for path in home.journals.iterdir():
        os.utime(path, (1, 1))
    recover_journals(store, home)
    assert [path.name for path in home.journals.iterdir()] == ["theirs.mj"]


def running(store: Store, process: Process) -> str:
    uid = new_uid()
    opened = ComponentCreate(name=f"run-{uid}", uid=uid, status="InProgress", process=process)
    store.apply(Batch(uid, uid, 0, 8, process, open=opened, heartbeat=1))
    return opened.name


def test_a_component_of_another_host_is_stopped_when_its_heartbeat_is_silent(store: Store, home: Home) -> None:
    name = running(store, Process("elsewhere", 1, 2, "boot"))
    watch = HeartbeatWatch()
    assert close_lost(store, home, watch, after=1e9).closed == []
    assert close_lost(store, home, watch, after=0.0).closed == [name]
    found = store.get_component(name)
    assert found.status == "Stopped"
    assert found.status_message is not None
    assert found.status_message.startswith("lost contact: no heartbeat from elsewhere")


def test_a_process_of_this_host_that_is_gone_without_a_journal_is_told_so(store: Store, home: Home) -> None:
    alive = running(store, this_process())
    gone = running(store, Process(host_name(), 2**22 - 3, 5, boot_id()))
    before = running(store, Process(host_name(), 1, 5, "an earlier boot"))
    assert sorted(close_lost(store, home, HeartbeatWatch()).closed) == sorted([gone, before])
    assert store.get_component(alive).status == "InProgress"
    assert store.get_component(gone).status_message == "process ended without closing the run; no journal was left"
    assert store.get_component(before).status_message == "the host was restarted; no journal was left"


def test_a_component_that_a_job_looks_after_is_left_to_its_agent(store: Store, home: Home) -> None:
    uid, process = new_uid(), Process(host_name(), 2**22 - 3, 5, boot_id())
    opened = ComponentCreate(name="job", uid=uid, status="InProgress", process=process, source_arn="arn:job")
    store.apply(Batch(uid, uid, 0, 8, process, open=opened))
    assert close_lost(store, home, HeartbeatWatch()).closed == []


def test_two_processes_that_recover_at_once_store_it_once(home: Home, tmp_path: Path) -> None:
    killed(home, 'r = Recorder(ComponentCreate(name="run"), store=away)\nfor i in range(5000): r.log("a", i)\nwait()')
    code = (
        "from mlstudio.store import open_store, default_home\n"
        "from mlstudio.store.recover import recover_journals\n"
        "r = recover_journals(open_store(), default_home()); print(len(r.drained), r.waiting)"
    )
    environment = {**os.environ, "MLSTUDIO_HOME": str(home.root)}
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert said[-1] == "1 {}"
    store = open_store(home=home)
    assert store.series("run")[0].count == 5000
    store.close()


def test_the_journal_of_a_process_in_another_container_is_left_alone(store: Store, home: Home) -> None:
    """Its process id names nobody here; the lock that it holds says that it lives."""
    elsewhere = Process(host=host_name(), pid=4_000_000, proc_start=1, boot_id=boot_id())
    uid = store.create_component(ComponentCreate(name="run", status="InProgress")).uid
    info = JournalInfo(journal=new_uid(), component=uid, component_name="run", process=elsewhere)
    file = JournalFile(home.journals, info, adopted=False, dropped=0)
    assert recover_journals(store, home).drained == []
    assert close_lost(store, home, HeartbeatWatch()).closed == []
    assert file.path.exists()
    file.let_go()
    report = recover_journals(store, home)
    assert (report.drained, report.closed) == ([info.journal], ["run"])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_neither_ends_nor_outlives_the_lock_of_its_parents_journal(home: Home) -> None:
    process = this_process()
    info = JournalInfo(journal=new_uid(), component=new_uid(), component_name="run", process=process)
    file = JournalFile(home.journals, info, adopted=False, dropped=0)
    (reading, writing), (ready, say) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        file.let_go()
        os.close(writing)
        os.write(say, b"1")
        os.read(reading, 1)  # until the parent has looked
        os._exit(0)
    os.close(reading)
    os.read(ready, 1)
    assert is_written(file.path), "the child closed its copy; the parent's lock stays"
    file.let_go()
    assert not is_written(file.path), "the child lives, and holds no lock"
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    os.close(ready)
    os.close(say)

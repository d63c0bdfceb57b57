"""What `mlstudio run` prints is on disk while it runs, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.cli.main import main
from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate, ComponentRecord, ListRequest
from mlstudio.jobs.run_log import OUTPUT, read_component_log, read_run_log, run_log_size, save_log
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store import open_store
from mlstudio.store.doctor import examine
from mlstudio.store.home import Home, default_url
from mlstudio.store.repair import repair
from mlstudio.store.run_logs import Label, folder_of, make_folder, orphans, purge

SCRIPT = "import os, time\nprint(os.getpid(), flush=True)\nprint('password: hush0', flush=True)\ntime.sleep(120)\n"


def until(look: Callable[[], list[bytes]], seconds: float = 30) -> list[bytes]:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def the_component() -> ComponentRecord | None:
    try:
        found = open_store().list_components(ListRequest(limit=10), experiment="x").items
    except NotFound:
        return None
    return found[0] if found else None


def lines_so_far(count: int) -> list[bytes]:
    record = the_component()
    found = [] if record is None else read_run_log(record.name).data.splitlines()
    return found if len(found) >= count else []


@pytest.fixture
def running(tmp_path: Path) -> subprocess.Popen[bytes]:
    program = tmp_path / "train.py"
    program.write_text(SCRIPT)
    command = [sys.executable, "-m", "mlstudio.cli", "run", "--experiment", "x", str(program)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))


@pytest.mark.parametrize("who", ["the supervisor", "the script"])
def test_lines_are_there_while_the_run_goes_and_after_a_kill(who: str, running: subprocess.Popen[bytes]) -> None:
    pid, line = until(lambda: lines_so_far(2))
    try:
        assert line == b"password: *****"
        assert running.poll() is None
        os.kill(running.pid if who == "the supervisor" else int(pid), signal.SIGKILL)
        running.wait(30)
        assert lines_so_far(2) == [pid, line]
        record = the_component()
        assert record is not None
        if who == "the script":
            assert record.status_message == "ended by SIGKILL"
            assert "output.log" in record.outputs
    finally:
        running.kill()
        running.wait(30)
        if who == "the supervisor":
            os.kill(int(pid), signal.SIGKILL)


def test_what_was_dropped_in_the_middle_is_counted_and_the_end_is_kept(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path / "log", OUTPUT, head=8, tail=8, segment=4)
    writer.write(b"beginning, middle, end\n")
    writer.close()

    assert save_log(tmp_path, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"beginnin\n\xe2\x80\xa6 8 bytes dropped \xe2\x80\xa6\ne, end\n"


def test_an_empty_log_makes_no_copy(tmp_path: Path) -> None:
    assert not save_log(tmp_path, tmp_path / "copy")


def kept(home: Home, name: str) -> Path:
    record = open_store().create_component(ComponentCreate(name=name))
    folder = make_folder(home, record.uid, Label(name, default_url(home)))
    LogWriter(folder / "log", OUTPUT).write(b"one\ntwo\n")
    return folder


def test_stretches_are_read_by_offset_and_only_you_may_read_them(home: Home) -> None:
    folder = kept(home, "c")

    assert read_run_log("c", offset=4).data == b"two\n"
    assert read_component_log("c", offset=-4, limit=2).data == b"tw"
    assert run_log_size(open_store().get_component("c")) == 8
    assert [path.stat().st_mode & 0o077 for path in (home.runs, folder, *folder.rglob("*"))] == [0] * 5
    with pytest.raises(NotFound):
        read_run_log("nobody")


def test_an_id_that_is_a_path_is_no_folder(home: Home) -> None:
    assert folder_of(home, "../jobs") is None
    assert folder_of(home, "") is None


def test_a_purge_takes_the_log_along(home: Home) -> None:
    folder = kept(home, "c")
    store = open_store()
    store.delete("trial-component", "c")

    purge(store, home, "trial-component", "c")

    assert not folder.exists()


def test_the_doctor_finds_and_removes_what_a_purge_by_another_way_left(home: Home) -> None:
    gone, stays = kept(home, "gone"), kept(home, "stays")
    store = open_store()
    store.delete("trial-component", "gone")
    store.purge("trial-component", "gone")
    assert list(orphans(store, home)) == []  # a young one may belong to a run whose journal waits

    for path in (*gone.rglob("*"), gone, *stays.rglob("*"), stays):
        os.utime(path, (0, 0))
    (found,) = [one for one in examine(store, home=home).items if one.code == "run_logs"]

    assert (found.level, found.repair) == ("note", "run_logs")
    assert repair(store, home, "run_logs", dry_run=True)[0].startswith("Would remove 1 logs of runs")
    assert gone.exists()
    repair(store, home, "run_logs")
    assert (gone.exists(), stays.exists()) == (False, True)


def test_the_command_prints_the_log(home: Home, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    kept(home, "c")

    assert main(["experiments", "log", "c", "-f"]) == 0

    assert capfdbinary.readouterr().out == b"one\ntwo\n"

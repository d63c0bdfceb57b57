"""Opening a store: first starts, damage, full disks, other people's files, forks."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from mlstudio.entities.errors import (
    DiskFull,
    InvalidField,
    StoreDamaged,
    StoreUnreachable,
    UnsafeSQLite,
)
from mlstudio.entities.experiments import ComponentCreate, ExperimentCreate, ListRequest
from mlstudio.store import filesystems, migrate, opening, sqlite, sqlite_build
from mlstudio.store.filesystems import filesystem_of
from mlstudio.store.home import Home
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import close_all, open_sqlite, open_store
from mlstudio.store.sqlite import KEPT_CHANGES
from mlstudio.store.sqlite_build import is_safe
from mlstudio.store.sqlite_store import SqliteStore
from mlstudio.testing import small_disk
from mlstudio.testing.disks import CannotMount

WRITER = """
import sys
from pathlib import Path
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.store.opening import open_sqlite
number = sys.argv[2]
sys.stdin.readline()
store = open_sqlite(Path(sys.argv[1]))
for turn in range(10):
    store.create_experiment(ExperimentCreate(f"e{number}x{turn}"))
print(store.uid, flush=True)
if number == "killed":
    sys.stdin.readline()
store.close()
"""


def writer(path: Path, number: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), number]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed_writer(path: Path) -> None:
    """Write ten experiments in a process, and kill it while the store is open."""
    process = writer(path, "killed")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline()
    process.kill()
    process.communicate()


def fill(store: SqliteStore) -> None:
    """Write until the disk is full."""
    for number in range(200):
        store.create_component(ComponentCreate(name=f"c{number}", params={"p": "x" * 50_000}))


def fill_up(path: Path) -> None:
    """Take what is left of a disk, to the last byte."""
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(bytes(512)):
            pass


def names(store: SqliteStore) -> list[str]:
    return sorted(item.name for item in store.list_experiments(ListRequest(limit=1000)).items)


@pytest.mark.slow
def test_t11_processes_that_start_first_at_once_make_one_store(tmp_path: Path) -> None:
    path = tmp_path / "store" / "mlstudio.db"
    processes = [writer(path, str(number)) for number in range(3)]
    for process in processes:  # all have imported; now they go
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    store = open_sqlite(path)
    assert told == {store.uid}
    assert len(names(store)) == 30
    store.close()


def test_one_store_per_address_and_process(home: Home) -> None:
    try:
        first = open_store()
        assert open_store(f"sqlite:///{home.database}") is first
        assert open_store(home=home) is first
        first.close()
        first.close()
        second = open_store()
        assert second is not first
        assert second.uid == first.uid
        memory = open_store("memory:")
        assert isinstance(memory, MemoryStore)
        assert open_store("memory:") is memory
    finally:
        close_all()


@pytest.mark.parametrize("url", ["postgresql://u:secret@h/db", "http://h", "sqlite://", "sqlite:///", "x", "mysql://h"])
def test_an_address_that_no_backend_serves_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidField) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "mlstudio.db")
    store.close()
    with pytest.raises(StoreUnreachable, match="closed"):
        store.list_experiments(ListRequest())


def test_files_are_for_the_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_sqlite(tmp_path / "home" / "mlstudio.db")
        store.create_experiment(ExperimentCreate("e"))
        modes = {found.name: found.stat().st_mode & 0o777 for found in (tmp_path / "home").iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert "mlstudio.db-wal" in modes
    assert set(modes.values()) == {0o600}


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    with pytest.raises(StoreUnreachable, match="another program"):
        open_sqlite(path)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    path.write_bytes(b"hello " * 1000)
    with pytest.raises(StoreDamaged, match="not a database"):
        open_sqlite(path)
    assert path.read_bytes() == b"hello " * 1000


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnreachable) as caught:
        open_sqlite(tmp_path / "file" / "home" / "mlstudio.db")
    assert str(tmp_path / "file") in caught.value.message


def test_t07_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    line = "36 35 0:44 / {point} rw,noatime - {kind} server:/export rw\n"
    mounts.write_text(line.format(point="/", kind="ext4") + line.format(point=tmp_path, kind="nfs4"))
    monkeypatch.setattr(filesystems, "MOUNTINFO", mounts)
    with pytest.raises(StoreUnreachable, match="network file system \\(nfs4\\)") as caught:
        open_sqlite(tmp_path / "home" / "mlstudio.db")
    assert "local disk" in str(caught.value.hint)


def test_the_nearest_mount_tells_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    odd = tmp_path / "with space"
    odd.mkdir()
    line = "36 35 0:44 / {point} rw - {kind} dev rw\n"
    told = [("/", "ext4"), (str(odd).replace(" ", "\\040"), "cifs"), ("/", "overlay")]
    mounts.write_text("".join(line.format(point=point, kind=kind) for point, kind in told) + "broken line\n")
    monkeypatch.setattr(filesystems, "MOUNTINFO", mounts)
    assert filesystem_of(odd / "x") == "cifs"
    assert filesystem_of(tmp_path) == "overlay", "the later mount hides the earlier one"
    monkeypatch.setattr(filesystems, "MOUNTINFO", tmp_path / "none")
    assert filesystem_of(tmp_path) == ""


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_the_versions_with_the_wal_reset_bug_are_known(version: tuple[int, ...], safe: bool) -> None:
    assert is_safe(version) is safe


def test_an_unsafe_sqlite_reads_and_does_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_sqlite(tmp_path / "mlstudio.db")
    store.create_experiment(ExperimentCreate("e"))
    monkeypatch.setattr(sqlite_build, "is_safe", lambda version: False)
    assert store.get_experiment("e").name == "e"
    with pytest.raises(UnsafeSQLite, match="pip install pysqlite3"):
        store.create_experiment(ExperimentCreate("f"))
    store.close()
    with pytest.raises(UnsafeSQLite):
        open_sqlite(tmp_path / "new" / "mlstudio.db")


def flipped(path: Path, *, begin: float) -> bytes:
    """Make a store of a few MB with 1 % of the bytes behind a point flipped; return what stands there."""
    store = open_sqlite(path)
    for number in range(20):
        store.create_component(ComponentCreate(name=f"c{number}", params={"p": f"{number:05}" * 20_000}))
    store.close()
    data = bytearray(path.read_bytes())
    generator = random.Random(7)
    for _ in range(len(data) // 100):
        data[generator.randrange(int(len(data) * begin), len(data))] ^= 0xFF
    path.write_bytes(data)
    return bytes(data)


def test_t12_a_store_with_flipped_bytes_is_open_for_reading_only(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    data = flipped(path, begin=0.5)
    store = open_sqlite(path)
    assert store.damage is not None
    assert "reading only" in store.notices[0]
    with pytest.raises(StoreDamaged, match="reading only") as caught:
        store.create_experiment(ExperimentCreate("f"))
    assert "mlstudio doctor" in str(caught.value.hint)
    for call in (store.list_experiments, store.list_trials, store.list_components):
        with suppress(StoreDamaged):  # some pages can be read, others not; nothing else may happen
            call(ListRequest())
    store.close()
    assert path.read_bytes() == data, "nothing was written"


def test_t12_a_store_whose_very_schema_is_broken_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    data = flipped(path, begin=0.002)
    with pytest.raises(StoreDamaged) as caught:
        open_sqlite(path)
    assert "mlstudio doctor" in str(caught.value.hint)
    assert path.read_bytes() == data


def test_a_store_file_that_is_removed_while_in_use_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    store = open_sqlite(path)
    store.create_experiment(ExperimentCreate("before"))
    path.unlink()
    with pytest.raises(StoreUnreachable, match="removed while it was in use"):
        store.create_experiment(ExperimentCreate("e"))
    shutil.copy(Path(__file__).parent / "assets" / "0001.db", path)
    with pytest.raises(StoreUnreachable, match="replaced while it was in use"):
        store.list_experiments(ListRequest())
    store.close()


def test_t04_a_full_disk_is_told_with_megabytes_and_path(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "small", megabytes=3) as disk:
            store = open_sqlite(disk / "mlstudio.db")
            store.create_experiment(ExperimentCreate("before"))
            with pytest.raises(DiskFull, match=r"free \d+\.\d MB at") as caught:
                fill(store)
            assert str(disk) in caught.value.message
            kept = [item.name for item in store.list_components(ListRequest(limit=1000)).items]
            assert names(store) == ["before"], "what was acknowledged is there"
            assert kept
            (disk / "ballast").write_bytes(b"")
            fill_up(disk / "ballast")
            store.delete("trial-component", kept[0])
            store.purge("trial-component", kept[0])
            store.close()
            again = open_sqlite(disk / "mlstudio.db")
            assert again.damage is None
            assert len(again.list_components(ListRequest(limit=1000)).items) == len(kept) - 1
            assert [(act.action, act.name) for act in again.audit()] == [("purged", kept[0]), ("deleted", kept[0])]
            again.close()
    except CannotMount as reason:
        # Mounting needs root or a user namespace; the reason is printed (-ra).
        pytest.skip(f"no small disk here: {reason}")


def test_an_error_in_a_write_undoes_all_of_it(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "mlstudio.db")
    with suppress(KeyboardInterrupt), store.write() as conn:
        store.note_change(conn, "experiment", "u", "n", "created")
        raise KeyboardInterrupt
    assert store.last_change() == 0
    store.create_experiment(ExperimentCreate("after"))
    assert store.last_change() == 1
    store.close()


def test_the_change_feed_is_trimmed_and_keeps_the_last_ten_thousand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT_CHANGES >= 10_000
    monkeypatch.setattr(sqlite, "KEPT_CHANGES", 100)
    monkeypatch.setattr(sqlite, "_TRIM_EVERY", 50)
    store = open_sqlite(tmp_path / "mlstudio.db")
    with store.write() as conn:
        for number in range(420):
            store.note_change(conn, "experiment", "u", f"n{number}", "updated")
    kept = store.changes(0, limit=10_000)
    assert (kept[-1].id, store.last_change()) == (420, 420)
    assert 100 <= len(kept) <= 150
    store.close()


def test_a_forked_child_has_connections_of_its_own(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "mlstudio.db")
    store.create_experiment(ExperimentCreate("parent"))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            store.create_experiment(ExperimentCreate("child"))
            store.close()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.create_experiment(ExperimentCreate("after"))
    assert names(store) == ["after", "child", "parent"]
    assert migrate.quick_check(store.path) is None
    store.close()


def test_the_cache_of_stores_survives_a_fork_while_it_is_locked() -> None:
    with opening._opening:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                done = threading.Event()
                threading.Thread(target=lambda: (open_store("memory:"), done.set())).start()
                code = 0 if done.wait(10) else 1
            finally:
                os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

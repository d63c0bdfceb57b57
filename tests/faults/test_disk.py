"""A full disk under journal, store or artifacts: training goes on, losses are counted, nothing is SIGBUS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlstudio.entities.errors import DiskFull
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store import open_store
from mlstudio.store.archives import extract, pack
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.recorder import Recorder

from .conftest import SmallDisk

LOG_MUCH = """
import sys, time
from mlstudio.store.recorder import Recorder
from mlstudio.entities.experiments import ComponentCreate
import mlstudio.store.recorder as module
module.EXIT_WAIT = 0.2
def away():
    raise OSError("no store")
recorder = Recorder(ComponentCreate(name="run"), store=away)
for step in range(200_000):
    recorder.log("loss", step, step)
print(recorder.dropped, flush=True)
recorder.close()
"""


def test_t04_a_full_disk_under_the_journal_drops_and_counts_and_is_no_sigbus(disk: SmallDisk, tmp_path: Path) -> None:
    environment = {**os.environ, "MLSTUDIO_HOME": str(disk.path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", LOG_MUCH], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 0, f"SIGBUS is -7: {done.stderr}"
    dropped = int(done.stdout)
    assert 100_000 < dropped < 200_000
    assert done.stderr.count("No space left at") == 1, "one warning"
    assert "MB are free" in done.stderr
    home, elsewhere = Home(disk.path / "home"), f"sqlite:///{tmp_path}/store.db"
    store = open_store(elsewhere)
    from mlstudio.store.recover import recover_journals

    recover_journals(store, home)
    record = store.get_component("run")
    assert record.metrics[0].count == 200_000 - dropped, "what returned and was not counted as lost is there"
    assert record.dropped == dropped, "the panel shows the count"
    store.close()


def test_a_journal_that_could_not_even_be_made_begins_when_there_is_space(disk: SmallDisk, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    filler = disk.fill()
    recorder = Recorder(ComponentCreate(name="run"), home=Home(disk.path), store=lambda: store)
    recorder.log("loss", 1.0)
    assert recorder.dropped == 1
    filler.unlink()
    assert recorder.flush()
    recorder._drainer.first_attempt(1)  # type: ignore[union-attr]
    recorder._drainer.drain()  # type: ignore[union-attr]
    recorder.log("loss", 2.0)
    assert recorder.flush()
    record = store.get_component("run")
    assert (record.metrics[0].count, record.dropped) == (1, 1)
    recorder.close()
    store.close()


def test_a_run_that_ends_before_its_journal_could_be_made_still_tells_its_end_and_its_losses(
    disk: SmallDisk, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    filler = disk.fill()
    recorder = Recorder(ComponentCreate(name="run"), home=Home(disk.path), store=lambda: store)
    for step in range(500):
        recorder.log("loss", 1.0, step)
        recorder.log_many({"acc": 0.5}, step)
    filler.unlink()
    recorder.close()
    record = store.get_component("run")
    assert (record.status, record.dropped, record.metrics) == ("Completed", 1000, [])
    store.close()


def test_a_journal_on_a_full_disk_gives_its_stored_space_to_new_records(disk: SmallDisk, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    recorder = Recorder(ComponentCreate(name="run"), home=Home(disk.path), store=lambda: store)
    disk.fill()
    returned = 0
    for _ in range(40):
        before = recorder.dropped
        for _ in range(1000):
            recorder.log("loss", 1.0)
        returned += 1000 - (recorder.dropped - before)
        assert recorder.flush()
    recorder.close()
    record = store.get_component("run")
    assert returned > 30_000, "1.3 MB went through a journal of 256 KB"
    assert record.metrics[0].count == returned
    assert record.dropped == 40_000 - returned
    store.close()


def test_t04_a_full_disk_under_the_store_loses_nothing_and_ends_well_when_there_is_space(
    disk: SmallDisk, home: Home
) -> None:
    store = open_store(f"sqlite:///{disk.path}/store.db")
    recorder = Recorder(ComponentCreate(name="run"), home=home, store=lambda: store)
    filler = disk.fill()
    for step in range(100_000):
        recorder.log("loss", step, step)
    assert recorder.flush(timeout=1.5) is False
    assert isinstance(recorder._drainer.error, DiskFull)  # type: ignore[union-attr]
    assert recorder.dropped == 0
    filler.unlink()
    disk.resize(20)
    assert recorder.flush(timeout=20)
    recorder.close()
    record = store.get_component("run")
    assert (record.metrics[0].count, record.status, record.dropped) == (100_000, "Completed", 0)
    store.close()


def test_t04_a_full_artifact_root_says_how_much_is_free_and_where_and_leaves_no_part(
    disk: SmallDisk, tmp_path: Path
) -> None:
    source = tmp_path / "model.bin"
    source.write_bytes(os.urandom(4 << 20))
    blobs = BlobStore(disk.path / "artifacts")
    with pytest.raises(DiskFull, match=rf"{disk.path}/artifacts: \d+ MB are free"):
        blobs.put_file(source)
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == []
    assert blobs.put_bytes(b"small").size == 5, "there is room again"


def test_archives_on_a_full_disk_leave_nothing_behind(disk: SmallDisk, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.bin").write_bytes(os.urandom(4 << 20))
    with pytest.raises(DiskFull):
        pack(folder, disk.path / "out.tgz")
    pack(folder, tmp_path / "good.tgz")
    with pytest.raises(DiskFull):
        extract(tmp_path / "good.tgz", disk.path / "target")
    assert list(disk.path.iterdir()) == []

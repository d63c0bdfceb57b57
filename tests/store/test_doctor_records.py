"""The doctor finds what is stuck and what is broken among the records, and touches nothing."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator

import pytest

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, Process
from mlstudio.entities.housekeeping import DoctorFinding
from mlstudio.entities.jobs import JobSpec
from mlstudio.store.artifacts import Blob, BlobStore
from mlstudio.store.collect import DAY
from mlstudio.store.doctor import examine
from mlstudio.store.home import Home
from mlstudio.store.journal_process import boot_id, host_name, this_process
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_store

GONE = Process(host=host_name(), pid=2**22 + 1, proc_start=1, boot_id=boot_id())


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = open_store(home=home)
    yield opened
    opened.close()


def codes(store: Store, home: Home, *, deep: bool = False) -> dict[str, DoctorFinding]:
    """Return findings by code."""
    before = store.last_change()
    found = {item.code: item for item in examine(store, home=home, deep=deep).items}
    assert store.last_change() == before, "the doctor writes nothing"
    return found


def kept(store: Store, blobs: BlobStore, data: bytes) -> Blob:
    """Store bytes that a component names."""
    blob = blobs.put_bytes(data)
    store.create_component(
        ComponentCreate(name=f"c{blob.sha256[:8]}", outputs={"o": ArtifactRef("x", sha256=blob.sha256)})
    )
    return blob


def test_a_healthy_store_has_nothing_stuck_or_broken(store: Store, home: Home) -> None:
    store.create_component(ComponentCreate(name="c", status="InProgress", process=this_process()))
    kept(store, BlobStore(home.artifacts), b"model")
    found = codes(store, home, deep=True)
    assert {found[code].level for code in ("components", "jobs", "artifacts")} == {"ok"}
    assert all(item.level in ("ok", "note") for item in found.values())
    assert all(item.repair is None for item in found.values())


def test_components_whose_process_is_gone_are_named(store: Store, home: Home) -> None:
    for number in range(5):
        store.create_component(ComponentCreate(name=f"c{number}", status="InProgress", process=GONE))
    store.create_component(
        ComponentCreate(name="far", status="InProgress", process=Process(host="elsewhere", pid=1, proc_start=1))
    )
    told = codes(store, home)["stuck_components"]
    assert told.message.startswith("5 trial components say they run")
    assert "and 2 more" in told.message
    assert told.repair == "components"


def test_jobs_that_no_agent_follows_are_named(store: Store, home: Home) -> None:
    spec = JobSpec(name="job", entry_point="train.py", source_dir="/code", interpreter="/usr/bin/python3")
    store.create_job(spec, trial_component="c")
    assert "job" in codes(store, home)["stuck_jobs"].message
    lock = os.open(home.ensure(home.agent) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert codes(store, home)["jobs"].message == "1 jobs run."
    finally:
        os.close(lock)


def test_an_artifact_without_its_file_is_named(store: Store, home: Home) -> None:
    blobs = BlobStore(home.artifacts)
    blob = kept(store, blobs, b"model")
    blobs.path(blob.sha256).unlink()
    told = codes(store, home)["missing_artifacts"]
    assert (told.level, blob.sha256 in told.message) == ("unsafe", True)


def test_an_artifact_with_another_content_is_found_when_it_is_read(store: Store, home: Home) -> None:
    blobs = BlobStore(home.artifacts)
    blob = kept(store, blobs, b"model")
    blobs.path(blob.sha256).write_bytes(b"virus")
    assert codes(store, home)["artifacts"].level == "ok"
    told = codes(store, home, deep=True)["changed_artifacts"]
    assert (told.level, told.repair) == ("unsafe", "changed_artifacts")


def test_a_journal_that_cannot_be_read_is_named_unless_it_was_just_begun(store: Store, home: Home) -> None:
    bad = home.ensure(home.journals) / "bad.mj"
    bad.write_bytes(b"no journal at all" * 1000)
    assert "damaged_journals" not in codes(store, home)
    os.utime(bad, (time.time() - 120,) * 2)
    assert codes(store, home)["damaged_journals"].level == "unsafe"


def test_files_that_belong_to_nothing_are_counted(store: Store, home: Home) -> None:
    blobs = BlobStore(home.artifacts)
    blob = blobs.put_bytes(b"x" * 2_000_000)
    os.utime(blobs.path(blob.sha256), (time.time() - 2 * DAY,) * 2)
    told = codes(store, home)["unreferenced_blobs"]
    assert (told.repair, "1 artifact files" in told.message, "2.0 MB" in told.message) == ("blobs", True, True)
    assert blobs.exists(blob.sha256)


def test_a_store_that_is_not_there_is_not_made(home: Home) -> None:
    report = examine(home=home)
    assert "no_store" in {item.code for item in report.items}
    assert not home.root.exists()


def test_everything_has_a_size(store: Store, home: Home) -> None:
    blob = kept(store, BlobStore(home.artifacts), b"x" * 10_000)
    sizes = {size.what: size for size in examine(store, home=home).sizes}
    assert sizes["database"].bytes > 10_000
    assert (sizes["artifacts"].bytes, sizes["artifacts"].count) == (10_000, 1), blob
    assert {"write-ahead log", "journals", "run folders of jobs", "agent and its log", "backups"} <= sizes.keys()

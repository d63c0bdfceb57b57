"""Each repair says first what it would do, does it, and finds nothing to do afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ExperimentCreate
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.collect import DAY
from mlstudio.store.doctor_records import changed_blobs, free_pages
from mlstudio.store.home import Home
from mlstudio.store.journal import unreadable_journals
from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import open_store
from mlstudio.store.repair import CURES, repair
from tests.store.test_doctor_records import GONE


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    opened = open_store(home=home)
    yield opened
    opened.close()


def cured(store: Store, home: Home, what: str, begins: str) -> None:
    """Repair, after a dry run that must change nothing; then there must be nothing left to do."""
    before = repair(store, home, what, dry_run=True)
    assert before, "there is something to do"
    assert before == repair(store, home, what, dry_run=True)
    assert all(line.startswith(("Would", "Nothing")) for line in before)
    done = repair(store, home, what)
    assert done[0].startswith(begins)
    assert repair(store, home, what) == []


def test_a_component_whose_process_is_gone_is_ended(store: Store, home: Home) -> None:
    store.create_component(ComponentCreate(name="c", status="InProgress", process=GONE))
    cured(store, home, "components", "Ended c")
    assert store.get_component("c").status == "Failed"


def test_files_that_belong_to_nothing_are_removed(store: Store, home: Home) -> None:
    blobs = BlobStore(home.artifacts)
    blob = blobs.put_bytes(b"x")
    os.utime(blobs.path(blob.sha256), (time.time() - 2 * DAY,) * 2)
    cured(store, home, "blobs", "Removed 1 artifact files (1 B)")
    assert not blobs.exists(blob.sha256)


def test_an_artifact_with_another_content_is_put_aside(store: Store, home: Home) -> None:
    blobs = BlobStore(home.artifacts)
    blob = blobs.put_bytes(b"model")
    store.create_component(ComponentCreate(name="c", outputs={"o": ArtifactRef("x", sha256=blob.sha256)}))
    blobs.path(blob.sha256).write_bytes(b"virus")
    cured(store, home, "changed_artifacts", "Put")
    assert not blobs.exists(blob.sha256)
    assert (blobs.root / "damaged" / blob.sha256).read_bytes() == b"virus"
    assert blobs.put_bytes(b"model") == blob
    assert changed_blobs(store, blobs) == []


def test_a_journal_that_cannot_be_read_is_put_aside(store: Store, home: Home) -> None:
    bad = home.ensure(home.journals) / "bad.mj"
    bad.write_bytes(b"no journal" * 1000)
    os.utime(bad, (1, 1))
    cured(store, home, "damaged_journals", "Put bad.mj aside")
    assert unreadable_journals(home.journals) == []
    assert (home.journals / "damaged/bad.mj").exists()


def test_what_others_may_reach_is_closed(store: Store, home: Home) -> None:
    home.database.chmod(0o644)
    home.root.chmod(0o755)
    cured(store, home, "permissions", "Closed")
    assert (home.database.stat().st_mode & 0o777, home.root.stat().st_mode & 0o777) == (0o600, 0o700)


def test_free_pages_are_given_back(store: Store, home: Home) -> None:
    for number in range(40):
        store.create_experiment(ExperimentCreate(f"e{number}", description="x" * 100_000))
    for number in range(40):
        store.delete("experiment", f"e{number}")
        store.purge("experiment", f"e{number}")
    assert free_pages(store)[0] > 3_000_000
    cured(store, home, "database", "Gave 4")
    assert free_pages(store)[0] == 0
    assert sum(path.stat().st_size for path in home.root.glob("mlstudio.db*")) < 1_000_000
    assert store.create_experiment(ExperimentCreate("after")).name == "after"


def test_a_store_in_memory_needs_no_cure(tmp_path: Path) -> None:
    home = Home(tmp_path / "nothing")
    assert [repair(MemoryStore(), home, what) for what in CURES] == [[] for _ in CURES]


def test_a_repair_that_there_is_not_says_which_there_are(store: Store, home: Home) -> None:
    with pytest.raises(InvalidField, match='"all"') as caught:
        repair(store, home, "all")
    assert "blobs, changed_artifacts" in str(caught.value.hint)

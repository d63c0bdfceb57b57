"""The doctor names what is wrong, with what to do, and touches nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.store import doctor
from mlstudio.store.doctor import Finding, check
from mlstudio.store.home import Home
from mlstudio.store.opening import open_sqlite

ASSETS = Path(__file__).parent / "assets"


def found(home: Home) -> dict[str, Finding]:
    return {finding.code: finding for finding in check(home=home)}


@pytest.fixture
def kept(home: Home) -> Home:
    store = open_sqlite(home.database)
    store.create_experiment(ExperimentCreate("e"))
    store.close()
    return home


def test_a_store_that_is_not_there_yet_is_no_fault(home: Home) -> None:
    told = found(home)
    assert told["no_store"].level == "ok"
    assert not home.root.exists(), "the doctor makes nothing"


def test_a_healthy_store_has_no_fault(kept: Home) -> None:
    told = found(kept)
    assert {finding.level for finding in told.values()} <= {"ok", "note"}
    assert {"sqlite", "integrity", "last_commit", "permissions", "journals"} <= set(told)


def test_a_damaged_store_is_named_with_its_backup(kept: Home) -> None:
    (kept.backups).mkdir()
    shutil.copy(ASSETS / "0001.db", kept.backups / "old.db")
    data = bytearray(kept.database.read_bytes())
    data[4096 * 3 : 4096 * 9] = os.urandom(4096 * 6)
    kept.database.write_bytes(data)
    told = found(kept)["damaged"]
    assert told.level == "unsafe"
    assert "old.db" in told.hint


def test_a_file_that_others_may_read_is_named(kept: Home) -> None:
    kept.database.chmod(0o644)
    told = found(kept)["permissions"]
    assert (told.level, f"chmod 600 {kept.database}" in told.hint) == ("unsafe", True)


def test_a_network_file_system_is_named(kept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "filesystem_of", lambda folder: "nfs4")
    assert found(kept)["network_filesystem"].level == "unsafe"


@pytest.mark.parametrize(("free", "code", "level"), [(50.0, "disk_full", "unsafe"), (500.0, "low_space", "note")])
def test_little_space_is_named(kept: Home, monkeypatch: pytest.MonkeyPatch, free: float, code: str, level: str) -> None:
    monkeypatch.setattr(doctor, "free_megabytes", lambda folder: free)
    assert found(kept)[code].level == level


def test_a_store_elsewhere_is_not_looked_at(home: Home) -> None:
    told = check(home=home, url="memory:")
    assert [finding.code for finding in told] == ["sqlite", "store"]

"""Who uses a store, and whether the last one closed it well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlstudio.entities.experiments import ExperimentCreate, ListRequest
from mlstudio.store import migrate
from mlstudio.store.opening import open_sqlite
from mlstudio.store.sqlite_store import SqliteStore
from mlstudio.store.store_use import StoreUse

WRITER = """
import sys
from pathlib import Path
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.store.opening import open_sqlite
store = open_sqlite(Path(sys.argv[1]))
for turn in range(10):
    store.create_experiment(ExperimentCreate(f"e{turn}"))
print("written", flush=True)
sys.stdin.readline()
"""


def killed_writer(path: Path) -> None:
    """Write ten experiments in a process, and kill it while the store is open."""
    command = [sys.executable, "-c", WRITER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    process.kill()
    process.communicate()


def names(store: SqliteStore) -> list[str]:
    return sorted(item.name for item in store.list_experiments(ListRequest(limit=1000)).items)


def test_only_one_can_be_alone(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    path.touch()
    first, second = StoreUse(path), StoreUse(path)
    assert first.alone()
    assert not second.alone()
    first.share()
    second.share()
    second.close(well=True)
    assert not first.closed_well(), "the last one leaves the stamp, not the first"
    assert first.alone()
    first.close(well=True)


def test_a_stamp_fits_only_the_file_as_it_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    path.write_bytes(b"as it was")
    use = StoreUse(path)
    assert not use.closed_well(), "a new file has no stamp"
    use.close(well=True)
    use = StoreUse(path)
    assert use.closed_well()
    path.write_bytes(b"changed by somebody")
    assert not use.closed_well()
    use.close(well=False)
    use = StoreUse(path)
    assert not use.closed_well(), "a damaged file gets no stamp"
    use.close(well=False)


def test_a_wal_that_holds_something_is_no_good_close(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    path.write_bytes(b"x")
    path.with_name("mlstudio.db-wal").write_bytes(b"frames")
    StoreUse(path).close(well=True)
    path.with_name("mlstudio.db-wal").unlink()
    use = StoreUse(path)
    assert not use.closed_well()
    use.close(well=False)


def test_a_killed_process_leaves_a_store_that_opens_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mlstudio.db"
    checked: list[Path] = []
    real = migrate.quick_check

    def counting(found: Path) -> str | None:
        checked.append(found)
        return real(found)

    monkeypatch.setattr(migrate, "quick_check", counting)
    killed_writer(path)
    store = open_sqlite(path)
    assert (len(checked), len(names(store)), store.damage, store.notices) == (1, 10, None, [])
    second = open_sqlite(path)
    second.close()
    assert len(checked) == 1, "somebody has it open: no check"
    store.close()
    open_sqlite(path).close()
    assert len(checked) == 1, "it was closed well: no check"


def test_t13_a_lost_wal_is_told_with_the_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    open_sqlite(path).close()
    killed_writer(path)
    path.with_name("mlstudio.db-wal").unlink()
    store = open_sqlite(path)
    assert store.damage is None
    assert names(store) == [], "what was only in the WAL is gone"
    assert len(store.notices) == 1
    assert "write-ahead log" in store.notices[0]
    assert "last commit" in store.notices[0]
    store.create_experiment(ExperimentCreate("goes-on"))
    store.close()

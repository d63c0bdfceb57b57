"""A store that is put back under open programs is seen by all of them, and what it was is kept."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from mlstudio.entities.errors import NotFound, StoreDamaged, StoreTooNew, VersionConflict
from mlstudio.entities.experiments import ComponentCreate, ExperimentCreate, ExperimentUpdate, ListRequest
from mlstudio.entities.search import Query
from mlstudio.entities.tables import TableRequest
from mlstudio.entities.views import SavedViewCreate
from mlstudio.store.migrate import connect, revision_of, settings_of
from mlstudio.store.opening import open_sqlite
from mlstudio.store.restore import restore_backup
from mlstudio.store.sqlite_store import SqliteStore

ASSETS = Path(__file__).parent / "assets"


def names(store: SqliteStore) -> list[str]:
    return sorted(item.name for item in store.list_experiments(ListRequest()).items)


def backed_up(path: Path, target: Path) -> Path:
    with closing(connect(path)) as left, closing(connect(target)) as right:
        left.backup(right)
    return target


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store" / "mlstudio.db"


def test_an_open_store_sees_the_backup_and_its_changes_rise(path: Path, tmp_path: Path) -> None:
    store = open_sqlite(path)
    store.create_experiment(ExperimentCreate("old"))
    backup = backed_up(path, tmp_path / "backup.db")
    for number in range(5):
        store.create_experiment(ExperimentCreate(f"new{number}"))
    seen = store.last_change()
    before = settings_of(path).get("generation")
    kept = restore_backup(path, backup)
    assert names(store) == ["old"]
    (told,) = store.changes(seen)
    assert (told.kind, told.op, told.id) == ("store", "restored", seen + 1)
    assert settings_of(path)["generation"] != before
    store.create_experiment(ExperimentCreate("after"))
    assert names(store) == ["after", "old"]
    store.close()
    again = open_sqlite(path)
    assert (names(again), again.damage, again.notices) == (["after", "old"], None, [])
    again.close()
    old = open_sqlite(kept)
    assert len(names(old)) == 6
    old.close()


def test_a_version_that_was_seen_before_is_refused_after(path: Path, tmp_path: Path) -> None:
    store = open_sqlite(path)
    store.create_experiment(ExperimentCreate("e"))
    view = store.create_view(SavedViewCreate("e", "v"))
    backup = backed_up(path, tmp_path / "backup.db")
    seen = store.update_experiment("e", ExperimentUpdate(description="lost")).version
    restore_backup(path, backup)
    store.update_experiment("e", ExperimentUpdate(description="somebody else's"))
    with pytest.raises(VersionConflict):
        store.update_experiment("e", ExperimentUpdate(description="mine", version=seen))
    assert store.get_experiment("e").description == "somebody else's"
    assert store.get_view(view.uid).version > view.version
    store.close()


def test_an_older_backup_is_brought_to_the_present_schema(path: Path) -> None:
    store = open_sqlite(path)
    restore_backup(path, ASSETS / "0001.db")
    assert names(store) == ["mnist"]
    assert store.get_component("cnn-5-training").archived_at is None
    assert revision_of(ASSETS / "0001.db") == "0001", "the backup itself is left alone"
    assert not list(path.parent.glob("backup/.restore*"))
    store.close()


def test_a_backup_that_is_none_changes_nothing(path: Path, tmp_path: Path) -> None:
    store = open_sqlite(path)
    store.create_experiment(ExperimentCreate("e"))
    with pytest.raises(NotFound):
        restore_backup(path, tmp_path / "nothing.db")
    (tmp_path / "bad.db").write_bytes(b"no database" * 1000)
    (tmp_path / "empty.db").write_bytes(b"")
    for name in ("bad.db", "empty.db"):
        with pytest.raises(StoreDamaged):
            restore_backup(path, tmp_path / name)
    newer = Path(shutil.copy(ASSETS / "0001.db", tmp_path / "newer.db"))
    with closing(connect(newer)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew):
        restore_backup(path, newer)
    assert names(store) == ["e"]
    store.close()


def test_a_table_notices_a_file_that_was_put_back_by_hand(path: Path, tmp_path: Path) -> None:
    store = open_sqlite(path)
    store.create_component(ComponentCreate(name="old"))
    backup = backed_up(path, tmp_path / "backup.db")
    store.create_component(ComponentCreate(name="lost"))
    request = TableRequest(columns=["name"])
    assert sorted(store.table(request, Query()).names) == ["lost", "old"]
    with closing(connect(backup)) as left, closing(connect(path)) as right:
        left.backup(right)
    store.create_component(ComponentCreate(name="new"))
    assert sorted(store.table(request, Query()).names) == ["new", "old"], (
        "the same id of the last change, another change"
    )
    store.close()

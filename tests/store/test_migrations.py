"""Schema, migrations and kept files of old schemas lead to one and the same store."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from mlstudio.entities.errors import StoreTooNew
from mlstudio.entities.experiments import ListRequest
from mlstudio.entities.search import Field, OrderKey, Query
from mlstudio.entities.tables import TableRequest
from mlstudio.store import migrate, schema
from mlstudio.store.migrate import connect, ensure_schema, revision_of, settings_of
from mlstudio.store.opening import open_sqlite

ASSETS = Path(__file__).parent / "assets"

NEXT = '''
"""A column more."""
import sqlalchemy as sa
from alembic import op
revision = "9000"
down_revision = "0003"
branch_labels = None
depends_on = None
def upgrade():
    op.add_column("experiment", sa.Column("colour", sa.Text))
    {more}
'''


def columns_and_indexes(path: Path) -> dict[str, object]:
    """Return what SQLite knows of every table and index, whatever the spelling of its SQL."""
    with closing(connect(path)) as raw:
        tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        found: dict[str, object] = {}
        for table in tables:
            if table.startswith("sqlite_"):
                continue
            indexes = raw.execute(f"PRAGMA index_list({table})").fetchall()
            parts = {row[1]: raw.execute(f"PRAGMA index_info('{row[1]}')").fetchall() for row in indexes}
            found[table] = (
                raw.execute(f"PRAGMA table_xinfo({table})").fetchall(),
                sorted(raw.execute(f"PRAGMA foreign_key_list({table})").fetchall()),
                sorted((row[1], row[2], row[3], parts[row[1]]) for row in indexes),
                raw.execute("SELECT wr, strict FROM pragma_table_list WHERE name = ?", (table,)).fetchall(),
            )
        return found


def by_migrations(path: Path) -> None:
    """Make a store by running every migration on an empty file."""
    path.touch()
    with closing(connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with migrate._engine(path).connect() as conn:
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        conn.commit()


def test_a_fresh_schema_and_all_migrations_agree(tmp_path: Path) -> None:
    ensure_schema(tmp_path / "fresh.db")
    by_migrations(tmp_path / "migrated.db")
    assert columns_and_indexes(tmp_path / "fresh.db") == columns_and_indexes(tmp_path / "migrated.db")


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    told = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(told)) == schema.REVISIONS


def test_each_released_schema_has_a_kept_file() -> None:
    assert sorted(path.stem for path in ASSETS.glob("*.db")) == sorted(schema.REVISIONS)


@pytest.mark.parametrize("revision", schema.REVISIONS)
def test_a_file_of_an_old_schema_opens_with_all_that_is_in_it(tmp_path: Path, revision: str) -> None:
    shutil.copy(ASSETS / f"{revision}.db", tmp_path / "mlstudio.db")
    store = open_sqlite(tmp_path / "mlstudio.db")
    try:
        listed = store.list_experiments(ListRequest())
        assert [(item.name, item.display_name, item.trials) for item in listed.items] == [("mnist", "MNIST ✨", 3)]
        found = store.get_component("cnn-5-training")
        assert found.params == {"channels": 5, "lr": 0.05, "optimizer": "sgd", "amp": False}
        assert [(series.context, series.count) for series in found.metrics] == [({"subset": "val"}, 2), ({}, 1500)]
        assert len(store.points("cnn-5-training", "loss").steps) == 1500
        assert store.artifact(str(found.outputs["model"].uid)).sha256 == "ab" * 32
        assert store.code("cnn-5-training").code is not None
        assert (store.get_job("job").failure_reason, store.get_job("job").exit_code) == ("told", 7)
        best = Query(None, (OrderKey(Field("metrics", "loss", "min")),))
        assert store.table(TableRequest(), best).names[0] == "cnn-10-training"
        store.restore("experiment", "gone")
        assert store.changes(store.last_change() - 1)[0].op == "restored"
    finally:
        store.close()


@pytest.fixture
def next_scripts(tmp_path: Path) -> Path:
    """A script folder with one migration more than ours."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    return scripts


def test_a_migration_keeps_a_backup_of_the_store_as_it_was(tmp_path: Path, next_scripts: Path) -> None:
    path = tmp_path / "mlstudio.db"
    shutil.copy(ASSETS / "0001.db", path)
    (next_scripts / "versions" / "9000_more.py").write_text(NEXT.format(more="pass"))
    ensure_schema(path, scripts=next_scripts, revisions=(*schema.REVISIONS, "9000"))
    assert revision_of(path) == "9000"
    (backup,) = (tmp_path / "backup").glob("*.db")
    assert revision_of(backup) == "0001"
    assert backup.stat().st_mode & 0o777 == 0o600
    with closing(connect(path)) as raw, closing(connect(backup)) as old:
        assert raw.execute("SELECT name, colour FROM experiment WHERE id = 1").fetchone() == ("mnist", None)
        assert old.execute("SELECT count(*) FROM metric_block").fetchone()[0] > 0


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path, next_scripts: Path) -> None:
    path = tmp_path / "mlstudio.db"
    shutil.copy(ASSETS / "0001.db", path)
    (next_scripts / "versions" / "9000_more.py").write_text(NEXT.format(more="raise RuntimeError('half way')"))
    with pytest.raises(RuntimeError, match="half way"):
        ensure_schema(path, scripts=next_scripts, revisions=(*schema.REVISIONS, "9000"))
    assert revision_of(path) == "0001"
    with closing(connect(path)) as raw:
        assert "colour" not in [row[1] for row in raw.execute("PRAGMA table_info(experiment)")]


def test_a_newer_store_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = tmp_path / "mlstudio.db"
    shutil.copy(ASSETS / "0001.db", path)
    with closing(connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.execute("UPDATE setting SET value = '9.9.9' WHERE key = 'made_by'")
    with pytest.raises(StoreTooNew, match=r"made by mlstudio 9\.9\.9, you have") as caught:
        open_sqlite(path)
    assert "pip install --upgrade" in str(caught.value.hint)
    assert settings_of(path)["made_by"] == "9.9.9", "it was not touched"

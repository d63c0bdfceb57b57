"""The columns of very many tags: the index is walked instead, with the same answer; the most used are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate, ExperimentCreate, TrialCreate
from mlstudio.entities.search import Query
from mlstudio.entities.tables import ColumnInfo, ColumnList, TableRequest, TableScope
from mlstudio.store import open_store, table_cache
from mlstudio.store.laws import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two experiments of tags; a tag of a trial, and one of a deleted component, are no columns."""
    store = open_store(f"sqlite:///{tmp_path}/tags.db")
    for name in ("e", "other"):
        store.create_experiment(ExperimentCreate(name))
        store.create_trial(TrialCreate(f"{name}-t", name, tags={"of-a-trial": "x"}))
    for number in range(6):
        tags = {"All": f"v{number % 2}", f"only-{number}": "x", **({"half": "x"} if number < 3 else {})}
        store.create_component(ComponentCreate(name=f"c{number}", trials=["e-t"], tags=tags))
    store.create_component(ComponentCreate(name="away", trials=["other-t"], tags={"elsewhere": "x"}))
    store.create_component(ComponentCreate(name="gone", trials=["e-t"], tags={"gone": "x"}))
    store.delete("trial-component", "gone", force=True)
    yield store
    store.close()


def tags(store: Store, experiment: str | None = "e") -> list[tuple[str, int, int | None]]:
    """Return key, count and distinct values of the tags of an experiment."""
    return [(one.key, one.count, one.distinct) for one in store.columns(experiment) if one.group == "tags"]


WANTED = [("tags.All", 6, 2), ("tags.half", 3, 1), *((f"tags.only-{i}", 1, 1) for i in range(6))]


@pytest.mark.parametrize("few", [0, 50_000])
def test_both_ways_give_the_same_columns(store: Store, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(table_cache, "_FEW_TAGS", few)
    assert tags(store) == WANTED
    assert store.find_columns("e").totals.tags == 8
    assert ("tags.elsewhere", 1, 1) in tags(store, None)


def test_of_very_many_the_most_used_are_listed_and_the_others_are_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_cache, "_FEW_TAGS", 0)
    monkeypatch.setattr(table_cache, "MOST_LISTED", 3)
    assert tags(store) == [("tags.All", 6, 2), ("tags.half", 3, 1), ("tags.only-0", 1, 1)]
    assert store.find_columns("e").totals.tags == 8
    found = store.find_columns("e", contains="ONLY-5")
    assert ([one.key for one in found.items], found.totals.tags) == (["tags.only-5"], 1)
    cut = store.find_columns("e", contains="tags.", most=2)
    assert ([one.key for one in cut.items], cut.totals.tags) == (["tags.All", "tags.half"], 8)


def test_the_list_is_the_same_until_something_changes_and_true_after_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_cache, "_FEW_TAGS", 0)
    before = store.columns("e")
    assert store.columns("e") is before
    store.update_component("c5", ComponentUpdate(tags={"new": "x"}))
    assert tags(store) == [
        ("tags.All", 5, 2),
        ("tags.half", 3, 1),
        ("tags.new", 1, 1),
        *((f"tags.only-{i}", 1, 1) for i in range(5)),
    ]


def test_metrics_and_parameters_that_change_are_listed_anew(store: Store) -> None:
    store.update_component("c0", ComponentUpdate(params={"lr": 0.5}))
    first = {one.key: one for one in store.columns("e")}
    store.update_component("c1", ComponentUpdate(params={"lr": 0.1, "opt": "adam"}))
    second = {one.key: one for one in store.columns("e")}
    assert (first["params.lr"].count, first["params.lr"].min) == (1, 0.5)
    assert (second["params.lr"].count, second["params.lr"].min) == (2, 0.1)
    assert second["params.opt"].count == 1


def test_rows_do_not_wait_for_the_tags_and_no_older_ones_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, read = threading.Event(), threading.Event(), table_cache.Snapshot.read_tags
    found: list[ColumnList] = []

    def slowly(self: table_cache.Snapshot, conn: Connection) -> tuple[list[ColumnInfo], int]:
        made = read(self, conn)
        begun.set()
        assert go.wait(20)
        return made

    monkeypatch.setattr(table_cache.Snapshot, "read_tags", slowly)
    thread = threading.Thread(target=lambda: found.append(store.find_columns("e")))
    thread.start()
    assert begun.wait(20)
    store.update_component("c5", ComponentUpdate(tags={"new": "x"}))
    page = store.table(TableRequest(scope=TableScope(experiment="e"), columns=["name"]), Query())
    go.set()
    thread.join()
    assert page.rows == 6
    assert found[0].totals.tags == 8  # All, half, new, and five that one component has
    assert ("tags.new", 1, 1) in tags(store)

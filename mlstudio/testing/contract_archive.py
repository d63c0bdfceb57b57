"""Contract: what is archived stays, and stays out of the way until it is asked for."""

from __future__ import annotations

import pytest

from mlstudio.entities.experiments import (
    ComponentCreate,
    ComponentUpdate,
    ExperimentUpdate,
    ListRequest,
    TrialUpdate,
)
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Or, OrderKey, Query
from mlstudio.entities.tables import TableRequest, TableScope
from mlstudio.store.laws import Store
from mlstudio.testing.contract_records import a_trial

ARCHIVED = Field("meta", "archived")
BY_NAME = (OrderKey(Field("meta", "name")),)
EVERYTHING = Or((Cmp(ARCHIVED, "==", value=True), Not(Cmp(ARCHIVED, "exists"))))


def an_archive(store: Store) -> None:
    """Make two experiments, trials and components each; the second of each is archived."""
    for number in ("1", "2"):
        a_trial(store, f"t{number}", f"e{number}")
        store.create_component(ComponentCreate(name=f"c{number}", trials=["t1"], params={f"p{number}": 1}))
    store.update_experiment("e2", ExperimentUpdate(archived=True))
    store.update_trial("t2", TrialUpdate(archived=True))
    store.update_component("c2", ComponentUpdate(archived=True))


def listed(store: Store, request: ListRequest, where: Expr | None = None) -> list[list[str]]:
    """Return the names of each kind that a request lists."""
    return [
        sorted(item.name for item in store.list_experiments(request, where).items),
        sorted(item.name for item in store.list_trials(request, where=where).items),
        sorted(item.name for item in store.list_components(request, where=where).items),
    ]


class ArchiveContract:
    """Archived records are left out unless the request or its condition names them."""

    def test_an_archived_record_is_left_out_of_lists(self, store: Store) -> None:
        an_archive(store)
        assert listed(store, ListRequest()) == [["e1"], ["t1"], ["c1"]]
        assert listed(store, ListRequest(archived=True)) == [["e2"], ["t2"], ["c2"]]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (Cmp(ARCHIVED, "==", value=True), "2"),
            (Cmp(ARCHIVED, "==", value=False), "1"),
            (Cmp(ARCHIVED, "==", "true"), "2"),
            (Cmp(ARCHIVED, "!=", value=True), "1"),
            (Cmp(ARCHIVED, "in", (True, False)), "12"),
            (Cmp(ARCHIVED, "exists"), "12"),
            (And((Not(Cmp(ARCHIVED, "==", value=True)),)), "1"),
        ],
    )
    def test_a_condition_that_names_the_field_decides(self, store: Store, where: Expr, expected: str) -> None:
        an_archive(store)
        assert listed(store, ListRequest(), where) == [[f"{kind}{number}" for number in expected] for kind in "etc"]
        assert [one.name for one in store.search_components(Query(where, BY_NAME))] == [f"c{n}" for n in expected]
        assert store.table(TableRequest(columns=[]), Query(where, BY_NAME)).names == [f"c{n}" for n in expected]

    def test_an_archived_component_is_left_out_of_searches_and_tables(self, store: Store) -> None:
        an_archive(store)
        scope = TableScope(experiment="e1")
        assert [one.name for one in store.search_components(Query())] == ["c1"]
        assert store.table(TableRequest(scope=scope, columns=[]), Query()).names == ["c1"]
        only = store.table(TableRequest(scope=scope, columns=["archived", "params.p2"], archived=True), Query())
        assert (only.names, only.total) == (["c2"], 1)
        keys = [one.key for one in store.columns("e1")]
        assert "params.p1" in keys
        assert not {"params.p2", "archived"} & set(keys)

    def test_a_table_follows_what_is_put_away_and_taken_back(self, store: Store) -> None:
        an_archive(store)
        scope = TableScope(experiment="e1")
        request, shelf = TableRequest(scope=scope, columns=[]), TableRequest(scope=scope, columns=[], archived=True)
        assert store.table(request, Query()).names == ["c1"]
        assert store.table(shelf, Query()).names == ["c2"]
        store.update_component("c2", ComponentUpdate(archived=False))
        assert sorted(store.table(request, Query()).names) == ["c1", "c2"]
        assert store.table(shelf, Query()).names == []

    def test_archived_records_are_not_counted(self, store: Store) -> None:
        an_archive(store)
        store.create_component(ComponentCreate(name="running", trials=["t1"], status="InProgress"))
        store.update_component("running", ComponentUpdate(archived=True))
        record = store.get_experiment("e1")
        assert (record.trials, record.components, record.running) == (1, 1, 0)
        assert store.get_trial("t1").components == 1
        store.update_trial("t1", TrialUpdate(archived=True))
        assert store.get_experiment("e1").trials == 0

    def test_archiving_is_a_change_with_a_time_that_stays(self, store: Store) -> None:
        an_archive(store)
        first = store.get_component("c2")
        again = store.update_component("c2", ComponentUpdate(archived=True))
        assert first.archived_at is not None
        assert (again.archived_at, again.version) == (first.archived_at, first.version + 1)
        assert store.update_component("c2", ComponentUpdate(starred=True)).archived_at == first.archived_at
        assert store.update_component("c2", ComponentUpdate(archived=False)).archived_at is None
        ops = [change.op for change in store.changes(0) if change.name == "c2"]
        assert ops == ["created", "archived", "archived", "updated", "archived"]

    def test_an_archived_record_can_still_be_deleted_restored_and_opened(self, store: Store) -> None:
        an_archive(store)
        store.delete("trial-component", "c2", force=True)
        assert listed(store, ListRequest(archived=True, deleted=True))[2] == ["c2"]
        store.restore("trial-component", "c2")
        assert store.get_component("c2").archived_at is not None

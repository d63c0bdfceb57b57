"""Contract: what a search finds and in which order."""

from __future__ import annotations

import math

import msgspec
import pytest

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.experiments import (
    ArtifactRef,
    ComponentCreate,
    ComponentUpdate,
    ExperimentUpdate,
    ListRequest,
    Process,
    TrialUpdate,
)
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Or, OrderKey, Query
from mlstudio.entities.tables import TableRequest
from mlstudio.store.laws import Store
from mlstudio.testing.contract_metrics import points_of
from mlstudio.testing.contract_records import a_trial


def field(key: str) -> Field:
    """Return the field of a short key: ``params.lr``, ``metrics.loss:max``, ``status``."""
    group, _, rest = key.partition(".")
    if not rest:
        return Field("meta", key)
    name, _, stat = rest.partition(":")
    return Field(group, name, stat or None)  # type: ignore[arg-type]


def is_(key: str, op: str, value: object = None) -> Cmp:
    """Return a comparison."""
    return Cmp(field(key), op, value)  # type: ignore[arg-type]


def sweep(store: Store) -> None:
    """Fill a store with five components whose fields differ, or are missing."""
    a_trial(store, "t1", "e1")
    a_trial(store, "t2", "e2")
    rows: list[ComponentCreate] = [
        ComponentCreate(name="a", params={"lr": 0.1, "opt": "adam", "n": "10"}, tags={"k": "5"}, trials=["t1"]),
        ComponentCreate(name="b", params={"lr": 10, "opt": "sgd", "n": "9"}, status="InProgress", trials=["t1", "t2"]),
        ComponentCreate(name="c", params={"lr": "nan", "flag": True}, status="Completed", start_time=10),
        ComponentCreate(name="d", params={"lr": "0.5", "flag": False}, description="a note", source_arn="arn:d"),
        ComponentCreate(name="x", parent="a", process=Process("ada", 1), inputs={"in": ArtifactRef("s3://[a]", "csv")}),
    ]
    for number, row in enumerate(rows):  # given uids, so that ties have one order
        store.create_component(msgspec.structs.replace(row, uid=f"{number:026}"))
    store.update_component("c", ComponentUpdate(end_time=3_000_010, starred=True))
    points_of(store, "a", "loss", [3.0, 1.0, 2.0])
    points_of(store, "b", "loss", [5.0, 4.0], context='{"rank":1}')
    points_of(store, "b", "loss", [9.0, 8.0])
    points_of(store, "c", "loss", [1.0, math.nan])
    points_of(store, "d", "loss", [7.0], context='{"rank":0}')


CASES: list[tuple[Expr, str]] = [
    (is_("name", "==", "a"), "a"),
    (is_("name", "in", ("a", "x", "q")), "ax"),
    (is_("name", "not in", ("a", "x")), "bcd"),
    (is_("name", "in", ()), ""),
    (is_("name", "like", "[a-c]"), ""),
    (is_("name", "like", "?"), "abcdx"),
    (is_("status", "exists"), "bc"),
    (is_("status", "!=", "Completed"), "abdx"),
    (is_("kind", "==", "notebook"), "abcdx"),
    (is_("experiment", "==", "e2"), "b"),
    (is_("trial", "in", ("t1",)), "ab"),
    (is_("trial", "!=", "t1"), "cdx"),
    (is_("experiment", "exists"), "ab"),
    (is_("parent", "==", "a"), "x"),
    (is_("parent", "exists"), "x"),
    (is_("host", "==", "ada"), "x"),
    (is_("note", "contains", "not"), "d"),
    (is_("source", "==", "arn:d"), "d"),
    (is_("starred", "==", True), "c"),
    (is_("starred", "==", "false"), "abdx"),
    (is_("started", "<=", 10), "c"),
    (is_("duration", "==", 3), "c"),
    (is_("duration", ">", "2.5"), "c"),
    (is_("created", ">", 0), "abcdx"),
    (is_("params.lr", "==", 0.1), "a"),
    (is_("params.lr", "==", "0.1"), "a"),
    (is_("params.lr", "==", "1e1"), "b"),
    (is_("params.lr", ">", 0.2), "bd"),
    (is_("params.lr", ">", "0.2"), "bd"),
    (is_("params.lr", "==", math.nan), "c"),
    (is_("params.lr", "==", "nan"), "c"),
    (is_("params.lr", "!=", 0.1), "bcdx"),
    (is_("params.lr", "exists"), "abcd"),
    (Not(is_("params.lr", "exists")), "x"),
    (is_("params.opt", "contains", "da"), "a"),
    (is_("params.opt", "not contains", "da"), "bcdx"),
    (is_("params.opt", "like", "*d*"), "ab"),
    (is_("params.opt", "like", "sg?"), "b"),
    (is_("params.opt", "not like", "sg?"), "acdx"),
    (is_("params.n", ">", 9), "a"),
    (is_("params.n", "==", "10.0"), ""),
    (is_("params.flag", "==", True), "c"),
    (is_("params.flag", "==", "true"), "c"),
    (is_("params.flag", "==", 0), "d"),
    (is_("params.nope", "<", 1), ""),
    (is_("params.nope", "!=", 1), "abcdx"),
    (is_("tags.k", "==", 5), "a"),
    (is_("tags.k", "==", "5"), "a"),
    (is_("tags.k", "exists"), "a"),
    (is_("inputs.in", "contains", "["), "x"),
    (is_("inputs.in", "like", "s3://[a]"), "x"),
    (is_("inputs.in:media_type", "==", "csv"), "x"),
    (is_("outputs.in", "exists"), ""),
    (is_("metrics.loss", "==", 2), "a"),
    (is_("metrics.loss", ">=", 7), "bd"),
    (is_("metrics.loss:last", "<", "3"), "a"),
    (is_("metrics.loss:min", "<=", 1), "ac"),
    (is_("metrics.loss:max", "==", 9), "b"),
    (is_("metrics.loss:avg", "==", 2), "a"),
    (is_("metrics.loss:count", "==", 3), "a"),
    (is_("metrics.loss:stddev", ">", 0.4), "ab"),
    (is_("metrics.loss", "==", math.nan), "c"),
    (is_("metrics.loss", "exists"), "abcd"),
    (is_("metrics.loss", "!=", 2), "bcdx"),
    (is_("metrics.loss", "contains", "2"), ""),
    (And(()), "abcdx"),
    (Or(()), ""),
    (Not(Or(())), "abcdx"),
    (And((is_("params.lr", "<", 1), Not(is_("metrics.loss", ">", 3)))), "a"),
    (Or((is_("params.opt", "==", "sgd"), is_("starred", "==", True))), "bc"),
    (Not(And((is_("params.lr", "<", 1), is_("tags.k", "exists")))), "bcdx"),
]

ORDERS: list[tuple[list[tuple[str, bool]], str]] = [
    ([("name", True)], "xdcba"),
    ([("params.lr", False)], "adbcx"),
    ([("params.lr", True)], "cbdax"),
    ([("params.opt", False)], "abcdx"),
    ([("params.opt", True)], "bacdx"),
    ([("params.n", False)], "bacdx"),
    ([("metrics.loss", False)], "adbcx"),
    ([("metrics.loss", True)], "bdacx"),
    ([("metrics.loss:min", False)], "acdbx"),
    ([("status", False)], "cbadx"),
    ([("status", True)], "bcadx"),
    ([("experiment", True)], "abcdx"),
    ([("trial", False)], "abcdx"),
    ([("starred", True), ("name", True)], "cxdba"),
    ([("duration", False)], "cabdx"),
    ([("tags.k", False), ("name", True)], "axdcb"),
    ([("inputs.in", False)], "xabcd"),
    ([("parent", True)], "xabcd"),
    ([("host", False)], "xabcd"),
]


class SearchContract:
    """Law 7, and the laws of `entities.search`."""

    def test_each_comparison_finds_what_it_says(self, store: Store) -> None:
        sweep(store)
        by_name = (OrderKey(Field("meta", "name")),)
        for where, expected in CASES:
            found = "".join(record.name for record in store.search_components(Query(where, by_name)))
            assert found == expected, where

    def test_each_order_is_total_with_missing_values_last(self, store: Store) -> None:
        sweep(store)
        for keys, expected in ORDERS:
            order = tuple(OrderKey(field(key), descending) for key, descending in keys)
            assert "".join(record.name for record in store.search_components(Query(None, order))) == expected, keys

    @pytest.mark.parametrize("warm", [False, True])
    def test_a_table_finds_and_orders_the_same(self, store: Store, warm: bool) -> None:
        sweep(store)
        if warm:  # every cell is at hand already
            stats = [f"metrics.loss.{stat}" for stat in ("last", "min", "max", "count", "avg")]
            store.table(TableRequest(columns=[*stats, *(f"params.{name}" for name in ("lr", "n", "flag"))]), Query())
        request = TableRequest(columns=[])
        for condition, expected in CASES:
            found = sorted(store.table(request, Query(condition)).names)
            assert found == sorted(record.name for record in store.search_components(Query(condition))), condition
            assert "".join(found) == "".join(sorted(expected)), condition
        for keys, expected in ORDERS:
            order = tuple(OrderKey(field(key), descending) for key, descending in keys)
            assert "".join(store.table(request, Query(None, order)).names) == expected, keys

    @pytest.mark.parametrize("key", ["params.size", "metrics.loss", "metrics.loss:min", "metrics.loss:count"])
    def test_numbers_at_hand_compare_as_stored_ones_do(self, store: Store, key: str) -> None:
        sweep(store)
        for number, size in enumerate((1, 2.5, -3)):
            store.create_component(ComponentCreate(name=f"s{number}", params={"size": size}))
        columns = ["params.size", *(f"metrics.loss.{stat}" for stat in ("last", "min", "count"))]
        values: list[object] = [1, 2.5, 8.0, "1", "1.0", "x", True, math.nan, math.inf, -math.inf]
        for op in ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "exists", "contains", "not like"):
            for value in [(1, "2.5", "x"), ()] if "in" in op.split() else values:
                query = Query(is_(key, op, value))
                stored = [record.name for record in store.search_components(query)]
                assert store.table(TableRequest(columns=[], archived=False), query).names == stored, (op, value)
                store.table(TableRequest(columns=columns), Query())
                assert store.table(TableRequest(columns=[], offset=0, limit=99), query).names == stored, (op, value)

    def test_without_an_order_the_newest_comes_first_and_a_limit_cuts(self, store: Store) -> None:
        sweep(store)
        assert [record.name for record in store.search_components(Query())] == ["x", "d", "c", "b", "a"]
        assert [record.name for record in store.search_components(Query(limit=2))] == ["x", "d"]

    def test_a_search_stays_in_its_experiment_and_out_of_the_bin(self, store: Store) -> None:
        sweep(store)
        store.delete("trial-component", "a", force=True)
        assert [record.name for record in store.search_components(Query(), experiment="e1")] == ["b"]
        assert "a" not in [record.name for record in store.search_components(Query())]

    def test_found_records_are_full(self, store: Store) -> None:
        sweep(store)
        found = store.search_components(Query(is_("name", "==", "b")))
        assert found == [store.get_component("b")]
        assert [series.context for series in found[0].metrics] == [{"rank": 1}, {}]

    def test_lists_take_a_condition_too(self, store: Store) -> None:
        sweep(store)
        store.update_experiment("e1", ExperimentUpdate(tags={"team": "x"}))
        store.update_trial("t2", TrialUpdate(starred=True))
        assert [e.name for e in store.list_experiments(ListRequest(), is_("tags.team", "==", "x")).items] == ["e1"]
        assert [t.name for t in store.list_trials(ListRequest(), where=is_("starred", "==", True)).items] == ["t2"]
        assert [t.name for t in store.list_trials(ListRequest(), where=is_("experiment", "==", "e1")).items] == ["t1"]
        listed = store.list_components(ListRequest(sort_by="Name"), where=is_("params.lr", ">", 0.2))
        assert [part.name for part in listed.items] == ["d", "b"]

    @pytest.mark.parametrize("key", ["nope", "__class__", "metrics.loss:median"])
    def test_an_unknown_field_is_refused_even_in_an_empty_store(self, store: Store, key: str) -> None:
        with pytest.raises(BadQuery):
            store.search_components(Query(is_(key, "==", 1)))
        with pytest.raises(BadQuery):
            store.search_components(Query(None, (OrderKey(field(key)),)))
        with pytest.raises(BadQuery):
            store.list_experiments(ListRequest(), is_("params.lr", "==", 1))

    @pytest.mark.parametrize("op", ["", "=", "or 1=1", "GLOB"])
    def test_an_unknown_operator_is_refused(self, store: Store, op: str) -> None:
        with pytest.raises(BadQuery):
            store.search_components(Query(is_("name", op, "a")))

    def test_values_are_values_and_never_sql(self, store: Store) -> None:
        sweep(store)
        for text in ("' OR 1=1 --", '") OR 1=1 --', "a'; DROP TABLE trial_component; --", "%", "_", "\x00"):
            assert store.search_components(Query(is_("name", "==", text))) == []
            assert store.search_components(Query(is_(f"params.{text}", "==", text))) == []
            assert store.search_components(Query(is_("params.opt", "contains", text))) == []
        assert len(store.search_components(Query())) == 5

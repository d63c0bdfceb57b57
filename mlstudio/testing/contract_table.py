"""Contract: the columnar page and the list of columns."""

from __future__ import annotations

import base64
import math

import numpy as np
import pytest

from mlstudio.entities.errors import BadQuery, NotFound
from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate
from mlstudio.entities.search import Field, OrderKey, Query
from mlstudio.entities.tables import Column, TablePage, TableRequest, TableScope
from mlstudio.store.laws import Store
from mlstudio.testing.contract_metrics import points_of
from mlstudio.testing.contract_records import a_trial
from mlstudio.testing.contract_search import is_, sweep

BY_NAME = Query(None, (OrderKey(Field("meta", "name")),))


def cells(column: Column) -> list[float | str | None]:
    """Return the cells of a column as a client reads them."""
    if column.kind == "category":
        codes = np.frombuffer(base64.b64decode(column.codes_b64 or ""), "<u4")
        return [None if code == 0xFFFFFFFF else (column.values or [])[code] for code in codes]
    values = [float(value) for value in np.frombuffer(base64.b64decode(column.b64 or ""), "<f8")]
    if column.missing is None:
        return [*values]
    bits = np.unpackbits(np.frombuffer(base64.b64decode(column.missing), np.uint8), bitorder="little")
    return [None if bits[row] else value for row, value in enumerate(values)]


def shown(page: TablePage) -> dict[str, list[float | str | None]]:
    """Return the cells of a page by column key."""
    return {column.key: cells(column) for column in page.columns}


class TableContract:
    """A table shows what the records say."""

    def test_a_page_shows_the_records_in_columns(self, store: Store) -> None:
        sweep(store)
        keys = [
            "name",
            "status",
            "params.lr",
            "params.n",
            "params.flag",
            "tags.k",
            "metrics.loss.last",
            "starred",
            "trial",
        ]
        page = store.table(TableRequest(columns=[*keys, "duration", "params.nope", "metrics.loss.count"]), BY_NAME)
        assert (page.rows, page.total, page.names) == (5, 5, ["a", "b", "c", "d", "x"])
        assert page.uids == [store.get_component(name).uid for name in page.names]
        table = shown(page)
        assert table["name"] == ["a", "b", "c", "d", "x"]
        assert table["status"] == [None, "InProgress", "Completed", None, None]
        assert table["params.lr"] == ["0.1", "10", "nan", "0.5", None], "one text makes the column categories"
        assert table["params.n"] == ["10", "9", None, None, None]
        assert table["params.flag"] == [None, None, "true", "false", None]
        assert table["tags.k"] == ["5", None, None, None, None]
        assert table["metrics.loss.last"][0:2] == [2.0, 8.0]
        assert math.isnan(float(table["metrics.loss.last"][2] or 0)), "a NaN is a value, not a missing cell"
        assert table["metrics.loss.last"][3:] == [7.0, None]
        assert table["metrics.loss.count"] == [3.0, 2.0, 2.0, 1.0, None]
        assert table["starred"] == [0.0, 0.0, 1.0, 0.0, 0.0]
        assert table["trial"] == ["t1", "t1, t2", None, None, None]
        assert table["duration"] == [None, None, 3.0, None, None]
        assert table["params.nope"] == [None] * 5

    def test_numbers_and_their_spellings_make_a_number_column(self, store: Store) -> None:
        for name, value in (("a", 1), ("b", 2.5), ("c", math.nan), ("d", -math.inf)):
            store.create_component(ComponentCreate(name=name, params={"p": value}))
        column = shown(store.table(TableRequest(columns=["params.p"]), BY_NAME))["params.p"]
        assert column[:2] + column[3:] == [1.0, 2.5, -math.inf]
        assert math.isnan(float(column[2] or 0))

    def test_all_columns_come_when_none_is_named(self, store: Store) -> None:
        sweep(store)
        keys = [column.key for column in store.table(TableRequest(), BY_NAME).columns]
        assert keys[:2] == ["name", "display_name"]
        assert keys[-6:] == ["params.flag", "params.lr", "params.n", "params.opt", "metrics.loss.last", "tags.k"]

    def test_a_page_is_a_window_on_a_total_order(self, store: Store) -> None:
        for number in range(25):
            store.create_component(ComponentCreate(name=f"c{number:02}", params={"same": 1}))
        query = Query(None, (OrderKey(Field("params", "same"), True),))
        pages = [
            store.table(TableRequest(offset=offset, limit=10, columns=["name"]), query) for offset in (0, 10, 20, 30)
        ]
        assert [(page.rows, page.total, page.offset) for page in pages] == [
            (10, 25, 0),
            (10, 25, 10),
            (5, 25, 20),
            (0, 25, 30),
        ]
        assert sorted(name for page in pages for name in page.names) == [f"c{number:02}" for number in range(25)]

    def test_rows_that_were_listed_are_read_in_that_order_whatever_happened(self, store: Store) -> None:
        sweep(store)
        uids = store.listed(TableScope(), BY_NAME)
        assert uids == store.table(TableRequest(columns=[]), BY_NAME).uids
        assert store.listed(TableScope(), Query(is_("name", "==", "b"))) == uids[1:2]
        store.create_component(ComponentCreate(name="0"))
        store.update_component("c", ComponentUpdate(archived=True))
        store.delete("trial-component", "d", force=True)
        page = store.rows_of(TableScope(), [*reversed(uids), "gone"], ["name", "params.lr"])
        assert (page.names, page.rows, page.total, page.offset) == (["x", "c", "b", "a"], 4, 4, 0)
        assert shown(page)["name"] == page.names
        with pytest.raises(NotFound):
            store.listed(TableScope(experiment="nope"), BY_NAME)
        with pytest.raises(BadQuery):
            store.listed(TableScope(), Query(None, (OrderKey(Field("meta", "nope")),)))

    def test_archived_and_deleted_rows_are_listed_and_read_when_they_are_asked_for(self, store: Store) -> None:
        sweep(store)
        store.update_component("c", ComponentUpdate(archived=True))
        store.delete("trial-component", "d", force=True)
        for archived, deleted, names in (
            (False, False, ["a", "b", "x"]),
            (True, False, ["c"]),
            (False, True, ["d"]),
        ):
            uids = store.listed(TableScope(), BY_NAME, archived=archived, deleted=deleted)
            assert store.rows_of(TableScope(), uids, ["name"], deleted=deleted).names == names
            request = TableRequest(columns=[], archived=archived, deleted=deleted)
            assert store.table(request, BY_NAME).uids == uids

    def test_a_table_keeps_to_its_scope_and_condition(self, store: Store) -> None:
        sweep(store)
        scope = TableScope(experiment="e2")
        page = store.table(TableRequest(scope=scope, columns=["trial", "experiment"]), Query())
        assert (page.names, shown(page)) == (["b"], {"trial": ["t2"], "experiment": ["e2"]})
        assert store.table(TableRequest(scope=TableScope(trial="t1")), BY_NAME).names == ["a", "b"]
        found = store.table(TableRequest(columns=[]), Query(is_("params.lr", ">", 0.2), BY_NAME.order))
        assert (found.names, found.total) == (["b", "d"], 2)
        with pytest.raises(NotFound):
            store.table(TableRequest(scope=TableScope(experiment="nope")), Query())

    def test_a_table_follows_every_change(self, store: Store) -> None:
        a_trial(store)
        request = TableRequest(scope=TableScope(experiment="e"))
        assert store.table(request, BY_NAME).rows == 0
        store.create_component(ComponentCreate(name="a", trials=["t"], params={"p": 1}, status="InProgress"))
        store.create_component(ComponentCreate(name="b", trials=["t"], params={"p": 2}))
        assert shown(store.table(request, BY_NAME))["params.p"] == [1.0, 2.0]
        points_of(store, "a", "m", [1.0, 5.0])
        assert shown(store.table(request, BY_NAME))["metrics.m.last"] == [5.0, None]
        points_of(store, "b", "m", [2.0])
        points_of(store, "b", "new", [3.0])
        after = shown(store.table(request, BY_NAME))
        assert (after["metrics.m.last"], after["metrics.new.last"]) == ([5.0, 2.0], [None, 3.0])
        store.update_component("a", ComponentUpdate(status="Failed", params={"p": "x"}, tags={"k": "v"}))
        after = shown(store.table(request, BY_NAME))
        assert (after["status"], after["params.p"], after["tags.k"]) == (["Failed", None], ["x", "2"], ["v", None])
        version = store.table(request, BY_NAME).version
        store.delete("trial-component", "a", force=True)
        page = store.table(request, BY_NAME)
        assert (page.names, page.version > version) == (["b"], True)
        assert store.table(TableRequest(deleted=True), BY_NAME).names == ["a"]
        store.dissociate("t", "b")
        assert store.table(request, BY_NAME).names == []

    def test_a_change_elsewhere_leaves_the_table_right(self, store: Store) -> None:
        a_trial(store, "t", "e")
        store.create_component(ComponentCreate(name="a", trials=["t"]))
        store.create_component(ComponentCreate(name="far"))
        request = TableRequest(scope=TableScope(experiment="e"))
        store.table(request, BY_NAME)
        points_of(store, "far", "m", [1.0])
        page = store.table(request, BY_NAME)
        assert "metrics.m.last" not in shown(page)
        assert page.version == store.last_change()

    @pytest.mark.parametrize("key", ["nope", "", "params.", "metrics", "inputs.x", "__class__"])
    def test_a_column_that_cannot_be_is_refused(self, store: Store, key: str) -> None:
        with pytest.raises(BadQuery) as caught:
            store.table(TableRequest(columns=[key]), Query())
        assert caught.value.field == "columns"

    def test_columns_tell_what_there_is(self, store: Store) -> None:
        sweep(store)
        found = {column.key: column for column in store.columns(None)}
        assert next(iter(found)) == "name"
        loss = found["metrics.loss.last"]
        assert (loss.group, loss.kind, loss.count, loss.min, loss.max) == ("metrics", "float", 4, 2.0, 8.0)
        assert (found["params.opt"].kind, found["params.opt"].distinct) == ("category", 2)
        assert found["tags.k"].count == 1
        assert "display_name" not in found, "a column that nobody fills is left out"
        assert "params.flag" not in {column.key for column in store.columns("e1")}
        with pytest.raises(NotFound):
            store.columns("nope")

    def test_an_empty_store_has_an_empty_table(self, store: Store) -> None:
        page = store.table(TableRequest(), Query())
        assert (page.rows, page.total, page.uids) == (0, 0, [])
        assert all(cells(column) == [] for column in page.columns)
        assert store.columns(None) == ()

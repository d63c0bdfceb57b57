"""Contract: pages of the parts of a record, records with no more metrics than asked for, columns that are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentUpdate, ListRequest, PartTotals
from mlstudio.entities.parts import ArtifactPage, PairPage, PartRequest, SeriesPage
from mlstudio.store.laws import Store
from mlstudio.testing.contract_metrics import points_of
from mlstudio.testing.contract_records import a_trial

NAMES = ("B", "a", "a/b", "loss", "Loss_%", "ü", "üB", "z")
Page = SeriesPage | PairPage | ArtifactPage


def of_many(store: Store) -> None:
    """Make a component with parts of odd names."""
    a_trial(store)
    store.create_component(
        ComponentCreate(
            name="c",
            trials=["t"],
            params={name: place for place, name in enumerate(NAMES)},
            tags={name: name.upper() for name in NAMES},
            inputs={name: ArtifactRef(name) for name in NAMES[:4]},
            outputs={name: ArtifactRef(name) for name in NAMES},
        )
    )
    for name in NAMES:
        points_of(store, "c", name, [1.0, 2.0])


def walk(page: Callable[[PartRequest], Page], contains: str = "", limit: int = 3) -> Iterator[Page]:
    """Yield pages until the last."""
    found = page(PartRequest(contains=contains, limit=limit))
    yield found
    while found.next is not None:
        found = page(PartRequest(contains=contains, limit=limit, cursor=found.next))
        yield found


READERS: dict[str, Callable[[Store], Callable[[PartRequest], Page]]] = {
    "series": lambda store: lambda request: store.series_page("c", request),
    "params": lambda store: lambda request: store.params_page("c", request),
    "tags": lambda store: lambda request: store.tags_page("trial-component", "c", request),
    "artifacts": lambda store: lambda request: store.artifacts_page("c", request),
}


class PartContract:
    """Pages neither skip nor repeat, and count what they leave out."""

    @pytest.mark.parametrize("part", list(READERS))
    def test_pages_hold_every_part_once_in_order(self, store: Store, part: str) -> None:
        of_many(store)
        read = list(walk(READERS[part](store)))
        names = [item.name for page in read for item in page.items]
        wanted = sorted(NAMES) if part != "artifacts" else [*sorted(NAMES[:4]), *sorted(NAMES)]
        assert names == wanted
        assert {page.total for page in read} == {len(wanted)}
        assert max(len(page.items) for page in read) == 3

    @pytest.mark.parametrize("part", list(READERS))
    @pytest.mark.parametrize("text", ["LOSS", "b", "%", "_", "ü", "nope"])
    def test_a_text_is_found_in_names_and_is_no_pattern(self, store: Store, part: str, text: str) -> None:
        of_many(store)
        read = list(walk(READERS[part](store), text, 2))
        names = {item.name for page in read for item in page.items}
        assert names == {name for name in NAMES if text.lower() in name.lower()}
        assert {page.total for page in read} == {sum(len(page.items) for page in read)}

    def test_a_page_of_series_is_what_the_series_are(self, store: Store) -> None:
        of_many(store)
        assert store.series_page("c", PartRequest()).items == store.series("c")

    @pytest.mark.parametrize("part", list(READERS))
    def test_what_is_missing_and_a_made_up_cursor_are_refused(self, store: Store, part: str) -> None:
        with pytest.raises(NotFound):
            READERS[part](store)(PartRequest())
        of_many(store)
        with pytest.raises(InvalidField) as caught:
            READERS[part](store)(PartRequest(cursor="made up"))
        assert caught.value.field == "cursor"

    def test_a_record_has_no_more_metrics_than_asked_for_and_counts_them(self, store: Store) -> None:
        of_many(store)
        few = store.get_component("c", most=3)
        (listed,) = store.list_components(ListRequest(), most=3).items
        (many,) = store.get_components(["c"], most=3)
        assert (len(few.metrics), few.totals and few.totals.metrics) == (3, len(NAMES))
        assert listed == many == few
        assert store.get_component("c", most=len(NAMES)) == store.get_component("c")
        assert store.get_component("c").totals is None
        changed = store.update_component("c", ComponentUpdate(starred=True), most=0)
        assert (changed.metrics, changed.totals and changed.totals.metrics) == ([], len(NAMES))

    def test_a_record_has_no_more_tags_than_asked_for_and_counts_them(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="few", trials=["t"], tags={"a": "x", "b": "y"}))
        store.create_component(ComponentCreate(name="many", trials=["t"], tags=dict.fromkeys("dcba", "x")))
        points_of(store, "many", "m", [1.0])
        few, many = store.get_components(["few", "many"], most=2)
        assert (few.tags, few.totals) == ({"a": "x", "b": "y"}, None)
        assert (many.tags, many.totals) == ({"a": "x", "b": "x"}, PartTotals(metrics=1, tags=4))
        assert store.get_component("many", most=0).tags == {}
        assert store.get_component("many").tags == dict.fromkeys("abcd", "x")

    def test_columns_are_found_and_counted(self, store: Store) -> None:
        of_many(store)
        found = store.find_columns("e", contains="LOSS", most=1)
        every = store.find_columns(None)
        assert [one.group for one in found.items] == ["params", "metrics", "tags"]
        assert (found.totals.params, found.totals.metrics, found.totals.tags) == (2, 2, 2)
        assert tuple(every.items) == store.columns(None)
        assert (every.totals.params, every.totals.metrics, every.totals.tags) == (len(NAMES),) * 3
        with pytest.raises(NotFound):
            store.find_columns("nope")

"""What a change by any process means to those who look."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.experiments import (
    ArtifactRef,
    ComponentCreate,
    ComponentUpdate,
    ExperimentCreate,
    TrialCreate,
    TrialUpdate,
)
from mlstudio.entities.media import MediaSeries
from mlstudio.entities.wire import encode
from mlstudio.server.live.cells import cells_of
from mlstudio.server.live.hub import News
from mlstudio.server.live.project import MOST_CELLS, STEPS, Projector, _short
from mlstudio.store import open_store
from mlstudio.store.batch import ArtifactAdd, Batch, SeriesPoints
from mlstudio.store.bounds import PART_BYTES
from mlstudio.store.laws import Store


@pytest.fixture
def store() -> Store:
    """Two experiments with a trial each, and a component in the first."""
    store = open_store()
    for name in ("one", "two"):
        store.create_experiment(ExperimentCreate(name))
        store.create_trial(TrialCreate(f"{name}-t", name))
    store.create_component(ComponentCreate(name="c", trials=["one-t"], params={"lr": 0.1}))
    return store


class Looker:
    """Projects what happened since it looked last."""

    def __init__(self, store: Store, listening: set[str] | None = None) -> None:
        self.store, self.projector, self.after = store, Projector(), 0
        self.listening = listening or {"one", "two"}
        self.look()

    def look(self) -> list[News]:
        changes = self.store.changes(self.after)
        self.after = self.store.last_change()
        return self.projector.project(self.store, changes, self.listening)

    def told(self) -> set[tuple[str, str]]:
        return {(topic, kind) for topic, kind, _ in self.look()}


def log(store: Store, name: str, values: list[float], at: int = 0) -> None:
    uid = store.get_component(name).uid
    count = len(values)
    points = SeriesPoints("loss", "{}", np.arange(count), np.arange(count, dtype=float), np.array(values))
    store.apply(Batch(journal=f"j-{uid}-{at}", component=uid, start=0, end=32, points=[points]))


def test_a_component_touched_often_is_told_once(store: Store) -> None:
    looker = Looker(store)
    for number in range(10):
        store.update_component("c", ComponentUpdate(display_name=f"n{number}"))

    news = [item for item in looker.look() if item[0] == "experiment:one"]

    assert [(kind, data["cells"]["display_name"]) for _, kind, data in news] == [("component.updated", "n9")]


def test_metrics_are_told_with_all_their_statistics(store: Store) -> None:
    looker = Looker(store)
    log(store, "c", [3.0, math.nan, 1.0])

    cells = next(data["cells"] for topic, _, data in looker.look() if topic == "experiment:one")

    assert (cells["metrics.loss.last"], cells["metrics.loss.min"], cells["metrics.loss.max"]) == (1.0, 1.0, 3.0)
    assert cells["metrics.loss.count"] == 3


def test_a_component_in_two_experiments_is_told_in_both_and_taken_out_of_one(store: Store) -> None:
    looker = Looker(store)
    store.associate("two-t", "c")
    joined = looker.told()
    store.dissociate("one-t", "c")
    left = looker.told()

    assert {("experiment:two", "component.created"), ("experiments", "updated")} <= joined
    assert ("experiment:one", "component.removed") in left
    assert ("experiment:two", "component.updated") in left


def test_a_trial_that_moves_takes_its_rows_along(store: Store) -> None:
    looker = Looker(store)
    store.update_trial("one-t", TrialUpdate(experiment_name="two"))

    told = looker.told()

    assert {("experiment:one", "component.removed"), ("experiment:two", "component.created")} <= told


def test_deleted_restored_and_purged_are_told(store: Store) -> None:
    looker = Looker(store)
    store.delete("trial-component", "c", force=True)
    deleted = looker.told()
    store.restore("trial-component", "c")
    restored = looker.told()
    store.delete("trial-component", "c", force=True)
    store.purge("trial-component", "c")
    purged = looker.told()

    assert ("experiment:one", "component.removed") in deleted
    assert any(kind == "component.created" for _, kind in restored)
    assert ("component:c", "updated") in purged


def test_experiments_are_told_by_what_happened_to_them(store: Store) -> None:
    looker = Looker(store)
    told = []
    store.create_experiment(ExperimentCreate("three"))
    told.append(looker.told())
    store.delete("experiment", "three")
    told.append(looker.told())
    store.restore("experiment", "three")
    told.append(looker.told())
    store.delete("experiment", "three")
    store.purge("experiment", "three")
    told.append(looker.told())

    kinds = [kind for each in told for topic, kind in each if topic == "experiments"]
    assert kinds == ["created", "deleted", "restored", "purged"]


def test_each_part_of_a_component_is_told_with_its_new_value(store: Store) -> None:
    looker = Looker(store)
    store.update_component("c", ComponentUpdate(status="InProgress", tags={"a": "b"}))
    log(store, "c", [1.0])

    news = {kind: data for topic, kind, data in looker.look() if topic == "component:c"}

    assert news["status"]["status"] == "InProgress"
    assert news["metrics"]["metrics"][0].last == 1.0


def test_last_never_goes_back_behind_what_the_journal_told(store: Store) -> None:
    looker = Looker(store)
    uid = store.get_component("c").uid
    looker.projector.ahead[uid] = {"loss": 5}
    log(store, "c", [1.0, 2.0])

    cells = next(data["cells"] for topic, _, data in looker.look() if topic == "experiment:one")

    assert "metrics.loss.last" not in cells
    assert cells["metrics.loss.max"] == 2.0


def test_a_last_that_is_held_back_is_not_told_as_gone(store: Store) -> None:
    looker = Looker(store)
    log(store, "c", [3.0])
    looker.look()
    looker.projector.ahead[store.get_component("c").uid] = {"loss": 5}
    log(store, "c", [1.0, 2.0], at=32)
    held = next(data["cells"] for topic, _, data in looker.look() if topic == "experiment:one")
    looker.projector.ahead.clear()
    store.update_component("c", ComponentUpdate(display_name="caught up"))
    told = next(data["cells"] for topic, _, data in looker.look() if topic == "experiment:one")

    assert "metrics.loss.last" not in held
    assert told["metrics.loss.last"] == 2.0


def test_a_new_column_is_told_once(store: Store) -> None:
    looker = Looker(store)
    looker.projector.seed_columns(store, "one")
    store.update_component("c", ComponentUpdate(params={"fresh": 1}))
    first = looker.told()
    store.update_component("c", ComponentUpdate(params={"fresh": 2}))
    second = looker.told()

    assert ("experiment:one", "columns.changed") in first
    assert ("experiment:one", "columns.changed") not in second


def test_cells_agree_with_the_table(store: Store) -> None:
    from mlstudio.entities.search import Query
    from mlstudio.entities.tables import TableRequest

    log(store, "c", [3.0, 1.0])
    store.update_component("c", ComponentUpdate(status="InProgress", starred=True, tags={"a": "b"}))

    cells = cells_of(store.get_component("c"))
    page = store.table(TableRequest(columns=[*cells]), Query())

    assert {column.key for column in page.columns} == set(cells)
    for column in page.columns:
        wanted = cells[column.key]
        if column.kind == "category":
            assert column.values is not None
            assert (column.values or [None])[0] == (None if wanted is None else str(wanted)), column.key
        elif wanted is not None:
            import base64

            assert column.b64 is not None
            assert np.frombuffer(base64.b64decode(column.b64), "<f8")[0] == wanted, column.key


def test_steps_of_media_fit_into_an_event() -> None:
    many = [MediaSeries(name=str(n), kind="image", count=9000, steps=list(range(9000))) for n in range(3)]
    few = MediaSeries(name="few", kind="text", count=2, steps=[1, 5])
    told = _short([*many, few])

    assert sum(len(one.steps) for one in told) <= STEPS + len(told)
    assert [one.count for one in told] == [9000, 9000, 9000, 2]
    assert all(one.steps[0] == 0 and one.steps[-1] == 8999 and one.steps == sorted(one.steps) for one in told[:3])
    assert told[3] == few


def test_a_row_of_very_many_metrics_is_read_again_instead_of_told(store: Store) -> None:
    looker = Looker(store)
    log(store, "c", [1.0])
    looker.look()
    one = np.array([0]), np.array([1.0]), np.array([2.0])
    points = [SeriesPoints(f"m{n}", "{}", *one) for n in range(MOST_CELLS + 1)]
    uid = store.get_component("c").uid
    store.apply(Batch("many", uid, 0, 64, points=points))
    news = looker.look()

    cells = next(data["cells"] for topic, kind, data in news if topic == "experiment:one" and "cells" in data)
    assert not [key for key in cells if key.startswith("metrics.")]
    assert ("experiment:one", "invalidate") in {(topic, kind) for topic, kind, _ in news}
    assert ("component:c", "invalidate") in {(topic, kind) for topic, kind, _ in news}


@pytest.mark.parametrize(
    "said",
    [
        {"tags": {f"t{n}": "x" for n in range(MOST_CELLS + 1)}},
        {"tags": {f"t{n}": "x" * 2400 for n in range(150)}},
        {"params": {f"p{n}": n for n in range(MOST_CELLS + 1)}},
        {"artifacts": [ArtifactAdd("output", f"o{n}", ArtifactRef("/x" * 100)) for n in range(1500)]},
    ],
)
def test_parts_that_are_too_long_for_an_event_are_read_again_instead(store: Store, said: dict[str, Any]) -> None:
    looker = Looker(store)
    store.apply(Batch("many", store.get_component("c").uid, 0, 64, **said))
    news = looker.look()

    assert [kind for topic, kind, _ in news if topic == "component:c"] == ["invalidate"]
    assert max(len(encode(data)) for _, _, data in news) < 2 * PART_BYTES
    log(store, "c", [1.0])
    assert [kind for topic, kind, _ in looker.look() if topic == "component:c"] == ["metrics"]

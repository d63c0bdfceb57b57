"""Summaries that are kept: always those that the store would read, whoever wrote in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.entities.tables import CurveRequest, SeriesRef
from mlstudio.store import open_store
from mlstudio.store.batch import Batch, SeriesPoints
from mlstudio.store.curves import curve
from mlstudio.store.home import Home
from mlstudio.store.laws import BlockSummaries, Store
from mlstudio.store.metrics_sql import SqlMetrics
from mlstudio.store.sqlite_store import SqliteStore
from mlstudio.store.summary_cache import LEAST, SummaryCache

LONG = 20 * 1024


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    found = open_store(home=home)
    yield found
    found.close()


class Feeder:
    """Writes one series of one component through a store."""

    def __init__(self, name: str) -> None:
        self.name, self.uid, self.journal, self.at = name, new_uid(), new_uid(), 0

    def feed(self, store: Store, start: int, count: int, value: float = 1.0) -> None:
        steps = np.arange(start, start + count)
        points = SeriesPoints("loss", "{}", steps, 1e9 + steps / 10, value + np.sin(steps / 50))
        create = ComponentCreate(name=self.name, uid=self.uid)
        store.apply(Batch(self.journal, self.uid, self.at, self.at + 1, open=create, points=[points]))
        self.at += 1


def same(one: BlockSummaries, other: BlockSummaries) -> bool:
    return all(
        np.array_equal(getattr(one, field), getattr(other, field)) and getattr(one, field).dtype.kind in "if"
        for field in BlockSummaries.__slots__
    )


@contextmanager
def another(home: Home) -> Iterator[SqliteStore]:
    """The same file as another process has it: open_store would hand out the store that is open here."""
    found = SqliteStore(home.database, uid="another")
    try:
        yield found
    finally:
        found.close()


def read_anew(home: Home, component: str, steps: tuple[int, int] | None = None) -> BlockSummaries:
    """What a process reads that has kept nothing."""
    with another(home) as store:
        return store.blocks(component, "loss", "{}", steps)


def test_a_second_question_is_answered_from_memory(store: Store) -> None:
    Feeder("run").feed(store, 0, LONG)
    first = store.blocks("run", "loss")
    assert store.blocks("run", "loss") is first
    assert len(first.n) >= LEAST


def test_short_series_are_not_kept(store: Store) -> None:
    Feeder("run").feed(store, 0, 3000)
    assert store.blocks("run", "loss") is not store.blocks("run", "loss")


def test_what_is_kept_cannot_be_written_to(store: Store) -> None:
    Feeder("run").feed(store, 0, LONG)
    with pytest.raises(ValueError, match="read-only"):
        store.blocks("run", "loss").n[0] = 7


def test_a_write_to_one_run_leaves_the_others_in_memory(store: Store) -> None:
    one, other = Feeder("one"), Feeder("other")
    one.feed(store, 0, LONG)
    other.feed(store, 0, LONG)
    kept, old = store.blocks("one", "loss"), store.blocks("other", "loss")
    other.feed(store, LONG, 10)
    assert store.blocks("one", "loss") is kept
    assert int(store.blocks("other", "loss").n.sum()) == int(old.n.sum()) + 10


def test_a_write_of_another_process_is_seen_at_once(store: Store, home: Home) -> None:
    feeder = Feeder("run")
    feeder.feed(store, 0, LONG)
    before = store.blocks("run", "loss")
    with another(home) as other:
        feeder.feed(other, 5, 1, value=-40.0)
    after = store.blocks("run", "loss")
    assert before.min.min() > -1
    assert after.min.min() < -30
    assert same(after, read_anew(home, "run"))


def test_a_purged_run_is_not_answered_from_memory(store: Store) -> None:
    Feeder("run").feed(store, 0, LONG)
    store.blocks("run", "loss")
    store.delete("trial-component", "run")
    store.purge("trial-component", "run")
    with pytest.raises(NotFound):
        store.blocks("run", "loss")


def test_a_feed_that_went_on_too_far_forgets_all(store: Store) -> None:
    feeder = Feeder("run")
    feeder.feed(store, 0, LONG)
    kept, other = store.blocks("run", "loss"), Feeder("other")
    other.feed(store, 0, 1)
    assert isinstance(store, SqlMetrics)
    with store.write() as conn:  # a thousand changes; as many transactions would take seconds
        for _ in range(1000):
            store.note_change(conn, "trial-component", "uid", "other", "metrics")
    found = store.blocks("run", "loss")
    assert found is not kept
    assert same(found, kept)


def test_the_series_longest_not_asked_for_is_let_go(store: Store) -> None:
    assert isinstance(store, SqlMetrics)
    for name in ("a", "b", "c"):
        Feeder(name).feed(store, 0, LONG)
    store._summaries = SummaryCache(most_bytes=2 * 14 * 8 * 20)
    a, b = store.blocks("a", "loss"), store.blocks("b", "loss")
    assert store.blocks("a", "loss") is a
    store.blocks("c", "loss")
    assert store.blocks("a", "loss") is a
    assert store.blocks("b", "loss") is not b


def test_what_was_read_before_a_write_is_not_kept_after_it(store: Store) -> None:
    assert isinstance(store, SqlMetrics)
    feeder = Feeder("run")
    feeder.feed(store, 0, LONG)
    cache = store._summaries
    with store.read() as conn:
        place, found = cache.look(conn.connection.driver_connection, ("run", "loss", "{}"))
    assert found is None
    old = store.blocks("run", "loss")
    feeder.feed(store, 5, 1, value=-40.0)
    store.blocks("run", "loss")
    cache.keep(place, ("run", "loss", '{"late":1}'), old)
    with store.read() as conn:
        assert cache.look(conn.connection.driver_connection, ("run", "loss", '{"late":1}'))[1] is None


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["ask", "zoom", "append", "over"]), st.integers(0, LONG + 2000), st.integers(1, 3000)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_kept_summaries_and_curves_are_those_that_are_read_anew(
    acts: list[tuple[str, int, int]], store: Store, home: Home
) -> None:
    feeder = Feeder(f"run-{new_uid()}")
    feeder.feed(store, 0, LONG)
    end = LONG
    for act, at, count in acts:
        if act == "append":
            feeder.feed(store, end, count)
            end += count
        elif act == "over":
            feeder.feed(store, at, min(count, 50), value=float(count))
            end = max(end, at + min(count, 50))
        steps = (at, at + count) if act == "zoom" else None
        assert same(store.blocks(feeder.name, "loss", "{}", steps), read_anew(home, feeder.name, steps))
    asked = CurveRequest(series=[SeriesRef(component=feeder.name, name="loss")], width=60)
    with another(home) as other:
        assert curve(store, asked) == curve(other, asked)

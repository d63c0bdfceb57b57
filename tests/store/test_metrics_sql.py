"""Metrics in SQLite: exactly once, last write wins, summary = fold of points."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, Process
from mlstudio.entities.names import new_uid
from mlstudio.store import open_store
from mlstudio.store.batch import NO_STEP, ArtifactAdd, Batch, SeriesPoints, StatusMove
from mlstudio.store.home import Home
from mlstudio.store.laws import Store


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    found = open_store(home=home)
    yield found
    found.close()


def part(name: str, steps: list[int], values: list[float], context: str = "{}", t0: float = 1000.0) -> SeriesPoints:
    ts = t0 + np.arange(len(steps), dtype=np.float64)
    return SeriesPoints(name, context, np.array(steps, dtype=np.int64), ts, np.array(values, dtype=np.float64))


class Feeder:
    """Hands batches of one journal to a store, one after the other."""

    def __init__(self, store: Store, name: str = "run") -> None:
        self.store, self.uid, self.journal, self.at = store, new_uid(), new_uid(), 0
        self.name = name
        self.put(open=ComponentCreate(name=name, uid=self.uid, status="InProgress"))

    def put(self, *points: SeriesPoints, **fields: object) -> int:
        batch = Batch(
            self.journal, self.uid, self.at, self.at + 8, Process("h", 1, 2, "b"), points=list(points), **fields
        )  # type: ignore[arg-type]
        self.at = self.store.apply(batch)
        return self.at


def check_fold(store: Store, name: str, metric: str, expected: dict[int, float]) -> None:
    """Assert that points, blocks and summary tell the one truth of a dictionary."""
    found = store.points(name, metric)
    steps = sorted(expected)
    assert found.steps.tolist() == steps
    assert found.values.tobytes() == np.array([expected[step] for step in steps], dtype=np.float64).tobytes()
    summary = next(item for item in store.series(name) if item.name == metric)
    finite = {step: expected[step] for step in steps if math.isfinite(expected[step])}
    assert (summary.count, summary.n_nan, summary.last_step) == (len(steps), len(steps) - len(finite), steps[-1])
    for mine, true in ((summary.first, expected[steps[0]]), (summary.last, expected[steps[-1]])):
        assert mine == true or (math.isnan(mine) and math.isnan(true))
    if finite:
        assert (summary.min, summary.max) == (min(finite.values()), max(finite.values()))
        assert finite[summary.min_step or 0] == summary.min
        assert finite[summary.max_step or 0] == summary.max
        assert summary.avg == pytest.approx(statistics.fmean(finite.values()), rel=1e-9, abs=1e-9)
        assert summary.std_dev == pytest.approx(statistics.pstdev(finite.values()), rel=1e-6, abs=1e-6)
    else:
        assert (summary.min, summary.avg, summary.std_dev) == (None, None, None)
    blocks = store.blocks(name, metric)
    assert int(blocks.n.sum()) == len(steps)
    assert (blocks.step0[1:] > blocks.step1[:-1]).all(), "blocks overlap"


def test_points_in_order_fill_blocks_of_1024(store: Store) -> None:
    feeder, expected = Feeder(store), {}
    for start in range(0, 5000, 313):
        steps = list(range(start, min(start + 313, 5000)))
        feeder.put(part("loss", steps, [math.sin(step) for step in steps]))
        expected |= {step: math.sin(step) for step in steps}
    check_fold(store, "run", "loss", expected)
    assert store.blocks("run", "loss").n.tolist() == [1024] * 4 + [904]


def test_a_run_resumed_from_a_checkpoint_overwrites_its_old_steps(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(part("loss", list(range(3000)), [1.0] * 3000))
    feeder.put(part("loss", list(range(1500, 2000)), [2.0] * 500))
    feeder.put(part("loss", list(range(2990, 4000)), [3.0] * 1010))
    feeder.put(part("loss", [0], [-9.0]))
    expected = dict.fromkeys(range(3000), 1.0) | dict.fromkeys(range(1500, 2000), 2.0)
    check_fold(store, "run", "loss", expected | dict.fromkeys(range(2990, 4000), 3.0) | {0: -9.0})


batches = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.one_of(st.integers(0, 40), st.just(NO_STEP)),
            st.sampled_from([0.0, -1.5, 2.5, math.nan, math.inf, -math.inf, 1e-9, 3.0]),
        ),
        min_size=1,
        max_size=12,
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=batches)
def test_t23_any_sequence_of_batches_is_the_fold_of_a_dictionary(
    store: Store, batches: list[list[tuple[str, int, float]]]
) -> None:
    feeder = Feeder(store, name=f"run-{new_uid()}")
    model: dict[str, dict[int, float]] = {}
    for rows in batches:
        parts = []
        for name in ("a", "b"):
            mine = [(step, value) for metric, step, value in rows if metric == name]
            if not mine:
                continue
            parts.append(part(name, [step for step, _ in mine], [value for _, value in mine]))
            series = model.setdefault(name, {})
            for step, value in mine:
                series[max(series, default=-1) + 1 if step == NO_STEP else step] = value
        feeder.put(*parts)
        again = Batch(feeder.journal, feeder.uid, feeder.at - 8, feeder.at, points=parts)
        assert store.apply(again) == feeder.at, "a stretch that is stored is skipped"
    for name, expected in model.items():
        check_fold(store, feeder.name, name, expected)


def test_one_batch_may_hold_a_series_twice(store: Store) -> None:
    Feeder(store).put(part("a", [0, 1], [1, 2]), part("a", [1, 2], [3, 4]), part("a", [NO_STEP], [9]))
    check_fold(store, "run", "a", {0: 1.0, 1: 3.0, 2: 4.0, 3: 9.0})


def test_a_stretch_beyond_what_is_stored_is_refused_and_changes_nothing(store: Store) -> None:
    feeder = Feeder(store)
    with pytest.raises(Conflict, match="stored up to 8"):
        store.apply(Batch(feeder.journal, feeder.uid, 16, 24, points=[part("a", [0], [1])]))
    assert store.series("run") == []
    assert store.drained_to(feeder.journal) == 8
    assert store.drained_to("unknown") == 0


def test_a_batch_for_nobody_is_refused_unless_it_opens_the_component(store: Store) -> None:
    with pytest.raises(NotFound):
        store.apply(Batch("j", new_uid(), 0, 8, points=[part("a", [0], [1])]))
    assert store.drained_to("j") == 0


def test_everything_that_a_batch_says_is_stored_in_one_transaction(store: Store) -> None:
    feeder = Feeder(store)
    before = store.last_change()
    feeder.put(
        part("a", [0], [1]),
        params={"lr": 0.1, "opt": "sgd", "deep": True},
        tags={"team": "x"},
        artifacts=[ArtifactAdd("output", "model", ArtifactRef("s3://b/m"))],
        note="# hi",
        status=StatusMove("Failed", 123_000_000, "out of memory"),
        heartbeat=4,
        dropped=3,
    )
    found = store.get_component("run")
    assert found.params == {"lr": 0.1, "opt": "sgd", "deep": True}
    assert (found.tags, found.description, found.dropped) == ({"team": "x"}, "# hi", 3)
    assert found.outputs["model"].value == "s3://b/m"
    assert (found.status, found.status_message, found.end_time) == ("Failed", "out of memory", 123_000_000)
    ops = {change.op for change in store.changes(before)}
    assert ops == {"metrics", "params", "updated", "artifacts", "status"}


def test_a_forbidden_move_in_a_drain_is_ignored(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(status=StatusMove("Completed", 1))
    feeder.put(part("a", [0], [1]), status=StatusMove("Failed", 2, "late"))
    found = store.get_component("run")
    assert (found.status, found.status_message) == ("Completed", None)
    assert store.series("run")[0].count == 1


def test_a_component_given_up_for_lost_comes_back_with_its_heartbeat(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(status=StatusMove("Stopped", 5, "lost contact: no heartbeat from h for 600 s"), heartbeat=1)
    assert store.get_component("run").status == "Stopped"
    feeder.put(heartbeat=2)
    found = store.get_component("run")
    assert (found.status, found.status_message, found.end_time) == ("InProgress", None, None)


def test_a_component_that_comes_back_with_its_end_is_ended_not_running(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(status=StatusMove("Stopped", 5, "lost contact: no heartbeat from h for 600 s"), heartbeat=1)
    feeder.put(status=StatusMove("Completed", 9), heartbeat=2, closed=True)
    found = store.get_component("run")
    assert (found.status, found.status_message, found.end_time) == ("Completed", None, 9)


def test_heartbeats_tell_who_runs(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(heartbeat=7)
    assert store.heartbeats() == [], "a component without a process is nobody's to watch"
    uid = new_uid()
    process = Process("elsewhere", 4, 5, "boot")
    opened = ComponentCreate(name="far", uid=uid, status="InProgress", process=process)
    store.apply(Batch("far", uid, 0, 8, process, open=opened, heartbeat=9))
    (beat,) = store.heartbeats()
    assert (beat.name, beat.number, beat.process, beat.job) == ("far", 9, process, False)


def test_a_range_of_steps_is_cut_at_both_ends(store: Store) -> None:
    Feeder(store).put(part("a", list(range(0, 6000, 2)), [float(step) for step in range(3000)]))
    found = store.points("run", "a", steps=(1001, 1006))
    assert found.steps.tolist() == [1002, 1004, 1006]
    blocks = store.blocks("run", "a", steps=(2048, 2050))
    assert (blocks.step0.tolist(), blocks.n.tolist()) == ([2048], [1024])
    assert len(store.points("run", "a", steps=(10**9, 10**9 + 1)).steps) == 0


def test_a_range_that_begins_anywhere_finds_its_points_and_blocks(store: Store) -> None:
    feeder = Feeder(store)
    # Gaps between the blocks, and old steps written late: blocks of several lengths.
    feeder.put(part("a", list(range(5000, 8000)), [0.0] * 3000))
    feeder.put(part("a", list(range(100, 1200, 3)), [1.0] * 367))
    feeder.put(part("a", list(range(6000, 6010)), [2.0] * 10))
    every = store.points("run", "a").steps
    whole = store.blocks("run", "a")
    ends = sorted({0, 4999, 8001, *(int(end) + by for end in (*whole.step0, *whole.step1) for by in (-1, 0, 1))})
    assert len(whole.n) > 3
    for low, high in ((low, high) for low in ends for high in ends if low <= high):
        found = store.points("run", "a", steps=(low, high)).steps
        assert found.tolist() == every[(every >= low) & (every <= high)].tolist(), (low, high)
        met = (whole.step1 >= low) & (whole.step0 <= high)
        assert store.blocks("run", "a", steps=(low, high)).step0.tolist() == whole.step0[met].tolist(), (low, high)


def test_an_unknown_metric_is_not_found_by_name(store: Store) -> None:
    Feeder(store)
    with pytest.raises(NotFound, match='no metric "nope"') as caught:
        store.points("run", "nope")
    assert caught.value.field == "name"
    with pytest.raises(NotFound, match='"nobody"'):
        store.series("nobody")


def test_a_thousand_series_in_one_drain_and_more_live_series_leave_short_blocks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlstudio.store.metrics_sql_points.SHORT_ABOVE", 100)
    feeder = Feeder(store)
    for start in range(0, 600, 150):
        steps = list(range(start, start + 150))
        feeder.put(*(part(f"m{number}", steps, [float(step) for step in steps]) for number in range(120)))
    check_fold(store, "run", "m7", {step: float(step) for step in range(600)})
    assert store.blocks("run", "m7").n.tolist() == [150] * 4
    feeder.put(part("m7", [600], [600.0]))
    assert store.blocks("run", "m7").n.tolist() == [150, 150, 150, 151], "alone again, the tail is filled"


def test_sums_that_overflow_in_a_block_keep_their_mean_after_a_merge(store: Store) -> None:
    feeder = Feeder(store)
    feeder.put(part("a", [0, 1, 2], [1e308, 1.5e308, 1e308]))
    feeder.put(part("a", [1], [1e308]))
    summary = store.series("run")[0]
    assert summary.avg == pytest.approx(1e308)
    assert summary.max == 1e308

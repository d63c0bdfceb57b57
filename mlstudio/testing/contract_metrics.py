"""Contract: points, summaries, and stretches of journals that are stored exactly once."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ListRequest
from mlstudio.entities.names import new_uid
from mlstudio.store.batch import NO_STEP, ArtifactAdd, Batch, Purged, SeriesPoints, StatusMove
from mlstudio.store.laws import Store


def series_points(
    name: str, values: Sequence[float], steps: Sequence[int] | None = None, context: str = "{}"
) -> SeriesPoints:
    """Return points whose times are their steps."""
    at = np.arange(len(values)) if steps is None else np.asarray(steps)
    return SeriesPoints(name, context, at.astype(np.int64), at.astype(np.float64), np.asarray(values, np.float64))


def points_of(
    store: Store, component: str, name: str, values: Sequence[float], *, context: str = "{}", journal: str | None = None
) -> None:
    """Give a component a series, as a drain does."""
    uid = store.get_component(component).uid
    points = [series_points(name, values, context=context)]
    store.apply(Batch(journal=journal or new_uid(), component=uid, start=0, end=1, points=points))


class MetricContract:
    """Laws 4, 5, 6, 9 and 11."""

    def test_what_ends_by_a_clock_that_was_set_back_ends_no_earlier_than_it_began(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c", status="InProgress", start_time=1000)).uid
        store.apply(Batch(journal="j", component=uid, start=0, end=1, status=StatusMove("Completed", 10)))

        record = store.get_component("c")
        assert (record.status, record.start_time, record.end_time) == ("Completed", 1000, 1000)

    def test_a_stretch_is_stored_once(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c")).uid
        batch = Batch(journal="j", component=uid, start=0, end=10, points=[series_points("m", [1.0, 2.0])])
        assert store.apply(batch) == 10
        again = Batch(journal="j", component=uid, start=0, end=10, points=[series_points("m", [9.0, 9.0, 9.0])])
        assert store.apply(again) == 10
        assert store.points("c", "m").values.tolist() == [1.0, 2.0]
        assert (store.drained_to("j"), store.drained_to("nope")) == (10, 0)

    def test_a_gap_in_a_journal_is_refused(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c")).uid
        with pytest.raises(Conflict, match="stored up to 0"):
            store.apply(Batch(journal="j", component=uid, start=5, end=10))
        assert store.drained_to("j") == 0

    def test_a_batch_for_nobody_is_refused(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.apply(Batch(journal="j", component=new_uid(), start=0, end=1))
        assert store.drained_to("j") == 0

    def test_the_summary_is_the_fold_of_the_points(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        points_of(store, "c", "m", [3.0, math.nan, -1.0, math.inf, 2.0])
        (found,) = store.get_component("c").metrics
        assert (found.name, found.context, found.count, found.n_nan) == ("m", {}, 5, 2)
        assert (found.first, found.last, found.last_step, found.last_ts) == (3.0, 2.0, 4, 4.0)
        assert (found.min, found.min_step, found.max, found.max_step) == (-1.0, 2, 3.0, 0)
        assert found.avg == pytest.approx(4 / 3)
        assert found.std_dev == pytest.approx(np.std([3.0, -1.0, 2.0]))
        assert store.series("c") == [found]

    def test_the_last_write_of_a_step_wins(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c")).uid
        first = [series_points("m", [1.0, 2.0, 3.0], [0, 10, 20])]
        later = [series_points("m", [7.0, 8.0], [10, 5])]
        store.apply(Batch(journal="j", component=uid, start=0, end=1, points=first))
        store.apply(Batch(journal="j", component=uid, start=1, end=2, points=later))
        found = store.points("c", "m")
        assert (found.steps.tolist(), found.values.tolist()) == ([0, 5, 10, 20], [1.0, 8.0, 7.0, 3.0])
        (summary,) = store.series("c")
        assert (summary.count, summary.last, summary.max, summary.max_step) == (4, 3.0, 8.0, 5)

    def test_a_curve_that_was_written_over_in_the_middle_grows_on_whole(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c")).uid
        truth: dict[int, float] = {}
        for low, high, value in (
            (0, 5000, 1.0),
            (100, 101, 2.0),
            (5000, 8000, 3.0),
            (2500, 2600, 4.0),
            (8000, 9500, 5.0),
        ):
            steps = list(range(low, high))
            points = series_points("m", [value] * len(steps), steps)
            store.apply(Batch(journal=new_uid(), component=uid, start=0, end=1, points=[points]))
            truth |= dict.fromkeys(steps, value)
            found = store.points("c", "m")
            assert found.steps.tolist() == sorted(truth)
            assert found.values.tolist() == [truth[step] for step in sorted(truth)]
            (summary,) = store.series("c")
            assert (summary.count, summary.last, summary.max) == (len(truth), truth[max(truth)], max(truth.values()))

    def test_points_without_a_step_follow_the_last_one(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c")).uid
        points = [series_points("m", [1.0, 2.0], [NO_STEP, NO_STEP])]
        store.apply(Batch(journal="j", component=uid, start=0, end=1, points=points))
        store.apply(Batch(journal="j", component=uid, start=1, end=2, points=points))
        assert store.points("c", "m").steps.tolist() == [0, 1, 2, 3]

    def test_extremes_are_exact_and_ends_are_included(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        values = [1e308, -1e308, 5e-324, 2.0**53 + 2]
        points_of(store, "c", "m", values)
        assert store.points("c", "m").values.tolist() == values
        assert store.points("c", "m", steps=(1, 2)).values.tolist() == values[1:3]
        (found,) = store.series("c")
        assert (found.min, found.max) == (-1e308, 1e308)

    def test_blocks_agree_with_the_points(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        values = np.sin(np.arange(3000.0))
        points_of(store, "c", "m", values.tolist())
        blocks = store.blocks("c", "m")
        assert int(blocks.n.sum()) == 3000
        assert (float(blocks.min.min()), float(blocks.max.max())) == (values.min(), values.max())
        assert int(blocks.min_step[blocks.min.argmin()]) == int(values.argmin())
        assert (np.diff(blocks.step0) > 0).all()
        assert len(store.blocks("c", "m", steps=(0, 0)).n) == 1

    def test_a_series_that_is_not_there_is_not_found(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        for ask in (store.points, store.blocks):
            with pytest.raises(NotFound):
                ask("c", "nope")
            with pytest.raises(NotFound):
                ask("nope", "m")
        assert store.series("c") == []

    def test_a_journal_may_open_the_component_it_records(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="taken"))
        uid = new_uid()
        wanted = ComponentCreate(name="taken", uid=uid, trials=["no-such-trial"], params={"a": 1}, status="InProgress")
        store.apply(Batch(journal="j", component=uid, start=0, end=1, open=wanted))
        store.apply(Batch(journal="k", component=uid, start=0, end=1, open=wanted))
        found = store.get_component(f"taken-{uid[-6:]}")
        assert (found.uid, found.params, found.status) == (uid, {"a": 1}, "InProgress")

    def test_a_batch_carries_parameters_tags_artifacts_and_status(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c", params={"a": 1}, status="InProgress")).uid
        batch = Batch(
            journal="j",
            component=uid,
            start=0,
            end=1,
            params={"a": 2, "b": math.nan},
            tags={"k": "v"},
            artifacts=[ArtifactAdd("output", "m", ArtifactRef("/m"))],
            note="noted",
            status=StatusMove("Failed", 77, "why"),
            dropped=3,
        )
        store.apply(batch)
        found = store.get_component("c")
        assert (found.params, found.tags, found.description) == ({"a": 2, "b": "nan"}, {"k": "v"}, "noted")
        assert (found.outputs["m"].value, found.dropped) == ("/m", 3)
        assert (found.status, found.status_message, found.end_time) == ("Failed", "why", 77)

    def test_a_recorder_is_never_refused_a_status(self, store: Store) -> None:
        uid = store.create_component(ComponentCreate(name="c", status="Completed")).uid
        late = Batch(journal="j", component=uid, start=0, end=1, status=StatusMove("Stopping", 1), params={"a": 1})
        store.apply(late)
        found = store.get_component("c")
        assert (found.status, found.params) == ("Completed", {"a": 1})
        store.apply(Batch(journal="j", component=uid, start=1, end=2, status=StatusMove("InProgress", 2, resume=True)))
        assert store.get_component("c").status == "InProgress"

    def test_recording_into_a_deleted_component_goes_on(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        store.delete("trial-component", "c")
        points_of(store, "c", "m", [1.0])
        assert store.get_component("c").metrics[0].last == 1.0
        assert store.get_component("c").deleted_at is not None

    def test_what_a_journal_still_says_of_a_purged_component_brings_nothing_back(self, store: Store) -> None:
        uid = new_uid()
        opened = ComponentCreate(name="c", uid=uid)
        end = store.apply(Batch("j", uid, 0, 10, open=opened, params={"a": 1}))
        store.delete("trial-component", "c")
        store.purge("trial-component", "c")
        for batch in (
            Batch("j", uid, end, 20, params={"b": 1}),
            Batch("j", uid, 0, 10, open=opened),
            Batch("another", uid, 0, 8, params={"b": 1}),
        ):
            with pytest.raises(Purged, match="removed for good"):
                store.apply(batch)
        assert store.drained_to("j") == 0
        assert store.list_components(ListRequest()).items == []
        store.create_component(opened)  # by its uid, on purpose
        assert store.apply(Batch("j", uid, 0, 10, params={"b": 2})) == 10
        assert store.get_component("c").params == {"b": 2}

    def test_purge_takes_the_points_along(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        points_of(store, "c", "m", [1.0], journal="j")
        store.delete("trial-component", "c")
        store.purge("trial-component", "c")
        store.create_component(ComponentCreate(name="c"))
        assert (store.series("c"), store.drained_to("j")) == ([], 0)

    def test_what_is_read_in_a_moment_is_of_one_moment(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        points_of(store, "c", "m", [1.0])
        other = threading.Thread(target=points_of, args=(store, "c", "n", [2.0]))
        with store.moment():
            before = store.get_component("c")
            other.start()
            other.join(0.1)  # some backends let it wait until the end of the moment
            with store.moment():
                assert store.points("c", "m").values.tolist() == [1.0]
            with pytest.raises(NotFound):
                store.points("c", "n")
            assert store.get_component("c") == before
        other.join()
        assert store.points("c", "n").values.tolist() == [2.0]

    def test_a_moment_ends_with_an_error(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c"))
        with pytest.raises(NotFound), store.moment():
            store.points("c", "m")
        points_of(store, "c", "m", [1.0])
        assert store.points("c", "m").values.tolist() == [1.0]

"""Records and pages that go out are cut, by number and by bytes, and say so."""

from __future__ import annotations

import math

from mlstudio.entities.experiments import (
    ComponentPage,
    ComponentRecord,
    ExperimentRecord,
    ListRequest,
    PartTotals,
    SeriesSummary,
    TrialRef,
)
from mlstudio.entities.wire import encode
from mlstudio.store.bounds import LIST_BYTES, PART_BYTES, fitting, trimmed
from mlstudio.store.cursors import decode_cursor

STAMPS = {"arn": "arn", "created_at": 1, "created_by": "u", "modified_at": 1, "modified_by": "u"}


def record(name: str = "c", **parts: object) -> ComponentRecord:
    """Return a component."""
    return ComponentRecord(uid=f"uid-{name}", name=name, **STAMPS, **parts)  # type: ignore[arg-type]


def series(name: str) -> SeriesSummary:
    """Return a series whose last point is no number."""
    return SeriesSummary(name=name, count=1, first=0.0, last=math.nan, last_step=0, last_ts=0.0)


def test_what_fits_is_the_very_record() -> None:
    whole = record(params={"a": 1}, metrics=[series("m")], trials=[TrialRef("t", "e")])
    assert trimmed(whole) is whole


def test_the_first_of_each_part_stay_and_all_are_counted() -> None:
    whole = record(params={f"p{i}": i for i in range(5)}, metrics=[series(f"m{i}") for i in range(4)], tags={"a": "b"})
    cut = trimmed(whole, 3)
    assert list(cut.params) == ["p0", "p1", "p2"]
    assert [one.name for one in cut.metrics] == ["m0", "m1", "m2"]
    assert cut.tags == {"a": "b"}
    assert cut.totals == PartTotals(params=5, metrics=4, tags=1)


def test_metrics_that_were_never_read_are_counted_too() -> None:
    cut = trimmed(record(metrics=[series("m")], params={"a": 1}, totals=PartTotals(metrics=70)))
    assert cut.totals == PartTotals(metrics=70, params=1)


def test_long_values_count_by_their_bytes() -> None:
    cut = trimmed(record(tags={f"t{i}": "ü" * 50_000 for i in range(9)}))
    assert list(cut.tags) == ["t0", "t1"]
    assert len(encode(cut.tags)) <= PART_BYTES
    assert cut.totals == PartTotals(tags=9)


def test_an_experiment_has_tags_only() -> None:
    cut = trimmed(ExperimentRecord(uid="u", name="e", tags={f"t{i}": "" for i in range(3)}, trials=7, **STAMPS), 2)
    assert (cut.totals, cut.trials, list(cut.tags)) == (PartTotals(tags=3), 7, ["t0", "t1"])


def test_a_page_of_long_records_ends_early_and_says_where() -> None:
    items = [record(f"c{i}", description="x" * (LIST_BYTES // 3)) for i in range(5)]
    page = fitting(ComponentPage(items, "beyond"), ListRequest(sort_by="Name"))
    assert [one.name for one in page.items] == ["c0", "c1"]
    assert decode_cursor(page.next or "", str) == ("c1", "uid-c1")
    assert decode_cursor(fitting(ComponentPage(items), ListRequest()).next or "", int) == (1, "uid-c1")


def test_one_record_that_is_too_long_is_a_page() -> None:
    items = [record(f"c{i}", description="x" * LIST_BYTES) for i in range(2)]
    assert len(fitting(ComponentPage(items), ListRequest()).items) == 1


def test_a_page_that_fits_keeps_its_cursor() -> None:
    assert fitting(ComponentPage([record()], "beyond"), ListRequest()).next == "beyond"
    assert fitting(ComponentPage([record()]), ListRequest()).next is None

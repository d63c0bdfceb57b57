"""Runs that were found become components once, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mlstudio.entities.errors import StoreBusy
from mlstudio.entities.experiments import ArtifactRef
from mlstudio.experiments.importers import landing
from mlstudio.experiments.importers.found import Candidate, FoundFile, FoundRun
from mlstudio.experiments.importers.landing import Landing, component_name
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.query_text import parse
from mlstudio.store import open_store
from mlstudio.store.batch import NO_STEP, SeriesPoints


def series(name: str, count: int) -> SeriesPoints:
    steps = np.arange(count)
    return SeriesPoints(name, "{}", steps, steps + 1e9, steps * 0.5)


def one(source_id: str, run: FoundRun | None = None, *, experiment: str = "e", mark: str = "1") -> Candidate:
    return Candidate(source_id, experiment, f"run {source_id}", mark, lambda _last: run or FoundRun())


def land(*candidates: Candidate) -> Tally:
    tally = Tally()
    Landing(open_store(), "mlflow", tally).land(candidates)
    return tally


def test_a_crash_before_the_store_remembers_makes_no_second_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store()

    def crash(_origin: object) -> None:
        raise StoreBusy("now")

    with monkeypatch.context() as patch:
        patch.setattr(store, "set_origin", crash)
        with pytest.raises(StoreBusy):
            land(one("a", FoundRun(points=[series("loss", 3)])))
    tally = land(one("a", FoundRun(points=[series("loss", 4)])))
    assert (tally.runs, tally.updated) == (0, 1)
    assert tally.points == 1, "three of them were here"
    (run,) = store.search_components(parse(""))
    assert run.metrics[0].count == 4
    assert land(one("a")).unchanged == 1


def test_millions_of_points_go_in_by_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "MAX_POINTS", 100)
    run = FoundRun(status="Failed", message="why", end=5_000_000, points=[series(name, 90) for name in "abcd"])
    assert land(one("a", run)).points == 360
    record = open_store().get_component(component_name("mlflow", "a"))
    assert [(found.name, found.count) for found in record.metrics] == [(name, 90) for name in "abcd"]
    assert (record.status, record.status_message, record.end_time) == ("Failed", "why", 5_000_000)


def test_experiments_whose_names_look_alike_stay_two() -> None:
    tally = land(one("a", experiment="a b"), one("b", experiment="a-b"), one("c", experiment="✨"))
    assert len(tally.experiments) == 3
    assert open_store().get_experiment("a-b").display_name == "a b"
    assert "a b" in tally.report().titles.values(), "the report shows what people call them"
    assert set(tally.report().titles) <= set(tally.report().experiments)


def test_a_run_that_grew_counts_what_is_new() -> None:
    land(one("a", FoundRun(points=[series("loss", 3)])))
    unnumbered = SeriesPoints("new", "{}", np.full(2, NO_STEP), np.array([1e9, 1e9]), np.zeros(2))
    grown = FoundRun(points=[series("loss", 5), series("acc", 4), unnumbered])
    looked = Tally()
    Landing(open_store(), "mlflow", looked, dry_run=True).land([one("a", grown, mark="2")])
    tally = land(one("a", grown, mark="2"))
    assert looked.points == tally.points == 2 + 4 + 2
    assert (tally.updated, tally.runs) == (1, 0)


def test_what_a_record_cannot_hold_leaves_the_others_alone() -> None:
    bad = FoundRun(outputs={"": ArtifactRef("x")})
    tally = land(one("a", bad), one("b"))
    assert tally.runs == 1
    assert tally.report().skipped[0].what == "run run a"


def test_a_parent_that_is_missing_and_files_that_are_gone_are_no_obstacle(tmp_path: Path) -> None:
    run = FoundRun(files=[FoundFile("x", tmp_path / "gone.txt")])
    candidate = Candidate("a", "e", None, "1", lambda _last: run, parent="nobody")
    tally = land(candidate)
    assert tally.report().skipped[0].what == "artifact x"
    record = open_store().get_component("mlflow-a")
    assert (record.parent, record.display_name) == (None, "a")


def test_an_end_that_was_taken_back_is_followed() -> None:
    land(one("a", FoundRun(status="Completed", start=500_000, end=1_000_000)))
    assert land(one("a", FoundRun(status="InProgress", start=500_000), mark="2")).updated == 1
    assert open_store().get_component("mlflow-a").status == "InProgress"
    land(one("a", FoundRun(status="Failed", message="late", start=500_000, end=9_000_000), mark="3"))
    record = open_store().get_component("mlflow-a")
    assert (record.status, record.status_message, record.end_time) == ("Failed", "late", 9_000_000)

"""Metrics of a log reach the store exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.errors import StoreBusy
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.jobs.agent.ingest import LogIngest, journal_uid
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    store = open_store(home=home)
    store.create_component(ComponentCreate(name="c", uid="01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    yield store
    store.close()


def ingest(folder: Path) -> LogIngest:
    definitions = [MetricDefinition("m", "m=([0-9]+)")]
    return LogIngest(
        folder, "algo-1", definitions, journal=journal_uid("U", 1, "algo-1"), component="01ARZ3NDEKTSV4RRFFQ69G5FAV"
    )


def drain(one: LogIngest, store: Store, *, last: bool = False) -> None:
    while one.step(store, last=last):
        pass


def values(store: Store) -> list[float]:
    return store.points("c", "m").values.tolist() if store.series("c") else []


def test_values_come_as_the_log_grows(store: Store, tmp_path: Path) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1"), ingest(tmp_path)
    drain(one, store)
    log.write(b"m=1\nm=")
    drain(one, store)
    assert values(store) == [1]
    log.write(b"2\nm=3")
    drain(one, store)
    assert values(store) == [1, 2]
    drain(one, store, last=True)
    assert values(store) == [1, 2, 3]
    assert one.total == log.offset


def test_a_second_reader_goes_on_where_the_first_was_killed(store: Store, tmp_path: Path) -> None:
    log = LogWriter(tmp_path / "log", "algo-1")
    log.write(b"m=1\nnothing\nm=2\nnothing\n")
    drain(ingest(tmp_path), store)
    log.write(b"m=3\n")
    drain(ingest(tmp_path), store)
    drain(ingest(tmp_path), store, last=True)
    assert values(store) == [1, 2, 3]
    assert store.points("c", "m").steps.tolist() == [0, 1, 2]


def test_a_store_that_is_away_loses_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1"), ingest(tmp_path)
    log.write(b"m=1\n")
    with monkeypatch.context() as patch:

        def busy(*_: object) -> int:
            raise StoreBusy("locked")

        patch.setattr(type(store), "apply", busy)
        with pytest.raises(StoreBusy):
            drain(one, store)
    drain(one, store)
    assert values(store) == [1]


@pytest.mark.parametrize("before", ["", "m=1\n"])
def test_a_component_that_is_purged_while_its_job_runs_ends_the_values_not_the_reading(
    store: Store, tmp_path: Path, before: str
) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1"), ingest(tmp_path)
    log.write(before.encode())
    drain(one, store)
    store.delete("trial-component", "c")
    store.purge("trial-component", "c")
    log.write(b"m=2\n")
    drain(one, store)
    log.write(b"m=3\n")
    drain(one, store, last=True)
    assert one.total == log.offset


def test_a_store_that_forgot_what_it_had_is_given_the_log_again(store: Store, tmp_path: Path) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1"), ingest(tmp_path)
    log.write(b"m=1\nm=2\n")
    drain(one, store)
    store.delete("trial-component", "c")
    store.purge("trial-component", "c")
    store.create_component(ComponentCreate(name="c", uid="01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    log.write(b"m=3\n")
    drain(one, store)
    assert values(store) == [1, 2, 3]


def test_a_line_without_end_is_passed_over_in_bounded_memory(store: Store, tmp_path: Path) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1"), ingest(tmp_path)
    log.write(b"m=1\n")
    for _ in range(40):
        log.write(b"m=9 " * 25_000)
        drain(one, store)
    log.write(b"m=9\nm=2\n")
    drain(one, store)
    assert values(store) == [1, 2]


@pytest.mark.parametrize("head", [10, 11, 13, 15])
def test_a_gap_costs_the_lines_in_it_and_the_broken_ones_beside_it(store: Store, tmp_path: Path, head: int) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1", head=head, tail=30, segment=10), ingest(tmp_path)
    log.write(b"m=1\n")
    drain(one, store)
    log.write(b"".join(b"m=%d\n" % number for number in range(100, 200)))
    drain(one, store, last=True)
    found = values(store)
    assert found[0] == 1
    assert found[-1] == 199
    assert all(value in range(100, 200) for value in found[1:]), "no number made of two halves"


def test_a_line_across_two_segments_is_one_line(store: Store, tmp_path: Path) -> None:
    log, one = LogWriter(tmp_path / "log", "algo-1", head=6, tail=1000, segment=7), ingest(tmp_path)
    for number in range(100, 120):
        log.write(b"m=%d\n" % number)
        drain(one, store)
    assert values(store) == list(range(100, 120))


def test_without_definitions_only_the_size_is_looked_at(store: Store, tmp_path: Path) -> None:
    LogWriter(tmp_path / "log", "algo-1").write(b"m=1\n")
    one = LogIngest(tmp_path, "algo-1", [], journal="j", component="")
    assert one.step(store) is False
    assert one.total == 4

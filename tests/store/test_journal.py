"""Writer and reader of journals: what returned is read again, as it was said."""

from __future__ import annotations

import itertools
import logging
import math
import os
import signal
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from mlstudio.entities.errors import NotFound, StoreDamaged
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.batch import NO_STEP, Batch, SeriesPoints
from mlstudio.store.journal import JournalReader, list_journals
from mlstudio.store.journal_format import HEADER_SIZE, PARAM, STATUS, ParamRecord, StatusRecord
from mlstudio.store.journal_process import is_alive, this_process
from mlstudio.store.journal_write import MAX_RECORD, JournalWriter


def open_writer(folder: Path, *, adopted: bool = False) -> JournalWriter:
    component = ComponentCreate(name="run", uid="01J00000000000000000000000")
    return JournalWriter(folder, component, adopted=adopted, on_file=lambda: None)


def read_all(path: Path, *, final: bool = False) -> Batch:
    with JournalReader(path, final=final) as reader:
        return reader.read(0)


def points_of(batch: Batch, name: str, context: str = "{}") -> SeriesPoints:
    return next(part for part in batch.points if (part.name, part.context) == (name, context))


def test_a_point_is_there_the_moment_the_call_returns(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log("loss", 0.5, step=3, timestamp=100.25)
    found = points_of(read_all(writer.files[0].path), "loss")
    assert (found.steps.tolist(), found.ts.tolist(), found.values.tolist()) == ([3], [100.25], [0.5])


def test_a_mapping_is_one_record_and_comes_back_per_series(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    for step in range(5):
        writer.log_many({"a": step, "b": -step}, step=step)
    batch = read_all(writer.files[0].path)
    assert points_of(batch, "a").values.tolist() == [0, 1, 2, 3, 4]
    assert points_of(batch, "b").values.tolist() == [0, -1, -2, -3, -4]
    assert points_of(batch, "b").steps.tolist() == [0, 1, 2, 3, 4]


def test_t22_special_floats_are_kept_bit_for_bit(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    values = [math.nan, math.inf, -math.inf, -0.0, 1e308, 5e-324]
    for value in values:
        writer.log("v", value)
    found = points_of(read_all(writer.files[0].path), "v").values
    assert found.tobytes() == np.array(values).tobytes()


@pytest.mark.parametrize(
    "value",
    [True, 7, np.float32(1.5), np.int64(2), Decimal("0.25"), np.array(3.0)],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_a_number_is_logged_as_a_float(tmp_path: Path, value: object) -> None:
    writer = open_writer(tmp_path)
    writer.log("v", value, step=np.int32(4))
    writer.log_many({"w": value, "x": 1}, step=np.int32(4))
    batch = read_all(writer.files[0].path)
    assert points_of(batch, "v").values.tolist() == [float(value)]  # type: ignore[arg-type]
    assert points_of(batch, "w").steps.tolist() == [4]


@pytest.mark.parametrize("value", ["0.5", None, object(), [1.0, 2.0], 1j, b"1"], ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_counted_and_said_once(
    tmp_path: Path, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    writer = open_writer(tmp_path)
    for _ in range(3):
        writer.log("accuracy", value)
    assert writer.dropped == 3
    (said,) = [record.message for record in caplog.records if "accuracy" in record.message]
    assert said.startswith(f"The metric 'accuracy' was given a value of type {type(value).__name__}, which is not a")
    with JournalReader(writer.files[0].path) as reader:
        assert reader.header.dropped == 3
        assert not reader.read(0).points


@pytest.mark.parametrize("step", [-1, -(2**63), 2**53, 10**30, 1.5, "3", math.nan], ids=repr)
def test_t23_a_step_that_is_none_is_counted_and_said_once(
    tmp_path: Path, step: object, caplog: pytest.LogCaptureFixture
) -> None:
    writer = open_writer(tmp_path)
    writer.log("loss", 1.0, step=0)
    for _ in range(2):
        writer.log("loss", 1.0, step=step)
    batch = read_all(writer.files[0].path)
    assert points_of(batch, "loss").steps.tolist() == [0]
    assert writer.dropped + batch.bad_records == 2


def test_one_bad_value_of_a_mapping_does_not_lose_the_others(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log_many({"a": 1.0, "b": "x", "c": 3.0}, step=1)
    batch = read_all(writer.files[0].path)
    assert sorted(part.name for part in batch.points) == ["a", "c"]
    assert writer.dropped == 1


def test_a_call_without_step_or_with_a_whole_float_step(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log("loss", 1.0)
    writer.log("loss", 2.0, step=8.0)
    assert points_of(read_all(writer.files[0].path), "loss").steps.tolist() == [NO_STEP, 8]


def test_timestamps_are_seconds_or_datetimes_naive_ones_local(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = open_writer(tmp_path)
    naive, aware = datetime(2024, 1, 2, 3, 4, 5), datetime(2024, 1, 2, tzinfo=UTC)
    for timestamp in (5.5, naive, aware, np.float64(7.0)):
        writer.log("v", 1.0, timestamp=timestamp)
    writer.log("v", 1.0, timestamp="yesterday")
    ts = points_of(read_all(writer.files[0].path), "v").ts.tolist()
    assert ts[:4] == [5.5, naive.timestamp(), aware.timestamp(), 7.0]
    assert abs(ts[4] - datetime.now(UTC).timestamp()) < 60
    assert "is no time" in caplog.text


def test_contexts_make_series_of_their_own_whatever_the_order_of_keys(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log("loss", 1.0, context={"rank": 1, "fold": "a"})
    writer.log("loss", 2.0, context={"fold": "a", "rank": np.int64(1)})
    writer.log("loss", 3.0, context={})
    writer.log_many({"loss": 4.0}, context={"rank": 2})
    batch = read_all(writer.files[0].path)
    assert points_of(batch, "loss", '{"fold":"a","rank":1}').values.tolist() == [1.0, 2.0]
    assert points_of(batch, "loss").values.tolist() == [3.0]
    assert points_of(batch, "loss", '{"rank":2}').values.tolist() == [4.0]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("", "unnamed"),
        ("a\nb\0", "a_b_"),
        ("x" * 10_000, "x" * 487 + "~e4ee97ec2527"),
        ("\ud800", "_"),
        (7, "7"),
        (None, "None"),
    ],
)
def test_a_name_that_cannot_be_is_cleaned_and_said_once(
    tmp_path: Path, name: object, kept: str, caplog: pytest.LogCaptureFixture
) -> None:
    writer = open_writer(tmp_path)
    for _ in range(3):
        writer.log(name, 1.0)  # type: ignore[arg-type]
    assert points_of(read_all(writer.files[0].path), kept).values.tolist() == [1.0] * 3
    assert len([record for record in caplog.records if "is kept as" in record.message]) == 1


def test_long_names_that_differ_at_their_ends_stay_two_curves(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log("layer." * 2000 + "weight", 1.0)
    writer.log("layer." * 2000 + "bias", 2.0)
    first, second = read_all(writer.files[0].path).points
    assert first.name != second.name
    assert (len(first.name), len(second.name)) == (500, 500)
    assert (first.values.tolist(), second.values.tolist()) == ([1.0], [2.0])


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "train/loss:ä", "损失🔥", "\u202eevil", 'q"\\'])
def test_names_with_any_text_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    writer = open_writer(tmp_path)
    writer.log(name, 1.0)
    assert read_all(writer.files[0].path).points[0].name == name


class Spiteful:
    """An object whose every conversion raises."""

    def __float__(self) -> float:
        raise RuntimeError("no")

    def __index__(self) -> int:
        raise RuntimeError("no")

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


def test_nothing_that_is_given_raises_into_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    writer, bad = open_writer(tmp_path), Spiteful()
    writer.log(bad, bad, bad, bad, bad)  # type: ignore[arg-type]
    writer.log("a", bad)
    writer.log("a", 1.0, bad)
    writer.log("a", 1.0, 1, bad)
    writer.log("a", 1.0, 1, None, {bad: bad})  # type: ignore[dict-item]
    writer.log("a", 1.0, 1, None, 7)  # type: ignore[arg-type]
    writer.log_many(bad)  # type: ignore[arg-type]
    writer.log_many({bad: bad})  # type: ignore[dict-item]
    writer.log_many({})
    assert writer.record(PARAM, bad) is False
    assert writer.dropped >= 5


@pytest.mark.slow
def test_all_records_survive_growth_and_rotation_while_a_thread_drains(tmp_path: Path) -> None:
    """Growing exchanges the mapping under a caller that does not wait: no call may be lost (once 13,000 were)."""
    writer, stop = open_writer(tmp_path), threading.Event()

    def ahead() -> None:
        while not stop.is_set():
            writer.ahead()

    thread = threading.Thread(target=ahead)
    thread.start()
    count = 2_300_000  # 73 MB: over all growth steps and one rotation
    log = writer.log
    for step in range(count):
        log("loss", 0.5, step)
    stop.set()
    thread.join()
    assert writer.dropped == 0
    assert len(writer.files) == 2
    steps = []
    for file in writer.files:
        with JournalReader(file.path) as reader:
            offset = 0
            while (batch := reader.read(offset)).end > max(offset, HEADER_SIZE):
                steps += [points_of(batch, "loss").steps] if batch.points else []
                offset = batch.end
            assert batch.bad_records == 0
    assert np.array_equal(np.concatenate(steps), np.arange(count))


def test_many_threads_log_into_one_journal_and_nothing_is_lost_or_mixed(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)

    def run(name: str) -> None:
        for step in range(5000):
            writer.log(name, step, step)
            if step % 10 == 0:
                writer.log_many({f"{name}/a": step, f"{name}/b": step}, step)

    threads = [threading.Thread(target=run, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch = Batch("", "", 0, 0)
    found: dict[str, list[int]] = {}
    with JournalReader(writer.files[0].path) as reader:
        offset = 0
        while (batch := reader.read(offset)).end > offset:
            for part in batch.points:
                found.setdefault(part.name, []).extend(part.steps.tolist())
                assert part.values.tolist() == part.steps.tolist()
            offset = batch.end
    assert all(found[f"t{number}"] == list(range(5000)) for number in range(6))
    assert all(found[f"t{number}/b"] == list(range(0, 5000, 10)) for number in range(6))


def test_a_reader_goes_on_where_it_was_and_a_new_one_learns_the_names(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.log("a", 1.0, step=0)
    path = writer.files[0].path
    with JournalReader(path) as reader:
        first = reader.read(0)
        assert reader.read(first.end).end == first.end, "nothing new"
        writer.log("a", 2.0, step=1)
        writer.log_many({"a": 3.0, "b": 4.0}, step=2)
        again = reader.read(first.end)
    with JournalReader(path) as fresh:
        late = fresh.read(first.end)
    for batch in (again, late):
        assert points_of(batch, "a").steps.tolist() == [1, 2]
        assert points_of(batch, "b").steps.tolist() == [2]


def test_state_records_are_told_in_the_batch(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    writer.record(PARAM, ParamRecord({"lr": 0.1}))
    writer.record(PARAM, ParamRecord({"lr": 0.2, "opt": "sgd"}))
    writer.record(STATUS, StatusRecord("Failed", 12, "out of memory"))
    batch = read_all(writer.files[0].path)
    assert batch.open is not None
    assert batch.open.name == "run"
    assert batch.params == {"lr": 0.2, "opt": "sgd"}
    assert batch.status is not None
    assert (batch.status.status, batch.status.message) == ("Failed", "out of memory")


def test_a_record_that_no_reader_could_pass_is_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = open_writer(tmp_path)
    while writer.files[0].size <= MAX_RECORD + HEADER_SIZE * 2:  # it would fit now
        writer.files[0].grow()
    assert not writer.record(PARAM, ParamRecord({"p": "x" * MAX_RECORD}))
    assert writer.record(PARAM, ParamRecord({"q": 1}))
    writer.log("loss", 1.0, 0)
    assert writer.dropped == 1
    assert "more than a journal takes" in caplog.text
    assert read_all(writer.files[-1].path).params == {"q": 1}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_a_signal_handler_that_logs_loses_nothing_and_mixes_nothing(tmp_path: Path) -> None:
    """The handler runs between any two bytecodes of the calls that it interrupts, itself among them."""
    writer, steps, done = open_writer(tmp_path), itertools.count(), list[int]()

    def handler(*_: object) -> None:
        step = next(steps)
        writer.log("signal", step, step)
        writer.log_many({"s": step, f"only{step % 50}": step}, step)
        done.append(step)

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 2e-4, 2e-4)
    try:
        for step in range(60_000):
            writer.log("loss", step, step)
            if step % 500 == 0:
                writer.log_many({"a": step, f"b{step}": -step}, step)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    writer.finish()
    found: dict[str, list[tuple[int, float]]] = {}
    for listed in list_journals(tmp_path):
        for part in read_all(listed.path).points:
            found.setdefault(part.name, []).extend(zip(part.steps.tolist(), part.values.tolist(), strict=True))
    assert sorted(found["loss"]) == [(step, float(step)) for step in range(60_000)]
    assert sorted(found["signal"]) == sorted(found["s"]) == [(step, float(step)) for step in sorted(done)]
    assert found["b500"] == [(500, -500.0)]
    assert writer.dropped == 0


def test_an_adopted_journal_does_not_open_the_component(tmp_path: Path) -> None:
    writer = open_writer(tmp_path, adopted=True)
    with JournalReader(writer.files[0].path) as reader:
        assert reader.header.adopted
        assert reader.read(0).open is None


def test_files_that_are_no_journals_are_left_out_of_the_list(tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    (tmp_path / "empty.mj").write_bytes(b"")
    (tmp_path / "torn.mj").write_bytes(b"\0" * 5000)
    assert [item.path for item in list_journals(tmp_path)] == [writer.files[0].path]
    assert list_journals(tmp_path / "nowhere") == []
    with pytest.raises(StoreDamaged):
        JournalReader(tmp_path / "torn.mj")
    with pytest.raises(NotFound):
        JournalReader(tmp_path / "none.mj")


def test_t13_journals_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        writer = open_writer(tmp_path / "journal")
    finally:
        os.umask(before)
    assert writer.files[0].path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o700


def test_after_the_end_calls_are_counted_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = open_writer(tmp_path)
    writer.log("a", 1.0)
    writer.finish()
    for _ in range(3):
        writer.log("a", 2.0)
    assert writer.dropped == 3
    assert len([record for record in caplog.records if "is closed" in record.message]) == 1


def test_this_process_lives_and_its_double_with_another_start_does_not() -> None:
    me = this_process()
    assert is_alive(me)
    assert not is_alive(type(me)(me.host, me.pid, me.proc_start + 1, me.boot_id))
    assert not is_alive(type(me)(me.host, me.pid, me.proc_start, "another boot"))
    assert not is_alive(type(me)("elsewhere", me.pid, me.proc_start, me.boot_id))
    assert not is_alive(type(me)())

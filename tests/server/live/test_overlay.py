"""Curves of running runs are complete: the store's points, and what journals still hold over them."""

from __future__ import annotations

import json
import shutil
import struct
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.tables import CurveRequest, SeriesRef
from mlstudio.server.live.overlay import Overlay
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.journal import JournalReader
from mlstudio.store.journal_write import JournalWriter
from mlstudio.store.laws import Store
from mlstudio.store.recorder import Recorder

Floats = npt.NDArray[np.float64]


class Run:
    """A component with a journal that nobody drains but we."""

    def __init__(self, store: Store, home: Home, name: str = "c") -> None:
        self.name = name
        self._store = store
        record = store.create_component(ComponentCreate(name=name, status="InProgress"))
        component = ComponentCreate(name=name, uid=record.uid)
        self.writer = JournalWriter(home.journals, component, adopted=True, on_file=lambda: None)
        self._home = home
        self._drained = 0

    def log(self, value: float, step: int | None = None, metric: str = "loss") -> None:
        self.writer.log(metric, value, step)

    def drain(self) -> None:
        (path,) = [path for path in self._home.journals.glob("*.mj") if self._is_ours(path)]
        with JournalReader(path) as reader:
            while (batch := reader.read(self._drained)).end > self._drained:
                self._drained = self._store.apply(batch)

    def _is_ours(self, path: Any) -> bool:
        with JournalReader(path) as reader:
            return reader.header.info.component_name == self.name


@pytest.fixture
def store() -> Store:
    return open_store()


@pytest.fixture
def overlay(home: Home) -> Iterator[Overlay]:
    made = Overlay(home)
    yield made
    made.close()


@pytest.fixture
def run(store: Store, home: Home) -> Iterator[Run]:
    made = Run(store, home)
    yield made
    made.writer.finish()


def curve(overlay: Overlay, store: Store, *names: str, metric: str = "loss", **more: Any) -> tuple[Any, list[Floats]]:
    """Return header and columns of the first curve."""
    request = CurveRequest(series=[SeriesRef(name, metric) for name in names or ("c",)], **more)
    body = overlay.curves(store, request)
    (length,) = struct.unpack("<I", body[4:8])
    header = json.loads(body[8 : 8 + length])
    data = np.frombuffer(body[8 + length :], "<f8")
    one = header["series"][0]
    columns = [data[one["offset"] + at * one["n"] :][: one["n"]] for at in range(len(one["columns"]))]
    return one, columns


def test_points_that_nobody_has_drained_are_in_the_curve(overlay: Overlay, store: Store, run: Run) -> None:
    for step in range(5):
        run.log(float(step), step)
    run.drain()
    for step in range(5, 8):
        run.log(float(step), step)

    one, (x, y) = curve(overlay, store)

    assert x.tolist() == y.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert one["total"] == 8
    assert store.points("c", "loss").steps.tolist() == [0, 1, 2, 3, 4], "nothing was written"


def test_a_series_that_is_only_in_the_journal_is_drawn(overlay: Overlay, store: Store, run: Run) -> None:
    run.log(1.0, 3)

    assert [column.tolist() for column in curve(overlay, store)[1]] == [[3], [1]]
    assert curve(overlay, store, metric="other")[0]["n"] == 0
    with pytest.raises(NotFound):
        curve(overlay, store, "nobody")


def test_steps_logged_again_show_their_last_value(overlay: Overlay, store: Store, run: Run) -> None:
    for step in range(4):
        run.log(1.0, step)
    run.drain()
    run.log(9.0, 1)

    assert curve(overlay, store)[1][1].tolist() == [1, 9, 1, 1]


def test_points_without_a_step_get_those_that_the_store_will_give(overlay: Overlay, store: Store, run: Run) -> None:
    run.log(0.0, 7)
    run.drain()
    for value in (1.0, 2.0):
        run.log(value)
    before = [column.tolist() for column in curve(overlay, store)[1]]
    run.drain()

    assert before == [[7, 8, 9], [0, 1, 2]]
    assert [column.tolist() for column in curve(overlay, store)[1]] == before


def test_any_metric_is_an_x_axis_from_the_journal_too(overlay: Overlay, store: Store, run: Run) -> None:
    for step in range(3):
        run.log(step * 10.0, step, "epoch")
        run.log(1.0 / (step + 1), step)
    run.drain()
    run.log(30.0, 3, "epoch")
    run.log(0.25, 3)
    run.log(0.2, 4)

    _, (x, y) = curve(overlay, store, x="metric:epoch")

    assert (x.tolist(), y.tolist()) == ([0, 10, 20, 30], [1, 0.5, 1 / 3, 0.25])


def test_a_long_curve_keeps_a_spike_that_is_not_drained(overlay: Overlay, store: Store, run: Run) -> None:
    for step in range(210_000):
        run.writer.log("loss", 0.5, step, 1000.0 + step)
    run.drain()
    for step in range(210_000, 215_000):
        run.writer.log("loss", 99.0 if step == 212_345 else 0.5, step, 1000.0 + step)

    for axis, shift in (("step", 0.0), ("time", 1000.0), ("relative", 0.0)):
        one, (x, y) = curve(overlay, store, x=axis, width=800)
        spike = 212_345.0 + shift
        assert (one["level"], one["total"]) == ("pyramid", 215_000)
        assert (x[int(y.argmax())], y.max()) == (spike, 99.0)
        assert x[-1] == 214_999.0 + shift
        zoomed, (x, y) = curve(overlay, store, x=axis, width=800, range=(spike - 10, spike + 10))
        assert (zoomed["total"], y.max()) == (21, 99.0)


def test_a_journal_of_another_store_is_not_ours(overlay: Overlay, store: Store, home: Home) -> None:
    record = store.create_component(ComponentCreate(name="c"))
    other = JournalWriter(
        home.journals, ComponentCreate(name="c", uid="0" * len(record.uid)), adopted=True, on_file=lambda: None
    )
    other.log("loss", 1.0, 0)

    assert curve(overlay, store)[0]["n"] == 0
    other.finish()


def test_a_journal_that_goes_or_is_damaged_is_no_reason_to_refuse(
    overlay: Overlay, store: Store, home: Home, run: Run
) -> None:
    run.log(1.0, 0)
    assert curve(overlay, store)[0]["n"] == 1
    (home.journals / "half.mj").write_bytes(b"MLSJ")
    (home.journals / "empty.mj").write_bytes(b"")
    assert curve(overlay, store)[0]["n"] == 1
    shutil.rmtree(home.journals)
    assert curve(overlay, store)[0]["n"] == 0


def test_a_curve_is_whole_at_every_moment_of_a_real_run(overlay: Overlay, store: Store) -> None:
    """The recorder drains in its own thread while we ask: no point may be missing, doubled or moved."""
    recorder = Recorder(ComponentCreate(name="real", status="InProgress"))
    logged = 0
    done = threading.Event()

    def train() -> None:
        nonlocal logged
        for step in range(4000):
            recorder.log("loss", float(step))
            logged = step + 1
            if step % 100 == 0:
                done.wait(0.01)
        done.set()

    recorder.log("loss", -1.0, step=0)
    recorder.flush()
    thread = threading.Thread(target=train)
    thread.start()
    try:
        while not done.is_set():
            before = logged
            _, (x, y) = curve(overlay, store, "real", width=10_000)
            assert len(x) >= before + 1
            assert x.tolist() == list(range(len(x)))
            assert y.tolist() == list(range(-1, len(y) - 1))
    finally:
        thread.join(10)
        recorder.close(status="Completed")

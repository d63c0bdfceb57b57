"""kill -9 at random instants: what returned is stored, table and curve agree, the run says how it ended."""

from __future__ import annotations

import math
import os
import random
import signal
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.recover import recover_journals

LOGGERS = 8
ROUNDS = 7  # x 8 loggers = 56 kills


class Nursery:
    """Loggers that are forked on request and killed here."""

    def __init__(self, home: Home, folder: Path) -> None:
        environment = {**os.environ, "MLSTUDIO_HOME": str(home.root)}
        script = Path(__file__).with_name("nursery.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.board = folder / "board"

    def clear(self) -> None:
        self.board.write_bytes(bytes(8 * LOGGERS))

    def start(self, name: str, slot: int, pace: float) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name} {self.board} {slot} {pace}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def told(self) -> list[int]:
        return list(struct.unpack(f"<{LOGGERS}q", self.board.read_bytes()))

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


@pytest.fixture
def nursery(home: Home, tmp_path: Path) -> Iterator[Nursery]:
    found = Nursery(home, tmp_path)
    yield found
    found.close()


def check_run(store: Store, name: str, returned: int) -> None:
    """Assert that every call that returned is stored, once, and that summary and points tell one truth."""
    record = store.get_component(name)
    assert record.status == "Failed"
    assert "process ended without closing the run" in (record.status_message or "")
    points = store.points(name, "loss")
    assert len(points.steps) in {returned, returned + 1}, "one call more may have been on its way"
    assert np.array_equal(points.steps, np.arange(len(points.steps)))
    assert np.array_equal(points.values, points.steps * 0.5)
    summary = {series.name: series for series in record.metrics}["loss"]
    assert (summary.count, summary.last_step, summary.last) == (len(points.steps), points.steps[-1], points.values[-1])
    assert (summary.min, summary.max) == (points.values.min(), points.values.max())
    assert summary.avg == pytest.approx(statistics.fmean(points.values.tolist()))
    assert summary.std_dev == pytest.approx(float(points.values.std()), abs=1e-9)
    blocks = store.blocks(name, "loss")
    assert int(blocks.n.sum()) == len(points.steps)
    assert not math.isnan(blocks.max.max())


@pytest.mark.slow
def test_t01_56_kills_of_8_concurrent_loggers_lose_no_call_that_returned(nursery: Nursery, home: Home) -> None:
    rng = random.Random(int.from_bytes(os.urandom(4), "little"))
    store = open_store(home=home)
    logged = 0
    for number in range(ROUNDS):
        nursery.clear()
        names = [f"run-{number}-{slot}" for slot in range(LOGGERS)]
        pids = [nursery.start(name, slot, 0.005 if slot % 2 else 0.0002) for slot, name in enumerate(names)]
        moments = sorted((rng.uniform(0.0, 1.5), slot) for slot in range(LOGGERS))
        begun = time.monotonic()
        for moment, slot in moments:
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            os.kill(pids[slot], signal.SIGKILL)
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.01)
        told = nursery.told()
        report = recover_journals(store, home)
        assert report.waiting == {}
        for slot, name in enumerate(names):
            if told[slot]:
                check_run(store, name, told[slot])
        logged += sum(told)
        assert list(home.journals.glob("*.mj")) == []
    assert logged > 1000, "the loggers were killed before they logged: the test proves nothing"
    with store.read() as conn:  # type: ignore[attr-defined]
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    store.close()

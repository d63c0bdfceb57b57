"""What a logged value costs: the caller, until it is durable, and on disk; beside the real peers.

    python -m venv peers && peers/bin/pip install mlstudio mlflow tensorboard torch
    python benchmarks/log_metric.py --python peers/bin/python          # or run it with that Python itself

All candidates run in one process, alternating, `--rounds` times; the figures are medians of CPU time
per value and of the ratios of neighbouring runs, because a busy machine changes from minute to minute.

caller:   CPU of the thread that logs (`thread_time`), one metric, one value a call, with a step.
durable:  CPU of the whole process (`process_time`) from the first call until a fresh connection reads all.
bytes:    what lies on disk afterwards for each point, once the journal is gone (SQLite file less an empty one).
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CALLER = 100_000
DURABLE = 400_000
SLOW = 1_000
Measured = tuple[float, int]


def caller_list(count: int, _: Path) -> Measured:
    rows: list[tuple[str, float, int, float]] = []
    now = time.time
    begun = time.thread_time()
    for step in range(count):
        rows.append(("loss", 0.5, step, now()))  # noqa: PERF401
    return time.thread_time() - begun, count


def caller_list_without_clock(count: int, _: Path) -> Measured:
    rows: list[tuple[str, float, int]] = []
    begun = time.thread_time()
    for step in range(count):
        rows.append(("loss", 0.5, step))  # noqa: PERF401
    return time.thread_time() - begun, count


def caller_ours(count: int, folder: Path) -> Measured:
    recorder = new_recorder(folder)
    log = recorder.log
    begun = time.thread_time()
    for step in range(count):
        log("loss", 0.5, step)
    spent = time.thread_time() - begun
    recorder.close()
    return spent, count


def caller_ours_dict(count: int, folder: Path) -> Measured:
    recorder = new_recorder(folder)
    values = {f"metric-{number}": 0.5 for number in range(100)}
    log_many = recorder.log_many
    log_many(values, 0)
    begun = time.thread_time()
    for step in range(1, count // 100):
        log_many(values, step)
    spent = time.thread_time() - begun
    recorder.close()
    return spent, count - 100


def caller_torch(count: int, folder: Path) -> Measured:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))
    begun = time.thread_time()
    for step in range(count):
        writer.add_scalar("loss", 0.5, step)
    spent = time.thread_time() - begun
    writer.close()
    return spent, count


def mlflow_batches(count: int, folder: Path, uri: str, clock: Callable[[], float]) -> Measured:
    """Give MLflow its best case: batches of 1,000 metrics, its documented limit."""
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("bench", artifact_location=str(folder / "artifacts"))
    run = client.create_run(experiment)
    client.log_metric(run.info.run_id, "loss", 0.0, step=0)
    begun = clock()
    for start in range(0, count, 1000):
        now = int(time.time() * 1000)
        client.log_batch(
            run.info.run_id, metrics=[Metric("loss", 0.5, now, step) for step in range(start, start + 1000)]
        )
    return clock() - begun, count


def caller_mlflow_file(count: int, folder: Path) -> Measured:
    return mlflow_batches(count, folder, (folder / "mlruns").as_uri(), time.thread_time)


def caller_mlflow_sqlite(count: int, folder: Path) -> Measured:
    return mlflow_batches(count, folder, f"sqlite:///{folder}/mlflow.db", time.thread_time)


def durable_ours(count: int, folder: Path) -> Measured:
    recorder = new_recorder(folder)
    recorder.flush()
    begun = time.process_time()
    log = recorder.log
    for step in range(count):
        log("loss", 0.5 + step, step)
    assert recorder.flush(60)
    spent = time.process_time() - begun
    recorder.close()
    return spent, count


def durable_ours_100(count: int, folder: Path) -> Measured:
    recorder = new_recorder(folder)
    names = [f"metric-{number}" for number in range(100)]
    recorder.log_many(dict.fromkeys(names, 0.5), 0)
    recorder.flush()
    begun = time.process_time()
    log_many = recorder.log_many
    for step in range(1, count // 100):
        log_many(dict.fromkeys(names, step * 0.5), step)
    assert recorder.flush(60)
    spent = time.process_time() - begun
    recorder.close()
    return spent, count - 100


def durable_append(count: int, folder: Path) -> Measured:
    pack, now = struct.Struct("<qdd").pack, time.time
    begun = time.process_time()
    with (folder / "points").open("wb") as handle:
        write = handle.write
        for step in range(count):
            write(pack(step, now(), 0.5 + step))
        handle.flush()
        os.fsync(handle.fileno())
    return time.process_time() - begun, count


def durable_executemany(count: int, folder: Path) -> Measured:
    """Buffer rows as a careful user would, and insert each 10,000 in one transaction."""
    raw = sqlite3.connect(folder / "rows.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=NORMAL")
    raw.execute(
        "CREATE TABLE point(series INTEGER, step INTEGER, ts REAL, value REAL, PRIMARY KEY(series, step)) WITHOUT ROWID"
    )
    now = time.time
    begun = time.process_time()
    rows: list[tuple[int, int, float, float]] = []

    def put() -> None:
        raw.execute("BEGIN")
        raw.executemany("INSERT INTO point VALUES (?,?,?,?)", rows)
        raw.execute("COMMIT")
        rows.clear()

    for step in range(count):
        rows.append((1, step, now(), 0.5 + step))
        if len(rows) == 10_000:
            put()
    put()
    spent = time.process_time() - begun
    raw.close()
    return spent, count


def durable_executemany_100(count: int, folder: Path) -> Measured:
    raw = sqlite3.connect(folder / "rows.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=NORMAL")
    raw.execute(
        "CREATE TABLE point(series INTEGER, step INTEGER, ts REAL, value REAL, PRIMARY KEY(series, step)) WITHOUT ROWID"
    )
    now = time.time
    begun = time.process_time()
    rows: list[tuple[int, int, float, float]] = []
    for step in range(1, count // 100):
        moment = now()
        rows += [(series, step, moment, step * 0.5) for series in range(100)]
        if len(rows) >= 10_000:
            raw.execute("BEGIN")
            raw.executemany("INSERT INTO point VALUES (?,?,?,?)", rows)
            raw.execute("COMMIT")
            rows.clear()
    raw.execute("BEGIN")
    raw.executemany("INSERT INTO point VALUES (?,?,?,?)", rows)
    raw.execute("COMMIT")
    spent = time.process_time() - begun
    raw.close()
    return spent, count - 100


def new_recorder(folder: Path):
    from mlstudio.entities.experiments import ComponentCreate
    from mlstudio.store import Home, open_store
    from mlstudio.store.recorder import Recorder

    home = Home(folder / "home")
    store = open_store(f"sqlite:///{folder}/home/mlstudio.db", home=home)
    return Recorder(ComponentCreate(name="bench"), home=home, store=lambda: store)


def bytes_per_point(folder: Path, count: int) -> float:
    from mlstudio.store import Home, open_store

    home = Home(folder / "home")
    url = f"sqlite:///{folder}/home/mlstudio.db"
    open_store(url, home=home).close()
    empty = home.database.stat().st_size
    recorder = new_recorder(folder)
    for step in range(count):
        recorder.log("loss", 0.5 + step, step)
    recorder.close()
    open_store(url, home=home).close()
    assert not list(home.journals.iterdir())
    size = sum(path.stat().st_size for path in home.root.glob("mlstudio.db*"))
    return (size - empty) / count


CANDIDATES: dict[str, tuple[Callable[[int, Path], Measured], int]] = {
    "list.append((name, value, step, time()))": (caller_list, CALLER),
    "list.append((name, value, step))": (caller_list_without_clock, CALLER),
    "mlstudio log": (caller_ours, CALLER),
    "mlstudio log_many of 100": (caller_ours_dict, CALLER * 5),
    "torch SummaryWriter.add_scalar": (caller_torch, SLOW * 5),
    "MLflow log_batch, file": (caller_mlflow_file, SLOW * 5),
    "MLflow log_batch, sqlite": (caller_mlflow_sqlite, SLOW * 5),
    "durable: mlstudio": (durable_ours, DURABLE),
    "durable: raw file append": (durable_append, DURABLE),
    "durable: sqlite3.executemany": (durable_executemany, DURABLE),
    "durable: mlstudio, 100 metrics": (durable_ours_100, DURABLE),
    "durable: sqlite3.executemany, 100 metrics": (durable_executemany_100, DURABLE),
}
RATIOS = [
    (
        "caller / list.append of a tuple with its time",
        "mlstudio log",
        "list.append((name, value, step, time()))",
        "<= 4",
    ),
    ("caller / list.append of a tuple without time", "mlstudio log", "list.append((name, value, step))", ""),
    ("SummaryWriter / caller", "torch SummaryWriter.add_scalar", "mlstudio log", ">= 20"),
    ("MLflow log_batch, file / caller", "MLflow log_batch, file", "mlstudio log", ">= 50"),
    ("MLflow log_batch, sqlite / caller", "MLflow log_batch, sqlite", "mlstudio log", ">= 50"),
    ("durable / raw file append", "durable: mlstudio", "durable: raw file append", "<= 3"),
    ("durable / sqlite3.executemany", "durable: mlstudio", "durable: sqlite3.executemany", "<= 0.7"),
    (
        "durable / sqlite3.executemany, 100 metrics",
        "durable: mlstudio, 100 metrics",
        "durable: sqlite3.executemany, 100 metrics",
        "<= 0.7",
    ),
]


def measure(rounds: int) -> None:
    """Run all candidates in turn and print costs and ratios."""
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    found: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    for _ in range(rounds):
        for name, (candidate, count) in CANDIDATES.items():
            folder = Path(tempfile.mkdtemp(prefix="bench-"))
            gc.collect()
            try:
                spent, values = candidate(count, folder)
            except ImportError as error:
                print(f"{name}: left out, {error}", file=sys.stderr)
                continue
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            found[name].append(spent / values * 1e9)
    for name, costs in found.items():
        if costs:
            print(f"{name:45} {statistics.median(costs):12,.0f} ns CPU a value")
    for label, above, below, goal in RATIOS:
        pairs = [mine / theirs for mine, theirs in zip(found[above], found[below], strict=False)]
        if pairs:
            print(f"{label:50} {statistics.median(pairs):8.2f}   {goal}")
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    print(f"{'bytes a point on disk':50} {bytes_per_point(folder, 500_000):8.2f}   <= 16")
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Parse arguments; run here, or in the Python that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="interpreter with mlflow, tensorboard, torch and mlstudio's dependencies")
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    if wanted.python:
        root = str(Path(__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": root}
        command = [wanted.python, __file__, "--rounds", str(wanted.rounds)]
        raise SystemExit(subprocess.call(command, env=environment))
    measure(wanted.rounds)


if __name__ == "__main__":
    main()

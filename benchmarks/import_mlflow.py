"""Import of 1,000 MLflow runs (20 parameters, 20 metrics × 10 points) against MLflow's own read of the same.

    python benchmarks/import_mlflow.py --peer-python /path/to/an/environment/with/mlflow/bin/python

The peer searches the runs and reads each metric's history (`search_runs`, `get_metric_history`); mlstudio
reads the same database and writes all of it into a new store, synced. Two workers, each in its own
interpreter and warm, take turns; each measures its own CPU time (`time.process_time`). MLflow
makes the database; the rows are then put in by plain SQL, because logging them takes minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

WIDTH = 20
POINTS = 10
BEGAN = 1_700_000_000_000


def fill(folder: Path, runs: int) -> None:
    """Make the database with MLflow, and fill it."""
    from mlflow import MlflowClient

    path = folder / "mlflow.db"
    if path.exists():
        return
    client = MlflowClient(f"sqlite:///{path}")
    experiment = client.create_experiment("bench", artifact_location=str(folder / "artifacts"))
    ids = [f"{number:032x}" for number in range(runs)]
    with sqlite3.connect(path) as db:
        db.executemany(
            "INSERT INTO runs(run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'UNKNOWN', '', '', 'me', 'FINISHED', ?, ?, '', 'active', ?, ?)",
            [
                (one, f"run {at}", BEGAN, BEGAN + 1, str(folder / "artifacts" / one), experiment)
                for at, one in enumerate(ids)
            ],
        )
        params = (
            (f"param-{p:02d}", str(at * p * 0.1) if p % 2 else f"v{at % 7}", one)
            for at, one in enumerate(ids)
            for p in range(WIDTH)
        )
        db.executemany("INSERT INTO params(key, value, run_uuid) VALUES (?, ?, ?)", params)
        metrics = (
            (f"metric-{m:02d}", 1 / (step + 1 + m), BEGAN + step, one, step)
            for one in ids
            for m in range(WIDTH)
            for step in range(POINTS)
        )
        db.executemany(
            "INSERT INTO metrics(key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)", metrics
        )
        latest = (
            (f"metric-{m:02d}", 1 / (POINTS + m), BEGAN + POINTS - 1, POINTS - 1, one)
            for one in ids
            for m in range(WIDTH)
        )
        db.executemany(
            "INSERT INTO latest_metrics(key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, ?, 0, ?)",
            latest,
        )
    db.close()


def mlstudio_worker(folder: Path) -> Callable[[], int]:
    from mlstudio.entities.transfers import ImportRequest
    from mlstudio.experiments.importers import run_import
    from mlstudio.store.opening import close_all

    def read() -> int:
        home = folder / "home"
        close_all()
        shutil.rmtree(home, ignore_errors=True)
        os.environ["MLSTUDIO_HOME"] = str(home)
        report = run_import(ImportRequest(kind="mlflow", source=str(folder / "mlflow.db")))
        assert not report.skipped, report.skipped
        return report.points

    return read


def mlflow_worker(folder: Path, runs: int) -> Callable[[], int]:
    import logging

    logging.disable(logging.WARNING)
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("bench").experiment_id

    def read() -> int:
        count, token = 0, None
        while True:
            page = client.search_runs([experiment], max_results=1000, page_token=token)
            for run in page:
                assert len(run.data.params) == WIDTH
                count += sum(len(client.get_metric_history(run.info.run_id, name)) for name in run.data.metrics)
            token = page.token
            if not token:
                return count

    return read


def work(kind: str, folder: Path, runs: int) -> None:
    """Answer each line on stdin with points and CPU seconds."""
    if kind == "fill":
        fill(folder, runs)
        return
    read = mlstudio_worker(folder) if kind == "mlstudio" else mlflow_worker(folder, runs)
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.process_time()
        points = read()
        print(points, time.process_time() - began, flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer-python", default=sys.executable, help="interpreter that has mlflow")
    options.add_argument("--runs", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--keep", type=Path, help="folder for the filled database")
    options.add_argument("--worker", choices=["mlstudio", "mlflow", "fill"], help=argparse.SUPPRESS)
    given = options.parse_args()
    folder = (given.keep or Path(tempfile.mkdtemp(prefix="import-mlflow-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if given.worker:
        work(given.worker, folder, given.runs)
        return

    def command(kind: str, python: str) -> list[str]:
        return [python, __file__, "--worker", kind, "--keep", str(folder), "--runs", str(given.runs)]

    subprocess.run(command("fill", given.peer_python), check=True, stderr=subprocess.DEVNULL)
    workers, spent = {}, dict[str, list[float]]()
    for kind, python in (("mlstudio", sys.executable), ("mlflow", given.peer_python)):
        workers[kind] = subprocess.Popen(
            command(kind, python), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        spent[kind] = []
    for worker in workers.values():
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for number in range(given.rounds + 1):
        for kind, worker in workers.items():
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
            points, seconds = worker.stdout.readline().split()
            assert int(points) == given.runs * WIDTH * POINTS, f"{kind} read {points} points"
            if number or not given.rounds:  # the first round warms up
                spent[kind].append(float(seconds))
    for worker in workers.values():
        worker.communicate()
    ours, theirs = (statistics.median(spent[kind]) for kind in ("mlstudio", "mlflow"))
    print(f"{given.runs} runs x {WIDTH} parameters x {WIDTH} metrics x {POINTS} points, CPU seconds")
    print(f"mlstudio, read and written {ours:.2f}   MLflow, read {theirs:.2f}   MLflow / mlstudio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()

"""1,000 trials with 20 parameters and 20 metrics as a DataFrame: mlstudio against MLflow.

    python benchmarks/dataframe.py --peer-python /path/to/an/environment/with/mlflow/bin/python

Two workers, each in its own interpreter and warm, take turns; each measures its own CPU time
(`time.process_time`), the table shows medians and their ratio. mlstudio gives six statistics of
each metric, MLflow the last value only. Stores are filled once: MLflow by `log_batch` and copies of its
rows, mlstudio by the same batches that its recorder writes. `--keep FOLDER` uses them again.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path


def mlstudio_worker(folder: Path, trials: int, width: int) -> object:
    os.environ["MLSTUDIO_HOME"] = str(folder / "mlstudio")
    import numpy as np

    from mlstudio import Experiment, ExperimentAnalytics, Trial
    from mlstudio.entities.errors import AlreadyExists
    from mlstudio.entities.experiments import ComponentCreate
    from mlstudio.entities.names import new_uid
    from mlstudio.store import open_store
    from mlstudio.store.batch import Batch, SeriesPoints

    name = f"bench-{trials}-{width}"
    try:
        Experiment.create(name)
        Trial.create(name, f"{name}-trial")
        for i in range(trials):
            uid = new_uid()
            params = {f"param-{p:02d}": i * p * 0.1 if p % 2 else f"v{i % 7}" for p in range(width)}
            wanted = ComponentCreate(name=f"{name}-{i}", uid=uid, trials=[f"{name}-trial"], params=params)
            points = [
                SeriesPoints(f"metric-{m:02d}", "{}", np.array([0]), np.array([1.7e9]), np.array([float(i * m)]))
                for m in range(width)
            ]
            open_store().apply(Batch(f"{name}-{i}", uid, 0, 100, open=wanted, points=points))
    except AlreadyExists:
        pass
    return lambda: ExperimentAnalytics(name).dataframe()


def mlflow_worker(folder: Path, trials: int, width: int) -> object:
    import logging

    logging.disable(logging.WARNING)
    import mlflow
    from mlflow.entities import Metric, Param
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client, name = MlflowClient(), f"bench-{trials}-{width}"
    found = client.get_experiment_by_name(name)
    if found is not None:
        return lambda: mlflow.search_runs([found.experiment_id], max_results=trials + 1)
    experiment = client.create_experiment(name)
    first = client.create_run(experiment).info.run_id
    params = [Param(f"param-{p:02d}", "0.0" if p % 2 else "v0") for p in range(width)]
    metrics = [Metric(f"metric-{m:02d}", 0.0, 1_700_000_000_000, 0) for m in range(width)]
    client.log_batch(first, metrics=metrics, params=params)
    with closing(sqlite3.connect(folder / "mlflow.db")) as raw:
        repeat_run(raw, first, trials)
        raw.commit()
    return lambda: mlflow.search_runs([experiment], max_results=trials + 1)


def repeat_run(raw: sqlite3.Connection, first: str, trials: int) -> None:
    """Fill MLflow's store with copies of the run that MLflow itself wrote, each with values of its own.

    MLflow needs half an hour for 10,000 runs of this width; the rows are the same as it would write.
    """
    for table in ("runs", "params", "metrics", "latest_metrics", "tags"):
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        kept = [dict(zip(columns, row, strict=True)) for row in raw.execute(
            f"SELECT * FROM {table} WHERE run_uuid = ?", (first,)
        )]  # fmt: skip
        rows = []
        for i in range(1, trials):
            for row in kept:
                own = {**row, "run_uuid": f"{i:032x}"}
                place = int(str(row.get("key", "0")).rpartition("-")[2]) if table in VALUED else 0
                if table == "params":
                    own["value"] = str(i * place * 0.1) if place % 2 else f"v{i % 7}"
                elif table in VALUED:
                    own["value"] = float(i * place)
                rows.append(tuple(own.values()))
        raw.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)


VALUED = ("params", "metrics", "latest_metrics")


def work(kind: str, folder: Path, trials: int, width: int) -> None:
    """Fill, then answer each line on stdin with rows and CPU seconds."""
    read = {"mlstudio": mlstudio_worker, "mlflow": mlflow_worker}[kind](folder, trials, width)
    read()
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.process_time()
        frame = read()
        print(len(frame), time.process_time() - began, flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer-python", default=sys.executable, help="interpreter that has mlflow")
    options.add_argument("--trials", type=int, default=1000)
    options.add_argument("--width", type=int, default=20, help="parameters, and metrics, of a trial")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path, help="folder for the filled stores")
    options.add_argument("--worker", choices=["mlstudio", "mlflow"], help=argparse.SUPPRESS)
    given = options.parse_args()
    folder = (given.keep or Path(tempfile.mkdtemp(prefix="dataframe-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if given.worker:
        work(given.worker, folder, given.trials, given.width)
        return
    workers = {}
    for kind, python in (("mlstudio", sys.executable), ("mlflow", given.peer_python)):
        command = [python, __file__, "--worker", kind, "--keep", str(folder)]
        command += ["--trials", str(given.trials), "--width", str(given.width)]
        workers[kind] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    spent: dict[str, list[float]] = {kind: [] for kind in workers}
    for worker in workers.values():
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for _ in range(given.rounds):
        for kind, worker in workers.items():
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
            rows, seconds = worker.stdout.readline().split()
            assert int(rows) == given.trials
            spent[kind].append(float(seconds))
    for worker in workers.values():
        worker.communicate()
    ours, theirs = statistics.median(spent["mlstudio"]), statistics.median(spent["mlflow"])
    print(f"{given.trials} trials x {given.width} parameters x {given.width} metrics to a DataFrame, CPU seconds")
    print(f"mlstudio {ours:.3f}   MLflow {theirs:.3f}   MLflow / mlstudio {theirs / ours:.1f}")


if __name__ == "__main__":
    main()

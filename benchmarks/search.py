"""A search with OR and ranges over 10,000 trials with 20 parameters and 20 metrics: mlstudio against MLflow.

    python benchmarks/search.py --peer-python /path/to/an/environment/with/mlflow/bin/python --keep FOLDER

Stores are those of `dataframe.py` (filled once, kept in FOLDER). Two workers, each in its own
interpreter and warm, take turns; each measures its own CPU time. MLflow's language has no OR and no
parentheses: it gets the nearest condition, the same ranges joined by AND over as many rows.

Ours, three ways: `names` is what a table and a list need (ids in order, one page of columns), `where`
the search alone on a table whose version has just changed, `records` full records with metrics.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

OURS = (
    "(metrics.metric-03.last < 12000 and metrics.metric-05.last >= 5000) "
    'or (0.1 <= params.param-01 <= 20.0 and params.param-02 in ["v1", "v3"]) order by metrics.metric-07.last desc'
)
THEIRS = "metrics.`metric-03` < 12000 and metrics.`metric-05` >= 5000"
PAGE = 200


def mlstudio_ways(folder: Path, trials: int, width: int) -> dict[str, Callable[[], int]]:
    """Return the ways to search our store; each returns how many were found."""
    os.environ["MLSTUDIO_HOME"] = str(folder / "mlstudio")
    from mlstudio.entities.experiments import ComponentUpdate
    from mlstudio.entities.tables import TableRequest, TableScope
    from mlstudio.experiments.search import parse
    from mlstudio.store import open_store

    store, name = open_store(), f"bench-{trials}-{width}"
    scope = TableScope(experiment=name)
    turn = 0

    def names() -> int:
        nonlocal turn
        turn += 1  # another condition each time: nothing is answered from a kept order
        request = TableRequest(scope=scope, columns=["name", "metrics.metric-07.last"], limit=PAGE)
        return store.table(request, parse(OURS.replace("12000", str(12000 + turn)))).total

    def where() -> int:
        store.update_component(f"{name}-1", ComponentUpdate(starred=bool(turn % 2)))
        return names()

    def records() -> int:
        return len(store.search_components(parse(f"{OURS} limit {PAGE}"), experiment=name))

    return {"names": names, "where": where, "records": records}


def mlflow_ways(folder: Path, trials: int, width: int) -> dict[str, Callable[[], int]]:
    """Return MLflow's search, one page as its own UI asks for it, and all that match."""
    import logging

    logging.disable(logging.WARNING)
    import mlflow
    from mlflow.tracking import MlflowClient

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = MlflowClient()
    experiment = client.get_experiment_by_name(f"bench-{trials}-{width}").experiment_id
    order = ["metrics.`metric-07` DESC"]

    def page() -> int:
        return len(client.search_runs([experiment], THEIRS, max_results=PAGE, order_by=order))

    return {"records": page}


def work(kind: str, folder: Path, trials: int, width: int) -> None:
    """Answer each line on stdin, the name of a way, with a count and CPU seconds."""
    ways = {"mlstudio": mlstudio_ways, "mlflow": mlflow_ways}[kind](folder, trials, width)
    for way in ways.values():
        way()
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.process_time()
        count = ways[line.strip()]()
        print(count, time.process_time() - began, flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer-python", default=sys.executable, help="interpreter that has mlflow")
    options.add_argument("--trials", type=int, default=10_000)
    options.add_argument("--width", type=int, default=20)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", type=Path, required=True, help="folder with the stores that dataframe.py filled")
    options.add_argument("--worker", choices=["mlstudio", "mlflow"], help=argparse.SUPPRESS)
    given = options.parse_args()
    folder = given.keep.absolute()
    if given.worker:
        work(given.worker, folder, given.trials, given.width)
        return
    workers = {}
    for kind, python in (("mlstudio", sys.executable), ("mlflow", given.peer_python)):
        command = [python, __file__, "--worker", kind, "--keep", str(folder)]
        command += ["--trials", str(given.trials), "--width", str(given.width)]
        workers[kind] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert workers[kind].stdout is not None
        assert workers[kind].stdout.readline() == "ready\n"  # type: ignore[union-attr]
    spent: dict[tuple[str, str], list[float]] = {}
    found: dict[tuple[str, str], int] = {}
    for _ in range(given.rounds):
        for kind, way in (("mlstudio", "names"), ("mlstudio", "where"), ("mlstudio", "records"), ("mlflow", "records")):
            stdin, stdout = workers[kind].stdin, workers[kind].stdout
            assert stdin is not None
            assert stdout is not None
            stdin.write(f"{way}\n")
            stdin.flush()
            count, seconds = stdout.readline().split()
            spent.setdefault((kind, way), []).append(float(seconds))
            found[kind, way] = int(count)
    for worker in workers.values():
        worker.communicate()
    peer = statistics.median(spent["mlflow", "records"])
    print(f"A search over {given.trials} trials x {given.width} parameters x {given.width} metrics, CPU milliseconds")
    for (kind, way), seconds in spent.items():
        own = statistics.median(seconds)
        print(f"{kind:9} {way:8} {own * 1e3:8.1f} ms   {found[kind, way]:6} found   MLflow / this {peer / own:6.1f}")


if __name__ == "__main__":
    main()

"""A curve of a million points, made small enough to draw: beside MLflow and a bare numpy file.

    python -m venv peers && peers/bin/pip install mlstudio mlflow
    python benchmarks/curves.py --python peers/bin/python          # or run it with that Python itself

MLflow's file store holds the same points (its `mlruns` layout, written directly: logging a million
points through it takes many minutes); `get_metric_history` reads them, and the same MinMaxLTTB makes
2,000 of them. CPU time (`process_time`), candidates alternating, medians of neighbouring ratios.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

WIDTH = 2000


def values_of(count: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    found = np.sin(np.arange(count) / 50_000) + rng.normal(scale=0.1, size=count)
    found[count // 3], found[count // 7] = 99.0, -99.0
    return found


class Ours:
    """Our store with one series."""

    def __init__(self, folder: Path, values: np.ndarray) -> None:
        from mlstudio.entities.experiments import ComponentCreate
        from mlstudio.store import open_store
        from mlstudio.store.batch import Batch, SeriesPoints

        self.store = open_store(f"sqlite:///{folder}/store.db")
        steps = np.arange(len(values))
        points = SeriesPoints("loss", "{}", steps, 1.7e9 + steps / 100, values)
        opened = ComponentCreate(name="run", uid="01J00000000000000000000000")
        self.store.apply(Batch("j", "01J00000000000000000000000", 0, 8, open=opened, points=[points]))

    def curve(self, **fields: object) -> tuple[float, float]:
        """Return the extremes of the curve that a browser would get."""
        import struct

        from mlstudio.entities.tables import CurveRequest, SeriesRef
        from mlstudio.store.curves import curve

        body = curve(self.store, CurveRequest(series=[SeriesRef("run", "loss")], width=WIDTH, **fields))  # type: ignore[arg-type]
        (length,) = struct.unpack("<I", body[4:8])
        data = np.frombuffer(body, offset=8 + length)
        y = data[len(data) // 2 :]
        return float(y.min()), float(y.max())

    def decoded(self) -> tuple[float, float]:
        """The same without the pyramid: every point is decoded."""
        from mlstudio.store.curves import shrink

        points = self.store.points("run", "loss")
        y = points.values[shrink(points.steps.astype(np.float64), points.values, WIDTH)]
        return float(y.min()), float(y.max())


class MLflow:
    """A file store with one metric file, read at once.

    `MlflowClient.get_metric_history` reads the file again for each page of 25,000 points (140 s of CPU for
    a million were seen); the store below it is asked instead, so that the ratio does not flatter us.
    """

    def __init__(self, folder: Path, values: np.ndarray) -> None:
        from mlflow.tracking import MlflowClient

        self.client = MlflowClient(tracking_uri=(folder / "mlruns").as_uri())
        run = self.client.create_run(self.client.create_experiment("bench"))
        self.run = run.info.run_id
        self.client.log_metric(self.run, "loss", 0.0, step=0)
        (path,) = (folder / "mlruns").glob(f"*/{self.run}/metrics/loss")
        with path.open("w") as handle:
            for step, value in enumerate(values.tolist()):
                handle.write(f"{1_700_000_000_000 + step * 10} {value!r} {step}\n")

    def curve(self) -> tuple[float, float]:
        from tsdownsample import MinMaxLTTBDownsampler

        history = self.client._tracking_client.store.get_metric_history(self.run, "loss")
        steps = np.array([metric.step for metric in history], dtype=np.float64)
        values = np.array([metric.value for metric in history])
        y = values[MinMaxLTTBDownsampler().downsample(steps, values, n_out=WIDTH)]
        return float(y.min()), float(y.max())


def bare(folder: Path, values: np.ndarray) -> Callable[[], tuple[float, float]]:
    np.save(folder / "values.npy", values)

    def curve() -> tuple[float, float]:
        from tsdownsample import MinMaxLTTBDownsampler

        loaded = np.load(folder / "values.npy")
        y = loaded[MinMaxLTTBDownsampler().downsample(loaded, n_out=WIDTH)]
        return float(y.min()), float(y.max())

    return curve


def timed(call: Callable[[], tuple[float, float]], times: int) -> float:
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        found = call()
    spent = (time.process_time() - begun) / times
    assert found == (-99.0, 99.0), f"extremes lost: {found}"
    return spent


def measure(rounds: int, count: int) -> None:
    """Run all in turn and print milliseconds and ratios."""
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    values = values_of(count)
    ours = Ours(folder, values)
    calls: dict[str, tuple[Callable[[], tuple[float, float]], int]] = {
        "mlstudio, pyramid": (ours.curve, 10),
        "mlstudio, every point decoded": (ours.decoded, 3),
        "numpy.load + MinMaxLTTB": (bare(folder, values), 5),
    }
    try:
        calls["MLflow history in one read + MinMaxLTTB"] = (MLflow(folder, values).curve, 1)
    except ImportError as error:
        print(f"MLflow: left out, {error}", file=sys.stderr)
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (call, times) in calls.items():
            found[name].append(timed(call, times))
    for name, costs in found.items():
        print(f"{name:45} {statistics.median(costs) * 1e3:10.2f} ms CPU")
    for above, below, goal in (
        ("MLflow history in one read + MinMaxLTTB", "mlstudio, pyramid", ">= 50, by pyramid >= 300"),
        ("MLflow history in one read + MinMaxLTTB", "mlstudio, every point decoded", ">= 50"),
        ("mlstudio, every point decoded", "numpy.load + MinMaxLTTB", "<= 15"),
    ):
        if above in found:
            ratio = statistics.median(mine / theirs for mine, theirs in zip(found[above], found[below], strict=True))
            print(f"{above + ' / ' + below:75} {ratio:8.1f}   {goal}")
    ours.store.close()
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Parse arguments; run here, or in the Python that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="interpreter with mlflow and mlstudio's dependencies")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=1_000_000)
    wanted = parser.parse_args()
    if wanted.python:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        numbers = ["--rounds", str(wanted.rounds), "--points", str(wanted.points)]
        raise SystemExit(subprocess.call([wanted.python, __file__, *numbers], env=environment))
    measure(wanted.rounds, wanted.points)


if __name__ == "__main__":
    main()

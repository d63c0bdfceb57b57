"""What an image costs the loop that logs it, and what the sampler of system metrics costs an hour.

    python -m venv peers && peers/bin/pip install mlstudio mlflow tensorboard torch
    python benchmarks/media.py --python peers/bin/python          # or run it with that Python itself

All candidates log the same images in one process, alternating, `--rounds` times; the figures are medians of the CPU
time of the calling thread for each image, and of the ratios of neighbouring runs. Ours encodes PNG and a preview and
has them on disk when the call returns; SummaryWriter encodes PNG; MLflow writes PNG and a WebP preview.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

IMAGES = 10
SAMPLES = 200


def pictures(side: int) -> list[Any]:
    """Return images of waves and some noise, (side, side, 3) of uint8."""
    import numpy as np

    generator = np.random.default_rng(0)
    y, x = np.mgrid[0:side, 0:side]
    waves = np.stack([(np.sin(x / 20 + phase) + 1) / 2 * (y / side) for phase in range(3)], axis=2)
    noisy = [np.clip(waves + generator.normal(0, 0.02, waves.shape), 0, 1) for _ in range(IMAGES)]
    return [(one * 255).astype(np.uint8) for one in noisy]


def ours(images: list[Any], folder: Path) -> float:
    os.environ["MLSTUDIO_HOME"] = str(folder)
    import mlstudio

    with mlstudio.run("images", capture=False) as run:
        run.image("x", images[0], step=0)
        begun = time.thread_time()
        for step, image in enumerate(images):
            run.image("x", image, step=step)
        return time.thread_time() - begun


def summary_writer(images: list[Any], folder: Path) -> float:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder))
    writer.add_image("x", images[0], 0, dataformats="HWC")
    begun = time.thread_time()
    for step, image in enumerate(images):
        writer.add_image("x", image, step, dataformats="HWC")
    spent = time.thread_time() - begun
    writer.close()
    return spent


def mlflow_log_image(images: list[Any], folder: Path) -> float:
    os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = mlflow.create_experiment("images", artifact_location=(folder / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        mlflow.log_image(images[0], key="x", step=0, synchronous=True)
        begun = time.thread_time()
        for step, image in enumerate(images):
            mlflow.log_image(image, key="x", step=step, synchronous=True)
        return time.thread_time() - begun


PEERS: dict[str, Callable[[list[Any], Path], float]] = {
    "torch SummaryWriter.add_image": summary_writer,
    "mlflow.log_image": mlflow_log_image,
}


def sampler() -> float:
    """Return the CPU of one sample of the machine, in seconds."""
    from mlstudio.experiments.system import Probe

    probe = Probe()
    begun = time.thread_time()
    for _ in range(SAMPLES):
        probe.read()
    return (time.thread_time() - begun) / SAMPLES


def fresh(call: Callable[[list[Any], Path], float], images: list[Any]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return call(images, Path(folder)) / len(images)


def measure(side: int, rounds: int) -> None:
    images = pictures(side)
    spent: dict[str, list[float]] = {name: [] for name in ("mlstudio run.image", *PEERS)}
    ratios: dict[str, list[float]] = {name: [] for name in PEERS}
    for _ in range(rounds):
        mine = fresh(ours, images)
        spent["mlstudio run.image"].append(mine)
        for name, call in PEERS.items():
            theirs = fresh(call, images)
            spent[name].append(theirs)
            ratios[name].append(theirs / mine)
    print(f"\n{side} × {side} × 3, {IMAGES} images, {rounds} rounds, CPU of the caller for each image")
    for name, figures in spent.items():
        ratio = f"   {statistics.median(ratios[name]):.2f} × ours" if name in ratios else ""
        print(f"  {name:32} {statistics.median(figures) * 1e3:8.2f} ms{ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", help="the Python that has the peers")
    chosen = parser.parse_args()
    if chosen.python:
        root = str(Path(__file__).resolve().parents[1])
        environment = {**os.environ, "PYTHONPATH": root}
        raise SystemExit(subprocess.call([chosen.python, __file__, "--rounds", str(chosen.rounds)], env=environment))
    os.environ["MLSTUDIO_SYSTEM_METRICS"] = "off"
    for side in (64, 256):
        measure(side, chosen.rounds)
    once = sampler()
    print(f"\nsystem metrics: {once * 1e3:.2f} ms CPU a sample, {once * 720:.2f} s an hour at one every 5 s")


if __name__ == "__main__":
    main()

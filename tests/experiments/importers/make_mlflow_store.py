"""A year of MLflow, made by MLflow itself: run this with a Python that has it.

    .peers/bin/python make_mlflow_store.py DEST --runs 200 [--layout sqlite|files|both]

DEST/mlflow.db and DEST/artifacts (sqlite), or DEST/mlruns (files), or both. Two experiments. "digits sweep":
searches (parents) of nine trials each (children, nested), with parameters, curves, texts and images
as artifacts, tags, notes. "text model": the rest, among them one that failed, one that was stopped,
one that was deleted, and one whose process was killed by SIGKILL in the middle: MLflow says RUNNING
of it for ever. The same numbers every time; the best accuracies are 0.99, 0.98 and 0.97. Prints what it made as JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import struct
import sys
import time
import zlib
from pathlib import Path
from typing import Any

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
OPTIMIZERS = ("adam", "sgd", "lion")


def png(red: int, size: int = 24) -> bytes:
    """A small picture, by hand."""
    line = [b"".join(bytes((red, x * y % 256, 90)) for y in range(size)) for x in range(size)]
    rows = b"".join(b"\0" + one for one in line)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def connect(dest: Path, layout: str) -> tuple[Any, str]:
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import logging

    logging.disable(logging.WARNING)
    import mlflow

    uri = f"sqlite:///{dest / 'mlflow.db'}" if layout == "sqlite" else (dest / "mlruns").as_uri()
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient(uri), uri


def experiment(client: Any, dest: Path, layout: str, name: str, note: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    place = (dest / "artifacts" / name.replace(" ", "-")).as_uri() if layout == "sqlite" else None
    return str(
        client.create_experiment(name, artifact_location=place, tags={"mlflow.note.content": note, "team": "vision"})
    )


def trial(client: Any, where: str, number: int, total: int, parent: str | None, *, name: str, at: int) -> None:
    """One finished run with 6 parameters, 3 curves and 2 artifacts."""
    from mlflow.entities import Metric, Param, RunTag

    lr = round(10 ** (-1 - 3 * (number % 10) / 10), 6)
    best = {1: 0.99, 2: 0.98, 3: 0.97}.get(number, round(0.5 + 0.4 * (number * 37 % total) / total, 4))
    tags = {"mlflow.user": "dana", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL"}
    tags |= {"mlflow.source.git.commit": f"{number:040x}", "stage": "search" if parent else "baseline"}
    if parent:
        tags["mlflow.parentRunId"] = parent
    if number % 7 == 0:
        tags["mlflow.note.content"] = f"Try **{number}**: the loss is odd."
    run = client.create_run(where, start_time=at, tags=tags, run_name=name)
    run_id = str(run.info.run_id)
    params = {"lr": lr, "optimizer": OPTIMIZERS[number % 3], "depth": 2 + number % 5, "seed": number}
    params |= {"augment": number % 2 == 0, "code": f"{number:03d}"}
    metrics = []
    for step in range(12):
        ts = at + 1000 * (step + 1)
        metrics.append(Metric("accuracy", best * (1 - math.exp(-(step + 1) / 3)) if step < 11 else best, ts, step))
        metrics.append(Metric("loss", 2 * math.exp(-step / 4) + (1 - best), ts, step))
        metrics.append(Metric("batch time", 0.1 + 0.001 * (step % 3), ts, 0))  # nobody gave a step
    client.log_batch(
        run_id, metrics, [Param(key, str(value)) for key, value in params.items()], [RunTag("n", str(number))]
    )
    if number % 5 == 0:
        client.log_text(run_id, f"report of trial {number}\naccuracy {best}\n", "reports/summary.txt")
        picture = Path(os.environ["MLSTUDIO_FIXTURE_TMP"]) / "confusion.png"
        picture.write_bytes(png(number % 256))
        client.log_artifact(run_id, str(picture), "plots")
    client.set_terminated(run_id, "FINISHED", end_time=at + 60_000)


def killed(dest: Path, layout: str) -> None:
    """In a child: begin a run, log half of it, die by SIGKILL."""
    from mlflow.entities import Metric, Param

    client, _ = connect(dest, layout)
    where = experiment(client, dest, layout, "text model", "Words, not pictures.")
    run = client.create_run(where, start_time=NOW_MS - 3 * DAY_MS, run_name="killed in the middle")
    at = NOW_MS - 3 * DAY_MS
    client.log_batch(
        run.info.run_id, [Metric("loss", 1 / (step + 1), at + step, step) for step in range(5)], [Param("lr", "0.1")]
    )
    os.kill(os.getpid(), signal.SIGKILL)


def make(dest: Path, runs: int, layout: str) -> dict[str, Any]:
    import mlflow  # noqa: F401 - imported before the fork, so that the child need not

    child = os.fork()
    if child == 0:
        killed(dest, layout)
        os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status), "the child was to be killed"
    client, uri = connect(dest, layout)
    where = experiment(client, dest, layout, "digits sweep", "Which **optimizer** reads digits best?")
    number, at = 0, NOW_MS - 300 * DAY_MS
    while number < runs * 4 // 5:
        parent = client.create_run(where, start_time=at, run_name=f"search {number // 10}").info.run_id
        number += 1
        for _ in range(min(9, runs * 4 // 5 - number)):
            trial(client, where, number, runs, parent, name=f"trial {number}", at=at + number * 60_000)
            number += 1
        client.set_terminated(parent, "FINISHED", end_time=at + number * 60_000 + 60_000)
        at += 10 * DAY_MS
    other = experiment(client, dest, layout, "text model", "Words, not pictures.")
    while number < runs - 3:
        trial(client, other, number, runs, None, name=f"text {number}", at=at + number * 60_000)
        number += 1
    ends = {"FAILED": "ran out of memory", "KILLED": "stopped by hand"}
    for word, name in ends.items():
        run_id = client.create_run(other, start_time=at, run_name=name).info.run_id
        client.set_terminated(run_id, word, end_time=at + 5000)
    client.delete_run(client.create_run(other, start_time=at, run_name="thrown away").info.run_id)
    return {"tracking_uri": uri, "runs": number + 3, "deleted": 1, "experiments": ["digits sweep", "text model"]}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("dest", type=Path)
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--layout", choices=["sqlite", "files", "both"], default="sqlite")
    given = options.parse_args()
    dest = given.dest.absolute()
    dest.mkdir(parents=True, exist_ok=True)
    scratch = dest / ".scratch"
    scratch.mkdir(exist_ok=True)
    os.environ["MLSTUDIO_FIXTURE_TMP"] = str(scratch)
    began = time.monotonic()
    made: dict[str, Any] = {}
    for layout in ("sqlite", "files") if given.layout == "both" else (given.layout,):
        made = make(dest, given.runs, layout)
    print(json.dumps({**made, "seconds": round(time.monotonic() - began, 1)}), file=sys.stdout)


if __name__ == "__main__":
    main()

"""Runs to take out, and the Python that has MLflow."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

import mlstudio

ROOT = Path(__file__).parents[3]
HARD = 0.1 + 0.2


@pytest.fixture
def recorded() -> None:
    with mlstudio.run("digits", "one", lr=HARD, opt="=1+1", n=3) as run:
        run.log({"loss": math.nan, "acc": 0.5}, step=0)
        run.tag("team", "@vision")
    with mlstudio.run("digits", "two", lr=1e-300, opt="adam") as run:
        run.log(loss=math.inf, step=7)
        run.note('two\nlines, and a "quote"')
    with mlstudio.run("other", "three") as run:
        run.log(loss=-1.5, step=0)


@pytest.fixture(scope="session")
def peers() -> str:
    python = os.environ.get("MLSTUDIO_PEERS_PYTHON") or str(ROOT / ".peers" / "bin" / "python")
    if not Path(python).exists():
        pytest.fail(f"There is no {python}, which has MLflow: run `make .stamps/mlflow`.")
    return python

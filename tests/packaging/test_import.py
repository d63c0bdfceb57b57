"""``import mlstudio`` costs little and brings nothing heavy: it stands in every training script."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

BUDGET_MS = 150
HEAVY = ("pandas", "torch", "tornado", "sqlalchemy", "plotly", "sklearn", "jupyter_server", "IPython")


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_the_import_stays_within_its_budget() -> None:
    code = "import time; began = time.process_time(); import mlstudio; print((time.process_time() - began) * 1e3)"
    assert statistics.median(float(python(code)) for _ in range(5)) <= BUDGET_MS


@pytest.mark.parametrize(
    "statement",
    [
        "import mlstudio",
        "from mlstudio import run, log, Experiment, Trial, Tracker",
        "from mlstudio import PyTorch, SKLearn",
    ],
)
def test_no_heavy_library_comes_with_it(statement: str) -> None:
    loaded = python(f"import sys; {statement}; print(*sys.modules)").split()
    assert not {name.partition(".")[0] for name in loaded} & set(HEAVY)

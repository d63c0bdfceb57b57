"""`import mlstudio` is light: what a training script pays before its first line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ["pandas", "torch", "tornado", "sqlalchemy", "plotly", "sklearn", "jupyter_server", "alembic", "numpy"]


REPORT = """
import json, sys, time
began = time.process_time()
{program}
spent = time.process_time() - began
print(json.dumps({{"cpu": spent, "heavy": sorted(set(sys.modules) & set({heavy!r}))}}))
"""


def imported_by(program: str) -> tuple[float, list[str]]:
    """Return CPU seconds and the heavy libraries that a program loads, in a fresh interpreter."""
    report = REPORT.format(program=program, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", report], check=True, capture_output=True, timeout=60, text=True)
    found = json.loads(done.stdout)
    return found["cpu"], found["heavy"]


def test_import_mlstudio_costs_little_and_loads_nothing_heavy() -> None:
    runs = [imported_by("import mlstudio") for _ in range(3)]
    assert runs[0][1] == []
    assert min(cpu for cpu, _ in runs) <= 0.150


def test_the_names_a_script_imports_load_nothing_heavy_either() -> None:
    _, heavy = imported_by("from mlstudio import Experiment, ExperimentAnalytics, Tracker, run, log, current_run")
    assert heavy == []


def test_every_public_name_is_there() -> None:
    import mlstudio.experiments as experiments

    for name in experiments.__all__:
        assert getattr(experiments, name) is not None
    assert set(experiments.__all__) <= set(dir(experiments))


def test_a_name_that_is_not_there_is_told() -> None:
    import mlstudio.experiments as experiments

    with pytest.raises(AttributeError, match="nothing"):
        _ = experiments.nothing

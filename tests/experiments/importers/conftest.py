"""Stores that MLflow and W&B made themselves, once a session, by their own Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.transfers import ImportRequest, TransferReport
from mlstudio.experiments.importers import run_import

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
RUNS = 16


@pytest.fixture(scope="session")
def peers() -> str:
    """The Python that has MLflow and W&B."""
    python = os.environ.get("MLSTUDIO_PEERS_PYTHON") or str(ROOT / ".peers" / "bin" / "python")
    if not Path(python).exists():
        pytest.fail(f"There is no {python}, which has MLflow: run `make .stamps/mlflow`.")
    return python


@pytest.fixture(scope="session")
def made_by_mlflow(peers: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same 16 runs in ``mlflow.db`` and in ``mlruns``."""
    folder = tmp_path_factory.mktemp("mlflow")
    command = [peers, str(HERE / "make_mlflow_store.py"), str(folder), "--runs", str(RUNS), "--layout", "both"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["runs"] == RUNS
    return folder


@pytest.fixture
def mlflow_copy(made_by_mlflow: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(made_by_mlflow, tmp_path / "copy"))


@pytest.fixture
def bring() -> Callable[..., TransferReport]:
    """Import, in one line."""

    def run(kind: Any, source: Path | str, **options: Any) -> TransferReport:
        more = {key: options.pop(key) for key in ("progress", "stop", "store") if key in options}
        return run_import(ImportRequest(kind=kind, source=str(source), **options), **more)

    return run

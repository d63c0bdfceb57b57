"""The launcher beside a cell, run as the job runs it: in a folder, by another Python, without mlstudio."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from mlstudio.jobs.cells import launcher, values


def run(folder: Path, cell: str, wanted: list[str], base: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    shutil.copy(str(launcher.__file__), folder / "run_cell.py")
    shutil.copy(str(values.__file__), folder / "cell_values.py")
    (folder / "cell.py").write_text(cell)
    (folder / launcher.WANTED).write_text(json.dumps(wanted))
    command = [sys.executable, "-S", "-E", "run_cell.py"]
    environment = {"SAGEMAKER_BASE_DIR": str(base)}
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)


def test_it_gives_and_takes_without_mlstudio(tmp_path: Path) -> None:
    values.save({"a": 2}, tmp_path / "code" / launcher.SENT)
    done = run(tmp_path / "code", "assert __name__ == '__main__'\nb = a * 2", ["b"], tmp_path / "ml")
    assert done.returncode == 0, done.stderr
    assert values.load(tmp_path / "ml" / launcher.RETURNED) == {"b": 4}


def test_an_exit_code_is_the_cells(tmp_path: Path) -> None:
    done = run(tmp_path / "code", "raise SystemExit(7)", [], tmp_path / "ml")
    assert done.returncode == 7

"""Every Python block of the README and the docs runs: a file's blocks in order, in one process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[str]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


WITH_CODE = [page for page in PAGES if blocks(page)]


def test_the_pages_hold_examples() -> None:
    assert {page.name for page in WITH_CODE} >= {"README.md", "first-five-minutes.md", "tutorial-sweep.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run_in_order(page: Path, tmp_path: Path) -> None:
    program = tmp_path / "examples.py"
    program.write_text("\n\n".join(blocks(page)), encoding="utf-8")
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONWARNINGS": "error"}
    try:
        done = subprocess.run(
            [sys.executable, str(program)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    finally:
        subprocess.run(
            [sys.executable, "-m", "mlstudio.cli", "agent", "stop"], env=environment, capture_output=True, check=False
        )
    assert done.returncode == 0, f"{page.name}\n{done.stdout}\n{done.stderr}"

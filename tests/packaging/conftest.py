"""One wheel, and one clean environment without Node, for all packaging tests."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "mlstudio" / "labextension"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The built front end; `make build` makes it."""
    if not (BUNDLE / "static" / "style.js").is_file():
        pytest.fail("The front end is not built: run `make build` first.")
    return BUNDLE


@pytest.fixture(scope="session")
def wheel(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    return made


class Environment:
    """A fresh virtual environment with the wheel; its dependencies are borrowed, Node is out of reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"

    def run(self, *command: str, home: Path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.bin), "HOME": str(home), "MLSTUDIO_HOME": str(home / "mlstudio")}
        program = str(self.bin / command[0])
        return subprocess.run(
            [program, *command[1:]], env=environment, cwd=home, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel installed by pip as a user would, no registry asked."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    subprocess.run([*command, "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A plain line of a .pth adds the folder behind our own: dependencies, and no .pth file of theirs.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return Environment(folder)

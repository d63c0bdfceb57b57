"""Small disks, and homes whose agents and jobs a test may kill."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.store.home import Home

from ..jobs.conftest import clean_up, own_agent, spec  # noqa: F401, TID252


class SmallDisk:
    """A tmpfs of some MB that can be made larger."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            # Mounting needs root; elsewhere there is no small disk to fill, and the reason is printed (-ra).
            pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")

    def remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True)

    def resize(self, megabytes: int) -> None:
        self.remount(f"size={megabytes}m")

    def fill(self) -> Path:
        """Fill it up, and return the file that does."""
        filler = self.path / "filler"
        handle = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with contextlib.suppress(OSError):
            while True:
                os.write(handle, bytes(4096))
        os.close(handle)
        return filler


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    found = SmallDisk(tmp_path / "small", 2)
    yield found
    subprocess.run(["umount", "-l", str(found.path)], check=True)


@pytest.fixture
def home_on_disk(disk: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home of 8 MB with an agent; its store lies on a disk with space."""
    disk.resize(8)
    home = Home(disk.path / "home")
    for name, value in {
        "MLSTUDIO_HOME": str(home.root),
        "MLSTUDIO_STORE_URL": f"sqlite:///{tmp_path}/store.db",
        "MLSTUDIO_AGENT_IDLE": "60",
        "MLSTUDIO_AGENT_HEARTBEAT": "0.5",
        "MLSTUDIO_MAX_JOBS": "1",
        "MLSTUDIO_MIN_FREE_MIB": "0",
    }.items():
        monkeypatch.setenv(name, value)
    yield home
    clean_up(home)

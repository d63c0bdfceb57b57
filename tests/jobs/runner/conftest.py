"""A run folder and a real supervisor process of it."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.runner.process import descendants


def as_anybody() -> None:
    """Let permissions bind root as they bind anybody: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH go at the exec."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP; refused to others, who need it not


class Run:
    """One job under its supervisor, without agent or store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, script: str, before: Callable[[Path], object] = str, **spec: Any) -> Run:
        before(self.folder)
        for name in ("code", "model", "output/data", "input/data"):
            (self.folder / "ml" / name).mkdir(parents=True)
        for one in spec.get("channels", []):
            (self.folder / "ml" / "input" / "data" / one["name"]).mkdir()
        entry = self.folder / "ml" / "code" / "train.py"
        entry.write_text(textwrap.dedent(script))
        known = {
            "job": "j",
            "entry": "train.py",
            "argv": [sys.executable, "train.py"],
            "env": {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", "RUN": str(self.folder)},
        }
        (self.folder / "spec.json").write_text(json.dumps({**known, **spec}))
        argv = [sys.executable, "-m", "mlstudio.jobs.runner.supervisor", str(self.folder)]
        self.process = subprocess.Popen(argv, preexec_fn=as_anybody)
        return self

    def stop(self, grace: float = 120.0, reason: str = "user") -> None:
        (self.folder / "stop.json").write_text(json.dumps({"grace": grace, "reason": reason}))
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def await_log(self, text: str, timeout: float = 20.0) -> None:
        until = time.monotonic() + timeout
        while text not in self.log():
            assert time.monotonic() < until, f"{text!r} never came; the log is {self.log()!r}"
            time.sleep(0.01)

    def end(self, timeout: float = 30.0) -> dict[str, Any]:
        assert self.process is not None
        self.process.wait(timeout)
        found = read_json(self.folder / "exit.json")
        assert found is not None, (self.folder / "supervisor.log").read_text()
        return found

    def log(self) -> str:
        files = sorted((self.folder / "log").glob("algo-1.*"), key=lambda path: (path.suffix != ".head", path.name))
        return b"".join(path.read_bytes() for path in files).decode("utf-8", "replace")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Start runs; none of their processes is left afterwards."""
    made: list[Run] = []

    def start(script: str, **spec: Any) -> Run:
        folder = tmp_path / f"run{len(made)}"
        folder.mkdir()
        made.append(Run(folder))
        return made[-1].start(script, **spec)

    yield start
    for one in made:
        if one.process is not None and one.process.poll() is None:
            for each in descendants(one.process.pid):
                os.kill(each.pid, signal.SIGKILL)
            one.process.kill()
            one.process.wait()

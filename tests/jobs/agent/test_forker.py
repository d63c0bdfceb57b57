"""The forker ends with its agent, its supervisors do not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from mlstudio.jobs.agent import forker
from mlstudio.jobs.runner.files import read_json

from ..conftest import await_that  # noqa: TID252


def test_a_supervisor_outlives_the_forker(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for name in ("code", "model"):
        (run / "ml" / name).mkdir(parents=True)
    (run / "ml" / "code" / "t.py").write_text("import time; time.sleep(0.5)")
    spec = {"job": "j", "entry": "t.py", "argv": [sys.executable, "t.py"], "env": {}}
    (run / "spec.json").write_text(json.dumps(spec))
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlstudio.jobs.agent.forker", str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    theirs.close()
    ours.sendall(json.dumps({"run": str(run)}).encode() + b"\n")
    answer = json.loads(ours.recv(1000))
    assert answer["run"] == str(run)
    await_that(lambda: (run / "run.json").exists(), "the start")
    known = read_json(run / "run.json")
    assert known is not None
    assert known["supervisor"]["pid"] == answer["pid"] != process.pid
    assert os.getsid(answer["pid"]) == answer["pid"], "in its own session"
    ours.close()
    assert process.wait(5) == 0
    await_that(lambda: (run / "exit.json").exists(), "the end of the job")
    assert (read_json(run / "exit.json") or {})["outcome"] == "Completed"


def test_the_forker_and_the_runner_import_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, mlstudio.jobs.agent.forker\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('msgspec', 'numpy', 'sqlalchemy', 're2', 'psutil', 'pandas')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "[]\n"
    assert forker.__doc__

"""Between fork and exec: nothing runs that nobody knows of."""

from __future__ import annotations

import subprocess
import sys

HEAD = """
import os, sys
from pathlib import Path
from mlstudio.jobs.runner.child import Child, LaunchError, Plan
plan = Plan([sys.executable, "-c", "print('ran')"], {"PATH": "/bin"}, "/", "env", Path("/nonexistent"))
"""


def run(body: str) -> str:
    done = subprocess.run([sys.executable, "-c", HEAD + body], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout


def test_a_child_whose_supervisor_dies_before_go_runs_nothing() -> None:
    said = run("child = Child(plan)\nos.close(child._go)\nprint(os.waitpid(child.pid, 0)[1] >> 8)\n")
    assert said == "127\n"


def test_a_child_runs_after_go_in_its_own_session() -> None:
    said = run(
        "child = Child(plan)\nassert os.getsid(child.pid) == child.pid\nchild.go()\n"
        "os.waitpid(child.pid, 0)\nprint(os.read(child.output, 100))\n"
    )
    assert said == "b'ran\\n'\n"


def test_an_exec_that_fails_says_why() -> None:
    said = run(
        "plan.argv = ['/no/such']\nchild = Child(plan)\ntry: child.go()\nexcept LaunchError as error: print(error)\n"
    )
    assert "No such file or directory" in said


def test_a_sandbox_that_cannot_be_made_is_an_error_before_anything_runs() -> None:
    said = run("plan.mode = 'namespace'\ntry: Child(plan)\nexcept LaunchError as error: print('refused', error)\n")
    assert said.startswith("refused ")

"""kill -9 of whoever takes part in a job, at random moments; the long run of it is benchmarks/jobs_kills.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "jobs_kills.py"


def test_whoever_is_killed_every_job_ends_right_and_nothing_is_left() -> None:
    argv = [sys.executable, str(SCRIPT), "--kills", "10", "--at-once", "2", "--seed", "3"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every status and exit code right" in done.stdout

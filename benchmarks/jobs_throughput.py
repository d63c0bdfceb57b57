"""1,000 jobs that do nothing, with the full contract, beside as many bare `subprocess.run`.

    python benchmarks/jobs_throughput.py [--jobs 1000] [--at-once 4]

Both run the same command, `at-once` at a time, and are alternated in ten parts. A job is submitted, staged,
queued, leased, launched in its own /opt/ml, logged, archived and recorded with its transitions; its
submitter waits for its end. None may be lost.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PARTS = 10


def bare(script: Path) -> None:
    subprocess.run([sys.executable, "-S", script.name], cwd=script.parent, check=True, stdout=subprocess.PIPE)


def as_job(script: Path, number: int) -> bool:
    from mlstudio import jobs
    from mlstudio.entities.jobs import JobSpec

    spec = JobSpec(
        name=f"noop-{number}", entry_point="noop.sh", source_dir=str(script.parent), interpreter=sys.executable
    )
    record = jobs.submit(spec).wait()
    return record.status == "Completed" and len(record.transitions) == 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.at_once) as pool:
        os.environ |= {"MLSTUDIO_HOME": f"{folder}/home", "MLSTUDIO_MAX_JOBS": str(given.at_once)}
        script = Path(folder, "src", "train.py")
        script.parent.mkdir()
        script.write_text("pass\n")
        (script.parent / "noop.sh").write_text(f"#!/bin/sh\nexec {sys.executable} -S train.py\n")
        as_job(script, -1)
        spent = {"bare": 0.0, "jobs": 0.0}
        good = 0
        for part in range(PARTS):
            numbers = range(part * given.jobs // PARTS, (part + 1) * given.jobs // PARTS)
            began = time.perf_counter()
            list(pool.map(lambda _: bare(script), numbers))
            spent["bare"] += time.perf_counter() - began
            began = time.perf_counter()
            good += sum(pool.map(lambda number: as_job(script, number), numbers))
            spent["jobs"] += time.perf_counter() - began
        from mlstudio.jobs.agent.ensure import stop_agent

        stop_agent()
    print(f"{given.jobs} jobs, {given.at_once} at once, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for name, seconds in spent.items():
        print(f"{name:<5}{seconds:8.1f} s  {given.jobs / seconds:7.1f} a second")
    print(f"jobs / bare {spent['bare'] / spent['jobs']:.3f}x (goal 0.2x); {given.jobs - good} lost or not Completed")


if __name__ == "__main__":
    main()

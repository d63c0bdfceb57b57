"""How long from `jobs.submit` to a running process, beside a bare `subprocess.Popen`.

    python benchmarks/jobs_submit.py [--rounds 30]

Wall time, warm agent, alternated, medians. "running" is the moment at which the job's own first
instruction could run: run.json is written just before exec, and a bare child is measured to the
same point by the time at which `Popen` returns (it returns after exec).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def first_instruction(log: str) -> float:
    return float(log.split(maxsplit=1)[0])


def bare(script: Path) -> tuple[float, float]:
    """Seconds to exec and to the script's first line, of a bare child."""
    began = time.time()
    child = subprocess.Popen([sys.executable, script.name], cwd=script.parent, stdout=subprocess.PIPE, text=True)
    executed = time.time() - began
    out, _ = child.communicate()
    return executed, first_instruction(out) - began


def submitted(script: Path, number: int) -> tuple[float, float, float]:
    """Seconds to the return of submit, to exec and to the script's first line, of a job."""
    from mlstudio import jobs
    from mlstudio.entities.jobs import JobSpec
    from mlstudio.jobs.client import run_folder
    from mlstudio.jobs.runner.files import read_json

    spec = JobSpec(
        name=f"bench-{number}",
        entry_point=script.name,
        source_dir=str(script.parent),
        interpreter=sys.executable,
        hyperparameters={"lr": "0.1", "epochs": "3"},
    )
    began = time.time()
    job = jobs.submit(spec)
    returned = time.time() - began
    record = job.wait()
    known = read_json(run_folder(record) / "run.json") or {}
    return returned, known["t"] - began, first_instruction(job.logs()) - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLSTUDIO_HOME"] = f"{folder}/home"
        script = Path(folder, "src", "train.py")
        script.parent.mkdir()
        script.write_text("import time\nprint(time.time())\n")
        submitted(script, -1)  # starts the agent, warms the store
        of_jobs, of_bare = [], []
        for number in range(rounds):
            of_bare.append(bare(script))
            of_jobs.append(submitted(script, number))
        from mlstudio.jobs.agent.ensure import stop_agent

        stop_agent()
    returned, running, line = (statistics.median(column) * 1000 for column in zip(*of_jobs, strict=True))
    bare_running, bare_line = (statistics.median(column) * 1000 for column in zip(*of_bare, strict=True))
    print(f"{rounds} rounds on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians, wall")
    print(f"submit returns      {returned:6.1f} ms")
    print(
        f"submit → running    {running:6.1f} ms   bare subprocess {bare_running:6.1f} ms"
        f"   {running / bare_running:.1f}x"
    )
    print(f"submit → first line {line:6.1f} ms   bare subprocess {bare_line:6.1f} ms   {line / bare_line:.1f}x")


if __name__ == "__main__":
    main()

"""kill -9 at random moments: every job ends with the right status and exit code, and nothing is left of it.

    python benchmarks/jobs_kills.py [--kills 200] [--at-once 4] [--seed 1]

Each round submits a job from a process of its own, as a notebook would, waits for a random moment,
and kills one of: that process, the agent, the forker, the supervisor, the job's own process. What
must be true afterwards is written down in `expected`. Exit code 0: it was, every time.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SCRIPT = """
import os, signal, subprocess, sys, time
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(300)"], start_new_session=True)
end = time.time() + float(os.environ["SM_HP_SECONDS"])
i = 0
while time.time() < end:
    i += 1
    print(f"m={i}", flush=True)
    time.sleep(0.02)
print("last", i, flush=True)
sys.exit(int(os.environ["SM_HP_CODE"]))
"""
TARGETS = ("submitter", "agent", "forker", "supervisor", "child")


def submit(name: str, source: str, seconds: float, code: int, retries: int) -> None:
    """Submit a job and wait for it, until killed."""
    from mlstudio import jobs
    from mlstudio.entities.jobs import JobSpec, MetricDefinition

    spec = JobSpec(
        name=name,
        entry_point="train.py",
        source_dir=source,
        interpreter=sys.executable,
        hyperparameters={"seconds": str(seconds), "code": str(code)},
        metric_definitions=[MetricDefinition("m", "m=([0-9]+)")],
        retries=retries,
    )
    jobs.submit(spec).wait()


def pid_of(target: str, name: str, submitter: int) -> int | None:
    """Return whom to kill, None when there is no such process now."""
    from mlstudio.entities.errors import StudioError
    from mlstudio.jobs.client import get, run_folder
    from mlstudio.jobs.runner.files import read_json
    from mlstudio.jobs.runner.process import children_of
    from mlstudio.store.home import default_home

    if target == "submitter":
        return submitter
    if target in ("agent", "forker"):
        known = read_json(default_home().agent / "agent.json")
        if known is None or target == "agent":
            return known and int(known["pid"])
        return next((one.pid for one in children_of().get(known["pid"], []) if one.state != "Z"), None)
    try:
        run = read_json(run_folder(get(name).record()) / "run.json")
    except StudioError:
        return None
    return run and int(run[target]["pid"])


def expected(target: str, killed: bool, code: int, retries: int) -> set[tuple[str, int | None, str]]:
    """Return what may become of a job: (status, exit code, first word of the reason)."""
    own = {("Completed", 0, "")} if code == 0 else {("Failed", code, "ExecuteUserScriptError")}
    if not killed or target in ("agent", "forker"):
        return own
    if target == "submitter":  # killed within the submission itself: a job that was never whole
        return own | {("Failed", None, "LaunchFailed"), ("NotFound", None, "")}
    if target == "child":
        return own | {("Failed", 137, "ExecuteUserScriptError")}
    return own if retries else own | {("Failed", None, "SupervisorLost")}


def outcome_of(name: str) -> tuple[str, int | None, str]:
    from mlstudio.entities.errors import NotFound
    from mlstudio.jobs.client import get

    try:
        record = get(name).wait(timeout=120)
    except NotFound:
        return "NotFound", None, ""
    reason = (record.failure_reason or "").partition(":")[0]
    return record.status, record.exit_code, reason


def problems_of(name: str, found: tuple[str, int | None, str], retries: int) -> list[str]:
    """Return what is wrong with a job that has ended: orphans, metrics that are missing or stored twice."""
    from mlstudio.jobs.client import get, run_folder
    from mlstudio.jobs.runner.process import belonging
    from mlstudio.store import open_store

    if found[0] == "NotFound":
        return []
    record = get(name).record()
    wrong = []
    until = time.monotonic() + 5
    while (left := belonging(f"MLSTUDIO_RUN={run_folder(record)}")) and time.monotonic() < until:
        time.sleep(0.05)
    if left:
        wrong.append(f"{len(left)} processes were left")
    log = get(name).logs()
    printed = [float(line[2:]) for line in log.splitlines() if line.startswith("m=")]
    stored = open_store().points(record.trial_component, "m").values.tolist() if printed else []
    if stored != printed:
        wrong.append(f"{len(printed)} values in the log, {len(stored)} stored")
    if record.exit_code in (0, 7) and not retries and "last" not in log:
        wrong.append("the end of the log is missing")
    return wrong


def one_round(number: int, chance: random.Random, source: str) -> tuple[str, str, list[str]]:
    """Run one job, kill somebody; return (whom, what became of the job, what is wrong)."""
    name, target = f"kill-{number}", TARGETS[number % len(TARGETS)]
    code, retries = chance.choice((0, 0, 7)), chance.choice((0, 0, 1)) if target == "supervisor" else 0
    seconds = chance.uniform(0.1, 1.0)
    argv = [sys.executable, __file__, "--submit", name, source, f"{seconds:.2f}", str(code), str(retries)]
    submitter = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = pid_of(target, name, submitter.pid)
    until = time.monotonic() + 20
    while pid is None and submitter.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
        pid = pid_of(target, name, submitter.pid)
    time.sleep(chance.uniform(0.0, 3.0 if target == "submitter" else seconds))
    if target in ("agent", "forker"):  # another may have taken its place meanwhile
        pid = pid_of(target, name, submitter.pid)
    killed = False
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed = True
    if target != "submitter":
        submitter.wait(120)
    else:
        time.sleep(0.3)
    found = outcome_of(name)
    submitter.kill()
    submitter.wait()
    wrong = problems_of(name, found, retries)
    if found not in expected(target, killed, code, retries):
        wrong.append(f"{found} where one of {sorted(expected(target, killed, code, retries), key=str)} was expected")
    return (target if killed else "nobody"), f"{found[0]} {found[1]} {found[2]}".strip(), wrong


def kill_all_over(kills: int, at_once: int, seed: int) -> int:
    """Run all rounds and report; return how many went wrong."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    failures: list[str] = []
    numbers = iter(range(kills))
    lock = threading.Lock()

    def work(source: str) -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                whom, became, wrong = one_round(number, random.Random(seed * 100_003 + number), source)
            except Exception as error:  # a round that breaks is a round that went wrong
                whom, became, wrong = "?", type(error).__name__, [repr(error)]
            with lock:
                counts[whom, became] += 1
                failures.extend(f"round {number}, {whom} killed: {one}" for one in wrong)

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MLSTUDIO_HOME": f"{folder}/home", "MLSTUDIO_MAX_JOBS": str(2 * at_once)}
        os.environ["MLSTUDIO_AGENT_HEARTBEAT"] = "1"
        source = Path(folder, "src")
        source.mkdir()
        (source / "train.py").write_text(SCRIPT)
        began = time.monotonic()
        threads = [threading.Thread(target=work, args=(str(source),)) for _ in range(at_once)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        took = time.monotonic() - began
        from mlstudio.jobs.agent.ensure import stop_agent

        stop_agent()
        failures += _left(folder)
    print(f"{kills} rounds, {at_once} at once, seed {seed}, {took:.0f} s, load {os.getloadavg()[0]:.1f}")
    for (whom, became), count in sorted(counts.items()):
        print(f"  {whom:<11}{became:<40}{count:>4}")
    print("\n".join(failures) or "every status and exit code right, every metric once, no process left")
    return len(failures)


def _left(folder: str) -> list[str]:
    """Return the command lines of processes that still belong to a folder after five seconds."""
    until = time.monotonic() + 5
    while True:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    command = (entry / "cmdline").read_bytes()
                    if folder.encode() in command + (entry / "environ").read_bytes():
                        found.append(f"left: {command.replace(bytes(1), b' ').decode(errors='replace')}")
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def main() -> int:
    if sys.argv[1:2] == ["--submit"]:
        name, source, seconds, code, retries = sys.argv[2:]
        submit(name, source, float(seconds), int(code), int(retries))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return min(1, kill_all_over(given.kills, given.at_once, given.seed))


if __name__ == "__main__":
    sys.exit(main())

"""Logs that never end: 50 MB a second, and 1 GB without a newline. Memory stays small, the server answers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.testing.server import running_server

from ..jobs.conftest import SpecFactory, agent_pid, await_that, metrics_of, run_json  # noqa: TID252

METRICS = [MetricDefinition("loss", "loss=([0-9.]+);"), MetricDefinition("slow", "(a+)+b([0-9]+)$")]
SECONDS = 4
FLOOD = f"""
import os, sys, time
begun = time.monotonic()
for turn in range({SECONDS} * 50):
    lines = [b"epoch %d loss=%d; " % (turn, turn * 100 + part) + b"a" * 80 + b"\\n" for part in range(100)]
    block = b"".join(lines) + (b"a" * 127 + b"\\n") * 7900
    at = 0
    while at < len(block):
        at += os.write(1, block[at:])
    time.sleep(max(0, begun + turn / 50 - time.monotonic()))
os.write(1, b"the end\\nloss=99999999;\\n")
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
"""
ONE_LINE = """
import os, time
print("loss=1;", flush=True)
block = b"loss=9 " * (1 << 17)
written = 0
while written < 1 << 30:
    written += os.write(1, block)
os.write(1, b"\\nloss=2;\\n")
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
"""


def peak(pid: int) -> int:
    """Return the most memory that a process ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) >> 10


def memory(home: Home, job: jobs.Job) -> dict[str, int]:
    """Return the peak of agent and supervisor."""
    return {"agent": peak(agent_pid(home)), "supervisor": peak(run_json(job.record())["supervisor"]["pid"])}


def last_of(job: jobs.Job) -> float:
    found = {one.name: one.last for one in open_store().series(job.record().trial_component)}
    return found.get("loss", 0.0)


@pytest.mark.slow
def test_t21_50_megabytes_of_log_a_second_leave_agent_supervisor_and_server_well(
    own_agent: Home, spec: SpecFactory, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    assert jobs.submit(spec("print(1)")).wait(30).status == "Completed"
    before = peak(agent_pid(own_agent))
    with running_server(own_agent.root) as server:
        server.request("GET", "/jobs")
        job = jobs.submit(spec(FLOOD, metric_definitions=METRICS, environment={"GO": str(go)}))
        waits: list[float] = []
        with server.socket("jobs", f"job:{job.name}", f"log:{job.name}", f"points:{job.record().trial_component}"):
            until = time.monotonic() + 60
            while last_of(job) != 99999999.0:
                assert time.monotonic() < until, "the last metric of the flood did not come"
                begun = time.monotonic()
                assert server.request("GET", "/version").status == 200
                waits.append(time.monotonic() - begun)
                time.sleep(0.02)
        used = memory(own_agent, job)
        log = server.request("GET", f"/jobs/{job.name}/log?offset=-100").body
        go.touch()
        record = job.wait(30)

    assert record.status == "Completed"
    assert record.log_bytes > SECONDS * 50_000_000, "every byte was counted"
    assert 0 < record.log_dropped < record.log_bytes - (48 << 20), "what was dropped was counted, the end is there"
    assert log.endswith(b"the end\nloss=99999999;\n")
    assert record.ended_at is not None
    took = (record.ended_at - (record.started_at or 0)) / 1e6
    assert took < 30, f"a flood of {SECONDS} s held its job for {took:.0f} s"
    assert used["agent"] - before < 64, f"the agent grew from {before} MB to {used['agent']} MB"
    assert used["supervisor"] < 80, used
    assert len(waits) > 20
    late = sorted(waits)[int(len(waits) * 0.99)]
    assert late < 1, f"GET /version: p99 {late:.2f} s of {len(waits)}"
    points = open_store().points(record.trial_component, "loss")
    assert sorted(points.values[:-1]) == points.values[:-1].tolist(), "each value once, in order"


@pytest.mark.slow
def test_t20_a_line_of_1_gb_leaves_agent_and_supervisor_small_and_the_next_line_counts(
    own_agent: Home, spec: SpecFactory, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    assert jobs.submit(spec("print(1)")).wait(30).status == "Completed"
    before = peak(agent_pid(own_agent))
    job = jobs.submit(spec(ONE_LINE, metric_definitions=METRICS, environment={"GO": str(go)}))
    await_that(lambda: last_of(job) == 2.0, "the metric after the long line", 90)
    used = memory(own_agent, job)
    go.touch()
    record = job.wait(30)
    assert record.status == "Completed"
    assert record.log_bytes > 1 << 30
    assert used["agent"] - before < 64, f"the agent grew from {before} MB to {used['agent']} MB"
    assert used["supervisor"] < 80, used
    (loss,) = metrics_of(record)
    assert (loss.count, loss.first, loss.last) == (2, 1.0, 2.0), "nothing inside the long line is a metric"
    kept = sum(path.stat().st_size for path in (own_agent.jobs / record.uid / "log").iterdir())
    assert kept <= 64 << 20

"""A job that prints 100 MB a second: how much its agent grows, how far the tail lags, whether the job is held up.

    python benchmarks/jobs_flood.py [--rate 100] [--seconds 6] [--metric]

The job writes blocks whose first line is the time. The tail is read, as a page does, whenever the
agent tells of new log; its lag is the age of the newest such line. RSS is the agent's own, from
the moment before the job to the largest value during it. With --metric a metric is read from it too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from mlstudio.entities.jobs import JobSpec, MetricDefinition

SCRIPT = """
import os, sys, time
rate, seconds = float(os.environ["RATE"]), float(os.environ["SECONDS"])
block = (b"x" * 99 + b"\\n") * 5000
began = time.monotonic()
written = 0
while (now := time.monotonic() - began) < seconds:
    if written > rate * 1e6 * now:
        time.sleep(0.001)
        continue
    data = b"at %.6f m=%d;\\n" % (time.time(), written >> 19) + block
    while data:
        data = data[os.write(1, data):]
    written += 500_000
print(f"wrote {written} bytes in {time.monotonic() - began:.2f} s")
"""


def rss(pid: int) -> int:
    """Return bytes in memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def newest_stamp(text: bytes) -> float | None:
    at = text.rfind(b"\nat ")
    line = text[at + 4 :].split(maxsplit=1) if at >= 0 else []
    return float(line[0]) if len(line) > 1 else None


def spec(source: Path, name: str, rate: float, seconds: float, *, metric: bool) -> JobSpec:
    return JobSpec(
        name=name,
        entry_point="train.py",
        source_dir=str(source),
        interpreter=sys.executable,
        environment={"RATE": str(rate), "SECONDS": str(seconds)},
        metric_definitions=[MetricDefinition("m", "m=([0-9]+);")] if metric else [],
    )


def report(before: int, largest: int, lags: list[float]) -> None:
    """Print how far the agent grew (bytes) and how far the tail lagged (seconds, sorted)."""
    print(f"agent: {before / 2**20:.1f} MiB before, grew by {(largest - before) / 2**20:.1f} MiB (goal < 5)")
    middle, worst = statistics.median(lags), lags[int(len(lags) * 0.95)]
    print(f"tail: {len(lags)} looks, lag {middle * 1e3:.0f} ms median, {worst * 1e3:.0f} ms p95 (goal < 200)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100.0, help="MB a second")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--metric", action="store_true")
    given = parser.parse_args()
    from mlstudio import jobs
    from mlstudio.jobs.agent.ensure import status, stop_agent
    from mlstudio.jobs.client import run_folder
    from mlstudio.jobs.logs import read_chunk

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLSTUDIO_HOME"] = f"{folder}/home"
        source = Path(folder, "src")
        source.mkdir()
        (source / "train.py").write_text(SCRIPT)

        jobs.submit(spec(source, "warm", 1.0, 0.5, metric=given.metric)).wait()
        known = status()
        assert known is not None
        pid, sizes, lags = int(known["pid"]), [], []
        before = rss(pid)
        over = threading.Event()

        def watch_memory() -> None:
            while not over.wait(0.05):
                sizes.append(rss(pid))

        watcher = threading.Thread(target=watch_memory)
        watcher.start()
        job = jobs.submit(spec(source, "flood", given.rate, given.seconds, metric=given.metric))
        run_dir = run_folder(job.record())
        for event in job.follow():
            if event["event"] == "log":
                stamp = newest_stamp(read_chunk(run_dir, offset=-(1 << 20), limit=1 << 20).data)
                if stamp is not None:
                    lags.append(time.time() - stamp)
        over.set()
        watcher.join()
        record = job.record()
        said = job.logs(offset=max(0, record.log_bytes - 200)).strip().splitlines()[-1]
        stop_agent()
    print(f"{given.rate:g} MB/s for {given.seconds:g} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        f"job: {record.status}, {said}; {record.log_bytes / 1e6:.0f} MB logged, {record.log_dropped / 1e6:.0f} dropped"
    )
    report(before, max(sizes), sorted(lags))


if __name__ == "__main__":
    main()

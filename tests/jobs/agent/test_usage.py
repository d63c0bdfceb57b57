"""What a job uses is seen while it runs, and counted when it has ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.jobs.agent.usage import UsageIngest
from mlstudio.store import open_store
from mlstudio.store.home import Home

from ..conftest import SpecFactory, await_that  # noqa: TID252

BURNS = """
    import os, subprocess, sys, time
    burn = "import time; held = b'x' * (60 << 20)\\nuntil = time.time() + 2.5\\nwhile time.time() < until: pass"
    subprocess.run([sys.executable, "-c", burn])
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.02)
"""


def test_cpu_and_memory_of_all_processes_are_series_of_the_running_job(
    agent: Home, spec: SpecFactory, tmp_path: Path
) -> None:
    del agent
    job = jobs.submit(spec(BURNS, environment={"GO": str(tmp_path / "go")}))
    name = job.record().trial_component

    def values(series: str) -> list[float]:
        try:
            return list(open_store().points(name, series).values)
        except NotFound:
            return []

    await_that(lambda: values("system/job.cpu"), "a value of the CPU")
    assert job.status == "InProgress"
    assert 10 < values("system/job.cpu")[0] < 250
    assert 60 << 20 < values("system/job.rss")[0] < 400 << 20
    (tmp_path / "go").touch()
    record = job.wait(20)
    assert record.usage is not None
    assert 0.3 < record.usage.cpu_seconds < 10
    assert 60 << 20 < record.usage.max_rss < 400 << 20
    assert record.usage.oom_kills == 0


def test_each_line_counts_once_whoever_reads_it_and_nonsense_is_left_out(home: Home, tmp_path: Path) -> None:
    store = open_store(home=home)
    component = store.create_component(ComponentCreate(name="c", status="InProgress"))
    file = tmp_path / "usage.jsonl"
    ingest = UsageIngest(tmp_path, "usage-U-1", component.uid)
    ingest.step(store)
    with file.open("a") as out:
        out.write('{"t":10.5,"cpu":50,"rss":100}\nnonsense\n{"t":1}\n[]\n{"t":15.5,"cpu":70,"r')
        out.flush()
        ingest.step(store)
        ingest.step(store)
        out.write('ss":200}\n')
        out.flush()
        UsageIngest(tmp_path, "usage-U-1", component.uid).step(store)
        UsageIngest(tmp_path, "usage-U-1", component.uid).step(store)
    points: Any = store.points("c", "system/job.rss")
    assert points.values.tolist() == [100.0, 200.0]
    assert store.points("c", "system/job.cpu").values.tolist() == [50.0, 70.0]
    store.close()


@pytest.mark.parametrize("component", ["", "never-made"])
def test_without_a_component_nothing_is_read(home: Home, tmp_path: Path, component: str) -> None:
    store = open_store(home=home)
    (tmp_path / "usage.jsonl").write_text('{"t":1,"cpu":1,"rss":1}\n')
    UsageIngest(tmp_path, "usage-U-1", component).step(store)
    assert store.drained_to("usage-U-1") == 0
    store.close()

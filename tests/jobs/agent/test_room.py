"""What has room goes, what has none says what is short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlstudio import jobs
from mlstudio.entities.instances import HostCapacity
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.agent.room import Room, launch_settings, min_free_mib, slots_of
from mlstudio.jobs.hosts.devices import fake_gpus
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_sqlite

from ..conftest import SpecFactory, await_log, await_that, run_json  # noqa: TID252

HOST = HostCapacity(host="h", cpus=[0, 1, 2, 3], memory_mib=16 << 10, gpus=fake_gpus("1"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_sqlite(tmp_path / "mlstudio.db")
    yield opened
    opened.close()


def room_of(tmp_path: Path, slots: int | None = None) -> Room:
    """Return the room of a host with four cores and a GPU."""
    room = Room(Home(tmp_path), slots)
    room.host = HOST
    return room


def waiting(store: Store, name: str, instance_type: str, **more: object) -> JobRecord:
    """Return a job that waits."""
    spec = JobSpec(name=name, entry_point="a.py", source_dir="/c", interpreter="/p", instance_type=instance_type)
    return store.create_job(msgspec.structs.replace(spec, **more), trial_component=f"{name}-aws-training-job")


def test_a_sweep_grants_until_it_is_short_and_remembers_what_was(store: Store, tmp_path: Path) -> None:
    sweep = room_of(tmp_path).sweep(store, 0)
    assert [sweep(waiting(store, name, "ml.m5.large")) for name in ("a", "b")] == [None, None]
    short = sweep(waiting(store, "c", "ml.m5.large"))
    assert short == "Waits: 2 vCPU asked for, 0 of 4 free. Held by: job a, job b."
    store.release_leases("a")
    assert sweep(waiting(store, "d", "ml.m5.large")) == short, "within one look nothing is asked twice"
    assert room_of(tmp_path).sweep(store, 1)(store.get_job("d")) is None
    assert sorted(sweep.grants) == ["a", "b"]


def test_with_slots_cores_are_shared_and_gpus_are_not(store: Store, tmp_path: Path) -> None:
    sweep = room_of(tmp_path, slots=3).sweep(store, 0)
    assert [sweep(waiting(store, name, "local_gpu" if name == "a" else "ml.m5.4xlarge")) for name in "ab"] == [None] * 2
    assert "0 of 1 free" in str(sweep(waiting(store, "c", "ml.g4dn.xlarge")))
    sweep.running = 3
    assert sweep(waiting(store, "d", "ml.t3.medium")) == "Waits for a free slot: 3 of 3 jobs run."


def test_a_job_that_can_never_run_here_is_told_apart(store: Store, tmp_path: Path) -> None:
    room = room_of(tmp_path)
    room.host = msgspec.structs.replace(HOST, gpus=[])
    sweep = room.sweep(store, 0)
    assert sweep(waiting(store, "a", "ml.p3.2xlarge")) is None
    assert "this host has none" in sweep.impossible["a"]
    assert sweep(waiting(store, "b", "ml.p3.2xlarge", allow_cpu_fallback=True)) is None
    assert sweep.grants["b"].gpus == []


def test_disk_that_is_short_is_waited_for(store: Store, tmp_path: Path) -> None:
    why = room_of(tmp_path).sweep(store, 0)(waiting(store, "a", "local", volume_size=16384))
    assert str(why).startswith("Waits for disk: 16385 GiB are needed at ")


def test_the_supervisor_is_told_what_was_granted(store: Store, tmp_path: Path) -> None:
    sweep = room_of(tmp_path).sweep(store, 0)
    sweep(waiting(store, "a", "ml.g4dn.xlarge"))
    assert launch_settings(sweep.grants["a"]) == {
        "cpus": [0, 1, 2, 3],
        "memory": 16 << 30,
        "env": {"CUDA_VISIBLE_DEVICES": "GPU-fake-0", "SM_NUM_GPUS": "1"},
    }


@pytest.mark.parametrize(("text", "slots"), [("3", 3), ("0", 1), ("many", None), ("1e999", None), (None, None)])
def test_slots_are_a_number_or_none(text: str | None, slots: int | None) -> None:
    assert slots_of({} if text is None else {"MLSTUDIO_MAX_JOBS": text}) == slots


def limit_of(run: dict[str, Any], said: str) -> int:
    """Return a job's memory limit: of its cgroup, or what it printed of its own."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        if run["cgroup"] and Path(run["cgroup"], name).exists():
            return int(Path(run["cgroup"], name).read_text())
    return int(said.split()[-1])


def test_jobs_run_as_their_sizes_allow_and_are_bound_to_their_cores(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del own_agent
    monkeypatch.delenv("MLSTUDIO_MAX_JOBS")
    monkeypatch.setenv("MLSTUDIO_FAKE_GPUS", "2")
    go = tmp_path / "go"
    script = f"""
        import os, resource, time
        limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
        print(sorted(os.sched_getaffinity(0)), os.environ["CUDA_VISIBLE_DEVICES"], limit, flush=True)
        while not os.path.exists({str(go)!r}): time.sleep(0.02)
    """
    first = jobs.submit(spec(script, instance_type="ml.local.cpu1"))
    whole = jobs.submit(spec("print(1)", instance_type="local"))
    assert "vCPU asked for" in whole.record().status_message
    assert f"Held by: job {first.name}" in whole.record().status_message
    await_log(first.name, "]")
    limit = limit_of(run_json(first.record()), first.logs())
    go.touch()
    assert first.wait(20).status == whole.wait(20).status == "Completed"
    granted = first.record().grant
    assert granted is not None
    assert len(granted.cpus) == 1
    assert granted.memory_mib is not None
    assert first.logs().startswith(f"{granted.cpus}  ")
    assert abs(limit - (granted.memory_mib << 20)) < 4096
    held = whole.record().grant
    assert held is not None
    assert held.gpus == ["GPU-fake-0", "GPU-fake-1"]
    await_that(lambda: not open_store().leases(), "the end of all leases")


@pytest.mark.parametrize(("text", "mib"), [("0", 0), ("-3", 0), ("50", 50), ("much", 1024), (None, 1024)])
def test_the_floor_of_the_disk_is_a_number_of_mebibytes(text: str | None, mib: int) -> None:
    assert min_free_mib({} if text is None else {"MLSTUDIO_MIN_FREE_MIB": text}) == mib

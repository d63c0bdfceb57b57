"""Nobody gets what another holds; kernels hold GPUs and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mlstudio.entities.errors import ResourceInUse
from mlstudio.entities.instances import HostCapacity
from mlstudio.jobs.hosts.demand import demand
from mlstudio.jobs.hosts.devices import fake_gpus
from mlstudio.jobs.hosts.leases import choose_gpus, give_back, retake, take
from mlstudio.store.laws import Store
from mlstudio.store.opening import open_sqlite

HOST = HostCapacity(host="h", cpus=[0, 1, 4, 5], memory_mib=16 << 10, gpus=fake_gpus("2x16"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_sqlite(tmp_path / "mlstudio.db")
    yield opened
    opened.close()


def test_jobs_share_the_cores_until_none_is_left(store: Store) -> None:
    size = demand("ml.m5.large", HOST)
    assert take(store, "a", "job", size, HOST).cpus == [0, 1]
    assert take(store, "b", "job", size, HOST).cpus == [4, 5]
    with pytest.raises(ResourceInUse, match=r"2 vCPU asked for, 0 of 4 free\. Held by: job a, job b\."):
        take(store, "c", "job", size, HOST)
    give_back(store, "a")
    assert take(store, "c", "job", size, HOST).cpus == [0, 1]


def test_taking_twice_is_taking_once(store: Store) -> None:
    size = demand("ml.g4dn.xlarge", HOST)
    first = take(store, "a", "job", size, HOST)
    held = len(store.leases())
    assert take(store, "a", "job", size, HOST) == first
    assert len(store.leases()) == held


def test_memory_is_a_pool(store: Store) -> None:
    take(store, "a", "job", demand("ml.r5.large", HOST), HOST)  # 16 GiB: all of it
    with pytest.raises(ResourceInUse, match="h/memory"):
        take(store, "b", "job", demand("ml.t3.medium", HOST), HOST)


def test_a_kernel_holds_its_gpu_and_keeps_no_job_from_the_cores(store: Store) -> None:
    kernel = take(store, "kernel-1", "kernel", demand("ml.local.gpu1", HOST), HOST)
    assert (kernel.gpus, len(store.leases())) == (["GPU-fake-0"], 1)
    job = take(store, "a", "job", demand("ml.local.gpu1", HOST), HOST)
    assert job.gpus == ["GPU-fake-1"]
    with pytest.raises(ResourceInUse, match=r"1 GPU asked for, 0 of 2 free\. Held by: job a, kernel kernel-1"):
        take(store, "kernel-2", "kernel", demand("ml.local.gpu1", HOST), HOST)
    assert take(store, "kernel-3", "kernel", demand("ml.t3.medium", HOST), HOST).cpus == []


def test_what_was_granted_is_taken_again_after_it_ran_out(store: Store) -> None:
    grant = take(store, "a", "job", demand("ml.g4dn.xlarge", HOST), HOST)
    held = {one.resource for one in store.leases()}
    store.release_leases("a")
    retake(store, "a", "job", grant, HOST)
    assert {one.resource for one in store.leases()} == held
    store.release_leases("a")
    take(store, "b", "job", demand("ml.local.gpu2", HOST), HOST, shared=True)
    with pytest.raises(ResourceInUse, match="held by job b"):
        retake(store, "a", "job", grant, HOST)


def test_gpus_that_others_fill_or_that_are_too_small_come_last() -> None:
    small, busy, good = fake_gpus("3x24")
    small = msgspec.structs.replace(small, memory_mib=1024)
    busy = msgspec.structs.replace(busy, busy_outside=True)
    assert choose_gpus([small, busy, good], (), 3, 16384) == [good.uuid, small.uuid, busy.uuid]


def test_of_many_that_take_at_once_each_core_has_one_holder(store: Store) -> None:
    got: dict[str, list[int]] = {}

    def ask(number: int) -> None:
        try:
            got[str(number)] = take(store, str(number), "job", demand("ml.local.cpu1", HOST), HOST).cpus
        except ResourceInUse:
            return

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cores = [core for cores in got.values() for core in cores]
    assert len(cores) == len(set(cores)) >= 2

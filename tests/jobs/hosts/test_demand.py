"""What a size means on a host, and what is said about the difference."""

from __future__ import annotations

import os

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.instances import HostCapacity
from mlstudio.jobs.hosts.capacity import capacity, host_name
from mlstudio.jobs.hosts.demand import demand
from mlstudio.jobs.hosts.devices import fake_gpus

BARE = HostCapacity(host="h", cpus=[0, 1, 4, 5], memory_mib=16 << 10)
TWO = HostCapacity(host="h", cpus=[0, 1, 4, 5], memory_mib=16 << 10, gpus=fake_gpus("2x16"))


def test_a_size_that_fits_is_what_it_says() -> None:
    wanted = demand("ml.m5.large", BARE)
    assert (wanted.cpus, wanted.memory_mib, wanted.gpus, wanted.notices) == (2, 8192, 0, ())


def test_a_size_beyond_the_host_is_clipped_and_that_is_said() -> None:
    wanted = demand("ml.m5.4xlarge", BARE)
    assert (wanted.cpus, wanted.memory_mib) == (4, 16384)
    assert wanted.notices == (
        "ml.m5.4xlarge asks 16 vCPU, this host has 4: runs with 4.",
        "ml.m5.4xlarge asks 64 GiB, this host has 16.0: runs with 16.0.",
    )


def test_local_is_the_whole_host_without_a_limit() -> None:
    wanted = demand("local", TWO)
    assert (wanted.cpus, wanted.memory_mib, wanted.gpus, wanted.notices) == (4, None, 2, ())
    assert demand("local_gpu", BARE).gpus == 0


def test_parts_of_the_host() -> None:
    assert demand("ml.local.cpu1", BARE).cpus == 1
    assert demand("ml.local.cpu1", BARE).memory_mib == 4096
    one = demand("ml.local.gpu1", TWO)
    assert (one.gpus, one.cpus, one.memory_mib) == (1, 2, 8192)


def test_a_gpu_size_without_a_gpu_is_refused_unless_the_cpu_will_do() -> None:
    with pytest.raises(InvalidField, match=r"ml\.p3\.2xlarge has 1 GPU and this host has none") as refused:
        demand("ml.p3.2xlarge", BARE)
    assert "allow_cpu_fallback" in str(refused.value.hint)
    wanted = demand("ml.p3.2xlarge", BARE, allow_cpu_fallback=True)
    assert wanted.gpus == 0
    assert any("runs on the CPU" in one for one in wanted.notices)


def test_fewer_or_smaller_gpus_are_said() -> None:
    wanted = demand("ml.g5.12xlarge", TWO)
    assert wanted.gpus == 2
    assert "ml.g5.12xlarge asks 4 GPUs, this host has 2: runs with 2." in wanted.notices
    assert "ml.g5.12xlarge has 24 GiB a GPU, this host's Fake GPU has 16." in wanted.notices


def test_a_size_that_is_not_listed_is_said_to_be_derived() -> None:
    assert demand("ml.m7i.xlarge", BARE).notices == (
        "ml.m7i.xlarge is not in the list of sizes; it is taken for 4 vCPU and 16 GiB.",
    )


def test_what_is_no_size_is_refused() -> None:
    with pytest.raises(InvalidField) as refused:
        demand("m5.large", BARE)
    assert refused.value.field == "instance_type"
    assert "ml.m5.large" in str(refused.value.hint)


def test_this_host_has_something() -> None:
    here = capacity()
    assert here.cpus == sorted(os.sched_getaffinity(0))
    assert here.memory_mib > 100
    assert "/" not in host_name()

"""What a size means for a kernel: GPUs held by one at a time, cores that others leave, sentences for people."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from mlstudio.entities.errors import InvalidField, ResourceInUse
from mlstudio.entities.instances import HostCapacity
from mlstudio.entities.job_parts import Grant
from mlstudio.jobs.hosts.demand import demand
from mlstudio.jobs.hosts.devices import fake_gpus
from mlstudio.jobs.hosts.leases import take
from mlstudio.kernels import room
from mlstudio.kernels.choices import KernelFile, keep_kernel
from mlstudio.kernels.room import Wish, check, choose_cores, release, settle, variables
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.laws import Store

HOST = HostCapacity(host="h", cpus=[0, 1, 2, 3], memory_mib=16 << 10, gpus=fake_gpus("2x16"))
GPU = "ml.g4dn.xlarge"


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "capacity", lambda: HOST)


@pytest.fixture
def store(home: Home) -> Store:
    return open_store(home=home)


def new(kernel_id: str, **more: Any) -> KernelFile:
    return KernelFile(kernel_id=kernel_id, **more)


def test_a_gpu_is_held_by_one_kernel(home: Home, store: Store) -> None:
    first = settle(new("a"), Wish(GPU), home)
    second = settle(new("b"), Wish(GPU), home)
    assert (first.gpus, second.gpus) == (["GPU-fake-0"], ["GPU-fake-1"])
    assert settle(new("a", granted=GPU), Wish(GPU), home).gpus == first.gpus, "asking again is keeping"
    assert len(store.leases()) == 2


def test_no_room_names_what_is_short_and_the_notebooks_that_hold_it(home: Home) -> None:
    me = psutil.Process()
    settle(new("a"), Wish(GPU), home)
    settle(new("b"), Wish(GPU), home)
    keep_kernel(home, new("a", path="/n/train.ipynb", pid=me.pid, created=me.create_time()))
    with pytest.raises(ResourceInUse) as caught:
        settle(new("c"), Wish(GPU), home)
    assert caught.value.message == (
        "There is no room for ml.g4dn.xlarge now: 1 GPU asked for, 0 of 2 free."
        " Held by: the kernel of train.ipynb, kernel b."
    )


def test_another_size_gives_the_gpu_back(home: Home, store: Store) -> None:
    settle(new("a"), Wish(GPU), home)
    grant = settle(new("a", granted=GPU), Wish("ml.m5.large"), home)
    assert (grant.gpus, grant.vcpu, grant.memory_mib, store.leases()) == ([], 2, 8192, [])


def test_an_unknown_size_runs_on_the_whole_host_and_says_so(home: Home, store: Store) -> None:
    settle(new("a"), Wish(GPU), home)
    grant = settle(new("a", granted=GPU), Wish("my-size"), home)
    assert grant == Grant(
        instance_type="local", notices=["'my-size' is no instance type. The kernel runs on the whole host."]
    )
    assert store.leases() == []


def test_a_gpu_size_from_elsewhere_runs_on_the_cpu_and_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = HostCapacity(host="h", cpus=[0, 1], memory_mib=1 << 20)
    monkeypatch.setattr(room, "capacity", lambda: bare)
    grant = settle(new("a"), Wish(GPU), home)
    assert grant.gpus == []
    assert "ml.g4dn.xlarge asks 1 GPU, this host has none: runs on the CPU." in grant.notices


def test_cores_are_those_that_jobs_and_other_kernels_leave(home: Home, store: Store) -> None:
    me = psutil.Process()
    take(store, "job", "job", demand("ml.local.cpu1", HOST), HOST)  # core 0
    keep_kernel(home, new("other", cpus=[1, 2], pid=me.pid, created=me.create_time()))
    assert settle(new("a"), Wish("ml.local.cpu1"), home).cpus == [3]
    assert settle(new("a"), Wish("ml.m5.large"), home).cpus == [1, 3]
    assert settle(new("a"), Wish("ml.m5.xlarge"), home).cpus == [], "all cores need no binding"


def test_a_restart_keeps_its_cores(home: Home) -> None:
    assert settle(new("a", granted="ml.local.cpu1", cpus=[2]), Wish("ml.local.cpu1"), home).cpus == [2]
    assert settle(new("a", granted="ml.local.cpu1", cpus=[2]), Wish("ml.m5.large"), home).cpus == [0, 1]


@pytest.mark.parametrize(
    ("count", "held", "bound", "cores"),
    [
        (1, [], {}, [0]),
        (2, [0], {}, [1, 2]),
        (2, [0, 1, 2], {}, [0, 3]),
        (1, [], {0: 2, 1: 1, 2: 1, 3: 3}, [1]),
        (4, [0], {}, []),
        (9, [], {}, []),
    ],
)
def test_cores_are_chosen(count: int, held: list[int], bound: dict[int, int], cores: list[int]) -> None:
    assert choose_cores([0, 1, 2, 3], count, held, bound) == cores


def test_parts_of_the_host_may_be_asked_for(home: Home, store: Store) -> None:
    grant = settle(new("a"), Wish(gpus=1, cpus=1, memory_mib=100), home)
    assert (grant.vcpu, grant.memory_mib, grant.gpus) == (1, 100, ["GPU-fake-0"])
    assert settle(new("b"), Wish(cpus=2), home).gpus == [], "the shared host holds no GPU"
    assert settle(new("c"), Wish("ml.m5.large", memory_mib=1 << 40), home).memory_mib == HOST.memory_mib


def test_a_plain_wish_is_plain() -> None:
    assert Wish().plain
    assert not Wish("ml.m5.large").plain
    assert not Wish(cpus=1).plain


def test_giving_back(home: Home, store: Store) -> None:
    settle(new("a"), Wish(GPU), home)
    release(new("a"), home)
    assert len(store.leases()) == 1, "one that was never granted anything asks nobody"
    release(new("a", granted=GPU), home)
    assert store.leases() == []


def test_what_cannot_start_is_refused_before_the_restart(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(store, "a", "local", home)
    check(store, "a", "ml.m5.large", home)
    settle(new("a"), Wish(GPU), home)
    take(store, "resnet", "job", demand(GPU, HOST), HOST, shared=True)
    check(store, "a", GPU, home)  # its own GPU counts as free
    with pytest.raises(ResourceInUse, match=r"1 GPU asked for, 0 of 2 free\. Held by: job resnet, kernel a\."):
        check(store, "b", GPU, home)
    with pytest.raises(InvalidField, match=r"'ml\.m5\.larg' is no instance type") as caught:
        check(store, "b", "ml.m5.larg", home)
    assert "ml.m5.large" in str(caught.value.hint)
    monkeypatch.setattr(room, "capacity", lambda: HostCapacity(host="h", cpus=[0], memory_mib=1024))
    with pytest.raises(InvalidField, match="has 1 GPU and this host has none"):
        check(store, "b", GPU, home)


def test_variables(home: Home) -> None:
    grant = settle(new("a"), Wish(GPU), home)
    assert variables(grant) == {
        "OMP_NUM_THREADS": "4",
        "MKL_NUM_THREADS": "4",
        "OPENBLAS_NUM_THREADS": "4",
        "NUMEXPR_NUM_THREADS": "4",
        "CUDA_VISIBLE_DEVICES": "GPU-fake-0",
        "MLSTUDIO_INSTANCE_TYPE": GPU,
    }
    assert variables(settle(new("b"), Wish("ml.m5.large"), home))["CUDA_VISIBLE_DEVICES"] == ""
    assert variables(Grant(instance_type="local")) == {"MLSTUDIO_INSTANCE_TYPE": "local"}

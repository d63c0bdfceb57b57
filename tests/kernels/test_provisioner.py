"""Real kernels on sizes: two of them, a restart, a crash of what started them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from mlstudio.kernels.choices import choose, kernel_file
from mlstudio.kernels.heartbeat import HEARTBEAT
from mlstudio.kernels.provisioner import InstanceProvisioner, NoRoom
from mlstudio.store import open_store, sql_jobs_around
from mlstudio.store.home import Home

GPU = "ml.local.gpu1"
SLEEPER = ["sleep", "600"]
"""A kernel that answers nobody: provisioning ends where the process stands."""
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def as_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two GPUs; mlstudio starts all kernels whose spec names nobody."""
    monkeypatch.setenv("MLSTUDIO_FAKE_GPUS", "2")
    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", "mlstudio")


@asynccontextmanager
async def kernel(kernel_id: str, argv: list[str] | None = SLEEPER, **env: str) -> AsyncIterator[Any]:
    """A kernel that runs until the block ends."""
    manager = AsyncKernelManager(kernel_id=kernel_id, shutdown_wait_time=0.1)
    if argv is not None:
        manager.kernel_spec.argv = argv
    await manager.start_kernel(env={**os.environ, **env})
    try:
        yield manager
    finally:
        await manager.shutdown_kernel(now=True)


def held() -> dict[str, str]:
    return {one.resource.rpartition("/")[2]: one.holder for one in open_store().leases()}


def wait_until(done: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def environment(manager: Any) -> dict[str, str]:
    """What the kernel was told, once the shim has become it."""
    command = Path(f"/proc/{manager.provisioner.pid}/cmdline")
    wait_until(lambda: command.read_bytes() == b"sleep\x00600\x00")
    raw = Path(f"/proc/{manager.provisioner.pid}/environ").read_bytes().decode()
    return dict(one.split("=", 1) for one in raw.split("\0") if one)


def test_jupyter_finds_it() -> None:
    found = entry_points(group="jupyter_client.kernel_provisioners", name="mlstudio")
    assert [one.load() for one in found] == [InstanceProvisioner]


async def test_a_kernel_nobody_chose_for_starts_as_ever(home: Home) -> None:
    async with kernel("a") as manager:
        assert Path(f"/proc/{manager.provisioner.pid}/cmdline").read_bytes() == b"sleep\x00600\x00"
        told = environment(manager)
        assert told["MLSTUDIO_INSTANCE_TYPE"] == "local"
        assert told.get("CUDA_VISIBLE_DEVICES") == os.environ.get("CUDA_VISIBLE_DEVICES")
        assert told.get("OMP_NUM_THREADS") == os.environ.get("OMP_NUM_THREADS")
        assert not home.database.exists(), "no store was asked"


async def test_two_kernels_hold_two_gpus_and_a_third_is_told_who_has_them(home: Home) -> None:
    for name in "abc":
        choose(home, name, GPU)
    async with (
        kernel("a", JPY_SESSION_NAME="/n/train.ipynb") as first,
        kernel("b", JPY_SESSION_NAME="/n/eval.ipynb") as second,
    ):
        assert environment(first)["CUDA_VISIBLE_DEVICES"] == "GPU-fake-0"
        assert environment(second)["CUDA_VISIBLE_DEVICES"] == "GPU-fake-1"
        assert held() == {"GPU-fake-0": "a", "GPU-fake-1": "b"}
        begun = time.perf_counter()
        with pytest.raises(NoRoom) as caught:
            async with kernel("c"):
                pass
        assert time.perf_counter() - begun < 1
        assert "There is no room for ml.local.gpu1 now: 1 GPU asked for, 0 of 2 free." in str(caught.value)
        assert "the kernel of train.ipynb" in str(caught.value)
        assert "the kernel of eval.ipynb" in str(caught.value)
        assert caught.value.status_code == 409
    assert held() == {}


async def test_a_restart_keeps_the_lease_and_an_end_gives_it_back(home: Home) -> None:
    choose(home, "a", GPU)
    async with kernel("a") as manager:
        before = manager.provisioner.pid
        taken = open_store().leases()
        await manager.restart_kernel(now=True)
        assert manager.provisioner.pid != before
        assert [one.acquired_at for one in open_store().leases()] == [one.acquired_at for one in taken]
        assert environment(manager)["CUDA_VISIBLE_DEVICES"] == "GPU-fake-0"
        assert kernel_file(home, "a").pid == manager.provisioner.pid
    assert held() == {}
    assert list((home.root / "kernels").iterdir()) == []


async def test_a_restart_takes_the_size_chosen_meanwhile(home: Home) -> None:
    choose(home, "a", GPU)
    async with kernel("a", JPY_SESSION_NAME="/n/a.ipynb") as manager:
        choose(home, "a", "ml.local.cpu1")
        assert manager.provisioner.instance().wanted == "ml.local.cpu1"
        assert manager.provisioner.instance().instance_type == GPU
        await manager.restart_kernel(now=True)
        assert held() == {}
        told = environment(manager)
        assert (told["CUDA_VISIBLE_DEVICES"], told["OMP_NUM_THREADS"]) == ("", "1")
        assert len(os.sched_getaffinity(manager.provisioner.pid)) == 1
        choose(home, "a", "local")
        await manager.restart_kernel(now=True)
        assert "CUDA_VISIBLE_DEVICES" not in environment(manager)
        assert os.sched_getaffinity(manager.provisioner.pid) == os.sched_getaffinity(0)
        choose(home, "a", GPU)
    async with kernel("b", JPY_SESSION_NAME="/n/a.ipynb"):
        assert held() == {"GPU-fake-0": "b"}, "the notebook's next kernel runs on it too"


async def test_a_size_that_is_unknown_here_falls_back_and_says_so(home: Home) -> None:
    choose(home, "a", "someone-elses")
    async with kernel("a") as manager:
        told = manager.provisioner.instance()
        assert (told.instance_type, told.wanted) == ("local", "someone-elses")
        assert told.notices == ["'someone-elses' is no instance type. The kernel runs on the whole host."]


async def test_a_kernelspec_may_name_a_size_and_its_own_threads(home: Home) -> None:
    manager = AsyncKernelManager(kernel_id="a", shutdown_wait_time=0.1)
    spec = manager.kernel_spec
    spec.argv, spec.env = SLEEPER, {"OMP_NUM_THREADS": "7"}
    config = {"instance_type": "ml.local.cpu1", "gpus": 2, "memory_mb": 512}
    spec.metadata = {"kernel_provisioner": {"provisioner_name": "mlstudio", "config": config}}
    await manager.start_kernel()
    try:
        told = environment(manager)
        assert (told["OMP_NUM_THREADS"], told["MKL_NUM_THREADS"]) == ("7", "1")
        assert told["CUDA_VISIBLE_DEVICES"] == "GPU-fake-0,GPU-fake-1"
        limits = Path(f"/proc/{manager.provisioner.pid}/limits").read_text()
        assert any(line.startswith("Max data size") and str(512 << 20) in line for line in limits.splitlines())
    finally:
        await manager.shutdown_kernel(now=True)


async def test_a_kernelspec_may_ask_for_a_gpu_of_the_shared_host(home: Home) -> None:
    manager = AsyncKernelManager(kernel_id="a", shutdown_wait_time=0.1)
    manager.kernel_spec.argv = SLEEPER
    manager.kernel_spec.metadata = {"kernel_provisioner": {"provisioner_name": "mlstudio", "config": {"gpus": 1}}}
    await manager.start_kernel()
    assert held() == {"GPU-fake-0": "a"}
    choose(home, "a", "local")
    await manager.restart_kernel(now=True)
    assert held() == {}, "what is chosen wins over the kernelspec"
    await manager.shutdown_kernel(now=True)
    again = AsyncKernelManager(kernel_id="b", shutdown_wait_time=0.1)
    again.kernel_spec.argv, again.kernel_spec.metadata = SLEEPER, manager.kernel_spec.metadata
    await again.start_kernel()
    assert held() == {"GPU-fake-0": "b"}
    await again.shutdown_kernel(now=True)
    assert held() == {}


async def test_a_kernelspec_of_another_provisioner_is_left_alone(home: Home) -> None:
    manager = AsyncKernelManager(kernel_id="a", shutdown_wait_time=0.1)
    manager.kernel_spec.argv = SLEEPER
    manager.kernel_spec.metadata = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
    await manager.start_kernel()
    try:
        assert not isinstance(manager.provisioner, InstanceProvisioner)
    finally:
        await manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("argv", [["/nowhere/python"], []])
async def test_a_kernel_that_cannot_start_holds_nothing(home: Home, argv: list[str]) -> None:
    choose(home, "a", GPU)
    manager = AsyncKernelManager(kernel_id="a")
    manager.kernel_spec.argv = argv
    manager.kernel_spec.env = {}
    provisioner = KernelProvisionerFactory.instance().create_provisioner_instance("a", manager.kernel_spec, manager)
    assert isinstance(provisioner, InstanceProvisioner)
    made = await provisioner.pre_launch(env=dict(os.environ))
    assert held() == {"GPU-fake-0": "a"}
    with pytest.raises((OSError, TypeError)):
        await provisioner.launch_kernel(made["cmd"], cwd="/nowhere/folder", env=made["env"])
    assert held() == {}
    manager.cleanup_connection_file()


async def test_a_dead_kernels_lease_is_not_renewed(home: Home) -> None:
    choose(home, "a", GPU)
    async with kernel("a") as manager:
        before = open_store().leases()[0].expires_at
        HEARTBEAT.renew()
        assert open_store().leases()[0].expires_at > before
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        wait_until(lambda: manager.provisioner.process.poll() is not None)
        last = open_store().leases()[0].expires_at
        HEARTBEAT.renew()
        assert open_store().leases()[0].expires_at == last


async def test_another_process_can_go_on_with_a_kernel(home: Home) -> None:
    choose(home, "a", GPU)
    async with kernel("a") as manager:
        info = json.loads(json.dumps(await manager.provisioner.get_provisioner_info(), default=str))
        other = InstanceProvisioner(kernel_id="a", kernel_spec=manager.kernel_spec, parent=manager)
        await other.load_provisioner_info(info)
        assert other.grant == manager.provisioner.grant
        assert other.instance() == manager.provisioner.instance()
        plain = InstanceProvisioner(kernel_id="a", kernel_spec=manager.kernel_spec, parent=manager)
        await plain.load_provisioner_info({key: info[key] for key in info if key != "mlstudio"})
        assert plain.grant.instance_type == "local"


CRASH = """
import asyncio, os, sys
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from mlstudio.kernels.choices import choose
from mlstudio.store.home import default_home
KernelProvisionerFactory.instance().default_provisioner_name = "mlstudio"
async def main():
    choose(default_home(), "crashed", "local_gpu")
    manager = AsyncKernelManager(kernel_id="crashed")
    manager.kernel_spec.argv = ["sleep", "600"]
    await manager.start_kernel(env={**os.environ, "JPY_SESSION_NAME": "/n/crashed.ipynb"})
    print(manager.provisioner.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_a_crashed_servers_leases_end_by_themselves(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", CRASH], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        server.kill()
    os.kill(pid, signal.SIGKILL)
    choose(home, "a", GPU)
    with pytest.raises(NoRoom, match="0 of 2 free"):
        async with kernel("a"):
            pass
    real = sql_jobs_around.now
    monkeypatch.setattr(sql_jobs_around, "now", lambda: real() + 61_000_000)
    choose(home, "a", GPU)
    async with kernel("a"):
        assert held() == {"GPU-fake-0": "a"}
        files = [one.name for one in (home.root / "kernels").iterdir()]
        assert len(files) == 1, "what the dead server kept of its kernel is gone"


async def test_a_real_kernel_computes_within_its_limits(home: Home) -> None:
    choose(home, "a", "ml.local.cpu1")
    async with kernel("a", None) as manager:
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=60)
            said: list[str] = []
            await client.execute_interactive(
                "import os; print(len(os.sched_getaffinity(0)), os.environ['MLSTUDIO_INSTANCE_TYPE'])",
                output_hook=lambda message: said.append(message["content"].get("text", "")),
                timeout=60,
            )
            assert "".join(said).strip() == "1 ml.local.cpu1"
        finally:
            client.stop_channels()

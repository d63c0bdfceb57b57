"""How long until a kernel answers: plain, with our provisioner, and on a size with limits and a GPU.

    python benchmarks/kernel_start.py [--rounds 15]

Wall time from `start_kernel` to the first answer to `kernel_info`, and the CPU time of this process
and of the kernel together; alternated in a random order. Ratios are medians of each round's ratio to
its plain start, so that a machine that is busy for a while weighs on both. The GPUs
are made up (MLSTUDIO_FAKE_GPUS=2): the time that a real driver takes to answer is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
import uuid

os.environ.setdefault("MLSTUDIO_FAKE_GPUS", "2")

KINDS = {
    "plain": ("local-provisioner", "local"),
    "mlstudio, nothing chosen": ("mlstudio", "local"),
    "mlstudio, one core": ("mlstudio", "ml.local.cpu1"),
    "mlstudio, limits and a GPU": ("mlstudio", "ml.g4dn.xlarge"),
}


def spent(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def start(provisioner: str, size: str) -> tuple[float, float]:
    """Return wall and CPU seconds until a new kernel answered."""
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.factory import KernelProvisionerFactory

    from mlstudio.kernels.choices import choose
    from mlstudio.store.home import default_home

    KernelProvisionerFactory.instance().default_provisioner_name = provisioner
    manager = AsyncKernelManager(kernel_id=str(uuid.uuid4()), transport="ipc")
    if size != "local":
        choose(default_home(), manager.kernel_id, size)
    wall, cpu = time.perf_counter(), time.process_time()
    await manager.start_kernel(stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu + spent(manager.provisioner.pid)
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    return wall, cpu


async def measure(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Start every kind once a round, in another order each time; one round before counts for nothing."""
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for number in range(-1, rounds):
        for kind in random.sample(list(KINDS), len(KINDS)):
            taken = await start(*KINDS[kind])
            if number >= 0:
                found[kind].append(taken)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLSTUDIO_HOME"] = f"{folder}/home"
        os.environ["JUPYTER_RUNTIME_DIR"] = f"{folder}/runtime"
        found = asyncio.run(measure(rounds))
    print(f"{rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for kind, taken in found.items():
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        pairs = list(zip(taken, found["plain"], strict=True))
        ratios = [statistics.median(ours[at] / plain[at] for ours, plain in pairs) for at in (0, 1)]
        print(f"{kind:28} {1000 * wall:5.0f} ms wall {ratios[0]:5.3f}x  {1000 * cpu:5.0f} ms CPU {ratios[1]:5.3f}x")


if __name__ == "__main__":
    main()

"""What kernels use: their processes together, cheap enough to be asked while somebody looks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mlstudio.kernels.usage import Meter, gpu_memory, trees

BUSY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "b = bytearray(60 << 20)\\nwhile True: pass"])
print("up", flush=True)
child.wait()
"""


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def busy() -> Iterator[int]:
    """A process whose child computes and holds 60 MiB."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.3)
        yield process.pid
        os.killpg(process.pid, 9)


def test_trees() -> None:
    parents = {1: 0, 2: 1, 3: 2, 4: 3, 9: 1, 0: 0}
    assert trees([2, 9, 77], parents) == {2: [2, 3, 4], 9: [9], 77: []}


def test_children_count_and_cpu_is_a_difference(busy: int) -> None:
    meter = Meter()
    first = meter.read([busy])[busy]
    assert first.cpu_percent is None
    assert first.rss > 60 << 20
    time.sleep(1.1)
    second = meter.read([busy])[busy]
    assert second.cpu_percent is not None
    assert 5 < second.cpu_percent < 120


def test_looks_in_quick_succession_are_one(busy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    meter = Meter(clock)
    looks: list[set[int]] = []
    look = meter._look
    monkeypatch.setattr(meter, "_look", lambda pids: looks.append(pids) or look(pids))
    meter.read([busy])
    clock.now = 0.9
    meter.read([busy])
    assert len(looks) == 1
    meter.read([busy, os.getpid()])  # a kernel that is new is looked at
    clock.now = 2.0
    meter.read([busy])
    assert len(looks) == 3


def test_what_is_gone_is_left_out() -> None:
    meter = Meter()
    assert meter.read([]) == {}
    assert meter.read([2**22 + 1]) == {}


def test_fake_gpus_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_FAKE_GPUS", "2")
    assert gpu_memory() is None


def test_the_driver_is_asked_by_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLSTUDIO_FAKE_GPUS", raising=False)

    def running(card: int) -> list[Any]:
        if card == 2:
            raise RuntimeError("fell off the bus")
        return [SimpleNamespace(pid=os.getpid(), usedGpuMemory=5 << 20), SimpleNamespace(pid=1, usedGpuMemory=None)]

    nvml = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: 3,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetComputeRunningProcesses=running,
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert gpu_memory() == {os.getpid(): 10 << 20, 1: 0}
    assert Meter().read([os.getpid()])[os.getpid()].gpu_memory == 10 << 20


def test_no_driver_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLSTUDIO_FAKE_GPUS", raising=False)
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu_memory() is None

"""GPUs as NVML tells them, or made up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlstudio.jobs.hosts.devices import FAKE, fake_gpus, gpus, nvml_gpus


class Nvml:
    """What NVML answers on a host of one whole card, one cut into two slices, and one that fell off the bus."""

    def nvmlDeviceGetCount(self) -> int:
        return 3

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        if index == 2:
            raise RuntimeError("GPU is lost")
        return f"card{index}"

    def nvmlDeviceGetMigMode(self, card: str) -> list[int]:
        return [int(card == "card1"), 0]

    def nvmlDeviceGetMaxMigDeviceCount(self, card: str) -> int:
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, card: str, number: int) -> str:
        if number > 1:
            raise RuntimeError("not found")
        return f"{card}-slice{number}"

    def nvmlDeviceGetMemoryInfo(self, card: str) -> Any:
        return SimpleNamespace(total=16 << 30, used=1 << 30)

    def nvmlDeviceGetUtilizationRates(self, card: str) -> Any:
        if "slice" in card:
            raise RuntimeError("not supported")
        return SimpleNamespace(gpu=50)

    def nvmlDeviceGetUUID(self, card: str) -> bytes:
        return b"MIG-" + card.encode() if "slice" in card else b"GPU-" + card.encode()

    def nvmlDeviceGetName(self, card: str) -> str:
        return "A100"

    def nvmlDeviceGetComputeRunningProcesses(self, card: str) -> list[Any]:
        return [SimpleNamespace(pid=2**22 + 1, usedGpuMemory=1 << 30)] if card == "card0" else []


def test_cards_slices_and_what_fell_off() -> None:
    found = nvml_gpus(Nvml())
    assert [one.uuid for one in found] == ["GPU-card0", "MIG-card1-slice0", "MIG-card1-slice1"]
    assert [one.busy_outside for one in found] == [True, False, False]
    assert [one.utilisation for one in found] == [0.5, None, None]
    assert (found[0].memory_mib, found[0].used_mib, found[0].name) == (16384, 1024, "A100")


@pytest.mark.parametrize(("spelled", "count"), [("2", 2), ("2x24", 2), ("0", 0), ("", 0), ("many", 0), ("99", 64)])
def test_made_up_ones(monkeypatch: pytest.MonkeyPatch, spelled: str, count: int) -> None:
    monkeypatch.setenv(FAKE, spelled)
    assert len(gpus()) == len(fake_gpus(spelled)) == count
    assert len({one.uuid for one in gpus()}) == count

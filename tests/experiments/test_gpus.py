"""GPUs: what NVML tells of those that this process may use; a driver with faults costs nothing.

A machine without GPU has no library to ask, so its answers stand in for it here: `Gpus` takes the module.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlstudio.experiments import gpus


class Driver:
    """Two cards; the second tells nothing of its power, as many do."""

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetUUID(self, card: int) -> bytes:
        return f"GPU-{card}abc".encode()

    def nvmlDeviceGetName(self, card: int) -> str:
        return "A card"

    def nvmlDeviceGetMemoryInfo(self, card: int) -> Any:
        return SimpleNamespace(total=80 * 2**30, used=20 * 2**30)

    def nvmlDeviceGetUtilizationRates(self, card: int) -> Any:
        return SimpleNamespace(gpu=50 + card)

    def nvmlDeviceGetPowerUsage(self, card: int) -> int:
        if card == 1:
            raise RuntimeError("Not Supported")
        return 250_000

    def nvmlSystemGetDriverVersion(self) -> str:
        return "555.1"


def test_cards_tell_what_they_are_and_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    cards = gpus.Gpus(Driver())
    assert cards.hardware() == {"gpu0": "A card, 80 GiB", "gpu1": "A card, 80 GiB", "gpu_driver": "555.1"}
    assert cards.sample() == {
        "system/gpu.0.util": 50.0,
        "system/gpu.0.mem": 25.0,
        "system/gpu.0.power": 250.0,
        "system/gpu.1.util": 51.0,
        "system/gpu.1.mem": 25.0,
    }


@pytest.mark.parametrize(
    ("chosen", "numbers"), [("1", {"1"}), ("GPU-0a", {"0"}), ("", set()), ("0,1", {"0", "1"}), ("-1", set())]
)
def test_only_cards_that_the_process_may_use_are_told(
    monkeypatch: pytest.MonkeyPatch, chosen: str, numbers: set[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    assert {name.split(".")[1] for name in gpus.Gpus(Driver()).sample()} == numbers


def test_a_host_without_a_driver_has_none_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import pynvml

    asked = []

    def init() -> None:
        asked.append(1)
        raise pynvml.NVMLError(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)

    monkeypatch.setattr(pynvml, "nvmlInit", init)
    monkeypatch.setattr(gpus, "_found", [])
    assert (gpus.gpus(), gpus.gpus(), len(asked)) == (None, None, 1)

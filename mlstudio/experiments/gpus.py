"""NVIDIA GPUs through nvidia-ml-py: their names, the driver, and how busy they are.

Asked once; where there is no driver, or anything about it is broken, there are no GPUs.
Knows nothing of: runs.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

MAX_GPUS: Final = 64
_lock: Final = threading.Lock()
_found: list[Gpus] = []


class Gpus:
    """The GPUs that this process may use, by their number on the host.

    Args:
        nvml: the module ``pynvml``, initialised.
    """

    def __init__(self, nvml: ModuleType | Any) -> None:
        self._nvml = nvml
        self._handles: dict[int, Any] = {}
        for number in range(min(int(nvml.nvmlDeviceGetCount()), MAX_GPUS)):
            with contextlib.suppress(Exception):  # a card that fell off the bus
                handle = nvml.nvmlDeviceGetHandleByIndex(number)
                if _visible(number, _text(nvml.nvmlDeviceGetUUID(handle)), os.environ.get("CUDA_VISIBLE_DEVICES")):
                    self._handles[number] = handle

    def hardware(self) -> dict[str, str]:
        """Return ``gpuN`` and ``gpu_driver``, as text."""
        found = {}
        for number, handle in self._handles.items():
            with contextlib.suppress(Exception):
                memory = self._nvml.nvmlDeviceGetMemoryInfo(handle).total
                found[f"gpu{number}"] = f"{_text(self._nvml.nvmlDeviceGetName(handle))}, {memory / 2**30:.0f} GiB"
        if found:
            with contextlib.suppress(Exception):
                found["gpu_driver"] = _text(self._nvml.nvmlSystemGetDriverVersion())
        return found

    def sample(self) -> dict[str, float]:
        """Return use (%), memory in use (%) and power (W) of each GPU; what a card does not tell is left out."""
        nvml, found = self._nvml, dict[str, float]()
        for number, handle in self._handles.items():
            asked: dict[str, Callable[[Any], float]] = {
                "util": lambda card: float(nvml.nvmlDeviceGetUtilizationRates(card).gpu),
                "mem": lambda card: _share(nvml.nvmlDeviceGetMemoryInfo(card)),
                "power": lambda card: nvml.nvmlDeviceGetPowerUsage(card) / 1000.0,
            }
            for name, ask in asked.items():
                with contextlib.suppress(Exception):
                    found[f"system/gpu.{number}.{name}"] = ask(handle)
        return found


def gpus() -> Gpus | None:
    """Return the GPUs of this host, None where there is none; the driver is asked once a process."""
    with _lock:
        if not _found:
            _found.append(_opened() or _NONE)
        return None if _found[0] is _NONE else _found[0]


def _opened() -> Gpus | None:
    try:
        import pynvml

        pynvml.nvmlInit()
        return Gpus(pynvml)
    except Exception:  # noqa: BLE001, RUF100 -- no library, no driver, no permission: no GPUs
        return None


class _Nothing:
    """Stands for a module that counts no GPU."""

    @staticmethod
    def nvmlDeviceGetCount() -> int:  # noqa: N802 -- NVML's name
        """Return 0."""
        return 0


_NONE: Final = Gpus(_Nothing)


def _share(memory: Any) -> float:
    return 100.0 * float(memory.used) / float(memory.total) if memory.total else 0.0


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _visible(number: int, uuid: str, chosen: str | None) -> bool:
    """Tell whether CUDA_VISIBLE_DEVICES leaves a GPU to this process.

    >>> _visible(1, "GPU-ab12", "0,1"), _visible(1, "GPU-ab12", "GPU-ab"), _visible(0, "GPU-x", "")
    (True, True, False)
    """
    if chosen is None:
        return True
    names = [part.strip() for part in chosen.split(",")]
    return any(part == str(number) or (part.startswith("GPU-") and uuid.startswith(part)) for part in names)

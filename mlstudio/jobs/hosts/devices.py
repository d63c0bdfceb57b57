"""The GPUs of this host: told by NVML, or made up for tests.

``MLSTUDIO_FAKE_GPUS=2`` makes two GPUs of 16 GiB up (``2x24`` of 24 GiB): their UUIDs are handed
out, bound and freed like real ones, and nothing can compute on them.

Imports: nvidia-ml-py, where there is a driver. Knows nothing of: who uses them.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import Any, Final

import psutil

from mlstudio.entities.instances import Gpu

FAKE: Final = "MLSTUDIO_FAKE_GPUS"
MAX_GPUS: Final = 64
_BUSY_MIB: Final = 64
"""Memory that other processes must hold before a GPU counts as busy: a driver's own context is smaller."""
_SPELLED: Final = re.compile(r"(\d{1,2})(?:x(\d{1,4}))?")


def gpus() -> list[Gpu]:
    """Return the GPUs and MIG slices of this host by number; none where nothing tells of any."""
    spelled = os.environ.get(FAKE)
    if spelled is not None:
        return fake_gpus(spelled)
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # noqa: BLE001, RUF100 -- no library, no driver, no permission: no GPUs
        return []
    try:
        return nvml_gpus(pynvml)
    finally:
        with contextlib.suppress(Exception):
            pynvml.nvmlShutdown()


def fake_gpus(spelled: str) -> list[Gpu]:
    """Return made-up GPUs.

    >>> [(one.uuid, one.memory_mib) for one in fake_gpus("2x24")]
    [('GPU-fake-0', 24576), ('GPU-fake-1', 24576)]
    """
    found = _SPELLED.fullmatch(spelled.strip())
    count, gib = (int(found[1]), int(found[2] or 16)) if found else (0, 0)
    return [
        Gpu(uuid=f"GPU-fake-{index}", index=index, name="Fake GPU", memory_mib=gib << 10)
        for index in range(min(count, MAX_GPUS))
    ]


def nvml_gpus(nvml: Any) -> list[Gpu]:
    """Return what NVML tells; a card that cannot be asked is left out.

    Args:
        nvml: the module ``pynvml``, initialised.
    """
    found: list[Gpu] = []
    for index in range(min(int(nvml.nvmlDeviceGetCount()), MAX_GPUS)):
        with contextlib.suppress(Exception):  # a card that fell off the bus
            card = nvml.nvmlDeviceGetHandleByIndex(index)
            slices = _slices(nvml, card)
            found += [_gpu(nvml, one, index) for one in slices or [card]]
    return found


def _slices(nvml: Any, card: Any) -> list[Any]:
    """Return the MIG slices of a card; [] when it is not cut up."""
    made: list[Any] = []
    with contextlib.suppress(Exception):
        if nvml.nvmlDeviceGetMigMode(card)[0] != 1:
            return []
        for number in range(int(nvml.nvmlDeviceGetMaxMigDeviceCount(card))):
            with contextlib.suppress(Exception):
                made.append(nvml.nvmlDeviceGetMigDeviceHandleByIndex(card, number))
    return made


def _gpu(nvml: Any, card: Any, index: int) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(card)
    utilisation = None
    with contextlib.suppress(Exception):
        utilisation = float(nvml.nvmlDeviceGetUtilizationRates(card).gpu) / 100
    return Gpu(
        uuid=_text(nvml.nvmlDeviceGetUUID(card)),
        index=index,
        name=_text(nvml.nvmlDeviceGetName(card)),
        memory_mib=int(memory.total) >> 20,
        used_mib=int(memory.used) >> 20,
        utilisation=utilisation,
        busy_outside=_others_hold(nvml, card),
    )


def _others_hold(nvml: Any, card: Any) -> bool:
    """Tell whether processes that are not mlstudio's hold memory on a card."""
    held = 0
    with contextlib.suppress(Exception):
        for process in nvml.nvmlDeviceGetComputeRunningProcesses(card):
            if not _ours(int(process.pid)):
                held += int(process.usedGpuMemory or 0) >> 20
    return held > _BUSY_MIB


def _ours(pid: int) -> bool:
    """Tell whether a process was started by mlstudio: a job, or a kernel with a lease."""
    try:
        names = psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return False
    return "MLSTUDIO_JOB_NAME" in names or "MLSTUDIO_INSTANCE_TYPE" in names


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

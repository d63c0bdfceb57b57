"""What travels about kernels: a choice is checked at the door, what is not known is null."""

from __future__ import annotations

import json

import pytest

from mlstudio.entities.errors import InvalidJson
from mlstudio.entities.kernels import KernelChoice, KernelInstance, KernelsUsage, KernelUsage
from mlstudio.entities.wire import decode, encode


@pytest.mark.parametrize("body", [b'{"instance_type": ""}', b'{"instance_type": null}', b"{}", b"[]"])
def test_a_choice_is_a_name(body: bytes) -> None:
    with pytest.raises(InvalidJson):
        decode(body, KernelChoice)


def test_what_nobody_knows_is_null() -> None:
    told = json.loads(encode(KernelsUsage([KernelUsage(kernel_id="k", name="python3")], 5)))
    assert told == {
        "kernels": [
            {
                "kernel_id": "k",
                "name": "python3",
                "path": "",
                "instance": None,
                "cpu_percent": None,
                "rss": None,
                "gpu_memory": None,
            }
        ],
        "host_memory": 5,
    }


def test_an_instance_travels_there_and_back() -> None:
    one = KernelInstance(instance_type="ml.m5.large", wanted="local", vcpu=2, memory_mib=8192, gpus=["GPU-1"])
    assert decode(encode(one), KernelInstance) == one

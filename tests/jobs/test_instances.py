"""Instance types as sizes."""

from __future__ import annotations

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.jobs.instances import asked_cpus, cpus, gpus, wants_gpu
from mlstudio.jobs.runner.limits import cores


@pytest.mark.parametrize(
    ("name", "count"),
    [("ml.m5.large", 2), ("ml.m5.xlarge", 4), ("ml.m5.24xlarge", 96), ("ml.c5.9xlarge", 36), ("ml.local.cpu3", 3)],
)
def test_a_type_asks_for_what_aws_gives_it(name: str, count: int) -> None:
    assert asked_cpus(name) == count
    assert 1 <= cpus(name) <= cores()


def test_local_is_the_whole_host() -> None:
    assert asked_cpus("local") == cores()
    assert wants_gpu("local")


def test_cpu_types_see_no_gpu() -> None:
    assert not wants_gpu("ml.m5.large")
    assert wants_gpu("ml.p3.2xlarge")
    assert wants_gpu("ml.g5.xlarge")
    assert gpus("ml.m5.large") == 0


@pytest.mark.parametrize("name", ["", "m5.large", "ml.m5", "ml.m5.huge", "ml..large", "ml.m5.large.x"])
def test_what_is_no_type_is_refused(name: str) -> None:
    with pytest.raises(InvalidField) as refused:
        asked_cpus(name)
    assert refused.value.field == "instance_type"


def test_the_nearest_type_is_named() -> None:
    with pytest.raises(InvalidField, match=r"Did you mean ml\.m5\.xlarge\?"):
        asked_cpus("m5.xlarge")

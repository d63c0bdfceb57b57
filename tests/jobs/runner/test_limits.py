"""Threads and limits of a job."""

from __future__ import annotations

import resource
import subprocess
import sys

from mlstudio.jobs.runner.limits import cores, thread_variables


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1


def test_every_numeric_library_is_told() -> None:
    assert set(thread_variables(3).values()) == {"3"}
    assert set(thread_variables(0).values()) == {"1"}
    assert "OMP_NUM_THREADS" in thread_variables(1)


def test_a_memory_limit_ends_an_allocation_not_the_machine() -> None:
    code = (
        "from mlstudio.jobs.runner.limits import apply_limits; apply_limits(200 << 20)\n"
        "try: bytearray(400 << 20)\nexcept MemoryError: print('refused')"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "refused\n"
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != 200 << 20

"""The shim sets the limits and becomes the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from mlstudio.kernels import shim

TELL = """
import json, os, resource, sys
limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
print(json.dumps([sorted(os.sched_getaffinity(0)), limit, os.getpid(), sys.argv]))
"""
CORE = min(os.sched_getaffinity(0))


def run(cpus: str, memory: str, *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", shim.__file__, cpus, memory, *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_one_core_and_a_limit() -> None:
    cores, memory, _, argv = json.loads(run(str(CORE), str(1 << 30), sys.executable, "-c", TELL, "a b", "--x").stdout)
    assert (cores, memory, argv[1:]) == ([CORE], 1 << 30, ["a b", "--x"])


def test_nothing_to_limit() -> None:
    cores, memory, *_ = json.loads(run("-", "-", sys.executable, "-c", TELL).stdout)
    assert (cores, memory) == (sorted(os.sched_getaffinity(0)), -1)


def test_a_core_that_is_gone_costs_no_kernel() -> None:
    cores, *_ = json.loads(run("4095", "-", sys.executable, "-c", TELL).stdout)
    assert cores == sorted(os.sched_getaffinity(0))


def test_too_much_memory_fails_inside_the_program_only() -> None:
    ended = run("-", str(256 << 20), sys.executable, "-c", "bytearray(1 << 30)")
    assert ended.returncode == 1
    assert "MemoryError" in ended.stderr


def test_it_is_the_program_and_not_its_parent() -> None:
    command = [sys.executable, "-I", "-S", shim.__file__, "-", "-", sys.executable, "-c", TELL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert json.loads(process.communicate(timeout=30)[0])[2] == process.pid


def test_a_program_that_does_not_exist() -> None:
    ended = run("-", "-", "/nowhere/python")
    assert ended.returncode == 1
    assert "No such file" in ended.stderr


def test_a_limit_above_the_hard_one_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[str, ...]] = []
    monkeypatch.setattr(os, "execvp", lambda name, argv: became.append(argv))
    monkeypatch.setattr("resource.setrlimit", lambda *_: (_ for _ in ()).throw(ValueError("not allowed")))
    shim.main("-", "1024", "kernel", "-f", "x")
    assert became == [("kernel", "-f", "x")]

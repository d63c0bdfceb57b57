"""A job that takes more memory than it was granted is ended, and the reason says by what."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.runner.memory import MemoryGroup, limit_said, places, remove

from .conftest import Run

LIMIT = 192 << 20
GREEDY = "held = [bytearray(16 << 20) for _ in range(32)]"


def groups_can_be_made() -> bool:
    made = MemoryGroup.make(f"probe-{os.getpid()}", LIMIT)
    if made is not None:
        made.remove()
    return made is not None


grouped = pytest.mark.skipif(not groups_can_be_made(), reason="no cgroup of the memory controller may be made here")


def granted(**settings: Any) -> Callable[[Path], object]:
    """Return what writes a grant before the supervisor starts."""
    return lambda folder: (folder / "grant.json").write_text(json.dumps({"memory": LIMIT, "cpus": [], **settings}))


@grouped
def test_the_kernel_ends_what_takes_too_much_and_the_reason_says_so(run: Callable[..., Run]) -> None:
    started = run(f"print('up', flush=True)\n{GREEDY}", before=granted())
    end = started.end()
    assert (end["outcome"], end["signal"], end["oom"]) == ("Failed", 9, 1)
    assert "Killed by SIGKILL: memory limit 192 MiB, oom_kill 1" in end["reason"]
    group = Path((read_json(started.folder / "run.json") or {})["cgroup"])
    assert not group.exists(), "nothing is left of it"


@grouped
def test_the_limit_is_that_of_all_processes_together(run: Callable[..., Run]) -> None:
    half = "import time; held = bytearray(110 << 20); print('held', flush=True); time.sleep(30)"
    script = f"""
        import subprocess, sys, time
        both = [subprocess.Popen([sys.executable, "-c", {half!r}]) for _ in range(2)]
        while all(one.poll() is None for one in both):
            time.sleep(0.05)
        sys.exit("one was ended")
    """
    end = run(script, before=granted()).end()
    assert (end["rc"], end["oom"]) == (1, 1)
    assert "ExitCode 1: memory limit 192 MiB, oom_kill 1" in end["reason"]


def test_where_no_group_can_be_made_each_process_is_limited(run: Callable[..., Run]) -> None:
    started = run(GREEDY, before=granted(memory_by="rlimit"))
    end = started.end()
    assert (end["rc"], end["oom"]) == (1, 0)
    assert "ExitCode 1: memory limit 192 MiB" in end["reason"]
    assert "MemoryError" in end["reason"]
    assert (read_json(started.folder / "run.json") or {})["cgroup"] is None


def test_a_failure_within_the_limit_says_nothing_of_it(run: Callable[..., Run]) -> None:
    end = run("raise SystemExit(3)", before=granted()).end()
    assert "memory" not in end["reason"]


def test_version_two_is_told_in_its_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "mlstudio-x"
    folder.mkdir()
    for name in ("memory.max", "memory.swap.max", "cgroup.procs"):
        (folder / name).touch()
    (folder / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    made = MemoryGroup.make("x", 3 << 30, among=[tmp_path / "missing", tmp_path])
    assert made is not None
    made.join(7)
    said = {path.name: path.read_text() for path in folder.iterdir()}
    assert (said["memory.max"], said["memory.swap.max"], said["cgroup.procs"]) == (str(3 << 30), "0", "7")
    assert made.said() == "memory limit 3 GiB, oom_kill 2"


def test_a_folder_that_is_no_cgroup_gives_none_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    assert MemoryGroup.make("x", LIMIT, among=[tmp_path]) is None
    assert list(tmp_path.iterdir()) == []
    remove(tmp_path / "missing")
    assert all(place.is_dir() for place in places())


@pytest.mark.parametrize(("limit", "said"), [(16 << 30, "16 GiB"), (3 << 29, "1.5 GiB"), (100 << 20, "100 MiB")])
def test_a_limit_is_said_in_round_numbers(limit: int, said: str) -> None:
    assert limit_said(limit) == f"memory limit {said}"

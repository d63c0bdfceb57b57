"""Who a process is."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from mlstudio.jobs.runner import process


def test_a_process_is_known_by_pid_and_start_time() -> None:
    me = process.identity(os.getpid())
    assert process.alive(me["pid"], me["start"])
    assert not process.alive(me["pid"], me["start"] - 1)
    assert process.boot_id()


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    start = process.identity(child.pid)["start"]
    until = time.monotonic() + 10
    while process.alive(child.pid, start):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert process.stat(child.pid) is not None, "still unreaped"
    assert process.descendants(os.getpid()) == [] or child.pid not in {
        one.pid for one in process.descendants(os.getpid())
    }
    child.wait()


def test_a_name_with_brackets_and_blanks_is_read_right() -> None:
    script = "import ctypes; ctypes.CDLL(None).prctl(15, b') R 1 (x', 0, 0, 0); print(flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    child.stdout.readline()
    seen = process.stat(child.pid)
    assert seen is not None
    assert seen.parent == os.getpid()
    child.communicate(b"\n")


def test_descendants_are_found_at_any_depth_and_killed() -> None:
    inner = "import time; time.sleep(60)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    child = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {outer!r}])"]
    )
    until = time.monotonic() + 10
    while len(process.descendants(child.pid)) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert process.kill_descendants(child.pid) >= 2
    child.wait(10)


def test_no_process_is_no_process() -> None:
    assert process.stat(2**22 + 1) is None
    assert not process.alive(2**22 + 1, 0)
    assert not process.signal_group(2**22 + 1, 0)


def test_who_has_no_children_says_so_and_a_zombie_is_one() -> None:
    script = (
        "import os, subprocess, sys; from mlstudio.jobs.runner.process import childless\n"
        "print(childless()); one = subprocess.Popen([sys.executable, '-S', '-c', 'input()'], stdin=-1)\n"
        "print(childless()); one.stdin.close(); os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)\n"
        "print(childless()); one.wait(); print(childless())"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "False", "False", "True"]

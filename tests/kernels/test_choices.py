"""What was chosen is found again: for the kernel, for its notebook, in the notebook itself."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import psutil
import pytest

from mlstudio.kernels.choices import (
    KernelFile,
    choose,
    chosen,
    forget_kernel,
    in_notebook,
    keep_kernel,
    kernel_file,
    living,
)
from mlstudio.store.home import Home

SIZE = "ml.m5.large"


def test_nobody_chose(home: Home) -> None:
    assert chosen(home, "k", "") is None
    assert chosen(home, "k", "/nowhere/a.ipynb") is None
    assert kernel_file(home, "k") == KernelFile(kernel_id="k")


def test_a_choice_is_the_kernels_and_then_its_notebooks(home: Home) -> None:
    keep_kernel(home, KernelFile(kernel_id="k", path="/n/a.ipynb"))
    choose(home, "k", SIZE)
    assert chosen(home, "k", "") == SIZE
    forget_kernel(home, "k")
    assert chosen(home, "k", "") is None
    assert chosen(home, "new", "/n/a.ipynb") == SIZE
    assert chosen(home, "new", "/n/b.ipynb") is None


def test_files_are_the_users_alone_and_no_id_is_a_path(home: Home) -> None:
    keep_kernel(
        home, KernelFile(kernel_id="../../../etc/x\0", path="/n/../\udcff.ipynb".encode("utf-8", "replace").decode())
    )
    choose(home, "../../../etc/x\0", SIZE)
    files = list((home.root / "kernels").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert stat.S_IMODE((home.root / "kernels").stat().st_mode) == 0o700


def test_a_choice_wins_over_what_the_notebook_says(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {"mlstudio": {"instance_type": SIZE, "more": 1}}}))
    assert chosen(home, "k", str(path)) == SIZE
    keep_kernel(home, KernelFile(kernel_id="k", path=str(path)))
    choose(home, "k", "local")
    assert chosen(home, "other", str(path)) == "local"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"metadata": 3}',
        '{"metadata": {"mlstudio": []}}',
        '{"metadata": {"mlstudio": {"instance_type": 4}}}',
        '{"metadata": {"mlstudio": {"instance_type": ""}}}',
        "\xff",
    ],
)
def test_a_notebook_without_a_size_has_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(text.encode("latin-1"))
    assert in_notebook(path) is None


def test_only_notebooks_are_read(tmp_path: Path) -> None:
    (tmp_path / "d.ipynb").mkdir()
    other = tmp_path / "a.json"
    other.write_text('{"metadata": {"mlstudio": {"instance_type": "x"}}}')
    assert in_notebook(tmp_path / "d.ipynb") is None
    assert in_notebook(other) is None
    assert in_notebook(Path("a\0.ipynb")) is None


def test_a_spoilt_file_counts_as_none(home: Home) -> None:
    keep_kernel(home, KernelFile(kernel_id="k", path="/n/a.ipynb"))
    choose(home, "k", SIZE)
    for one in (home.root / "kernels").iterdir():
        one.write_bytes(b"\0half")
    assert chosen(home, "k", "/n/a.ipynb") is None
    assert living(home) == []


def test_files_of_dead_kernels_go(home: Home) -> None:
    mine = psutil.Process()
    keep_kernel(home, KernelFile(kernel_id="lives", pid=mine.pid, created=mine.create_time()))
    keep_kernel(home, KernelFile(kernel_id="pid of another", pid=os.getpid(), created=mine.create_time() - 100))
    keep_kernel(home, KernelFile(kernel_id="not started yet", wanted=SIZE))
    assert [one.kernel_id for one in living(home)] == ["lives"]
    assert len(list((home.root / "kernels").iterdir())) == 2
    assert kernel_file(home, "not started yet").wanted == SIZE

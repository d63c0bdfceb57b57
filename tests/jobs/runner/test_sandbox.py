"""Modes of the sandbox, and paths of the other one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlstudio.jobs.runner.sandbox import link_channels, rebase


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/opt/ml", "/j"),
        ("/opt/ml/model", "/j/model"),
        ('{"a":"/opt/ml/x"}', '{"a":"/j/x"}'),
        ("--dir=/opt/ml/x:/opt/ml", "--dir=/j/x:/j"),
        ("/opt/mlx/opt/ml", "/opt/mlx/opt/ml"),
        ("/my/opt/ml/x", "/my/opt/ml/x"),
        ("/opt/ml-2", "/opt/ml-2"),
        ("nothing", "nothing"),
    ],
)
def test_only_whole_paths_are_rebased(text: str, expected: str) -> None:
    assert rebase(text, "/j") == expected


def test_the_probe_leaves_nothing_behind(tmp_path: Path) -> None:
    before = sorted(os.listdir("/opt")) if Path("/opt").is_dir() else None
    folder = tmp_path / "probe"
    folder.mkdir()
    code = (
        f"from pathlib import Path; from mlstudio.jobs.runner.sandbox import probe; print(probe(Path({str(folder)!r})))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert said in ("namespace", "env")
    assert list(folder.iterdir()) == []
    assert (sorted(os.listdir("/opt")) if Path("/opt").is_dir() else None) == before


def test_channels_are_links_where_they_cannot_be_mounted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "x").write_text("1")
    base = tmp_path / "ml"
    for name in ("folder", "file"):
        (base / "input" / "data" / name).mkdir(parents=True)
    for _ in range(2):  # a second attempt finds the links of the first
        link_channels(base, {"folder": data, "file": data / "x"})
    assert (base / "input" / "data" / "folder" / "x").read_text() == "1"
    assert (base / "input" / "data" / "file" / "x").read_text() == "1"

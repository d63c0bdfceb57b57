"""A job in a container: the command line of podman or docker, and the end of what it leaves.

The engine's own program runs under the supervisor like any job: its output is the log, its exit
code the container's, SIGTERM goes on to the container. Variables travel by name, so that no value
shows in the list of processes.

Imports: the standard library only.
"""

from __future__ import annotations

import contextlib
import csv
import io
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

BASE: Final = "/opt/ml"
_REMOVAL: Final = 60.0
"""Seconds that the engine gets to remove a container."""


def name_of(run_dir: Path) -> str:
    """Return the name of a run's container: one for each attempt."""
    return f"mlstudio-{run_dir.name}"


def run_argv(
    container: Mapping[str, Any],
    run_dir: Path,
    mounts: Sequence[tuple[str, Path]],
    granted: Mapping[str, Any],
) -> list[str]:
    """Return the argv that runs a job in a container.

    Args:
        container: of spec.json: ``{"engine", "image", "variables", "network", "workdir", "entrypoint", "arguments"}``.
        run_dir: the run folder; its ``ml`` becomes ``/opt/ml``.
        mounts: folder relative to ``/opt/ml`` → what it shows, or holds, read-only.
        granted: grant.json: cores, bytes of memory, variables.
    """
    engine = str(container["engine"])
    argv = [engine, "run", "--rm", "--name", name_of(run_dir)]
    argv += ["--mount", _mount(run_dir / "ml", BASE)]
    for place, source in sorted(mounts):
        target = f"{BASE}/{place}" + (f"/{source.name}" if source.is_file() else "")
        argv += ["--mount", _mount(source, target, read_only=True)]
    if granted.get("cpus"):
        argv += ["--cpuset-cpus", ",".join(str(one) for one in granted["cpus"])]
    if granted.get("memory"):
        argv += ["--memory", str(granted["memory"])]
    gpus = str(granted.get("env", {}).get("CUDA_VISIBLE_DEVICES", ""))
    argv += _gpus(engine, [one for one in gpus.split(",") if one])
    if container.get("network"):
        argv += ["--network", str(container["network"])]
    for name in container["variables"]:
        argv += ["--env", name]
    if container.get("workdir"):
        argv += ["--workdir", str(container["workdir"])]
    entrypoint = list(container.get("entrypoint", []))
    if entrypoint:
        argv += ["--entrypoint", entrypoint[0]]
    return [*argv, str(container["image"]), *entrypoint[1:], *container.get("arguments", [])]


def _mount(source: Path, target: str, *, read_only: bool = False) -> str:
    row = io.StringIO()  # the engines read it as CSV: a path may hold a comma
    fields = ["type=bind", f"source={source}", f"target={target}", *(["readonly"] if read_only else [])]
    csv.writer(row, lineterminator="").writerow(fields)
    return row.getvalue()


def _gpus(engine: str, gpus: list[str]) -> list[str]:
    if not gpus:
        return []
    if Path(engine).name.startswith("podman"):
        return [text for one in gpus for text in ("--device", f"nvidia.com/gpu={one}")]
    return ["--gpus", f'"device={",".join(gpus)}"']


def remove(container: Mapping[str, Any], run_dir: Path) -> None:
    """End and remove a run's container; one that is gone already is fine."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [str(container["engine"]), "rm", "--force", name_of(run_dir)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_REMOVAL,
            check=False,
        )

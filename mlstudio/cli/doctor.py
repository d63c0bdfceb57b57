"""``mlstudio doctor``: what is missing, unsafe or slow here, each with what to do about it.

The store looks at itself (`store.doctor`); this file adds what the store does not know: the
interpreter, JupyterLab, the front end, the job agent.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mlstudio
from mlstudio.cli.output import Subparsers, add_json, as_json, pairs, plain

if TYPE_CHECKING:
    from mlstudio.store.doctor import Finding, Level

MARKS: Final = {"ok": "ok    ", "note": "note  ", "slow": "SLOW  ", "unsafe": "UNSAFE"}


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is missing, unsafe or slow, and what to do",
        description="Look at the store, its disk, JupyterLab and the agent. Exit code: 0 all good, "
        "1 something is unsafe, 2 something is slow.",
    )
    add_json(parser)
    parser.set_defaults(handler=_doctor)


def _doctor(args: argparse.Namespace) -> int:
    from mlstudio.store import default_home
    from mlstudio.store.doctor import check

    findings = [*check(), python(), lab(), front_end(), agent()]
    if args.json:
        print(as_json({"items": findings}))
    else:
        about = {"mlstudio": mlstudio.__version__, "python": sys.executable, "home": default_home().root}
        print(f"{pairs(about)}\n")
        for finding in findings:
            print(f"{MARKS.get(finding.level, finding.level)}  {plain(finding.message)}")
            if finding.hint and finding.level != "ok":
                print(f"        {plain(finding.hint)}")
    levels = {finding.level for finding in findings}
    return 1 if "unsafe" in levels else 2 if "slow" in levels else 0


def _finding(code: str, level: Level, message: str, hint: str = "") -> Finding:
    from mlstudio.store.doctor import Finding

    return Finding(code=code, level=level, message=message, hint=hint)


def python() -> Finding:
    """Look at the interpreter: patch releases before mid-2025 let an archive escape its folder."""
    safe = {11: 13, 12: 11, 13: 4}
    minor, micro = sys.version_info[1:3]
    if micro >= safe.get(minor, 0):
        return _finding("python", "ok", f"Python {platform.python_version()}.")
    return _finding(
        "python_tarfile",
        "note",
        f"Python {platform.python_version()} has a tarfile whose data filter can be bypassed (CVE-2025-4517).",
        f"mlstudio checks every member itself; still, use 3.{minor}.{safe[minor]} or newer.",
    )


def lab() -> Finding:
    """Look for JupyterLab 4.6 or newer."""
    try:
        found = version("jupyterlab")
    except PackageNotFoundError:
        return _finding(
            "no_lab", "note", "JupyterLab is not installed here.", f"{sys.executable} -m pip install jupyterlab"
        )
    if tuple(int(part) for part in found.split(".")[:2]) < (4, 6):
        return _finding(
            "old_lab", "note", f"JupyterLab {found} is too old for the panel.", "pip install 'jupyterlab>=4.6'"
        )
    return _finding("lab", "ok", f"JupyterLab {found}.")


def front_end() -> Finding:
    """Look for the panel's files where JupyterLab looks."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        package = Path(folder) / "mlstudio" / "package.json"
        if package.is_file():
            found = json.loads(package.read_text(encoding="utf-8")).get("version")
            return _finding("front_end", "ok", f"The Studio panel {found} is installed.")
    return _finding(
        "no_front_end",
        "note",
        "The Studio panel is not installed here: the server answers, JupyterLab shows nothing.",
        "Install mlstudio from a wheel, or run `make build` in its repository.",
    )


def agent() -> Finding:
    """Ask the job agent; none running is fine, it starts by itself."""
    from mlstudio.entities.errors import StudioError
    from mlstudio.jobs.agent.ensure import status

    try:
        found = status()
    except StudioError as error:
        return _finding("agent", "note", error.message, error.hint or "mlstudio agent stop")
    if found is None:
        return _finding("agent", "ok", "No job agent runs; it starts by itself.")
    return _finding("agent", "ok", f"The job agent runs, pid {found.get('pid')}.")

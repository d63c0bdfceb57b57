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
from mlstudio.cli.output import Subparsers, add_json, as_json, pairs, plain, table

if TYPE_CHECKING:
    from mlstudio.entities.housekeeping import DoctorFinding, DoctorReport
    from mlstudio.store.doctor import Level

MARKS: Final = {"ok": "ok    ", "note": "note  ", "slow": "SLOW  ", "unsafe": "UNSAFE"}


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is missing, unsafe or slow, and what to do",
        description="Look at the store, its disk, JupyterLab and the agent. Exit code: 0 all good, "
        "1 something is unsafe, 2 something is slow.",
    )
    parser.add_argument("--deep", action="store_true", help="read every artifact and compare it with its hash")
    parser.add_argument(
        "--repair",
        nargs="?",
        const="all",
        metavar="WHAT",
        help="set right what was found, or only WHAT; shows first what would be done, and asks",
    )
    parser.add_argument("--yes", action="store_true", help="with --repair or --restore: do not ask")
    parser.add_argument("--restore", metavar="FILE", help="put the store back to a backup; it is kept as it is")
    add_json(parser)
    parser.set_defaults(handler=_doctor)


def _doctor(args: argparse.Namespace) -> int:
    from mlstudio.store import default_home
    from mlstudio.store.doctor import examine

    if args.restore is not None:
        return _restore(args)
    report = examine(deep=args.deep)
    findings = [*report.items, python(), lab(), front_end(), agent()]
    if args.repair is not None:
        return _repair(args, report)
    if args.json:
        print(as_json({"items": findings, "sizes": report.sizes}))
    else:
        about = {"mlstudio": mlstudio.__version__, "python": sys.executable, "home": default_home().root}
        print(f"{pairs(about)}\n")
        for finding in findings:
            _print(finding)
        print(f"\n{_sizes(report)}")
    levels = {finding.level for finding in findings}
    return 1 if "unsafe" in levels else 2 if "slow" in levels else 0


def _print(finding: DoctorFinding) -> None:
    print(f"{MARKS.get(finding.level, finding.level)}  {plain(finding.message)}")
    if finding.hint and finding.level != "ok":
        print(f"        {plain(finding.hint)}")
    if finding.repair is not None:
        print(f"        `mlstudio doctor --repair {finding.repair}` sets it right.")


def _sizes(report: DoctorReport) -> str:
    from mlstudio.store.doctor_sizes import shown

    rows = [(size.what, shown(size.bytes), "-" if size.count is None else size.count) for size in report.sizes]
    return table(("room", "size", "files"), rows)


def _repair(args: argparse.Namespace, report: DoctorReport) -> int:
    """Say what would be done, ask, and do it. Without a terminal and without --yes nothing is done."""
    from mlstudio.store import default_home, open_store
    from mlstudio.store.repair import repair

    found = [item.repair for item in report.items if item.repair is not None]
    wanted = list(dict.fromkeys(found)) if args.repair == "all" else [args.repair]
    store, home = (open_store(), default_home()) if wanted else (None, default_home())
    would = {what: repair(store, home, what, dry_run=True) for what in wanted if store is not None}
    lines = [line for said in would.values() for line in said]
    if not args.json:
        print("\n".join(map(plain, lines)) or "There is nothing to repair.")
    done: list[str] = []
    if lines and store is not None and (args.yes or _agreed("Do it?", quiet=args.json)):
        done = [line for what in would for line in repair(store, home, what)]
    if args.json:
        print(as_json({"would": lines, "done": done}))
    elif done:
        print("\n".join(map(plain, done)))
    return 0


def _agreed(question: str, *, quiet: bool = False) -> bool:
    """Ask at a terminal; where there is none, the answer is no, and unless `quiet` how to say yes."""
    if not sys.stdin.isatty():
        if not quiet:
            print(f"{question} There is no terminal to ask at: add --yes.", file=sys.stderr)
        return False
    if quiet:
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _restore(args: argparse.Namespace) -> int:
    from mlstudio.entities.errors import InvalidField
    from mlstudio.store import default_home
    from mlstudio.store.home import default_url
    from mlstudio.store.migrate import ensure_schema
    from mlstudio.store.restore import restore_backup

    url = default_url(default_home())
    if not url.startswith("sqlite:///"):
        raise InvalidField("Only a SQLite store is put back so.", field="MLSTUDIO_STORE_URL")
    path = Path(url.removeprefix("sqlite:///")).absolute()
    if not (args.yes or _agreed(f"Everything recorded since {args.restore} was made goes aside. Put it back?")):
        print("Nothing was changed.")
        return 1
    default_home().ensure(path.parent)
    ensure_schema(path)
    kept = restore_backup(path, Path(args.restore))
    print(f"The store is as {args.restore} has it. As it was it is kept in {kept}.")
    return 0


def _finding(code: str, level: Level, message: str, hint: str = "") -> DoctorFinding:
    from mlstudio.entities.housekeeping import DoctorFinding

    return DoctorFinding(code=code, level=level, message=message, hint=hint)


def python() -> DoctorFinding:
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


def lab() -> DoctorFinding:
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


def front_end() -> DoctorFinding:
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


def agent() -> DoctorFinding:
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

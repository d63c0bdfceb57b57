"""``mlstudio tensorboard``: our runs in TensorBoard, while they run."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mlstudio.cli.output import Subparsers, plain

if TYPE_CHECKING:
    from mlstudio.experiments.exporters.tensorboard import EventFolder

INTERVAL = 1.0


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser("tensorboard", help="look at runs in TensorBoard, while they run")
    parser.add_argument("query", nargs="?", help='a search, for example: experiment = "digits"; none is every run')
    parser.add_argument("--logdir", type=Path, metavar="DIR", help="write event files here and keep them")
    parser.add_argument(
        "--follow", action="store_true", help="go on writing while runs go on, also without TensorBoard"
    )
    parser.add_argument("--port", type=int, help="port of TensorBoard (default: its own, 6006)")
    parser.add_argument("--no-serve", action="store_true", help="only write the files")
    parser.set_defaults(handler=_tensorboard)


def _tensorboard(args: argparse.Namespace) -> int:
    from mlstudio.entities.errors import InvalidField
    from mlstudio.experiments.exporters.tensorboard import EventFolder
    from mlstudio.experiments.importers.tally import Tally
    from mlstudio.store import open_store

    kept = args.logdir is not None
    logdir = args.logdir.absolute() if kept else Path(tempfile.mkdtemp(prefix="mlstudio-tensorboard-"))
    tally = Tally()
    folder = EventFolder(open_store(), logdir, args.query, tally)
    program = None if args.no_serve else _program()
    try:
        folder.write()
        report = tally.report()
        print(f"{report.runs} runs, {report.points:,} points, {report.media} media in {logdir}", flush=True)
        for one in report.skipped:
            print(plain(f"Left behind: {one.what}: {one.why}"), file=sys.stderr)
        if program is not None:
            return _serve(program, logdir, args.port, folder)
        print(f"tensorboard --logdir {logdir}", flush=True)
        kept = True
        if not args.no_serve:
            print("TensorBoard is not installed here: pip install tensorboard", file=sys.stderr)
        while args.follow:
            time.sleep(INTERVAL)
            folder.write()
    except OSError as error:
        raise InvalidField(f"{logdir} cannot be written: {error.strerror or error}.", field="logdir") from error
    finally:
        folder.close()
        if not kept:
            shutil.rmtree(logdir, ignore_errors=True)
    return 0


def _program() -> str | None:
    """Return the program tensorboard: of this environment, else the first on the path."""
    beside = Path(sys.executable).with_name("tensorboard")
    return str(beside) if beside.is_file() else shutil.which("tensorboard")


def _serve(program: str, logdir: Path, port: int | None, folder: EventFolder) -> int:
    """Run TensorBoard and follow our runs until it ends."""
    command = [program, "--logdir", str(logdir), *(["--port", str(port)] if port is not None else [])]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        while True:
            try:
                return child.wait(INTERVAL)
            except subprocess.TimeoutExpired:
                folder.write()
    except KeyboardInterrupt:
        return 0
    finally:
        child.terminate()
        child.wait()

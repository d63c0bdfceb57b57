"""``mlstudio run script.py args…``: any program as a tracked run, without touching it.

Its arguments become parameters: guessed from the words first, then as the program itself parsed them
(argparse, click, hydra, dataclasses). Autolog is on in it. What it prints is shown as it comes, can be read
elsewhere while it runs, and is kept as the output ``output.log``; ``--metric name=regex`` reads numbers
from it. The exit code is the program's. A script that calls `mlstudio.log` itself records into the same run:
it finds the run's name in ``MLSTUDIO_TRIAL_COMPONENT``.

The program runs in this process group, with this terminal as its stdin.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mlstudio.cli import run_job
from mlstudio.cli.output import Subparsers
from mlstudio.cli.run_arguments import Facts, parameters
from mlstudio.cli.run_output import Channel, Lines, MetricReader, OutputLog
from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.entities.experiments import ComponentUpdate
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.entities.names import legal_name
from mlstudio.entities.status import ComponentStatus
from mlstudio.experiments.autolog import bootstrap
from mlstudio.jobs.run_log import save_log
from mlstudio.store.home import default_home, default_url
from mlstudio.store.run_logs import Label, make_folder

if TYPE_CHECKING:
    from mlstudio.experiments import Run
    from mlstudio.jobs.metrics import Scanner

_log = logging.getLogger("mlstudio.cli")
MAX_SOURCE: Final = 1 << 20
CODE_SECONDS: Final = 5.0
LAST_WORDS: Final = 2.0
"""Seconds to wait for output after the end; a process left in the background may hold the stream open."""
LOG_NAME: Final = "output.log"


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="run a script as a tracked run",
        usage="mlstudio run [options] script.py [arguments of the script …]",
        description="Run a program as a tracked run. Its arguments become parameters, what its libraries train and "
        "what it prints is recorded; the exit code is the program's.",
    )
    parser.add_argument("--experiment", metavar="NAME", help="where to record (default: the script's name)")
    parser.add_argument("--name", metavar="NAME", help="name of the run (default: made from the time)")
    parser.add_argument(
        "--metric",
        action="append",
        default=[],
        metavar="NAME=REGEX",
        help="read a metric from stdout; RE2, group 1 is the number; may be repeated",
    )
    parser.add_argument("--tag", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    parser.add_argument("--no-autolog", dest="autolog", action="store_false", help="record nothing of libraries")
    parser.add_argument("--no-output", dest="output", action="store_false", help="do not keep what it prints")
    parser.add_argument("-m", dest="module", action="store_true", help="the script is a module, as in python -m")
    run_job.register(parser)
    parser.add_argument("script", help="a .py file, run with this Python, or any other program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help="its arguments")
    parser.set_defaults(handler=_run)


def _run(args: argparse.Namespace) -> int:
    from mlstudio.jobs.metrics import Scanner

    metrics = [MetricDefinition(*split_pair(text, "--metric")) for text in args.metric]
    scanner = Scanner(metrics)
    tags = dict(split_pair(text, "--tag") for text in args.tag)
    stem = args.script.rpartition(".")[2] if args.module else Path(args.script).stem
    experiment = args.experiment or os.environ.get("MLSTUDIO_EXPERIMENT") or legal_name(stem, fallback="scripts")
    if args.instance_type is not None:
        return run_job.run_as_job(args, experiment, metrics, tags)
    command = command_of(args.script, args.arguments, module=args.module)
    run = open_run(args, experiment, tags)
    print(f"mlstudio: run {run.run_name} of {experiment}", file=sys.stderr, flush=True)
    provenance = threading.Thread(
        target=record_code, args=(run.component_name, source_of(args), args.arguments), daemon=True
    )
    provenance.start()
    try:
        with tempfile.TemporaryDirectory(prefix="mlstudio-run-") as folder:
            code = follow(command, run, scanner, Path(folder), args)
    except BaseException as error:
        run.finish("Failed", f"{type(error).__name__}: {error}")
        raise
    provenance.join(CODE_SECONDS)
    run.finish(*outcome(code))
    return code if code >= 0 else 128 - code


def follow(command: list[str], run: Run, scanner: Scanner, folder: Path, args: argparse.Namespace) -> int:
    """Run the program with autolog on, keep what it says and prints; return its exit code."""
    environment = {**os.environ, "MLSTUDIO_TRIAL_COMPONENT": run.component_name}
    if args.autolog:
        environment = bootstrap.environment(environment, folder / "facts.jsonl")
    channels: list[Channel] = []
    log = OutputLog(log_folder(run, folder)) if args.output else None
    if log is not None or scanner:
        environment["PYTHONUNBUFFERED"] = "1"  # a pipe would hold the lines back
        kept = [] if log is None else [Lines(log).feed]
        channels = [
            Channel("stdout", [*kept, *([MetricReader(run, scanner).feed] if scanner else [])]),
            Channel("stderr", [] if log is None else [Lines(log).feed]),
        ]
    facts = Facts(run, folder / "facts.jsonl", list(parameters(args.arguments)))
    code = watch(command, environment, channels)
    facts.stop()
    if log is not None:
        log.close()
        keep_output(run, log.folder, folder / LOG_NAME)
    return code


def log_folder(run: Run, spare: Path) -> Path:
    """Return where the log of a run goes while it is written: below the home, else (it may be full) into `spare`."""
    home = default_home()
    try:
        return make_folder(home, run.component_uid, Label(run.component_name, default_url(home)))
    except (StudioError, OSError) as error:
        _log.warning("The output can be read only when the run has ended: %s", error)
        return spare


def keep_output(run: Run, folder: Path, copy: Path) -> None:
    """Log what was printed as an output, too: it goes along where the run is exported to."""
    try:
        if save_log(folder, copy):
            run.log_file(copy, LOG_NAME, media_type="text/plain; charset=utf-8")
    except OSError as error:
        _log.warning("The output is not among the run's artifacts: %s", error)


def source_of(args: argparse.Namespace) -> str:
    """Return the file that is run: the script, or the module's."""
    if not args.module:
        return str(args.script)
    found = Path(*args.script.split("."))
    for path in (found.with_suffix(".py"), found / "__main__.py"):
        if path.is_file():
            return str(path)
    return str(args.script)


def command_of(script: str, arguments: Sequence[str], *, module: bool = False) -> list[str]:
    """Return the argument list that runs `script`.

    Args:
        script: a file, or a program on PATH.
        arguments: of the script.
        module: `script` is the name of a module, as in ``python -m``.

    Raises:
        InvalidField: there is no such file or program.
    """
    if module:
        return [sys.executable, "-m", script, *arguments]
    path = Path(script)
    if path.is_file() and path.suffix == ".py":
        return [sys.executable, script, *arguments]
    program = shutil.which(script) or (str(path.absolute()) if os.access(path, os.X_OK) and path.is_file() else None)
    if program is None:
        raise InvalidField(
            f"There is no script or program {script}.",
            field="script",
            hint="Give the path of a .py file, or a program on PATH.",
        )
    return [program, *arguments]


def split_pair(text: str, option: str) -> tuple[str, str]:
    """Cut ``name=value`` at its first "=". Raises: InvalidField."""
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise InvalidField(f"{option} {text!r} is not NAME=VALUE.", field=option, hint=f"For example {option} loss=0.5")
    return name, value


def open_run(args: argparse.Namespace, experiment: str, tags: dict[str, str]) -> Run:
    """Begin the run with the script's parameters."""
    from mlstudio.experiments.opening import run

    opened = run(experiment, args.name, tags=tags, capture=False)
    found = parameters(args.arguments)
    if found:
        opened.log_parameters(found)
    return opened


def record_code(component: str, script: str, arguments: Sequence[str]) -> None:
    """Keep source, arguments, git commit and environment with the run; what cannot be found is left out."""
    from mlstudio.experiments import capture
    from mlstudio.store import open_store

    path = Path(script)
    source = None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.stat().st_size <= MAX_SOURCE:
            source = path.read_text(encoding="utf-8")
    found = capture.code(None, (), path.absolute().parent if path.is_file() else Path.cwd())
    code = msgspec.structs.replace(found, entrypoint=script, argv=capture.arguments(arguments, script), source=source)
    with contextlib.suppress(StudioError):  # provenance never disturbs the run
        open_store().update_component(component, ComponentUpdate(code=code, env=capture.environment()))


def watch(command: list[str], environment: dict[str, str], channels: Sequence[Channel]) -> int:
    """Run the program to its end, its streams through `channels` if there are any; return its exit code."""
    streams: dict[str, Any] = {}
    if channels:
        streams = {"stdout": channels[0].writing, "stderr": channels[1].writing}
    with passing_signals_on(subprocess.Popen(command, env=environment, **streams)) as process:
        for channel in channels:
            channel.start()
        code = process.wait()
    for channel in channels:
        channel.join(LAST_WORDS)
    return code


@contextlib.contextmanager
def passing_signals_on(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Let the program decide what Ctrl-C means (it gets it too), hand SIGTERM on, and outlive both."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, hand_on),
    }
    try:
        yield process
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def outcome(code: int) -> tuple[ComponentStatus, str | None]:
    """Return status and message of a run whose program ended with `code` (negative: by a signal)."""
    if code == 0:
        return "Completed", None
    if code > 0:
        return "Failed", f"exit code {code}"
    name = signal.Signals(-code).name if -code in {item.value for item in signal.Signals} else f"signal {-code}"
    return ("Stopped" if name in ("SIGINT", "SIGTERM") else "Failed"), f"ended by {name}"

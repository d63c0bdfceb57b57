"""``mlstudio run script.py args…``: any program as a tracked run, without touching it.

The arguments become parameters, ``--metric name=regex`` reads numbers from what it prints, the exit
code is the program's. A script that calls `mlstudio.log` itself records into the same run: it finds
the run's name in ``MLSTUDIO_TRIAL_COMPONENT``.

The program runs in this process group, with this terminal as its stdin. Its stdout is a pipe of ours
only when a metric is to be read from it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Final

from mlstudio.cli.output import Subparsers
from mlstudio.entities.errors import InvalidField, StudioError
from mlstudio.entities.experiments import CodeRecord, ComponentUpdate
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.entities.names import legal_name
from mlstudio.entities.secrets import MASK, is_secret
from mlstudio.entities.status import ComponentStatus
from mlstudio.entities.wire import read_param

if TYPE_CHECKING:
    from mlstudio.experiments import Run
    from mlstudio.jobs.metrics import Scanner

CHUNK: Final = 1 << 16
MAX_SOURCE: Final = 1 << 20
CODE_SECONDS: Final = 5.0
Param = bool | int | float | str


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="run a script as a tracked run",
        usage="mlstudio run [options] script.py [arguments of the script …]",
        description="Run a program as a tracked run. Its arguments (--lr .1, --flag, key=value) become parameters; "
        "the exit code is the program's.",
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
    parser.add_argument("script", help="a .py file, run with this Python, or any other program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…", help="its arguments")
    parser.set_defaults(handler=_run)


def _run(args: argparse.Namespace) -> int:
    from mlstudio.jobs.metrics import Scanner

    command = command_of(args.script, args.arguments)
    scanner = Scanner([MetricDefinition(*split_pair(text, "--metric")) for text in args.metric])
    tags = dict(split_pair(text, "--tag") for text in args.tag)
    experiment = args.experiment or legal_name(Path(args.script).stem, fallback="scripts")
    run = open_run(args, experiment, tags)
    print(f"mlstudio: run {run.run_name} of {experiment}", file=sys.stderr, flush=True)
    provenance = threading.Thread(
        target=record_code, args=(run.component_name, args.script, args.arguments), daemon=True
    )
    provenance.start()
    try:
        code = watch(command, run, scanner)
    except BaseException as error:
        run.finish("Failed", f"{type(error).__name__}: {error}")
        raise
    provenance.join(CODE_SECONDS)
    run.finish(*outcome(code))
    return code if code >= 0 else 128 - code


def command_of(script: str, arguments: Sequence[str]) -> list[str]:
    """Return the argument list that runs `script`.

    Raises:
        InvalidField: there is no such file or program.
    """
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


def parameters(arguments: Sequence[str]) -> dict[str, Param]:
    """Read parameters from the arguments of a script; a word that names nothing is left out.

    >>> parameters(["--lr", ".1", "--fast", "-n", "3", "opt=adam", "--path=/x", "data.csv"])
    {'lr': 0.1, 'fast': True, 'n': 3, 'opt': 'adam', 'path': '/x'}
    """
    found: dict[str, Param] = {}
    open_flag: str | None = None
    for word in arguments:
        flag = is_flag(word)
        name, equals, value = word.lstrip("-").partition("=") if flag else word.partition("=")
        if open_flag is not None:
            found[open_flag] = True if flag else read_param(word)
            taken, open_flag = not flag, None
            if taken:
                continue
        if equals and name.replace(".", "").replace("_", "").replace("-", "").replace("/", "").isalnum():
            found[name] = read_param(value)
        elif flag and name:
            open_flag = name
    if open_flag is not None:
        found[open_flag] = True
    return found


def is_flag(word: str) -> bool:
    """Tell an option from a word or a negative number."""
    return len(word) > 1 and word[0] == "-" and not isinstance(read_param(word), int | float)


def open_run(args: argparse.Namespace, experiment: str, tags: dict[str, str]) -> Run:
    """Begin the run with the script's parameters; a value whose name says secret is masked."""
    from mlstudio.experiments.opening import run

    opened = run(experiment, args.name, tags=tags, capture=False)
    found = parameters(args.arguments)
    if found:
        hidden = {key: MASK for key in found if is_secret(key.replace("-", "_"))}
        opened.log_parameters({**found, **hidden})
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
    commit, remote, dirty = capture.git(path.absolute().parent if path.is_file() else Path.cwd())
    code = CodeRecord(
        git_commit=commit,
        git_remote=remote,
        git_dirty=dirty,
        entrypoint=script,
        argv=capture.masked(arguments),
        source=source,
    )
    with contextlib.suppress(StudioError):  # provenance never disturbs the run
        open_store().update_component(component, ComponentUpdate(code=code, env=capture.environment()))


def watch(command: list[str], run: Run, scanner: Scanner) -> int:
    """Run the program to its end, mirror its stdout, read metrics from it; return its exit code."""
    environment = {**os.environ, "MLSTUDIO_TRIAL_COMPONENT": run.component_name}
    if not scanner:
        with passing_signals_on(subprocess.Popen(command, env=environment)) as process:
            return process.wait()
    environment["PYTHONUNBUFFERED"] = "1"  # a pipe would hold the numbers back
    with passing_signals_on(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)) as process:
        assert process.stdout is not None
        mirror(process.stdout, run, scanner)
        return process.wait()


def mirror(pipe: IO[bytes], run: Run, scanner: Scanner) -> None:
    """Copy `pipe` to our stdout as it comes; log what the scanner finds, steps counted per metric."""
    pending = b""
    steps: dict[str, int] = {}
    while True:
        data = os.read(pipe.fileno(), CHUNK)
        if data:
            with contextlib.suppress(OSError):  # our reader went away; the program goes on
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
        pending += data
        found = scanner.scan(pending, last=not data)
        pending = pending[found.end :]
        for name, values in found.values.items():
            for value in values:
                run.log_metric(name, value, step=steps.get(name, 0))
                steps[name] = steps.get(name, 0) + 1
        if not data:
            return
        if len(pending) > CHUNK:  # a line without end is not looked at
            pending = pending[-CHUNK:]


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
        if process.stdout is not None:
            process.stdout.close()


def outcome(code: int) -> tuple[ComponentStatus, str | None]:
    """Return status and message of a run whose program ended with `code` (negative: by a signal)."""
    if code == 0:
        return "Completed", None
    if code > 0:
        return "Failed", f"exit code {code}"
    name = signal.Signals(-code).name if -code in {item.value for item in signal.Signals} else f"signal {-code}"
    return ("Stopped" if name in ("SIGINT", "SIGTERM") else "Failed"), f"ended by {name}"

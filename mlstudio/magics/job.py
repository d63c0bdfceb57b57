"""``%%job`` and ``%%processing``: this cell runs as a job, in a process of its own that outlives the notebook.

A door: reads the line, hands the cell to `jobs.cells`, shows what comes back.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class, no_var_expand

from mlstudio.entities.errors import StudioError
from mlstudio.entities.job_parts import ProcessingInput, ProcessingOutput
from mlstudio.entities.jobs import Channel, MetricDefinition
from mlstudio.entities.wire import read_param
from mlstudio.magics.words import MagicParser, pair

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mlstudio.jobs import Job
    from mlstudio.jobs.cells.submit import CellJob

BELOW = "/opt/ml/processing"


def _shared(magic: str, description: str) -> MagicParser:
    parser = MagicParser(magic, description)
    parser.add_argument("--instance-type", default="local")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--experiment")
    parser.add_argument("--trial")
    parser.add_argument("--name")
    parser.add_argument("--env", type=pair, action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--with-file", action="append", default=[], metavar="PATH")
    parser.add_argument("--requirements", metavar="PATH")
    parser.add_argument("--python", metavar="PATH")
    parser.add_argument("--send", action="append", default=[], metavar="A,B")
    parser.add_argument("--return", dest="give_back", action="append", default=[], metavar="C")
    parser.add_argument("--wait", action="store_true")
    return parser


def _job_parser() -> MagicParser:
    parser = _shared("%%job", "This cell runs as a training job.")
    parser.add_argument("--hp", type=pair, action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--channel", type=pair, action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--metric", type=pair, action="append", default=[], metavar="NAME=REGEX")
    return parser


def _processing_parser() -> MagicParser:
    parser = _shared("%%processing", "This cell runs as a processing job.")
    parser.add_argument("--input", type=pair, action="append", default=[], metavar="SOURCE=DESTINATION")
    parser.add_argument("--output", action="append", default=[], metavar="SOURCE[=DESTINATION]")
    parser.add_argument("--argument", action="append", default=[], metavar="TEXT")
    return parser


def _place(text: str) -> str:
    """Return a location as a job takes it: a URL as it is, a path from here."""
    return text if "://" in text else str(Path(text).expanduser().absolute())


def _below(text: str) -> str:
    return text if text.startswith("/") else f"{BELOW}/{text}"


def _interpreter(text: str | None) -> str:
    if text is None:
        return sys.executable
    found = shutil.which(str(Path(text).expanduser()))
    if found is None:
        raise UsageError(f"--python: there is no program {text!r}.")
    return str(Path(found).absolute())


@magics_class
class JobMagics(Magics):
    """Cells as jobs."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._shell: InteractiveShell = shell

    @no_var_expand
    @cell_magic
    def job(self, line: str, cell: str) -> Job | None:
        """Run this cell as a training job.

        ``%%job [--instance-type T] [--experiment X] [--trial Y] [--name S] [--hp K=V …] [--channel NAME=PATH …]``
        ``[--metric NAME=REGEX …] [--env K=V …] [--with-file F …] [--requirements F] [--python PATH]``
        ``[--send A,B] [--return C] [--wait]``

        The job goes on when the notebook, the kernel or the server ends. With ``--wait`` its log streams into
        the cell, and variables of ``--return`` are assigned; without, ``%job NAME return`` fetches them.
        """
        args = _job_parser().read(line)
        return self._submit(
            args,
            cell,
            kind="training",
            hyperparameters={key: read_param(value) for key, value in args.hp},
            channels=[Channel(key, _place(value)) for key, value in args.channel],
            metrics=[MetricDefinition(key, value) for key, value in args.metric],
        )

    @no_var_expand
    @cell_magic
    def processing(self, line: str, cell: str) -> Job | None:
        """Run this cell as a processing job.

        ``%%processing [--input SOURCE=DESTINATION …] [--output SOURCE[=DESTINATION] …] [--argument TEXT …]``
        and the options of ``%%job`` but ``--hp``, ``--channel`` and ``--metric``. Destinations of inputs and
        sources of outputs stand below ``/opt/ml/processing``.
        """
        args = _processing_parser().read(line)
        inputs = [
            ProcessingInput(name=f"input-{number}", source=_place(source), destination=_below(target))
            for number, (source, target) in enumerate(args.input, 1)
        ]
        outputs = []
        for number, text in enumerate(args.output, 1):
            source, equals, target = text.partition("=")
            place = _place(target) if equals else None
            outputs.append(ProcessingOutput(name=f"output-{number}", source=_below(source), destination=place))
        return self._submit(
            args, cell, kind="processing", inputs=inputs, outputs=outputs, arguments=list(args.argument)
        )

    def _submit(self, args: argparse.Namespace, cell: str, **own: Any) -> Job | None:
        from mlstudio.jobs.cells.submit import CellJob, submit_cell
        from mlstudio.jobs.cells.values import names_of

        wanted = names_of(args.give_back)
        request: CellJob = CellJob(
            source=cell,
            name=args.name,
            interpreter=_interpreter(args.python),
            instance_type=args.instance_type,
            instance_count=args.count,
            experiment=args.experiment,
            trial=args.trial,
            environment=dict(args.env),
            files=[Path(one).expanduser() for one in args.with_file],
            requirements=None if args.requirements is None else Path(args.requirements).expanduser(),
            send=self._named(names_of(args.send)),
            give_back=wanted,
            **own,
        )
        try:
            job = submit_cell(request)
            if not args.wait:
                self._show(job)
                return None
            self._stream(job)
            if wanted:
                self._shell.push(job.returned())  # type: ignore[no-untyped-call]
        except StudioError as error:
            raise UsageError(str(error)) from None
        return None

    def _named(self, names: list[str]) -> dict[str, Any]:
        missing = [name for name in names if name not in self._shell.user_ns]
        if missing:
            raise UsageError(f"--send: there is no variable {', '.join(missing)}.")
        return {name: self._shell.user_ns[name] for name in names}

    def _show(self, job: Job) -> None:
        from mlstudio.magics.jobs import LiveJob

        LiveJob(job).show(live=hasattr(self._shell, "kernel"))

    @staticmethod
    def _stream(job: Job) -> None:
        """Print the log as it comes; a job that does not complete makes the cell fail.

        Raises:
            KeyboardInterrupt: Ctrl-C; the job runs on.
        """
        try:
            job.stream(sys.stdout)
        except KeyboardInterrupt:
            sys.stderr.write(f"\nJob {job.name} runs on. %job {job.name} stop ends it.\n")
            raise
        record = job.record()
        if record.status != "Completed":
            raise UsageError(f"Job {job.name} {record.status}: {record.failure_reason or record.status_message}")

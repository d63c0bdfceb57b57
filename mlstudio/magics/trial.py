"""``%%trial EXPERIMENT [NAME]``: this cell is a run.

The first line of the cell is rewritten to ``%trial …``, which opens the run and returns; the rest of
the cell runs as any cell does, so the last expression is shown, ``await`` works and a traceback has
its usual form. When the cell has ended IPython tells us its result, and the run is closed with it.
What libraries train in the cell is recorded too (`mlstudio.autolog`, for the cell only), unless it says
``--no-autolog``.

Knows nothing of: the store. `mlstudio.run` does the recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from mlstudio.entities.errors import StudioError
from mlstudio.entities.wire import read_param
from mlstudio.experiments.autolog.switch import LIBRARIES, follow, followed
from mlstudio.magics.words import MagicParser, pair

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from mlstudio.experiments import Run

HEAD: Final = "%%trial"


def as_line_magic(lines: list[str]) -> list[str]:
    """Rewrite a cell that begins with ``%%trial``: its first line becomes a call of ``%trial``."""
    if not lines or not lines[0].startswith(HEAD):
        return lines
    rest = lines[0][len(HEAD) :]
    if rest.strip() and not rest[0].isspace():  # %%trials, %%trial?
        return lines
    return [f"get_ipython().run_line_magic('trial', {rest.strip()!r})\n", *lines[1:]]


def _parser() -> MagicParser:
    parser = MagicParser("%%trial", "This cell is a run.")
    parser.add_argument("experiment")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--no-autolog", dest="autolog", action="store_false")
    parser.add_argument("--tag", type=pair, action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--param", type=pair, action="append", default=[], metavar="KEY=VALUE")
    return parser


def _followed() -> frozenset[str]:
    """Switch autolog on unless it is; returns what was followed before, to be put back."""
    before = followed()
    if not before:
        follow(LIBRARIES)
    return before


@magics_class
class TrialMagics(Magics):
    """Opens a run when a cell asks for it, closes it when that cell has ended."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._shell: InteractiveShell = shell
        self._cells: list[ExecutionInfo] = []
        self._open: list[tuple[int, Run, frozenset[str] | None]] = []

    def attach(self) -> None:
        """Follow the cells of the shell."""
        self._shell.input_transformers_cleanup.append(as_line_magic)
        self._shell.events.register("pre_run_cell", self._begins)
        self._shell.events.register("post_run_cell", self._ended)

    def detach(self) -> None:
        """Undo `attach`."""
        self._shell.input_transformers_cleanup.remove(as_line_magic)
        self._shell.events.unregister("pre_run_cell", self._begins)
        self._shell.events.unregister("post_run_cell", self._ended)

    @no_var_expand
    @line_cell_magic
    def trial(self, line: str, cell: str | None = None) -> None:
        """The rest of this cell is a run of EXPERIMENT.

        ``%%trial EXPERIMENT [NAME] [--tag KEY=VALUE …] [--param KEY=VALUE …] [--no-autolog]``

        The source of the cell is kept; ``mlstudio.log(...)`` in it records into the run, and so does what
        libraries train in it, unless ``--no-autolog``; an exception makes the run Failed. Inside an open
        run the new one becomes its child.
        """
        args = _parser().read(line)
        if cell is not None:  # under another cell magic, such as %%time
            self._shell.run_cell(f"{HEAD} {line}\n{cell}").raise_error()  # type: ignore[no-untyped-call]
            return
        try:
            run = self._start(args)
        except StudioError as error:
            raise UsageError(str(error)) from None
        self._open.append((len(self._cells), run, _followed() if args.autolog else None))

    def _start(self, args: Any) -> Run:
        from mlstudio.experiments import capture
        from mlstudio.experiments.context import current_run
        from mlstudio.experiments.opening import IMPLICIT_EXPERIMENT, run

        outer = current_run()
        if outer is not None and outer.experiment_name == IMPLICIT_EXPERIMENT:
            outer = None  # nobody opened that one
        info = self._cells[-1] if self._cells else None
        with capture.cell(str(info.raw_cell) if info else "", getattr(info, "cell_id", None)):
            opened = run(args.experiment, args.name, tags=dict(args.tag), parent=outer)
        opened.__enter__()
        for key, value in args.param:
            opened.log_parameter(key, read_param(value))
        return opened

    def _begins(self, info: ExecutionInfo) -> None:
        self._cells.append(info)

    def _ended(self, result: ExecutionResult) -> None:
        depth = len(self._cells)
        while self._open and self._open[-1][0] >= depth:
            _, run, before = self._open.pop()
            if before is not None:
                follow(before)
            error = result.error_in_exec or result.error_before_exec
            run.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)
        if self._cells:
            self._cells.pop()

"""Parse the command line, call the command, turn errors into sentences and exit codes.

Exit codes: 0 done; 1 the command could not be carried out; 2 the command line is wrong;
130 interrupted. `run` exits as the script, `jobs logs -f` as the job, `doctor` as its help says.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import mlstudio
from mlstudio.cli import agent, demo, doctor, experiments, jobs, lab, run, schedules, tensorboard, transfer
from mlstudio.cli.output import plain
from mlstudio.entities.errors import StudioError

COMMANDS = (lab, run, experiments, transfer, tensorboard, jobs, schedules, agent, doctor, demo)
EXAMPLES = """\
examples:
  mlstudio run --experiment digits train.py --lr 0.1     track a script without touching it
  mlstudio experiments show digits                       its trials as a table
  mlstudio jobs logs -f my-job                           follow a training job
  mlstudio lab                                           JupyterLab with the Studio panel
"""


class Parser(argparse.ArgumentParser):
    """argparse, with the house's way to say what was wrong."""

    def error(self, message: str) -> NoReturn:
        print(f"mlstudio: {plain(message)}\nSee `{self.prog} --help`.", file=sys.stderr)
        raise SystemExit(2)


class Help(argparse.RawDescriptionHelpFormatter):
    """Help whose first column is wide enough for the names of our commands."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 16


def build_parser() -> argparse.ArgumentParser:
    """Return the whole command line; the CLI pages of the documentation are made from it."""
    parser = Parser(
        prog="mlstudio",
        description="Experiments, training jobs and the Studio panel, from the shell.",
        epilog=EXAMPLES,
        formatter_class=Help,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mlstudio {mlstudio.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    for module in COMMANDS:
        module.register(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: words after the program's name; None takes them from the process.
    """
    parser = build_parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and not getattr(arguments, "passes_on", False):
        parser.error(f"unknown argument {rest[0]}")
    arguments.rest = rest
    try:
        code: int = arguments.handler(arguments)
        sys.stdout.flush()
        return code
    except StudioError as error:
        return _say(error.message, error.hint)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `mlstudio jobs logs x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last line of defence: a bug of ours is a sentence too
        if os.environ.get("MLSTUDIO_DEBUG"):
            traceback.print_exc()
        return _say(
            f"This is a bug in mlstudio {mlstudio.__version__}: {type(error).__name__}: {error}.",
            "Run it again with MLSTUDIO_DEBUG=1 and report what it prints.",
        )


def _say(message: str, hint: str | None) -> int:
    print(f"mlstudio: {plain(message)}", file=sys.stderr)
    if hint:
        print(plain(hint), file=sys.stderr)
    return 1

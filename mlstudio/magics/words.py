"""The words of a magic's line, read as a command line is; a mistake is a UsageError, one sentence."""

from __future__ import annotations

import argparse
import shlex
from typing import NoReturn

from IPython.core.error import UsageError


class MagicParser(argparse.ArgumentParser):
    """argparse whose mistakes IPython shows without a traceback."""

    def __init__(self, magic: str, description: str) -> None:
        super().__init__(prog=magic, description=description, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. {self.format_usage().strip()}")

    def read(self, line: str) -> argparse.Namespace:
        """Parse a magic's line; quotes group words as in a shell."""
        try:
            words = shlex.split(line)
        except ValueError as error:
            self.error(str(error))
        return self.parse_args(words)


def pair(text: str) -> tuple[str, str]:
    """Cut ``key=value``; for the `type` of an option."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value

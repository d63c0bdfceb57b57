"""What the commands print: aligned tables, times a person reads, JSON as the API sends it.

Text that came from elsewhere (names, tags, messages) passes `plain`, so that no control
character reaches the terminal.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from mlstudio.entities.wire import encode

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
MAX_CELL = 48


def plain(text: object) -> str:
    r"""Return `text` with control characters, and marks that reverse the writing, spelled out.

    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(char if char.isprintable() or char in "\n" else repr(char)[1:-1] for char in str(text))


def cell(value: object) -> str:
    """Return a value as one short line: numbers in six digits, nothing as "-"."""
    if value is None:
        return "-"
    text = f"{value:.6g}" if isinstance(value, float) else plain(value).replace("\n", " ")
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an aligned table with a header, without trailing blanks."""
    lines = [[*head], *([cell(value) for value in row] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    padded = ([text.ljust(width) for text, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def pairs(items: Mapping[str, object]) -> str:
    """Return names and values in two columns; what is None or empty is left out."""
    kept = {key: value for key, value in items.items() if value not in (None, "", {}, [])}
    width = max((len(key) for key in kept), default=0)
    return "\n".join(f"{key.ljust(width)}  {plain(value)}" for key, value in kept.items())


def when(micros: int | None) -> str | None:
    """Return a time of the store (µs since the epoch) in local time, to the second."""
    return None if micros is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(micros / 1e6))


def duration(start: int | None, end: int | None) -> str | None:
    """Return how long it took, or takes until now, as "1 h 02 min", "3 min 20 s" or "4.2 s"."""
    if start is None:
        return None
    seconds = max(0.0, (end / 1e6 if end is not None else time.time()) - start / 1e6)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def as_json(value: Any) -> str:
    """Return the JSON that the HTTP API would send for a Struct, list or dict, indented."""
    return msgspec.json.format(encode(value), indent=2).decode()


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON, as the HTTP API sends it")

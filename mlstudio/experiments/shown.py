"""Code and comparisons as doors show them: without secrets, and without lines that are data.

What this version records is masked before it is stored; what an earlier one stored, or somebody else wrote
through the API, is masked here.

Knows nothing of: stores, HTTP.
"""

from __future__ import annotations

from typing import Final

import msgspec

from mlstudio.entities.comparison import CompareReply
from mlstudio.entities.experiments import CodeReply
from mlstudio.entities.secrets_diff import masked_diff
from mlstudio.entities.secrets_records import masked_code, masked_comparison, masked_environment

LONGEST: Final = 4096
"""Characters of a line that are shown; a longer one holds data, and is cut."""


def shown_code(reply: CodeReply) -> CodeReply:
    """Return code, environment and diff without secrets."""
    code = None if reply.code is None else masked_code(reply.code)
    if code is not None and code.source is not None:
        code = msgspec.structs.replace(code, source=cut_lines(code.source))
    return CodeReply(
        code=code,
        env=None if reply.env is None else masked_environment(reply.env),
        diff=None if reply.diff is None else cut_lines(masked_diff(reply.diff)),
    )


def shown_comparison(reply: CompareReply) -> CompareReply:
    """Return a comparison without secrets in its rows and diffs."""
    masked = masked_comparison(reply)
    diffs = [msgspec.structs.replace(one, diff=cut_lines(one.diff)) for one in masked.diffs]
    return msgspec.structs.replace(masked, diffs=diffs)


def cut_lines(text: str) -> str:
    """Return a text whose lines have at most `LONGEST` characters, and say what was cut.

    >>> cut_lines("short")
    'short'
    """
    if len(text) <= LONGEST:
        return text
    return "\n".join(_cut(line) for line in text.split("\n"))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… [{len(line) - LONGEST} characters cut]"

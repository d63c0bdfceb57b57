"""Metrics out of a log: ``metric_definitions`` by RE2, in linear time whatever the pattern.

Only complete lines of at most 16 KiB are looked at. A literal that the pattern needs is searched
first (RE2 costs 20 times a substring search); group 1 is the number, ``nan`` and ``inf`` are
kept, what is no number is counted and not raised.

Reads: bytes of a log. Knows nothing of: the store, the agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mlstudio.entities.errors import BadRegex
from mlstudio.entities.jobs import MetricDefinition

LINE_LIMIT: Final = 16 << 10
"""Bytes; longer lines are not looked at."""
_SPECIAL: Final = frozenset(b"\\^$.|?*+()[]{}")
_PLAIN_ESCAPES: Final = frozenset(b"dDsSwWbBAz-_:;,=%#@!~<>/&\"' ")
"""After a backslash these stand for one class, or position, or themselves; anything else may take more of the text."""


def compile_regex(regex: str, *, field: str = "metric_definitions") -> Any:
    """Compile one pattern.

    Raises:
        BadRegex: RE2 refuses it (look-around, back-references), naming the construct, or it has no group.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        compiled = re2.compile(regex, options)
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise BadRegex(
            f"The pattern {regex!r:.200} cannot be used: {said}.",
            field=field,
            hint="Patterns are RE2: no look-ahead, look-behind or back-references. Most work without them.",
        ) from None
    if compiled.groups < 1:
        raise BadRegex(
            f"The pattern {regex!r:.200} has no group.",
            field=field,
            hint="Put brackets around the number, as in 'loss: ([0-9.]+)'.",
        )
    return compiled


def needed_literal(regex: str) -> bytes:
    """Return text that every match of a pattern contains, b"" when none is certain.

    A linear scan of the pattern's top level; it may miss a literal, it never invents one.

    >>> needed_literal("Train Loss: (.*?);")
    b'Train Loss: '
    >>> needed_literal("a|b (x)"), needed_literal("(?i)loss: (.*)")
    (b'', b'')
    """
    pattern = regex.encode()
    if b"(?" in pattern.replace(b"(?:", b"").replace(b"(?P<", b"") or b"|" in pattern:
        return b""
    best, run, depth, at = b"", bytearray(), 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char in (0x5B, 0x7B):  # [class] or {count}
            at = _closing(pattern, at)
            if at < 0:
                return b""
        literal = char not in _SPECIAL
        if char == 0x5C:
            at += 1
            char = pattern[at] if at < len(pattern) else 0x20
            if char not in _SPECIAL and char not in _PLAIN_ESCAPES:
                return b""
            literal = char in _SPECIAL
        depth += (char == 0x28 and not literal) - (char == 0x29 and not literal)
        following = pattern[at + 1 : at + 2]
        if literal and depth == 0 and following not in (b"?", b"*", b"{"):
            run.append(char)
        else:
            run = bytearray()
        best = max(best, bytes(run), key=len)
        if following == b"+":
            run = bytearray()
        at += 1
    return _whole_utf8(best)


def _closing(pattern: bytes, at: int) -> int:
    """Return where the class or count that opens at `at` closes; "]" right after "[" or "[^" is a member."""
    if pattern[at] == 0x7B:
        return pattern.find(b"}", at)
    at += 2 if pattern[at + 1 : at + 2] == b"^" else 1
    return pattern.find(b"]", at + 1)


def _whole_utf8(literal: bytes) -> bytes:
    try:
        literal.decode()
    except UnicodeDecodeError:  # a character cut by a quantifier
        return b""
    return literal


@dataclass(slots=True)
class Found:
    """What a stretch of log holds.

    Attributes:
        values: metric name → values in order of appearance.
        unparsable: matches whose group 1 is no number.
        end: how many bytes of the input were complete lines.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    unparsable: int = 0
    end: int = 0


class Scanner:
    """All definitions of a job, compiled once.

    Raises:
        BadRegex: as `compile_regex`.
    """

    def __init__(self, definitions: Sequence[MetricDefinition]) -> None:
        self._all = [(one.name, compile_regex(one.regex), needed_literal(one.regex)) for one in definitions]

    def __bool__(self) -> bool:
        return bool(self._all)

    def scan(self, data: bytes, *, last: bool = False) -> Found:
        """Read the complete lines of `data`, which begins at a line's beginning.

        Args:
            data: raw log bytes; invalid UTF-8 is replaced.
            last: the log has ended: what stands after the last newline is a line too.

        Returns:
            The values of each metric, and how far the complete lines reach. A line that is longer
            than the limit and has no end yet counts as read.
        """
        end = len(data) if last else data.rfind(b"\n") + 1
        found = Found(end=end)
        text = data[:end]
        for name, compiled, literal in self._all:
            for line in _lines(text, literal):
                for match in compiled.finditer(line.decode("utf-8", "replace")):
                    self._take(found, name, match.group(1))
        return found

    @staticmethod
    def _take(found: Found, name: str, text: str | None) -> None:
        try:
            value = float((text or "").strip())
        except ValueError:
            found.unparsable += 1
            return
        found.values.setdefault(name, []).append(value)


def _lines(text: bytes, literal: bytes) -> Iterator[bytes]:
    """Yield the lines within the limit that contain `literal`."""
    if not literal:
        yield from (line for line in _split(text) if len(line) <= LINE_LIMIT)
        return
    at = text.find(literal)
    while at >= 0:
        begin = text.rfind(b"\n", 0, at) + 1
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        if end - begin <= LINE_LIMIT:
            yield text[begin:end]
        at = text.find(literal, end)


def _split(text: bytes) -> Iterable[bytes]:
    return (line.rstrip(b"\r") for line in text.split(b"\n") if line)

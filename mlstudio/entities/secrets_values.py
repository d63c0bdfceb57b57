"""What stands behind the name of a secret in a text: where its value begins and ends, and whether it is one.

Every pattern here is ours, has bounded repeats, and is matched at one place; no text of a user's is a
pattern.

Knows nothing of: names, whole texts.
"""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 4096
"""Characters of a value without quotes."""
SEPARATOR: Final = re.compile(
    r"""(?P<quote>\\{0,3}["'`])?\]?(?P<before>[ \t]{0,8})"""
    r"""(?P<sign>:=|=>|\?=|\+=|=(?![=~])|:(?!:|//))(?P<after>[ \t]{0,8})"""
)
ANNOTATION: Final = re.compile(
    r"[A-Za-z_][\w.]{0,40}(?:\[[\w\[\], .|\"']{0,80}\])?(?:[ \t]?\|[ \t]?[\w.]{1,40}){0,4}[ \t]{0,4}=(?!=)[ \t]{0,8}"
)
"""A type between a name and its value."""
NAMED_PAIR: Final = re.compile(
    r"""["']?,?[ \t]{0,8}(?:\r?\n[+\- ]?[ \t]{0,80})?["']?[Vv]alue["']?[ \t]{0,8}:(?P<after>[ \t]{0,8})"""
)
"""Between the two halves of ``name: X, value: Y``."""
GAP: Final = re.compile(r"[ \t]{0,16}(?:\(\s{0,200}(?:[+\-][ \t]{0,80})?|\\\r?\n[+\- ]?[ \t]{0,80})?")
OPENING: Final = re.compile(r"""[rRbBfFuU]{0,2}(\\{0,3})(\"{3}|'{3}|["'`])""")
_INNER: Final = {quote: re.compile(rf"(?:[^{quote}\\\n]|\\[\s\S])*+") for quote in "\"'`"}
JOINED: Final = re.compile(
    r"""[ \t]{0,8}(?:\+[ \t]{0,8}[A-Za-z_][\w.]{0,80}[ \t]{0,8})?"""
    r"""(?P<over>[+]?[ \t]{0,4}\\?[ \t]{0,8}\r?\n[+\- ]?[ \t]{0,80})?(?P<plus>\+?)[ \t]{0,8}(?=[rRbBfFuU]{0,2}["'])"""
)
OTHERWISE: Final = re.compile(
    r"""(?:[^\s"'(),;\n]|[ \t]|\([^()\n]{0,120}\)){1,100}?[ \t](?:or|else)[ \t]{1,4}(?=[rRbBfFuU]{0,2}["'])"""
)
LISTED: Final = re.compile(r"""[\[(]\s{0,80}(?:[+\-][ \t]{0,80})?(?=[rRbBfFuU]{0,2}["'])""")
NEXT_LISTED: Final = re.compile(r"""\s{0,8},\s{0,80}(?:[+\-][ \t]{0,80})?(?=[rRbBfFuU]{0,2}["'])""")
IN_BRACES: Final = re.compile(r"""[^"'}\n]{0,80}["'][^"'\n]{0,80}["'][ \t]{0,8}:[ \t]{0,8}(?=[rRbBfFuU]{0,2}["'])""")
LINE_HEAD: Final = re.compile(
    r"""[+\- ]?[ \t]{0,120}(?:[-*#]{1,2}[ \t]{1,8})?"""
    r"""(?:(?:export|set|setx|env|declare -x|SET|ENV|ARG|LABEL)[ \t]{1,4}|Environment=|\$env:)?["']?"""
)
WORD: Final = re.compile(r"""[^\s"'`<>]{1,4096}""")
IN_ADDRESS: Final = re.compile(r"""[^\s"'`<>&;#)\]]{1,4096}""")
ARGUMENT: Final = re.compile(r"""[^\s"'`<>,)\]};|]{1,4096}""")
_PLACEHOLDER: Final = re.compile(
    r"\$?\{[^{}\n]{0,200}\}{1,2}|\{\{[^{}\n]{0,200}\}\}|\$[A-Za-z_]\w{0,80}|\$\([^()\n]{0,200}\)|%\(?\w{0,40}\)?[sdr]\b"
    r"|<[^<>\n]{0,80}>|\[[A-Z_]{1,24}\]|(?i:^\s{0,8}(?:bearer|basic|token)\b)"
)
_TYPES_TEXT: Final = (
    "str int float bool bytes object list dict tuple set any none null nil undefined true false yes no on off string "
    "number boolean float16 float32 float64 bfloat16 int8 int16 int32 int64 uint8 self ~ {} [] | > return pass raise "
    "required optional missing invalid expired hidden redacted"
)
_TYPES: Final = frozenset(_TYPES_TEXT.split())
_TYPE: Final = re.compile(r"(?:[a-z_]\w{0,40}\.){0,4}(?:[A-Z][a-z]{1,40}){1,6}(?:\[.{0,80})?,?")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){0,8}")
_CALL: Final = re.compile(
    r"[A-Za-z_][\w.]{0,120}[(\[{]|[(\[{]|lambda\b|await\b|not\b|-?\d{1,20}(?:\.\d{0,20})?[,)\]}]?$"
)


def string_end(text: str, opened: re.Match[str]) -> tuple[int, int]:
    """Return (end of the inner part, end of the literal) of a string that `OPENING` found."""
    at, (escapes, quote) = opened.end(), opened.groups()
    if escapes:  # a string inside of a string: "{\"token\": \"…\"}"
        return _found(text, escapes + quote[0], at - len(quote) + 1, _line_end(text, at))
    if len(quote) == 3:
        return _found(text, quote, at, len(text))
    inner = _INNER[quote].match(text, at)
    end = inner.end() if inner else at
    return end, min(len(text), end + (text[end : end + 1] == quote))


def _found(text: str, what: str, at: int, limit: int) -> tuple[int, int]:
    end = text.find(what, at, limit)
    return (limit, limit) if end < 0 else (end, end + len(what))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def harmless(value: str) -> bool:
    """Tell whether a value holds nothing to hide: placeholders, marks such as ``<pad>``, or the mask itself.

    >>> harmless("Bearer {token}"), harmless("<pad>"), harmless("${TOKEN}"), harmless("hunter2")
    (True, True, True, False)
    """
    if len(value) > MOST:
        return False
    if "••••" in value and "\n" not in value:
        return True  # settled when it was masked; to mask again changes nothing
    rest = _PLACEHOLDER.sub("", value)
    return not any(char.isalnum() for char in rest)


def plain(value: str) -> bool:
    """Tell whether a value is a truth value, the name of a type, or a word that says that there is none."""
    return value.rstrip(",;.)").lower() in _TYPES


def code(value: str) -> bool:
    """Tell whether a value without quotes is a piece of a program: a call, a type, a number, a list."""
    return plain(value) or _CALL.match(value) is not None or _TYPE.fullmatch(value) is not None


def name(value: str) -> bool:
    """Tell whether a value could be the name of a variable, dotted or not."""
    return _NAME.fullmatch(value) is not None


def random(value: str) -> bool:
    """Tell whether a value mixes letters and digits as keys and passwords do, and names of variables seldom."""
    if len(value) < 6 or code(value):
        return False
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)

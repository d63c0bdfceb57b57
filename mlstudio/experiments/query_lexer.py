"""The tokens of the text query language.

A hand-written scanner: no regular expression sees what a stranger typed, each character is
looked at once, and every token knows its line and column.

Knows nothing of: the grammar, fields, SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.wire import MAX_INT

MAX_BYTES: Final = 8192
WORD_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:/@.-")
_OPERATORS: Final = ("==", "!=", "<>", "<=", ">=", "=", "<", ">")
_PUNCTUATION: Final = "()[],"

TokenKind = Literal["word", "field", "string", "number", "operator", "punctuation", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is a word, an operator or the content of a string, `value` a number.

    A ``field`` token is a word with a back-quoted part: `text` is what stands before the
    quotes, `quoted` what is inside, `tail` what follows.
    """

    kind: TokenKind
    text: str
    at: int
    value: float | int = 0
    end: int = 0
    """Index behind its last character."""
    quoted: str = ""
    tail: str = ""


class QueryFault(BadQuery):
    """A fault in a query, with the stretch of text that it concerns.

    Args:
        message: one sentence that ends with line and column.
        start: index of the first character concerned.
        end: index behind the last one.
        field: always ``where``.
        hint: what to write instead.
    """

    def __init__(
        self, message: str, *, start: int = 0, end: int = 0, field: str | None = "where", hint: str | None = None
    ) -> None:
        super().__init__(message, field=field, hint=hint)
        self.start = start
        self.end = end


def position(text: str, at: int) -> str:
    """Return `` at LINE:COLUMN`` of an index, both counted from 1."""
    line = text.count("\n", 0, at) + 1
    return f" at {line}:{at - text.rfind(chr(10), 0, at)}"


def tokens(text: str) -> list[Token]:
    """Cut a query into tokens; the last one has the kind ``end``.

    Raises:
        BadQuery: too long, not valid text, an open quote, or a character that belongs nowhere.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise QueryFault("The query is not valid text.", end=len(text)) from None
    if size > MAX_BYTES:
        raise QueryFault(f"The query has {size} bytes.", end=len(text), hint=f"At most {MAX_BYTES} are read.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = next_token(text, at)
        found.append(token)
    found.append(Token("end", "the end", len(text), end=len(text)))
    return found


def next_token(text: str, at: int) -> tuple[Token, int]:
    """Return the token that begins at an index, where no blank is, and the index behind it.

    Raises:
        BadQuery: an open quote, or a character that belongs nowhere.
    """
    token, end = _next(text, at)
    return replace(token, end=end), end


def _next(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char in "\"'":
        return _string(text, at)
    if char in _PUNCTUATION:
        return Token("punctuation", char, at), at + 1
    for operator in _OPERATORS:
        if text.startswith(operator, at):
            return Token("operator", operator, at), at + len(operator)
    if char in WORD_CHARACTERS or char in "+`":
        return _word(text, at)
    raise QueryFault(
        f"{char!r} does not belong{position(text, at)}.",
        start=at,
        end=at + 1,
        hint='Put text in "quotes" and unusual names in `backquotes`.',
    )


def _string(text: str, at: int) -> tuple[Token, int]:
    quote, index, kept = text[at], at + 1, list[str]()
    while index < len(text) and text[index] != quote:
        if text[index] == "\\" and index + 1 < len(text) and text[index + 1] in "\"'\\":
            index += 1
        kept.append(text[index])
        index += 1
    if index >= len(text):
        raise QueryFault(
            f"The text that begins{position(text, at)} has no end.",
            start=at,
            end=len(text),
            hint=f"Close it with {quote}.",
        )
    return Token("string", "".join(kept), at), index + 1


def _word(text: str, at: int) -> tuple[Token, int]:
    if text[at] in "+-." or text[at].isdigit():
        number = _number(text, at)
        if number is not None:
            return number
    end = _run(text, at)
    if end < len(text) and text[end] == "`":
        return _quoted_field(text, at, end)
    if end == at:
        raise QueryFault(f"{text[at]!r} does not belong{position(text, at)}.", start=at, end=at + 1)
    return Token("word", text[at:end], at), end


def _run(text: str, at: int) -> int:
    while at < len(text) and text[at] in WORD_CHARACTERS:
        at += 1
    return at


def _quoted_field(text: str, at: int, tick: int) -> tuple[Token, int]:
    close = text.find("`", tick + 1)
    while 0 <= close < len(text) - 1 and text[close + 1] == "`":  # a doubled one is part of the name
        close = text.find("`", close + 2)
    if close < 0:
        raise QueryFault(
            f"The name that begins{position(text, tick)} has no end.",
            start=tick,
            end=len(text),
            hint="Close it with `.",
        )
    end, quoted = _run(text, close + 1), text[tick + 1 : close].replace("``", "`")
    return Token("field", text[at:tick], at, quoted=quoted, tail=text[close + 1 : end]), end


def _number(text: str, at: int) -> tuple[Token, int] | None:
    """Read a number; None when what starts here is a word (``2fast``, ``-2h``, a name with digits)."""
    end = at + (text[at] in "+-")
    while end < len(text) and (text[end] in WORD_CHARACTERS or (text[end] == "+" and text[end - 1] in "eE")):
        end += 1
    body = text[at:end]
    if "_" in body:  # Python would read 1_000 as a number; here it is a word
        return None
    try:
        value = _value_of(body)
    except ValueError:
        return None
    return Token("number", body[:60], at, value=value), end


def _value_of(body: str) -> float | int:
    if len(body) <= 17:
        try:
            whole = int(body)
        except ValueError:
            pass
        else:
            return whole if abs(whole) <= MAX_INT else float(whole)
    return float(body)

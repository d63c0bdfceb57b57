"""The tokens of the text query language.

A hand-written scanner: no regular expression sees what a stranger typed, each character is
looked at once, and every token knows its line and column.

Knows nothing of: the grammar, fields, SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.wire import MAX_INT

MAX_BYTES: Final = 8192
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:/@.-")
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
    quoted: str = ""
    tail: str = ""


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
        raise BadQuery("The query is not valid text.", field="where") from None
    if size > MAX_BYTES:
        raise BadQuery(f"The query has {size} bytes.", field="where", hint=f"At most {MAX_BYTES} are read.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = _next(text, at)
        found.append(token)
    found.append(Token("end", "the end", len(text)))
    return found


def _next(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char in "\"'":
        return _string(text, at)
    if char in _PUNCTUATION:
        return Token("punctuation", char, at), at + 1
    for operator in _OPERATORS:
        if text.startswith(operator, at):
            return Token("operator", operator, at), at + len(operator)
    if char in _WORD or char in "+`":
        return _word(text, at)
    raise BadQuery(
        f"{char!r} does not belong{position(text, at)}.",
        field="where",
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
        raise BadQuery(
            f"The text that begins{position(text, at)} has no end.", field="where", hint=f"Close it with {quote}."
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
        raise BadQuery(f"{text[at]!r} does not belong{position(text, at)}.", field="where")
    return Token("word", text[at:end], at), end


def _run(text: str, at: int) -> int:
    while at < len(text) and text[at] in _WORD:
        at += 1
    return at


def _quoted_field(text: str, at: int, tick: int) -> tuple[Token, int]:
    close = text.find("`", tick + 1)
    if close < 0:
        raise BadQuery(
            f"The name that begins{position(text, tick)} has no end.", field="where", hint="Close it with `."
        )
    end = _run(text, close + 1)
    return Token("field", text[at:tick], at, quoted=text[tick + 1 : close], tail=text[close + 1 : end]), end


def _number(text: str, at: int) -> tuple[Token, int] | None:
    """Read a number; None when what starts here is a word (``2fast``, ``-2h``, a name with digits)."""
    end = at + (text[at] in "+-")
    while end < len(text) and (text[end] in _WORD or (text[end] == "+" and text[end - 1] in "eE")):
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

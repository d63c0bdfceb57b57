"""Where the caret stands in a query that is being typed: what may come there, and what it replaces.

Reads the tokens before the caret and keeps track of what the grammar wants next; a text that is
half typed, or wrong further on, is no hindrance. Never raises.

Knows nothing of: which fields and values there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import Field
from mlstudio.experiments.fields import field_of, make_field, stats_of
from mlstudio.experiments.query_lexer import Token, next_token
from mlstudio.experiments.query_text import GROUP_PREFIXES, KEYWORDS

Want = Literal[
    "field", "operator", "contrary", "value", "list", "item", "more items", "joint", "by", "key", "direction",
    "number", "bound", "nothing",
]  # fmt: skip
"""What may come: a field of a condition; an operator; in, contains or like after not; a value; an opening
bracket; an item; a comma or closing bracket; and, or, order by, limit; by; a field of an order; asc, desc
or a comma; a whole number; < or <= of a range; nothing at all."""
_FLIPPED: Final = frozenset({"<", "<=", ">", ">="})
_QUOTES: Final = "\"'"


@dataclass(frozen=True, slots=True)
class Caret:
    """What may come at the caret.

    Attributes:
        want: what the grammar wants there.
        start: index of the first character that a choice replaces.
        end: index behind the last one.
        typed: what stands there already, up to the caret, without an opening quote.
        field: what a value would be compared with, or an operator would follow.
        depth: open parentheses.
    """

    want: Want
    start: int
    end: int
    typed: str
    field: Field | None = None
    depth: int = 0


def caret_of(text: str, caret: int) -> Caret:
    """Return what may come at an index of a query."""
    at = min(max(caret, 0), len(text))
    before, start = _tokens(text[:at])
    if start == at and before and before[-1].end == at and before[-1].kind in ("word", "field", "number"):
        start = before.pop().at
    state = _State()
    for token in before:
        state.take(token)
    typed = text[start:at]
    if typed[:1] in ("'", '"') and state.want in ("value", "item"):
        typed = typed[1:]
    return Caret(state.want, start, _end_of(text, start, at), typed, state.field, state.depth)


def _tokens(text: str) -> tuple[list[Token], int]:
    """Return the whole tokens of a text, and where the one begins that has no end; the text's end without one."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            token, end = next_token(text, at)
        except BadQuery:
            if text[at] in _QUOTES or _opens_name(text, at):
                return found, at
            at += 1  # a character that belongs nowhere hides nothing behind it
            continue
        found.append(token)
        at = end
    return found, len(text)


def _opens_name(text: str, at: int) -> bool:
    """Tell whether a name in back quotes begins in this word and has no end."""
    rest = text[at:]
    tick = rest.find("`")
    return tick >= 0 and not any(char.isspace() for char in rest[:tick])


def _end_of(text: str, start: int, at: int) -> int:
    """Return the end of the token that the caret is in."""
    if start == at:
        return at
    try:
        _, end = next_token(text, start)
    except BadQuery:
        return at
    if text[start] in _QUOTES or "`" in text[start:at]:  # the closing one may belong to a text further on
        rest = text[at : end - 1]
        return end if end >= at and not any(char.isspace() for char in rest) else at
    return max(end, at)


class _State:
    """What the grammar wants after the tokens so far."""

    def __init__(self) -> None:
        self.want: Want = "field"
        self.field: Field | None = None
        self.depth = 0

    def take(self, token: Token) -> None:
        """Go on by one token."""
        said = token.text.lower() if token.kind in ("word", "operator", "punctuation") else ""
        if self.want in ("field", "operator", "contrary", "joint", "bound"):
            self.condition(token, said)
        elif self.want in ("value", "list", "item", "more items"):
            self.after_operator(said)
        else:
            self.after_condition(token, said)

    def condition(self, token: Token, said: str) -> None:
        if self.want == "field" and said not in ("order", "limit"):
            self.begin(token, said)
        elif said in ("and", "or"):
            self.want, self.field = "field", None
        elif said == ")":
            self.depth, self.want, self.field = max(0, self.depth - 1), "joint", None
        elif said == "order":
            self.want = "by"
        elif said == "limit":
            self.want = "number"
        elif self.want == "bound" and token.kind == "operator":
            self.want = "field" if said in _FLIPPED else "value"
        elif self.want in ("operator", "contrary"):
            self.operator(token, said)

    def begin(self, token: Token, said: str) -> None:
        """Take what a condition may begin with: not, a parenthesis, a field, or a value before a range."""
        if said == "(":
            self.depth += 1
        elif token.kind == "operator":
            return  # out of place
        elif said != "not":
            self.field = field_at(token)
            self.want = "bound" if self.field is None else "operator"

    def operator(self, token: Token, said: str) -> None:
        if token.kind == "operator":
            self.want = "value"
        elif said == "not":
            self.want = "contrary"
        elif said == "in":
            self.want = "list"
        elif said in ("contains", "like"):
            self.want = "value"

    def after_operator(self, said: str) -> None:
        if self.want == "value":
            self.want, self.field = "joint", None
        elif self.want == "list":
            self.want = "item" if said in ("[", "(") else "list"
        elif self.want == "item":
            self.want = "joint" if said in ("]", ")") else "more items"
        elif said == ",":
            self.want = "item"
        elif said in ("]", ")"):
            self.want, self.field = "joint", None

    def after_condition(self, token: Token, said: str) -> None:
        if said == "limit":
            self.want = "number"
        elif self.want == "by" and said == "by":
            self.want = "key"
        elif self.want == "key":
            self.field = field_at(token)
            self.want = "direction"
        elif self.want == "direction" and said == ",":
            self.want, self.field = "key", None
        elif self.want == "number":
            self.want = "nothing"


def field_at(token: Token) -> Field | None:
    """Return the field that a token names, None for any other token."""
    if token.kind == "word" and token.text.lower() not in KEYWORDS:
        try:
            return field_of(token.text)
        except BadQuery:
            return None
    prefix, tail = token.text.lower(), token.tail.lower()
    if token.kind != "field" or prefix not in GROUP_PREFIXES or not token.quoted:
        return None
    group = prefix.removesuffix(".")
    if tail and not (tail[0] == "." and tail[1:] in stats_of(group)):
        return None
    return make_field(group, token.quoted, tail[1:] or None)

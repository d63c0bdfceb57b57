"""The text query language: what people type in the panel, the CLI and `list_runs(where=…)`.

    query = [expr] ["order by" key {"," key}] ["limit" INT]      key = field ["asc" | "desc"]
    expr  = and {"or" and}      and = not {"and" not}      not = ["not"] (cmp | "(" expr ")")
    cmp   = field                                it exists (``starred``, ``archived``: it is true)
          | field ("="|"=="|"!="|"<>"|"<"|"<="|">"|">=") value | value "<=" field "<=" value
          | field ["not"] "in" "[" value {"," value} "]"
          | field ["not"] "contains" STRING | field ["not"] "like" STRING     wildcards * and ?
    field = name, status, created, … | ("params"|"metrics"|"tags"|"inputs"|"outputs") "." NAME ["." stat]
    NAME  = [A-Za-z0-9_:/@.-]+ or `anything in back quotes` (a back quote itself is doubled)
    value = NUMBER | STRING | true | false | nan | a bare word | a time ("2026-11-23", -2h, "today")

A recursive-descent parser: nothing is evaluated, every fault is a `BadQuery` with its position.
Caps: 8 kB of text, nesting 50, 1,000 list items.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import And, Cmp, Expr, Field, Not, Op, Or, OrderKey, Query
from mlstudio.experiments.fields import (
    TIME_FIELDS,
    Value,
    bare,
    check_known,
    field_of,
    make_field,
    relative_seconds,
    stats_of,
    to_micros,
    unknown,
)
from mlstudio.experiments.query_lexer import QueryFault, Token, position, tokens

MAX_NESTING: Final = 50
MAX_ITEMS: Final = 1000
MAX_LIMIT: Final = 1_000_000
_OPS: Final[dict[str, Op]] = {
    "=": "==", "==": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_MIRROR: Final[dict[str, Op]] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CONSTANTS: Final[dict[str, Value]] = {
    "true": True,
    "false": False,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
}
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "contains", "like", "order", "by", "limit", "asc", "desc"})
TRUTHS: Final = frozenset({"starred", "archived"})
"""Fields that are true or false, and mean "it is true" when they stand alone."""
GROUP_PREFIXES: Final = ("params.", "metrics.", "tags.", "inputs.", "outputs.")


def parse(text: str, *, known: Collection[str] | None = None, now: float | None = None) -> Query:
    """Read a query.

    Args:
        text: the query; empty means everything.
        known: column keys that exist (``params.lr``, ``metrics.loss.last``); when given, an
            unknown parameter, metric or tag is an error with a "did you mean".
        now: seconds since the epoch that relative times count from, default the present.

    Raises:
        BadQuery: it cannot be read; the message ends with line and column.

    >>> parse("metrics.loss < 0.3 order by created desc limit 5").limit
    5
    """
    return _Parser(text, known, now).query()


class _Parser:
    """Reads tokens from left to right; each method consumes one rule of the grammar."""

    def __init__(self, text: str, known: Collection[str] | None, now: float | None) -> None:
        self.text = text
        self.known = None if known is None else frozenset(map(bare, known))
        self.now = now
        self.tokens = tokens(text)
        self.index = 0
        self.depth = 0

    # -- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def advance(self) -> Token:
        token = self.token
        self.index += token.kind != "end"
        return token

    def word(self, *choices: str) -> bool:
        """Tell whether the next token is one of these keywords, in any case."""
        return self.token.kind == "word" and self.token.text.lower() in choices

    def accept(self, *choices: str) -> bool:
        if self.word(*choices) or (self.token.kind == "punctuation" and self.token.text in choices):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f'expected "{text}" but found {self.shown()}')

    def shown(self, token: Token | None = None) -> str:
        found = token or self.token
        return found.text if found.kind == "end" else f'"{found.text[:40]}"'

    def where(self, token: Token | None = None) -> str:
        return position(self.text, (token or self.token).at)

    def error(self, message: str, *, hint: str | None = None, token: Token | None = None) -> BadQuery:
        found = token or self.token
        said = f"{message[0].upper()}{message[1:]}{self.where(found)}."
        return QueryFault(said, start=found.at, end=found.end, hint=hint)

    @contextmanager
    def at(self, token: Token) -> Iterator[None]:
        """Say where it was, when what is read inside cannot be read."""
        try:
            yield
        except QueryFault:
            raise
        except BadQuery as error:
            raise QueryFault(error.message, start=token.at, end=token.end, hint=error.hint) from None

    # -- rules

    def query(self) -> Query:
        where = None
        if self.token.kind != "end" and not self.word("order", "limit"):
            where = self.either()
        order = self.order_by() if self.accept("order") else ()
        limit = self.limit() if self.accept("limit") else None
        if self.token.kind != "end":
            raise self.error(f"{self.shown()} does not belong", hint='Join conditions with "and" or "or".')
        return Query(where, order, limit)

    def order_by(self) -> tuple[OrderKey, ...]:
        self.expect("by")
        keys = [self.order_key()]
        while self.accept(","):
            keys.append(self.order_key())
            if len(keys) > MAX_ITEMS:
                raise self.error(f"the order has more than {MAX_ITEMS} keys")
        return tuple(keys)

    def order_key(self) -> OrderKey:
        field = self.field()
        if self.accept("desc"):
            return OrderKey(field, descending=True)
        self.accept("asc")
        return OrderKey(field)

    def limit(self) -> int:
        token = self.advance()
        if token.kind != "number" or not isinstance(token.value, int) or not 1 <= token.value <= MAX_LIMIT:
            raise self.error(f"the limit must be a whole number from 1 to {MAX_LIMIT}", token=token)
        return token.value

    def either(self) -> Expr:
        items = [self.both()]
        while self.accept("or"):
            items.append(self.both())
        return items[0] if len(items) == 1 else Or(tuple(items))

    def both(self) -> Expr:
        items = [self.negated()]
        while self.accept("and"):
            items.append(self.negated())
        return items[0] if len(items) == 1 else And(tuple(items))

    def negated(self) -> Expr:
        if self.accept("not"):
            return Not(self.primary())
        return self.primary()

    def primary(self) -> Expr:
        opening = self.token
        if not self.accept("("):
            return self.comparison()
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.error(f"parentheses are nested deeper than {MAX_NESTING}", token=opening)
        inner = self.either()
        self.expect(")")
        self.depth -= 1
        return inner

    def comparison(self) -> Expr:
        if self.token.kind in {"number", "string"} or (
            self.token.kind == "word" and self.tokens[self.index + 1].kind == "operator" and self.is_value(self.token)
        ):
            return self.between()
        field = self.field()
        if self.token.kind == "operator":
            operator = _OPS[self.advance().text]
            return Cmp(field, operator, self.value(field))
        negated = self.accept("not")
        if self.accept("in"):
            return Cmp(field, "not in" if negated else "in", self.items(field))
        for verb, plain, contrary in (("contains", "contains", "not contains"), ("like", "like", "not like")):
            if self.accept(verb):
                return self.text_comparison(field, contrary if negated else plain)  # type: ignore[arg-type]
        if negated:
            raise self.error(f'expected "in", "contains" or "like" but found {self.shown()}')
        if field.kind == "meta" and field.name in TRUTHS:
            return Cmp(field, "==", value=True)
        return Cmp(field, "exists")

    def between(self) -> Expr:
        """``0.1 <= params.lr < 0.5``, or one half of it."""
        left_token = self.advance()
        if self.token.kind != "operator" or self.token.text not in _MIRROR:
            raise self.error(
                f'expected "<" or "<=" after a value but found {self.shown()}', hint="Write field = value."
            )
        first = _MIRROR[self.advance().text]
        field = self.field()
        low = Cmp(field, first, self.read(left_token, field))
        if self.token.kind != "operator":
            return low
        if self.token.text not in _MIRROR:
            raise self.error(f'expected "<" or "<=" but found {self.shown()}')
        operator = _OPS[self.advance().text]
        return And((low, Cmp(field, operator, self.value(field))))

    def text_comparison(self, field: Field, op: Op) -> Cmp:
        token = self.advance()
        if token.kind not in {"string", "word", "number"}:
            raise self.error(f"expected text in quotes but found {self.shown(token)}", token=token)
        return Cmp(field, op, token.text)

    def items(self, field: Field) -> tuple[Value, ...]:
        closing = ")" if self.token.text == "(" else "]"
        if not self.accept("[", "("):
            raise self.error(f'expected "[" but found {self.shown()}', hint='Write in ["adam", "sgd"].')
        found = [self.value(field)]
        while self.accept(","):
            found.append(self.value(field))
            if len(found) > MAX_ITEMS:
                raise self.error(f"the list has more than {MAX_ITEMS} items")
        self.expect(closing)
        return tuple(found)

    def field(self) -> Field:
        token = self.advance()
        with self.at(token):
            if token.kind == "field":
                field = self.quoted_field(token)
            elif token.kind == "word" and token.text.lower() not in KEYWORDS:
                field = field_of(token.text, known=self.known or (), where=self.where(token))
            else:
                raise self.error(f"expected a field but found {self.shown(token)}", token=token)
            return field if self.known is None else check_known(field, self.known, where=self.where(token))

    def quoted_field(self, token: Token) -> Field:
        """``metrics.`my loss`.max``: what stands in back quotes is the name, whatever it holds."""
        group, tail = token.text.lower().removesuffix("."), token.tail.lower()
        whole = f"{token.text}`{token.quoted[:40]}`{token.tail}"
        if not token.text.endswith(".") or f"{group}." not in GROUP_PREFIXES or not token.quoted:
            raise unknown(whole, known=self.known or (), where=self.where(token))
        if tail and not (tail[0] == "." and tail[1:] in stats_of(group)):
            raise unknown(whole, known=self.known or (), where=self.where(token))
        return make_field(group, token.quoted, tail[1:] or None)

    # -- values

    def is_value(self, token: Token) -> bool:
        return token.text.lower() in _CONSTANTS or relative_seconds(token.text.lower()) is not None

    def value(self, field: Field) -> Value:
        return self.read(self.advance(), field)

    def read(self, token: Token, field: Field) -> Value:
        """Return the value of a token, in the unit of the field it is compared with."""
        if token.kind == "number":
            plain: Value = token.value
        elif token.kind == "string":
            plain = token.text
        elif token.kind == "word" and token.text.lower() not in KEYWORDS:
            plain = self.bare_word(token)
        else:
            raise self.error(f"expected a value but found {self.shown(token)}", token=token)
        if field.kind != "meta":
            return plain
        if field.name in TIME_FIELDS:
            with self.at(token):
                return to_micros(plain, now=self.now, where=self.where(token))
        if field.name == "duration" and isinstance(plain, str):
            seconds = relative_seconds(plain.lower())
            return plain if seconds is None else abs(seconds)
        return plain

    def bare_word(self, token: Token) -> Value:
        if token.text.lower() in _CONSTANTS:
            return _CONSTANTS[token.text.lower()]
        if token.text.lower().startswith(GROUP_PREFIXES):
            raise self.error(
                f'expected a value but found the field "{token.text[:40]}"',
                hint="A field can be compared with values only; put text in quotes.",
                token=token,
            )
        return token.text

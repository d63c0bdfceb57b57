"""The one masker of texts: source code, diffs, settings, command lines, logs.

Hidden is what is given to a name of a secret, whichever way a language, a shell or a file of settings
writes that, and what is a secret by its form. Names of variables, calls and types on the right side
stay: they are code. Lines stay lines, and a diff keeps its first column.

One pass from left to right: what was settled is not looked at again, and each look goes a bounded way, so
that the time is linear. To mask twice is to mask once.

Knows nothing of: what is masked, and where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mlstudio.entities import secrets_values as values
from mlstudio.entities.secrets_forms import Span, forms, private_keys
from mlstudio.entities.secrets_names import globs, names_secret, words_of

MASK: Final = "••••"
NAME: Final = 80
"""Characters of a name that are looked at, before and behind the word that says secret."""
_IDENTIFIER: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_SETTERS: Final = ("setdefault(", "getenv(", "setenv(", "putenv(", ".get(", "setattr(os.environ, ")
_DECLARES: Final = ("add_argument(", "option(", "add_option(", "Option(", "Argument(")
_DEFAULT: Final = re.compile(r"""["'][^\n]{0,200}?\bdefault[ \t]{0,2}=[ \t]{0,2}(?=[rbfuRBFU]{0,2}["'])""")
_NEXT_ARGUMENT: Final = re.compile(r"""["'],[ \t]{0,8}(?=[rbfuRBFU]{0,2}["'])""")
_SPACES: Final = re.compile(r"[ \t]{1,8}")
_LONG_OPTION: Final = re.compile(r"--[a-z]")
_SMALL_WORDS_TEXT: Final = (
    "to is and or for with the if in of from as option options flag argument must can may was be are you your"
)
_SMALL_WORDS: Final = frozenset(_SMALL_WORDS_TEXT.split())
_INDENT: Final = re.compile(r"[+\- ]?[ \t]{0,200}")
_BLOCK: Final = re.compile(r"[|>][+-]?[0-9]?[ \t]{0,8}(?:#.{0,200})?\r?")
_WHITE: Final = " \t\r"


def masked(text: str, *, bare: bool = False) -> str:
    """Return a text in which secrets are masked; it has as many lines as before.

    >>> masked('API_KEY = "x8f2"  # max_tokens=100'), masked("export TOKEN=abc"), masked("tokenizer='bert'")
    ('API_KEY = "••••"  # max_tokens=100', 'export TOKEN=••••', "tokenizer='bert'")

    Args:
        text: code, a diff, settings, a log.
        bare: it is a file of settings, in which a value stands without quotes.
    """
    parts, at = [], 0
    for begin, end in hidden(text, bare=bare):
        parts += [text[at:begin], MASK]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def masked_bytes(data: bytes) -> bytes:
    """Return bytes of a log with as many asterisks where secrets were: offsets stay what they were.

    >>> masked_bytes(b"login --token=abc ok")
    b'login --token=*** ok'
    """
    parts, at = [], 0
    for begin, end in hidden(data.decode("latin-1")):
        parts += [data[at:begin], b"*" * (end - begin)]
        at = end
    return b"".join([*parts, data[at:]]) if parts else data


def hidden(text: str, *, bare: bool = False) -> list[Span]:
    """Return what must not be shown, in order: no two touch, none goes over the end of a line."""
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = text.translate({code: code + 32 for code in range(65, 91)})
    found = [*_Names(text, lowered, bare=bare).spans(), *forms(text, lowered), *private_keys(text)]
    if not found:
        return []
    found.sort()
    joined: list[Span] = [found[0]]
    for begin, end in found[1:]:
        if begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return [line for span in joined for line in _lines(text, *span)]


def _lines(text: str, begin: int, end: int) -> Iterator[Span]:
    """Yield a span line by line; what indents a line and a diff's first column stay."""
    first = True
    while begin < end:
        stop = text.find("\n", begin, end)
        stop = end if stop < 0 else stop
        indent = None if first else _INDENT.match(text, begin, stop)
        inner = begin if indent is None else indent.end()
        last = stop - (text[stop - 1 : stop] == "\r" and stop < end)
        if text[inner:last].strip("•* \t\r"):
            yield inner, last
        begin, first = stop + 1, False


class _Names:
    """Looks for names of secrets, and for what is given to them."""

    def __init__(self, text: str, lowered: str, *, bare: bool) -> None:
        self._text = text
        self._lowered = lowered
        self._bare = bare
        self._found: list[Span] = []
        self._done = 0
        self._line = 0, -1

    def spans(self) -> list[Span]:
        """Return what is given to names of secrets."""
        for at in self._hits():
            if at < self._done:
                continue
            before = self._text[max(self._done, at - NAME) : at]
            begin = at - len(before) + len(before.rstrip(_IDENTIFIER))
            behind = self._text[at : at + NAME]
            end = at + len(behind) - len(behind.lstrip(_IDENTIFIER))
            end = begin + len(self._text[begin:end].rstrip(".-"))
            self._done = max(end, at + 1)
            name = self._text[begin:end]
            if names_secret(name if self._bare else name.strip("-").rpartition(".")[2]):
                self._look(begin, end)
        return self._found

    def _hits(self) -> list[int]:
        found: set[int] = set()
        for word in words_of(globs()):
            at = self._lowered.find(word)
            while at >= 0:
                found.add(at)
                at = self._lowered.find(word, at + len(word))
        return sorted(found)

    def _bounds(self, at: int) -> tuple[int, int]:
        """Return where the line of a place begins and ends."""
        begin, end = self._line
        if not begin <= at <= end:
            begin = self._text.rfind("\n", end + 1 if end < at else 0, at) + 1 or begin
            begin = max(begin, end + 1) if begin <= end < at else begin
            end = self._text.find("\n", at)
            self._line = begin, (len(self._text) if end < 0 else end)
        return self._line

    def _hide(self, begin: int, end: int) -> None:
        self._done = max(self._done, end)
        if end > begin and not values.harmless(self._text[begin:end]):
            self._found.append((begin, end))

    # ------------------------------------------------------------ what stands behind a name

    def _look(self, begin: int, end: int) -> None:
        text = self._text
        option = text.startswith("-", begin)
        given = values.SEPARATOR.match(text, end)
        if given is None:
            self._without_sign(begin, end, option=option)
            return
        at = given.end()
        if given["sign"] == ":" and not given["quote"]:
            annotation = values.ANNOTATION.match(text, at)
            at = annotation.end() if annotation else at
        if self._literals(at) or self._listed(at):
            return
        otherwise = values.OTHERWISE.match(text, at)
        if otherwise:
            self._literals(otherwise.end())
        elif "=" in given["sign"]:
            self._after_equals(begin, given, option=option)
        else:
            self._after_colon(begin, given)

    def _without_sign(self, begin: int, end: int, *, option: bool) -> None:
        """``--token abc``, ``"--token", "abc"``, ``getenv("TOKEN", "abc")``, ``name: TOKEN, value: abc``."""
        text = self._text
        quoted = begin > 0 and text[begin - 1] in "\"'"
        pair = values.NAMED_PAIR.match(text, end)
        if pair:
            if not self._literals(pair.end()):
                self._to_end_of_line(pair.end())
        elif quoted:
            declared = text.endswith(_DECLARES, 0, begin - 1)
            default = _DEFAULT.match(text, end) if declared else None
            following = _NEXT_ARGUMENT.match(text, end)
            if default:
                self._literals(default.end())
            elif following and not declared and (option or text.endswith(_SETTERS, 0, begin - 1)):
                self._literals(following.end())
        else:
            spaces = _SPACES.match(text, end)
            if spaces and (option or text.startswith("ENV ", begin - 4)):
                if not self._literals(spaces.end()):
                    self._argument(begin, spaces.end())
            elif spaces and text[end - 8 : end].upper() == "PASSWORD":
                self._literals(spaces.end())  # SQL

    def _argument(self, begin: int, at: int) -> None:
        found = values.ARGUMENT.match(self._text, at)
        if found is None or _LONG_OPTION.match(found[0]) or found[0].lower() in _SMALL_WORDS:
            return
        name = self._text[begin : begin + NAME].lstrip("-").upper().replace("-", "_")
        if not name.startswith(found[0].strip("-")) and not name.split()[0].endswith(found[0]):
            self._hide(at, found.end())

    # ------------------------------------------------------------ values in quotes

    def _literals(self, at: int) -> bool:
        """Hide a string, and those that are joined to it; False when there is none."""
        gap = values.GAP.match(self._text, at)
        start = gap.end() if gap else at
        inside = "(" in self._text[at:start]
        opened = values.OPENING.match(self._text, start)
        any_one = opened is not None
        while opened is not None:
            end, behind = values.string_end(self._text, opened)
            self._hide(opened.end(), end)
            joined = values.JOINED.match(self._text, behind)
            if inside and joined is None:
                joined = values.NEXT_LISTED.match(self._text, behind)
            elif (
                joined
                and joined["over"]
                and not (inside or joined["plus"] or joined["over"].lstrip().startswith(("+", "\\")))
            ):
                break
            if joined is None:
                break
            opened = values.OPENING.match(self._text, joined.end())
        return any_one

    def _listed(self, at: int) -> bool:
        """Hide the strings of a list, and the values of a dict; False when there are none."""
        text = self._text
        found = values.LISTED.match(text, at)
        step = values.NEXT_LISTED
        if found is None and text.startswith("{", at):
            found, step = values.IN_BRACES.match(text, at), values.IN_BRACES
        any_one = found is not None
        while found is not None:
            opened = values.OPENING.match(text, found.end())
            if opened is None:
                break
            end, behind = values.string_end(text, opened)
            self._hide(opened.end(), end)
            found = step.match(text, behind)
        return any_one

    # ------------------------------------------------------------ values without quotes

    def _heads_line(self, begin: int) -> bool:
        first, _ = self._bounds(begin)
        return values.LINE_HEAD.fullmatch(self._text, max(first, begin - 300), begin) is not None

    def _after_equals(self, begin: int, given: re.Match[str], *, option: bool) -> None:
        text, at = self._text, given.end()
        before = text[begin - 1 : begin]
        if given["before"] or given["after"]:
            if self._bare and self._heads_line(begin):
                self._to_end_of_line(at)
            else:
                self._if_random(begin, at)
        elif before in {"?", "&", ";"}:
            self._word(values.IN_ADDRESS, at)
        elif option or before in {'"', "'"}:
            self._word(values.WORD, at)
        elif self._bare and self._heads_line(begin):
            self._to_end_of_line(at)
        elif before in {"(", ","} or text[max(0, begin - 2) : begin] == ", ":
            self._if_random(begin, at)
        else:
            found = values.WORD.match(text, at)
            shown = found is None or values.code(found[0]) or self._is_program(begin, found[0])
            if found and not shown:
                self._hide(at, found.end() - len(found[0]) + len(found[0].rstrip(";|&")))
            elif found:
                self._if_random(begin, at)

    def _is_program(self, begin: int, value: str) -> bool:
        """Tell ``token=token,`` of a call from ``TOKEN=abc`` of a shell."""
        stripped = value.rstrip(",):")
        if not values.name(stripped):
            return False
        return stripped != value or "." in value or names_secret(stripped) or self._text.startswith(stripped, begin)

    def _after_colon(self, begin: int, given: re.Match[str]) -> None:
        text, at = self._text, given.end()
        first, last = self._bounds(begin)
        name = text[begin : given.start()].upper()
        header = name in {"AUTHORIZATION", "PROXY-AUTHORIZATION", "COOKIE", "SET-COOKIE"} or (
            name.startswith("X-") and not given["quote"]
        )
        if header and not given["quote"]:
            opening = text[begin - 1 : begin]
            closing = text.find(opening, at, last) if opening in {'"', "'"} else -1
            self._hide(at, closing if closing >= 0 else at + len(text[at:last].rstrip()))
        elif not self._heads_line(begin) or given["quote"]:
            self._if_random(begin, at)
        elif _BLOCK.fullmatch(text, at, last):
            self._block(first, last)
        else:
            word = text[at : min(last, at + values.MOST)].partition(" #")[0].strip()
            if self._bare or (word and not any(char in word for char in " \t") and not self._is_type(word)):
                self._to_end_of_line(at)

    def _is_type(self, word: str) -> bool:
        return values.code(word) or (word.endswith((",", ")", "):")) and values.name(word.rstrip(",):")))

    def _block(self, first: int, last: int) -> None:
        """Hide the lines below a key that are indented deeper (YAML's ``|`` and ``>``)."""
        text = self._text
        depth = self._depth(first, last)
        begin = at = last + 1
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            if text[at + 1 : end].strip() and self._depth(at, end) <= depth:
                break
            at = end + 1
        self._hide(begin, min(at, len(text)))

    def _depth(self, first: int, last: int) -> int:
        """Return how far a line is indented; a diff's sign counts as a blank."""
        indent = _INDENT.match(self._text, first, last)
        return indent.end() - first if indent else 0

    def _word(self, pattern: re.Pattern[str], at: int) -> None:
        found = pattern.match(self._text, at)
        if found and not values.plain(found[0]):
            self._hide(at, found.end())

    def _if_random(self, begin: int, at: int) -> None:
        found = values.ARGUMENT.match(self._text, at)
        if found is None or not values.random(found[0]):
            return
        behind = self._text[found.end() : found.end() + 1]
        if behind not in {"(", "["} and not self._is_program(begin, found[0]):
            self._hide(at, found.end())

    def _to_end_of_line(self, at: int) -> None:
        _, last = self._bounds(at)
        last = min(last, at + values.MOST)
        value = self._text[at:last].partition(" #")[0].rstrip(_WHITE)
        number = value.isascii() and value.isdigit() and len(value) < 10
        if value and not values.plain(value) and not number:
            self._hide(at, at + len(value))

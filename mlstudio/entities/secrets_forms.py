"""Secrets that their form gives away, whatever they are called: cloud and forge tokens, user and password
of an address, what follows ``Bearer``, private keys.

Every search is for a fixed text, or a pattern of ours with bounded repeats matched at one place.
Knows nothing of: names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from mlstudio.entities.secrets_values import harmless

Span = tuple[int, int]
"""Where something to hide begins and ends, in characters."""
_FORMS: Final[tuple[tuple[str, str], ...]] = (
    ("AKIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
    ("ASIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
    ("AIza", r"[0-9A-Za-z_-]{35}"),
    *((f"gh{kind}_", r"[A-Za-z0-9]{30,255}") for kind in "pousr"),
    ("github_pat_", r"\w{30,255}"),
    ("sk-", r"(?=[A-Za-z_-]{0,60}[0-9])[\w-]{20,255}"),
    ("sk_live_", r"\w{16,255}"),
    ("rk_live_", r"\w{16,255}"),
    ("hf_", r"[A-Za-z0-9]{30,255}"),
    ("glpat-", r"[\w-]{20,255}"),
    *((f"xox{kind}-", r"[A-Za-z0-9-]{10,255}") for kind in "abeprs"),
    ("npm_", r"[A-Za-z0-9]{36}"),
    ("pypi-", r"AgEI[\w-]{20,1000}"),
    ("dckr_pat_", r"[\w-]{20,255}"),
    ("nvapi-", r"[\w-]{40,255}"),
    ("gsk_", r"[A-Za-z0-9]{40,255}"),
    ("hvs.", r"[\w-]{20,255}"),
    ("ya29.", r"[\w-]{20,1000}"),
    ("eyJ", r"[\w-]{10,400}\.[\w-]{10,2000}\.[\w-]{10,2000}"),
)
"""How each begins, and goes on; compiled when it is first seen."""
_BEARER: Final = re.compile(r"(?i:bearer)[ \t]{1,4}([A-Za-z0-9._~+/=][A-Za-z0-9._~+/=-]{2,2000})")
_SCHEME: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-")
_USER_INFO: Final = re.compile(r"""[^\s/"'<>`]{1,300}@""")
FARTHEST: Final = 16_384
"""Characters of a private key."""
_BEGIN: Final = "-----BEGIN "
_BEGIN_KEY: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE: Final = re.compile(
    r"""[+\- ]?[ \t]{0,80}(?:[rbfuRBFU]{0,2}["'])?"""
    r"""(?:[A-Za-z0-9+/=•._-]{1,200}|(?:Proc-Type|DEK-Info|Version|Comment):.{0,200})?"""
    r"""(?:\\[rn]){0,4}["']?[+\\,)]{0,2}[ \t]{0,8}\r?"""
)
_KNOWN_OPTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("sshpass", r"-p[ \t]?(\S{1,200})"),
    ("mysql", r"-p(\S{1,200})"),
    ("mariadb", r"-p(\S{1,200})"),
    ("docker login", r"-p[ \t=]?(\S{1,200})"),
    ("podman login", r"-p[ \t=]?(\S{1,200})"),
    ("twine upload", r"-p[ \t=]?(\S{1,200})"),
    ("curl", r"""(?:-u|--user|--proxy-user)[ \t=]?["']?([^\s"':]{1,100}:[^\s"']{1,200})"""),
)
"""Programs whose short option takes a password."""
_NETRC: Final = re.compile(r"login[ \t]{1,8}\S{1,100}\s{1,8}password[ \t]{1,8}(\S{1,200})")


@cache
def form(start: str, rest: str) -> re.Pattern[str]:
    """Return the pattern of a form."""
    return re.compile(re.escape(start) + rest)


@cache
def of_program(program: str, option: str) -> re.Pattern[str]:
    """Return the pattern of a program's option; group 1 is the secret."""
    return re.compile(rf"{program}[^\n;|&]{{0,200}}?[ \t]{option}")


def forms(text: str, lowered: str) -> Iterator[Span]:
    """Yield what is a secret by its form.

    Args:
        text: to look at.
        lowered: the same in small letters, character by character.
    """
    for start, rest in _FORMS:
        for at in _places(text, start):
            if at and (text[at - 1].isalnum() or text[at - 1] == "_") and text[max(0, at - 2) : at] not in _ESCAPED:
                continue
            found = form(start, rest).match(text, at)
            if found:
                yield found.span()
    for at in _places(lowered, "bearer"):
        found = _BEARER.match(text, at)
        if found and (any(char.isdigit() for char in found[1]) or len(found[1]) > 15):
            yield found.span(1)
    yield from _user_infos(text)
    yield from _options(text, lowered)


_ESCAPED: Final = ("\\n", "\\t", "\\r")


def _places(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + len(what))


def _user_infos(text: str) -> Iterator[Span]:
    if "@" not in text:
        return
    for at in _places(text, "://"):
        found = _USER_INFO.match(text, at + 3)
        if not found or not at or text[at - 1] not in _SCHEME:
            continue
        inner = found[0][:-1]
        if inner != "git" and not harmless(inner):
            yield at + 3, found.end() - 1


def _options(text: str, lowered: str) -> Iterator[Span]:
    for program, option in _KNOWN_OPTIONS:
        for at in _places(lowered, program):
            found = of_program(program, option).match(text, at)
            if found and not harmless(found[1]) and found[1][0] not in "$-":
                yield found.span(1)
    for at in _places(lowered, "login "):
        found = _NETRC.match(text, at)
        if found and not harmless(found[1]):
            yield found.span(1)


def private_keys(text: str) -> Iterator[Span]:
    """Yield the insides of private keys: up to their last line, or as long as lines look like one."""
    done = 0
    for at in _places(text, _BEGIN):
        begin = _BEGIN_KEY.match(text, at) if at >= done else None
        if begin is None:
            continue
        line_end = text.find("\n", begin.end())
        line_end = len(text) if line_end < 0 else line_end
        closing = text.find("-----END", begin.end(), line_end)
        end = closing if closing >= 0 else _key_end(text, begin.end(), line_end)
        done = end
        if end > begin.end():
            yield begin.end(), end


def _key_end(text: str, first: int, line_end: int) -> int:
    """Return where a key of many lines ends; `first` is behind its first line's mark."""
    rest = text[first:line_end]
    if "\\n" not in rest and _KEY_LINE.fullmatch(rest) is None:
        return first  # code that looks for keys
    closing = text.find("-----END", line_end, line_end + FARTHEST)
    if closing >= 0:
        return text.rfind("\n", 0, closing)
    end = line_end if rest.strip("\"'\\nr+,") else first
    at = line_end + 1
    while at < len(text):
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        if _KEY_LINE.fullmatch(text, at, line_end) is None:
            return end
        end, at = line_end, line_end + 1
    return end

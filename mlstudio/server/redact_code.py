"""Code, diffs and environments as they may be shown: without what reads like a secret.

In texts three things are masked, line by line and in linear time: a literal that is given to a
name of a secret (``API_KEY = "…"``, ``password: "…"``, ``TOKEN=x8f…``), the user-info part of a
URL, and keys whose form gives them away (cloud and forge tokens, private keys). A call or another
name on the right side stays: it is code, and no secret. Nothing of the user's is used as a pattern.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mlstudio.entities.comparison import CompareReply, CompareRow
from mlstudio.entities.experiments import CodeRecord, CodeReply, EnvironmentRecord
from mlstudio.entities.secrets import MASK, is_secret, names_secret, redact, redact_url

LONGEST: Final = 4096
"""Characters of a line that are looked at; a longer one holds data, and is cut."""
_GIVEN: Final = re.compile(
    r"""([A-Za-z_][A-Za-z0-9_.-]{0,80})"""
    r"""(["']?\]?[ \t]{0,8}(?::[ \t]{0,4}[A-Za-z_.]{0,20}\[?str\b[ \t|None\]]{0,12}=|[=:])[ \t]{0,8}[rbfu]{0,2}"""
    r"""|["'],[ \t]{0,8}[rbfu]{0,2}(?=["']))"""
    r"""(\"{3}(?:[^"\n]|"(?!""))*(?:\"{3})?|'{3}(?:[^'\n]|'(?!''))*(?:'{3})?|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|[A-Za-z0-9+/_.=~-]{8,})"""
)
_SETTERS: Final = ("setdefault(", "getenv(", "setenv(", "putenv(", ".get(")
"""Calls of a name and a value."""
_FORMS: Final = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\bhf_[A-Za-z0-9]{30,}|\bglpat-[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
)
_USER_INFO: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^\s/@\"'<>]{1,200}@")
_BEGIN: Final = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")
_END: Final = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY-----")


def redacted_code(reply: CodeReply) -> CodeReply:
    """Return code, environment and diff without what reads like a secret."""
    return CodeReply(
        code=None if reply.code is None else _code(reply.code),
        env=None if reply.env is None else _environment(reply.env),
        diff=None if reply.diff is None else redacted_text(reply.diff),
    )


def redacted_comparison(reply: CompareReply) -> CompareReply:
    """Return a comparison whose rows and diffs hold no secrets."""
    rows = [_row(row) if row.group in {"environment", "code"} else row for row in reply.rows]
    diffs = [msgspec.structs.replace(one, diff=redacted_text(one.diff)) for one in reply.diffs]
    return msgspec.structs.replace(reply, rows=rows, diffs=diffs)


def redacted_text(text: str) -> str:
    """Return source code or a diff with secrets masked; lines stay lines."""
    if "PRIVATE KEY-----" in text:
        text = _without_keys(text)
    if len(text) > LONGEST:
        text = "\n".join(_cut(line) for line in text.split("\n"))
    return _masked_in(text)


def _without_keys(text: str) -> str:
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        head = line[:LONGEST]
        if inside:
            inside = _END.search(head) is None
            lines.append(MASK if inside else line)
        else:
            inside = _BEGIN.search(head) is not None and _END.search(head) is None
            lines.append(line)
    return "\n".join(lines)


def redacted_arguments(argv: list[str]) -> list[str]:
    """Return a command line without secrets: ``--token=…``, and what follows ``--token``."""
    shown: list[str] = []
    next_one = False
    for argument in argv:
        name, equals, _ = argument.partition("=")
        if next_one and not argument.startswith("-"):
            shown.append(MASK)
        elif equals and names_secret(name):
            shown.append(f"{name}={MASK}")
        else:
            shown.append(_masked_in(argument))
        next_one = argument.startswith("-") and not equals and names_secret(argument)
    return shown


def _code(code: CodeRecord) -> CodeRecord:
    return msgspec.structs.replace(
        code,
        git_remote=None if code.git_remote is None else redact_url(code.git_remote),
        argv=redacted_arguments(code.argv),
        source=None if code.source is None else redacted_text(code.source),
    )


def _environment(env: EnvironmentRecord) -> EnvironmentRecord:
    return msgspec.structs.replace(env, variables=redact(env.variables))


def _row(row: CompareRow) -> CompareRow:
    name = row.key.rpartition(".")[2]
    hidden = row.group == "environment" and is_secret(name)
    values = [(MASK if hidden else _masked_in(value)) if isinstance(value, str) else value for value in row.values]
    return msgspec.structs.replace(row, values=values)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… [{len(line) - LONGEST} characters cut]"


def _masked_in(text: str) -> str:
    text = _USER_INFO.sub(rf"\g<1>{MASK}@", text)
    return _GIVEN.sub(_masked, _FORMS.sub(MASK, text))


def _masked(found: re.Match[str]) -> str:
    name, between, value = found.groups()
    if not names_secret(name) or found.string[found.end() : found.end() + 1] in {"(", "["}:
        return found[0]
    if "," in between and not found.string.endswith(_SETTERS, 0, max(0, found.start() - 1)):
        return found[0]  # a list of names, and no variable with its value
    if value[0] in "\"'":
        quotes = value[:3] if value[:3] in {'"""', "'''"} else value[0]
        inner = value[len(quotes) :].removesuffix(quotes)
        harmless = not inner or (inner[0] in "<[{" and inner[-1] in ">]}")  # "<pad>", "{token}": a mark, no secret
        return found[0] if harmless else f"{name}{between}{quotes}{MASK}{quotes}"
    tight = between.strip("\"']") in {"=", ":"}
    random = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return f"{name}{between}{MASK}" if tight and random else found[0]

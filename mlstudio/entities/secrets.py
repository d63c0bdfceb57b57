"""Secrets are shown nowhere: what is masked, by which name and in which text.

One masker serves all: names (`secrets_names`), texts (`secrets_text`), and here variables, parameters,
addresses and command lines, which have a name for each value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar
from urllib.parse import urlsplit

from mlstudio.entities.secrets_names import SECRET_GLOBS, VARIABLE, globs, is_secret, names_secret
from mlstudio.entities.secrets_text import MASK, hidden, masked, masked_bytes

__all__ = [
    "MASK",
    "SECRET_GLOBS",
    "VARIABLE",
    "hidden",
    "is_secret",
    "masked",
    "masked_arguments",
    "masked_bytes",
    "masked_value",
    "names_secret",
    "redact",
    "redact_url",
]

V = TypeVar("V")
_PASSWORD_OPTIONS: Final = {"sshpass": "-p", "mysql": "-p", "mysqldump": "-p", "mariadb": "-p", "curl": "-u"}
_SHORTEST: Final = 5
"""Characters of a text that can hold a secret with its name."""
_SHORT: Final = 100


def redact_url(text: str) -> str:
    """Hide the user-info part of a URL; other text is returned as it is.

    >>> redact_url("https://me:pw@host/x")
    'https://••••@host/x'
    """
    if "://" not in text or "@" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if "@" not in parts.netloc:
        return text
    return parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}").geturl()


def redact(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return a copy in which secret values of variables are masked, and secrets inside of others; keys stay."""
    return {key: MASK if is_secret(key) else masked(redact_url(value)) for key, value in mapping.items()}


def masked_value(name: str, value: V) -> V | str:
    """Return a parameter, hyperparameter or tag as it may be kept: masked when its name says secret.

    >>> masked_value("hf_token", "abc"), masked_value("max_tokens", 512), masked_value("db", "pg://me:pw@h")
    ('••••', 512, 'pg://••••@h')
    """
    if value is None or value == "":
        return value
    if names_secret(name, value):
        return MASK
    if isinstance(value, str) and len(value) >= _SHORTEST:
        return masked(value) if len(value) > _SHORT else _short(value, globs())
    return value


@lru_cache(8192)
def _short(text: str, _present: tuple[str, ...]) -> str:
    """Mask a short text; a sweep has the same ones again and again. The globs are part of the question."""
    return masked(text)


def masked_arguments(argv: Sequence[str], program: str = "") -> list[str]:
    """Return a command line without secrets: of ``--token=X``, ``--token X``, ``TOKEN=X``.

    What follows an option of a secret is masked, even when it begins with a dash; a long option is not.

    >>> masked_arguments(["t.py", "--password", "-x", "--lr=1", "--hf-token=abc"])
    ['t.py', '--password', '••••', '--lr=1', '--hf-token=••••']

    Args:
        argv: the words.
        program: what is run, where it is not the first word; a few take a password behind a short option.
    """
    shown: list[str] = []
    known = _PASSWORD_OPTIONS.get((program or (argv[0] if argv else "")).rpartition("/")[2])
    hide = False
    for argument in argv:
        name, equals, value = argument.partition("=")
        option = name.startswith("-")
        if hide and not (argument.startswith("--") and argument[2:3].isalpha()):
            shown.append(MASK)
            hide = False
            continue
        secret = names_secret(name.lstrip("-"), None)
        if equals and secret and value and value[0] != "$":
            shown.append(f"{name}={MASK}")
        elif known and argument.startswith(known) and len(argument) > len(known):
            shown.append(f"{known}{MASK}")
        else:
            shown.append(masked(argument))
        hide = option and not equals and (secret or argument == known)
    return shown

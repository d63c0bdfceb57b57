"""Which names hold secrets, and how they are shown: they are not.

The globs are those of the security design; a setting may add to them, never remove.
Applied to job environments, `run.json`, exports, reprs, messages and provenance.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

MASK: Final = "••••"
SECRET_GLOBS: Final[tuple[str, ...]] = (
    "*SECRET*",
    "*TOKEN*",
    "*PASSWORD*",
    "*PASSWD*",
    "*_PWD",
    "*API_KEY*",
    "*APIKEY*",
    "*ACCESS_KEY*",
    "*PRIVATE_KEY*",
    "*CREDENTIAL*",
    "*_AUTH",
    "*COOKIE*",
    "*HMAC*",
)


def is_secret(name: str) -> bool:
    """Tell whether the value of a variable of this name must not be shown."""
    upper = name.upper()
    return any(fnmatchcase(upper, glob) for glob in SECRET_GLOBS)


def names_secret(name: str, value: object = None) -> bool:
    """Tell whether a parameter, an option or a name in code holds a secret.

    As `is_secret`, but the tokens of language models are none: those of a tokenizer, and those that are counted.

    >>> names_secret("hf-token"), names_secret("max_tokens"), names_secret("tokenizer"), names_secret("token_dim", 8)
    (True, False, False, False)

    Args:
        name: as a program writes it, with dashes, dots or underscores.
        value: a number is no token; it may still be a password.
    """
    upper = name.upper().replace("-", "_").replace(".", "_").replace("TOKENIZ", "")
    if upper.endswith("TOKENS") or isinstance(value, int | float):
        upper = upper.replace("TOKEN", "")
    return is_secret(upper)


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
    """Return a copy in which secret values are masked and passwords are cut out of URLs; keys stay."""
    return {key: MASK if is_secret(key) else redact_url(value) for key, value in mapping.items()}

"""Which names hold secrets.

The globs are those of the security design. ``MLSTUDIO_SECRET_NAMES`` (globs, parted by commas) adds
to them in every process that has it; nothing takes one away.

Reads: that variable.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise
from typing import Final

VARIABLE: Final = "MLSTUDIO_SECRET_NAMES"
SECRET_GLOBS: Final[tuple[str, ...]] = (
    "*SECRET*",
    "*TOKEN*",
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*_PWD",
    "*API_KEY*",
    "*APIKEY*",
    "*ACCESS_KEY*",
    "*ACCESSKEY*",
    "*ACCOUNTKEY*",
    "*PRIVATE_KEY*",
    "*PRIVATEKEY*",
    "*CREDENTIAL*",
    "*_AUTH",
    "*AUTHORIZATION",
    "*COOKIE*",
    "*HMAC*",
)
LONGEST: Final = 200
"""Characters of a name that are looked at."""
_ABOUT_TEXT: Final = (
    "FIELD FIELDS NAME NAMES COLUMN COLUMNS PATH FILE DIR LEN LENGTH SIZE COUNT TYPE TYPES DIM IDX INDEX LABEL REGEX "
    "PATTERN PROMPT LIMIT BUDGET TTL HELP URL URI MESSAGE ERROR POLICY MASK EMBEDDING EMBEDDINGS LEVEL LOSS ACCURACY "
    "DROPOUT RATE REQUIRED ENABLED"
)
_ABOUT: Final = frozenset(_ABOUT_TEXT.split())
"""Last words of names that tell something about a secret, and hold none."""
_MARKS_TEXT: Final = (
    "PAD EOS BOS UNK SEP CLS MASK STOP START SPECIAL IMAGE AUDIO VIDEO NEXT FIRST LAST PER NUM N DECODER FORCED"
)
_MARKS: Final = frozenset(_MARKS_TEXT.split())
"""Words before TOKEN in the names of a language model."""


def is_secret(name: str) -> bool:
    """Tell whether the value of an environment variable of this name must not be shown."""
    upper = name[:LONGEST].upper().replace("TOKENIZ", "")  # of TOKENIZERS_PARALLELISM
    return any(fnmatchcase(upper, glob) for glob in globs())


def globs() -> tuple[str, ...]:
    """Return the globs, with those that were declared."""
    return _with(os.environ.get(VARIABLE, ""))


@lru_cache(8)
def _with(declared: str) -> tuple[str, ...]:
    more = (glob.strip().upper() for glob in declared[:4096].split(","))
    return (*SECRET_GLOBS, *(glob[:LONGEST] for glob in more if glob.strip("*? ")))


@lru_cache(8)
def words_of(present: tuple[str, ...]) -> tuple[str, ...]:
    """Return what to look for in a text: of each glob its longest part, in small letters, with either dash."""
    found: dict[str, None] = {}
    for glob in present:
        parts = "".join(" " if char in "*?[]" else char for char in glob).lower().split()
        longest = max(parts, key=len, default="")
        if len(longest) > 2:
            found[longest] = None
            found[longest.replace("_", "-")] = None
    return tuple(found)


def names_secret(name: str, value: object = None) -> bool:
    """Tell whether a parameter, an option or a name in code holds a secret.

    As `is_secret`, but the tokens of language models are none, and what only tells of a secret is none.

    >>> names_secret("hf-token"), names_secret("max_tokens"), names_secret("tokenizer"), names_secret("token_dim", 8)
    (True, False, False, False)
    >>> names_secret("apiKey"), names_secret("password_field"), names_secret("pad_token"), names_secret("PWD")
    (True, False, False, False)

    Args:
        name: as a program writes it, with dashes, dots or underscores.
        value: a number or truth value is no token; a number may still be a password.
    """
    if isinstance(value, bool):
        return False
    return _named(name[:LONGEST], isinstance(value, int | float), globs())


@lru_cache(4096)
def _named(name: str, number: bool, present: tuple[str, ...]) -> bool:
    upper = name.upper().replace("-", "_").replace(".", "_").replace("/", "_").replace("TOKENIZ", "")
    parts = upper.split("_")
    if parts[-1] in _ABOUT or (parts[-1] in {"ID", "IDS"} and "TOKEN" in upper and "KEY" not in upper):
        return any(fnmatchcase(upper, glob) for glob in present[len(SECRET_GLOBS) :])
    upper = upper.replace("TOKENS", "")
    if number or any(one in _MARKS and after == "TOKEN" for one, after in pairwise(parts)):
        upper = upper.replace("TOKEN", "")
    return any(fnmatchcase(upper, glob) for glob in present)

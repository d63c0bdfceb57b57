"""Texts of a stranger made into parameters, tags and names: bounded, clean, numbers where they are numbers.

Knows nothing of: where they come from.
"""

from __future__ import annotations

import hashlib
from typing import Final

from mlstudio.entities.wire import MAX_INT, ParamValue
from mlstudio.experiments.importers.tally import Tally
from mlstudio.experiments.values import clean_text
from mlstudio.store.rules import number_of

MAX_TEXT: Final = 1 << 20
"""Characters of a tag, parameter or note; the rest is cut, and reported."""
MAX_KEY: Final = 500
_TRUTH: Final = {"True": True, "False": False}


def param(text: str) -> ParamValue:
    """Return the number or truth value that a text spells, else the text.

    Texts with leading zeros (``007``) are names, and stay text. NaN and infinities stay text, as everywhere.

    >>> param("0.1"), param("3"), param("007"), param("True"), param("1_000")
    (0.1, 3, '007', True, '1_000')
    """
    if text in _TRUTH:
        return _TRUTH[text]
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not text.isascii() or not (digits[:1].isdigit() or digits[:1] == "."):
        return text
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return text
    if digits.isdigit():
        whole = int(text) if len(digits) <= 16 else MAX_INT + 1
        return whole if -MAX_INT <= whole <= MAX_INT else text
    number = number_of(text)
    return text if number is None else number


def bounded(text: str, what: str, tally: Tally) -> str:
    """Return a text of at most `MAX_TEXT` characters, as valid Unicode."""
    if len(text) > MAX_TEXT:
        tally.skip(what, f"longer than {MAX_TEXT:,} characters; the rest was cut")
        text = text[:MAX_TEXT]
    return clean_text(text)


def key(text: str, what: str, tally: Tally) -> str | None:
    """Return the name of a parameter, tag or metric, None when there is none.

    Control characters become spaces; a name that is too long ends in a hash, so that two stay two.
    """
    clean = clean_text("".join(char if char.isprintable() else " " for char in text)).strip()
    if not clean:
        tally.skip(what, "its name is empty")
        return None
    if len(clean) > MAX_KEY:
        tally.skip(what, f"its name was cut to {MAX_KEY} characters")
        clean = f"{clean[: MAX_KEY - 9]}-{hashlib.sha256(clean.encode()).hexdigest()[:8]}"
    return clean

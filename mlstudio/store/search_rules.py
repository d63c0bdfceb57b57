"""What both ways to search agree on: fields of each kind, contraries, spelling, wildcards."""

from __future__ import annotations

import math
from typing import Final

from mlstudio.entities.search import META_FIELDS, Op

NEGATIVE: Final[dict[str, Op]] = {
    "!=": "==",
    "not in": "in",
    "not contains": "contains",
    "not like": "like",
}
"""The positive form of each operator that says the contrary."""

_RECORD: Final = frozenset({"name", "display_name", "created", "modified", "user", "starred", "note"})
_METAS: Final = {
    "experiment": _RECORD,
    "trial": _RECORD | {"experiment"},
    "trial-component": frozenset(META_FIELDS),
}


def metas_of(kind: str) -> frozenset[str]:
    """Return the meta fields that records of a kind have."""
    return _METAS[kind]


def spelled(value: str | float | bool) -> str:
    """Return the text that a value is compared as where texts are stored.

    >>> spelled(True), spelled(5.0), spelled(0.1)
    ('true', '5', '0.1')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    return str(value)


def glob_of(pattern: str) -> str:
    """Return the GLOB pattern for wildcards * and ?; brackets mean themselves."""
    return pattern.replace("[", "[[]")

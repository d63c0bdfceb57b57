"""What people give to a log call, made into what a journal keeps: names, numbers, steps, times.

Each function returns the value, or None when it cannot be used. None of them raises, whatever it
is given; the caller counts and warns.

Knows nothing of: journals, stores.
"""

from __future__ import annotations

import contextlib
import math
import operator
import time
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mlstudio.entities.wire import MAX_INT, encode
from mlstudio.store.journal_format import NO_STEP_BITS

MAX_METRIC_NAME: Final = 500
_UNSAFE: Final = frozenset({"Cc", "Cs"})


def clean_name(name: object) -> str:
    r"""Return a metric name of 1 to 500 characters without control characters and lone surrogates.

    A longer one is cut and ends in a hash, so that two of them never become one curve.

    >>> clean_name("loss\n")
    'loss_'
    """
    text = name if isinstance(name, str) else _text_of(name)
    if len(text) > MAX_METRIC_NAME:
        import hashlib

        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
        text = f"{text[: MAX_METRIC_NAME - 13]}~{digest}"
    if not text.isprintable():
        text = "".join("_" if unicodedata.category(char) in _UNSAFE else char for char in text)
    return text.strip() or "unnamed"


def number(value: object) -> float | None:
    """Return a float from anything that is a number (numpy and torch scalars, Decimal, bool); text is none."""
    if isinstance(value, (str, bytes, bytearray)) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]
    except Exception:  # noqa: BLE001, RUF100 -- a user's __float__ may raise anything
        return None


def step_bits(step: object) -> int | None:
    """Return the step as a journal holds it; None for a negative, fractional or too large one."""
    if step is None:
        return NO_STEP_BITS
    try:
        whole = operator.index(step)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001, RUF100
        near = number(step)
        if near is None or not near.is_integer():
            return None
        whole = int(near)
    return whole if 0 <= whole <= MAX_INT else None


def seconds(timestamp: object) -> float | None:
    """Return seconds since the epoch from a float or a datetime (naive: local time); None when it is neither."""
    if timestamp is None:
        return time.time()
    if isinstance(timestamp, datetime):
        try:
            return timestamp.timestamp()
        except (OverflowError, ValueError, OSError):
            return None
    near = number(timestamp)
    return near if near is not None and math.isfinite(near) else None


def canonical(context: Mapping[str, Any] | None) -> str:
    """Return the canonical JSON of a context: sorted keys, no spaces; ``{}`` for none.

    >>> canonical({"rank": 1, "a": "x"})
    '{"a":"x","rank":1}'
    """
    if not context:
        return "{}"
    return encode({_text_of(key): _plain(item) for key, item in context.items()}).decode()


def param_value(value: object) -> bool | int | float | str:
    """Return what is kept of a parameter: a number or truth value as it is, anything else as text.

    A float that is not finite and an integer beyond 2**53 - 1 are kept as text: JSON has neither.
    """
    if value is None:
        return "None"
    plain = _plain(value)
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    if isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) > MAX_INT:
        return str(plain)
    return plain


def text(value: object) -> str:
    """Return text that UTF-8 can hold, whatever was given."""
    return _text_of(value)


def _plain(value: object) -> bool | int | float | str:
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _text_of(value)
    with contextlib.suppress(Exception):  # a stranger's __getattr__ may raise anything
        item = getattr(value, "item", None)  # numpy and torch scalars
        found = item() if callable(item) else None
        if isinstance(found, (bool, int, float)):
            return found
    return _text_of(value)


def _text_of(value: object) -> str:
    try:
        return str(value).encode("utf-8", "replace").decode("utf-8")
    except Exception:  # noqa: BLE001, RUF100 -- a user's __str__ may raise anything
        return type(value).__name__

"""Names and ids: one rule, checked before a name is used for anything.

A name identifies a record in URLs, ARNs and the SDK; it is never a path. The pattern is
SageMaker's (`CreateExperiment`, API reference), bounded to 120 characters because the
pattern alone does not bound a run of hyphens.

Imports: the standard library and `entities.errors`.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Final

from mlstudio.entities.errors import InvalidName

MAX_NAME: Final = 120
_ALNUM: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS: Final = 80
_LAST_MOMENT: Final = (1 << 48) - 1
_END: Final = 1 << 128
_newest = 0
_uid_lock = threading.Lock()


def is_name(text: object) -> bool:
    """Tell whether `text` matches ``[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}`` in at most 120 characters.

    A linear scan: no regular expression sees what a stranger sent.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_NAME:
        return False
    if text[0] not in _ALNUM or text[-1] not in _ALNUM:
        return False
    return all(char in _ALNUM or char == "-" for char in text)


def check_name(text: object, *, field: str) -> str:
    """Return `text` when it is a legal name.

    Args:
        text: what a user, a URL or a file gave.
        field: the name of the argument or field, for the message.

    Raises:
        InvalidName: with the first character that is not allowed and what to do.
    """
    if is_name(text):
        return str(text)
    shown = repr(text)[:80]
    label = field.replace("_", " ").capitalize()
    if not isinstance(text, str):
        message = f"{label} must be text, not {type(text).__name__}."
    elif not text:
        message = f"{label} is empty."
    elif len(text) > MAX_NAME:
        message = f"{label} {shown} has {len(text)} characters."
    else:
        bad = next((char for char in text if char not in _ALNUM and char != "-"), "-")
        message = f'{label} {shown} has a character that is not allowed there: "{bad}".'
    raise InvalidName(
        message,
        field=field,
        hint=f"Use letters, digits and single dashes between them, at most {MAX_NAME} characters.",
    )


def legal_name(text: str, *, fallback: str = "unnamed") -> str:
    """Make a legal name from free text; the text itself becomes the display name.

    >>> legal_name("My run: lr=0.1 ✨")
    'My-run-lr-0-1'
    """
    kept = "".join(char if char in _ALNUM else "-" for char in text)
    parts = [part for part in kept.split("-") if part]
    return "-".join(parts)[:MAX_NAME].strip("-") or fallback


def timestamped_name(base: str, *, now: float | None = None, limit: int = 63) -> str:
    """Return ``<base>-YYYY-MM-DD-HH-MM-SS-mmm`` (UTC) cut to `limit`, as `sagemaker.utils.name_from_base`.

    Args:
        base: any text; made legal.
        now: seconds since the epoch, default the present.
        limit: characters, SageMaker's own 63 by default.
    """
    moment = time.time() if now is None else now
    stamp = time.strftime("%Y-%m-%d-%H-%M-%S", time.gmtime(moment)) + f"-{int(moment * 1000) % 1000:03d}"
    return f"{legal_name(base)[: limit - len(stamp) - 1].strip('-')}-{stamp}"


def new_uid(*, now: float | None = None) -> str:
    """Return a new 26-character id that sorts by creation time (ULID: 48 bits of ms, 80 random bits).

    The ids of one process rise, also when its clock is set back. A time before 1970 counts as 1970,
    one beyond the last millisecond of 48 bits (the year 10889) as that one.

    Args:
        now: seconds since the epoch; default the present. Ids of a given time are not held in order.
    """
    moment = int(min(max((time.time() if now is None else now) * 1000, 0), _LAST_MOMENT))
    number = moment << _RANDOM_BITS | int.from_bytes(os.urandom(10), "big")
    return _spelled(number if now is not None else _rising(number))


def _rising(number: int) -> int:
    """Return the number, or one a little above the last of this process; at the very end of time any that fits."""
    global _newest
    with _uid_lock:
        if number <= _newest:
            above = _newest + 1 + int.from_bytes(os.urandom(6), "big")
            number = above if above < _END else number
        _newest = max(_newest, number)
        return number


def _spelled(number: int) -> str:
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _begin_anew() -> None:
    """In a forked child: what follows the parent's last id is the parent's."""
    global _newest, _uid_lock
    _newest, _uid_lock = 0, threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)


def is_uid(text: object) -> bool:
    """Tell whether `text` has the form of `new_uid`."""
    return isinstance(text, str) and len(text) == 26 and all(char in _CROCKFORD for char in text)

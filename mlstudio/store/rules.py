"""Rules that every backend keeps: how values are cleaned, named, versioned and moved.

What is written here holds for SQLite and for the store in memory alike, so that the contract
suite compares backends and not interpretations.

Knows nothing of: how anything is stored.
"""

from __future__ import annotations

import getpass
import json
import math
import time
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from mlstudio.entities.errors import AlreadyExists, Conflict, InvalidField, NotFound, VersionConflict
from mlstudio.entities.names import check_name
from mlstudio.entities.secrets import masked, masked_value
from mlstudio.entities.status import COMPONENT_MOVES, RESUMABLE
from mlstudio.entities.wire import MAX_INT, ParamValue, spell

LABELS: Final = {
    "experiment": "Experiment",
    "trial": "Trial",
    "trial-component": "Trial component",
    "job": "Job",
    "artifact": "Artifact",
}


def now() -> int:
    """Return the present, microseconds since the epoch."""
    return time.time_ns() // 1000


def user() -> str:
    """Return who writes: the login name, "unknown" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def arn(store_uid: str, kind: str, name: str) -> str:
    """Return ``arn:mlstudio:<store>:<kind>/<name>``."""
    return f"arn:mlstudio:{store_uid}:{kind}/{name}"


def field_of(kind: str) -> str:
    """Return the field that names a record of a kind, for messages: trial-component → trial_component_name."""
    return f"{kind.replace('-', '_')}_name"


def checked_name(kind: str, name: str) -> str:
    """Return a legal name. Raises: InvalidName."""
    return check_name(name, field=field_of(kind))


def not_found(kind: str, name: str) -> NotFound:
    """Return the error for a record that does not exist."""
    return NotFound(f'{LABELS[kind]} "{str(name)[:200]}" does not exist.', field=field_of(kind))


def in_bin(kind: str, name: str) -> NotFound:
    """Return the error for a record that is deleted, where a living one is needed."""
    return NotFound(f'{LABELS[kind]} "{name}" is deleted.', field=field_of(kind), hint="Restore it first.")


def taken(kind: str, name: str, *, deleted: bool) -> AlreadyExists:
    """Return the error for a name that is in use."""
    state = "exists already, but is deleted" if deleted else "exists already"
    hint = "Restore it, purge it to free the name, or use another name." if deleted else "Use another name, or load it."
    return AlreadyExists(f'{LABELS[kind]} "{name}" {state}.', field=field_of(kind), hint=hint)


def check_version(kind: str, name: str, present: int, given: int | None) -> None:
    """Refuse a change of a record that somebody else changed since. Raises: VersionConflict."""
    if given is not None and given != present:
        raise VersionConflict(
            f'{LABELS[kind]} "{name}" is at version {present}, the change was made from version {given}.',
            field="version",
            hint="Read it again and repeat the change.",
        )


def clean_text(value: str, field: str) -> str:
    """Return a text that can be stored as UTF-8. Raises: InvalidField (a lone surrogate, or no text)."""
    if not isinstance(value, str):
        raise InvalidField(f"{field} must be text, not {type(value).__name__}.", field=field)
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        place = f"at {error.start}"
        raise InvalidField(f"{field} holds a lone surrogate {place}, which is no text.", field=field) from None
    return value


def clean_optional(value: str | None, field: str) -> str | None:
    """Return `clean_text` of a text, None of None; a message, which may quote anything, without secrets."""
    if value is None:
        return None
    return masked(clean_text(value, field)) if field == "status_message" else clean_text(value, field)


def clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags whose keys and values can be stored, without secrets; a key may not be empty."""
    return {clean_key(key, "tags"): masked_value(key, clean_text(value, "tags")) for key, value in tags.items()}


def clean_key(key: str, field: str) -> str:
    """Return the name of a tag, parameter or artifact. Raises: InvalidField when it is empty or no text."""
    if not clean_text(key, field):
        raise InvalidField(f"A name in {field} is empty.", field=field, hint="Give every entry a name.")
    return key


def clean_params(params: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
    """Return parameters as they are kept: NaN and infinities as text, ints beyond 2⁵³-1 as text, no secrets."""
    return {clean_key(key, "params"): masked_value(key, clean_value(value)) for key, value in params.items()}


def clean_value(value: ParamValue) -> ParamValue:
    """Return one parameter as it is kept. Raises: InvalidField for what is no number, truth value or text."""
    if isinstance(value, str):
        return clean_text(value, "params")
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return int(value) if -MAX_INT <= value <= MAX_INT else str(value)
    if isinstance(value, float):
        return spell(float(value))
    raise InvalidField(
        f"A parameter must be a number, a truth value or text, not {type(value).__name__}.",
        field="params",
        hint="Convert it, for example with str().",
    )


def number_of(text: str) -> float | None:
    """Return the finite number that a text reads as, None for other texts.

    >>> number_of("1e3"), number_of("1_000"), number_of("nan")
    (1000.0, None, None)
    """
    if len(text) > 400 or not text.isascii() or "_" in text or text != text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def param_cell(value: ParamValue) -> tuple[float | None, str | None]:
    """Return (num, str) of a cleaned parameter, as search and sort see it."""
    if isinstance(value, bool):
        return float(value), "true" if value else "false"
    if isinstance(value, str):
        return number_of(value), value
    return float(value), None


def check_move(name: str, present: str | None, target: str, *, resume: bool) -> bool:
    """Tell whether a component's status changes; a component that has none yet may take any.

    Raises:
        Conflict: the table forbids the move; the message names the present status.
    """
    if may_move(present, target, resume=resume):
        return present != target
    hint = "Give resume=True to continue an ended run." if target == "InProgress" and present in RESUMABLE else None
    raise Conflict(f'Trial component "{name}" is {present}; it cannot become {target}.', field="status", hint=hint)


def may_move(present: str | None, target: str, *, resume: bool) -> bool:
    """Tell whether the state table allows a move; to stay is always allowed."""
    if present is None or present == target:
        return target in COMPONENT_MOVES
    if resume and target == "InProgress" and present in RESUMABLE:
        return True
    return target in COMPONENT_MOVES[present]


def canonical(value: object) -> str:
    """Return JSON with sorted keys and no spaces."""
    return json.dumps(msgspec.to_builtins(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def ascii_lower(text: str) -> str:
    """Return the text with A-Z in lower case and nothing else changed: SQLite's lower()."""
    return text.translate(_ASCII_LOWER)


_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def unique(names: Iterable[str]) -> list[str]:
    """Return names once each, in order of first appearance."""
    return list(dict.fromkeys(names))

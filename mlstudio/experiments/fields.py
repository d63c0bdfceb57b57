"""From what a person writes to a `Field`: column keys, text fields and SageMaker's property names.

One rule for all three: cut a known prefix and a known trailing statistic; the rest is the name,
which may hold ``.``, ``:``, ``/`` and anything else. Times become microseconds here, so that
the store never reads a date.

Knows nothing of: SQL, HTTP, the grammar around a field.
"""

from __future__ import annotations

import difflib
import math
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, cast

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import META_FIELDS, Field, FieldKind, Stat

GROUPS: Final = ("params", "metrics", "tags", "inputs", "outputs")
METRIC_STATS: Final = frozenset({"last", "min", "max", "avg", "stddev", "count"})
ARTIFACT_STATS: Final = frozenset({"value", "media_type"})
TIME_FIELDS: Final = frozenset({"created", "modified", "started", "ended"})
_MOST_COMPARED: Final = 2_000
"""Names that a misspelled one is compared with."""
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
"""Seconds of each unit of a relative time."""

Value = str | float | int | bool


def stats_of(group: str) -> frozenset[str]:
    """Return the statistics that may end a field of a group."""
    if group == "metrics":
        return METRIC_STATS
    return ARTIFACT_STATS if group in {"inputs", "outputs"} else frozenset()


def make_field(group: str, name: str, stat: str | None = None) -> Field:
    """Return a field of a group; a metric without a statistic means its last value."""
    if stat is None and group == "metrics":
        stat = "last"
    elif stat is None and group in {"inputs", "outputs"}:
        stat = "value"
    return Field(cast("FieldKind", group), name, cast("Stat | None", stat))


def field_of(key: str, *, known: Iterable[str] = (), where: str = "") -> Field:
    """Read a column key such as ``metrics.test:accuracy.max``, ``params.lr`` or ``created``.

    Args:
        key: the column key; the name inside may hold any character.
        known: column keys that exist, for the "did you mean".
        where: `` at 1:9`` or nothing, put behind the name in the message.

    Raises:
        BadQuery: no such field.
    """
    head, dot, rest = key.partition(".")
    group = head.lower()
    if dot and group in GROUPS and rest:
        name, _, last = rest.rpartition(".")
        if name and last.lower() in stats_of(group):
            return make_field(group, name, last.lower())
        return make_field(group, rest)
    if not dot and group in META_FIELDS:
        return Field("meta", group)
    raise unknown(key, known=known, where=where)


def unknown(key: str, *, known: Iterable[str] = (), where: str = "") -> BadQuery:
    """Return the error for a field that does not exist, with the nearest one that does."""
    near = nearest(key, [*META_FIELDS, *known])
    if near is not None:
        hint = f"Did you mean {near}?"
    else:
        hint = (
            f"Use {', '.join(META_FIELDS[:6])}, … or params.NAME, metrics.NAME, tags.NAME, inputs.NAME, outputs.NAME."
        )
    return BadQuery(f"Unknown field {key[:120]}{where}.", field="where", hint=hint)


def nearest(key: str, choices: Sequence[str]) -> str | None:
    """Return the choice that is most like a key, None when none is close.

    Of very many choices those are compared that have about its length, and begin and end alike.
    """
    wanted = key[:120]
    if len(choices) > _MOST_COMPARED:
        slack = 2 + len(wanted) // 4
        choices = [choice for choice in choices if abs(len(choice) - len(wanted)) <= slack]
        for at in range(len(wanted)):
            if len(choices) > _MOST_COMPARED:
                choices = [one for one in choices if one[at : at + 1] == wanted[at]] or choices
        for size in range(1, len(wanted)):
            if len(choices) > _MOST_COMPARED:
                choices = [one for one in choices if one.endswith(wanted[-size:])] or choices
        choices = choices[:_MOST_COMPARED]
    near = difflib.get_close_matches(wanted, choices, n=1, cutoff=0.6)
    return near[0] if near else None


def check_known(field: Field, known: Iterable[str], *, where: str = "") -> Field:
    """Return `field` when it is among the column keys `known` (names of params, metrics and tags).

    A set holds bare keys already (`bare`): the parser asks for every field of a query.

    Raises:
        BadQuery: it is not; the hint names the nearest.
    """
    if field.kind in {"meta", "inputs", "outputs"}:
        return field
    written = f"{field.kind}.{field.name}"
    names = known if isinstance(known, (set, frozenset)) else {bare(key) for key in known}
    if written in names:
        return field
    near = nearest(written, sorted(names))
    hint = f"Did you mean {near}?" if near else None
    raise BadQuery(f"Unknown field {written[:120]}{where}.", field="where", hint=hint)


def bare(key: str) -> str:
    """Return a column key without its statistic."""
    if not key.startswith("metrics."):
        return key
    head, _, stat = key.rpartition(".")
    return head if stat in METRIC_STATS and head != "metrics" else key


def relative_seconds(text: str) -> float | None:
    """Return the seconds of ``-2h``, ``90s`` or ``1.5d``, None when `text` is no such thing."""
    body, unit = text[:-1], text[-1:]
    if unit not in UNITS or not body or len(body) > 20 or not (body[-1].isdigit() or body[-1] == "."):
        return None
    try:
        seconds = float(body) * UNITS[unit]
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def to_micros(value: Value, *, now: float | None = None, where: str = "") -> int:
    """Return microseconds since the epoch of a time that somebody wrote.

    Args:
        value: ISO 8601 (without a zone: local time), ``now``, ``today``, ``yesterday``, ``-2h``, or a
            number: seconds since the epoch.
        now: seconds since the epoch, default the present.
        where: position for the message.

    Raises:
        BadQuery: it is none of these.
    """
    moment = time.time() if now is None else now
    if isinstance(value, str):
        seconds = _seconds_of(value.strip(), moment)
    else:
        seconds = None if isinstance(value, bool) else float(value)
    if seconds is None or not abs(seconds) < 9e9:
        raise BadQuery(
            f"{str(value)[:60]!r} is not a time{where}.",
            field="where",
            hint='Write "2026-11-23", "2026-11-23T10:00:00Z", "-2h", "-7d" or "today".',
        )
    return round(seconds * 1e6)


def _seconds_of(text: str, now: float) -> float | None:
    word = text.lower()
    if word == "now":
        return now
    if word in {"today", "yesterday"}:
        midnight = datetime.combine(date.fromtimestamp(now), datetime.min.time()).astimezone()  # noqa: DTZ012 - the user's day
        return midnight.timestamp() - (UNITS["d"] if word == "yesterday" else 0)
    offset = relative_seconds(word)
    if offset is not None:
        return now + offset
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return float(text)
    except ValueError:
        return None

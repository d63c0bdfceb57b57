"""What users hand over, made into what the store keeps: parameters, numbers, times, tags.

Users pass numpy scalars, tensors, Decimals, enums, datetimes with and without a zone. Nothing
here raises for a parameter: what is no number or truth value is kept as text.

Imports neither numpy nor torch: it asks the value for `item()` and `float()`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.wire import MAX_INT, ParamValue, spell

SYSTEM_PREFIX: Final = "system/"
"""Names of system metrics begin with it: what tables and frames leave out until they are asked for."""

Tags = Mapping[str, Any] | Iterable[Mapping[str, Any]]


def as_param(value: object) -> ParamValue:
    """Return a parameter as it is kept: bool, int within ±(2⁵³−1), finite float, or text.

    Infinite values and NaN become "inf", "-inf", "nan"; larger ints, None and everything else their text.
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if -MAX_INT <= value <= MAX_INT else _text(value)
    if isinstance(value, float):
        return spell(float(value))
    inner = _scalar(value)
    return _text(value) if inner is None else as_param(inner)


def _scalar(value: Any) -> bool | int | float | str | None:
    """Return what a numpy scalar, a tensor of one number, a Decimal or a Fraction holds; None for the rest."""
    try:
        if type(value).__name__ in {"Decimal", "Fraction"}:
            return float(value)
        inner = value.item() if getattr(value, "ndim", 0) == 0 and hasattr(value, "item") else None
    except Exception:  # noqa: BLE001, RUF100 - a stranger's method; the text will do
        return None
    return inner if isinstance(inner, (bool, int, float, str)) else None


def _text(value: object) -> str:
    isoformat = None
    with contextlib.suppress(Exception):  # a stranger's __getattr__ may raise anything
        isoformat = getattr(value, "isoformat", None)
    try:
        return clean_text(str(isoformat() if callable(isoformat) else value))
    except Exception:  # noqa: BLE001, RUF100 - a broken __str__, or an int of more digits than str() writes
        return f"<{type(value).__name__}>"


def clean_text(text: str) -> str:
    """Return `text` as valid Unicode: lone surrogates, which no store can encode, become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return str(text)


def as_seconds(timestamp: object) -> float | None:
    """Return seconds since the epoch of a datetime (naive = local time), float, int or ISO text.

    Raises:
        InvalidField: it is none of these.
    """
    if timestamp is None:
        return None
    if isinstance(timestamp, datetime):
        return timestamp.timestamp()
    if isinstance(timestamp, str):
        try:
            return datetime.fromisoformat(timestamp).timestamp()
        except ValueError:
            pass
    try:
        seconds = float(timestamp)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise InvalidField(
            f"{str(timestamp)[:60]!r} is not a time.",
            field="timestamp",
            hint="Give a datetime, or seconds since the epoch.",
        )
    return seconds


def as_micros(moment: object) -> int | None:
    """Return microseconds since the epoch of a datetime, number of seconds or ISO text; None stays None."""
    seconds = as_seconds(moment)
    return None if seconds is None else round(seconds * 1e6)


def as_datetime(micros: int | None) -> datetime | None:
    """Return an aware datetime (UTC) of microseconds since the epoch."""
    if micros is None:
        return None
    whole, rest = divmod(micros, 1_000_000)
    try:
        return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest)
    except (OverflowError, OSError, ValueError):
        return None


def as_tags(tags: Tags | None) -> dict[str, str]:
    """Return tags as a dict, from a dict or from SageMaker's ``[{"Key": …, "Value": …}]``.

    Raises:
        InvalidField: it has neither form.
    """
    if tags is None:
        return {}
    if isinstance(tags, Mapping):
        return {clean_text(str(key)): clean_text(str(value)) for key, value in tags.items()}
    try:
        return {clean_text(str(one["Key"])): clean_text(str(one["Value"])) for one in tags}
    except (KeyError, TypeError):
        raise InvalidField(
            f"The tags {str(tags)[:60]!r} have an unknown form.",
            field="tags",
            hint='Give a dict, or [{"Key": "team", "Value": "vision"}].',
        ) from None


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in SageMaker's form."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]

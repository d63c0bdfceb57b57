"""Numbers and JSON on the wire: bounded ints, floats that keep NaN and infinity.

msgspec turns NaN and Inf into ``null`` in silence and takes ints of any size; both would lose
or break something in a browser. So: ints are bounded to ±(2⁵³−1), single floats travel as
``"nan"``, ``"inf"``, ``"-inf"``, and columns of floats travel as binary (base64 float64 LE).

Imports: msgspec and `entities.errors`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

import msgspec

from mlstudio.entities.errors import InvalidJson

MAX_INT: Final = 2**53 - 1

if TYPE_CHECKING:
    Number = float
    """A float in Python; on the wire also "nan", "inf" or "-inf"."""
else:
    Number = float | Literal["nan", "inf", "-inf"]

Int = Annotated[int, msgspec.Meta(ge=-MAX_INT, le=MAX_INT)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_INT)]
Time = Annotated[int, msgspec.Meta(ge=-MAX_INT, le=MAX_INT, description="microseconds since the epoch, UTC")]
ParamValue = bool | Int | float | str
"""A parameter: number, truth value or text. Non-finite floats are kept as text "nan", "inf", "-inf"."""

T = TypeVar("T")
_LONG: Final = 1000
_encoder = msgspec.json.Encoder(order="deterministic")


def read_param(text: str) -> int | float | str:
    """Return the number that `text` spells, else the text: what a command line or a magic gives as parameter.

    >>> read_param("3"), read_param(".1"), read_param("adam")
    (3, 0.1, 'adam')
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def spell(value: float) -> float | str:
    """Return a finite float as it is, another as "nan", "inf" or "-inf"."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _spell_all(value: Any) -> Any:
    if isinstance(value, float):
        return spell(value)
    if isinstance(value, dict):
        # The encoder's own sort is quadratic for long, nearly sorted keys, and linear for sorted ones.
        items = value.items() if len(value) < _LONG else sorted(value.items(), key=lambda item: str(item[0]))
        return {key: _spell_all(item) for key, item in items}
    if isinstance(value, (list, tuple)):
        return [_spell_all(item) for item in value]
    return value


def encode(value: object) -> bytes:
    """Return the JSON of a Struct, list or dict, with non-finite floats spelled out."""
    return _encoder.encode(_spell_all(msgspec.to_builtins(value)))


def decode(body: bytes | str, kind: type[T]) -> T:
    """Read JSON as `kind`, strictly.

    Raises:
        InvalidJson: the text is not JSON, not of that form, nested too deep, or not UTF-8;
            `field` holds the path inside the document where msgspec names one.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at ")
        raise InvalidJson(f"{text}.", field=where.strip("`").removeprefix("$.") or None) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InvalidJson(f"The body cannot be read as JSON: {reason}.", field="body") from None


class ErrorBody(msgspec.Struct, frozen=True):
    """What went wrong, in the words of a person."""

    code: str
    message: str
    field: str | None = None
    hint: str | None = None


class ErrorReply(msgspec.Struct, frozen=True):
    """The one error shape of the API."""

    error: ErrorBody


class VersionReply(msgspec.Struct, frozen=True):
    """Who answers: package version, API major version, id of this server process, store."""

    version: str
    api: int
    boot: str
    store: str

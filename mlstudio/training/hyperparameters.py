"""Hyperparameters as JSON text, the form in which they travel.

Numbers, text, truth values, None, lists and dicts are JSON already. What says what it is in one
obvious text (numpy numbers, paths, dates, decimals, NaN) is sent as that; the rest is refused.
"""

from __future__ import annotations

import json
import math
import numbers
import warnings
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from mlstudio.entities.errors import InvalidField

SAGEMAKER_LIMIT: Final = 2500
"""Characters that SageMaker takes; longer values work here, with a warning."""
_NONE: Final = object()


def _number(value: Any) -> int | float | str:
    if isinstance(value, numbers.Integral):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else str(number)  # "nan" is an argument that float() reads


def _scalar(value: Any) -> Any:
    """Return a value without parts as JSON has it, `_NONE` when it has no such form."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (str, PurePath, Decimal)):
        return str(value)
    if isinstance(value, numbers.Real):
        return _number(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return _NONE


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Enum):
        value = value.value
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(name, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    plain = _scalar(value)
    if plain is _NONE:
        raise InvalidField(
            f"The hyperparameter {name!r:.100} is of type {type(value).__name__}, which has no JSON form.",
            field="hyperparameters",
            hint="Use numbers, text, True/False, None, or lists and dicts of them; give data as a channel.",
        )
    return plain


def as_json_text(values: Mapping[str, Any]) -> dict[str, str]:
    """Return each value as the JSON text that hyperparameters.json holds.

    Raises:
        InvalidField: a value without a JSON form, by its name; a name that is not text.
    """
    found: dict[str, str] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise InvalidField(f"The hyperparameter name {name!r:.100} is not text.", field="hyperparameters")
        try:
            text = json.dumps(_plain(name, value))
        except RecursionError:
            raise InvalidField(
                f"The hyperparameter {name!r:.100} is nested too deep.", field="hyperparameters"
            ) from None
        if len(text) > SAGEMAKER_LIMIT:
            warnings.warn(
                f"The hyperparameter {name!r} has {len(text):,} characters; SageMaker takes {SAGEMAKER_LIMIT:,}.",
                stacklevel=4,
            )
        found[name] = text
    return found

"""What a library says of itself, as parameters: flat names, short texts, no secrets.

Knows nothing of: any library, runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mlstudio.entities.secrets import MASK, names_secret
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments.values import as_param

MAX_PARAMETERS: Final = 1000
MAX_TEXT: Final = 2000
MAX_ITEMS: Final = 100
MAX_DEPTH: Final = 6
_PLAIN: Final = (bool, int, float, str, type(None))


def parameters(values: Mapping[Any, Any], prefix: str = "") -> dict[str, ParamValue]:
    """Return a mapping as parameters.

    Args:
        values: nested mappings become names with a slash; values that say secret by their name are masked;
            arrays, models and other objects become the name of their type.
        prefix: put before each name.
    """
    found: dict[str, ParamValue] = {}
    _collect(values, prefix, found, 0)
    return found


def _collect(values: Mapping[Any, Any], prefix: str, found: dict[str, ParamValue], depth: int) -> None:
    for key, value in values.items():
        if len(found) >= MAX_PARAMETERS:
            return
        name = f"{prefix}{key}"
        if names_secret(str(key), value):
            if value is not None:
                found[name] = MASK
        elif isinstance(value, Mapping) and value and depth < MAX_DEPTH:
            _collect(value, f"{name}/", found, depth + 1)
        else:
            found[name] = described(value)


def settled(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return what was set: of two hundred settings of a trainer most are None."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}


def described(value: Any) -> ParamValue:
    """Return one value as a parameter: numbers and texts as they are, short lists spelt out, objects by type."""
    if isinstance(value, _PLAIN) or type(value).__module__ in {"decimal", "fractions", "datetime", "pathlib"}:
        return as_param(value[:MAX_TEXT] if isinstance(value, str) else value)
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return _listed(value)
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        there = getattr(getattr(value, "device", None), "type", "cpu") != "cpu"
        return _type_name(value) if there else as_param(value)  # to read it would wait for the device
    if hasattr(value, "value") and type(type(value)).__name__ == "EnumType":
        return described(value.value)
    return _type_name(value)


def _listed(values: Any) -> str:
    if len(values) > MAX_ITEMS:
        return f"{type(values).__name__} of {len(values)}"
    words = []
    for one in values:
        text = described(one)
        words.append(repr(text) if isinstance(text, str) and isinstance(one, str) else str(text))
    return f"[{', '.join(words)}]"[:MAX_TEXT]


def _type_name(value: Any) -> str:
    if isinstance(value, type) or callable(value):
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if isinstance(name, str):
            return name[:MAX_TEXT]
    return type(value).__qualname__[:MAX_TEXT]


def numbers(values: Mapping[Any, Any], prefix: str = "") -> dict[str, float]:
    """Return what in a mapping is a number (a scalar array or tensor is one), the rest left out."""
    found: dict[str, float] = {}
    for key, value in values.items():
        if isinstance(value, str) or value is None:
            continue
        try:
            found[f"{prefix}{key}"] = float(value)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            continue
    return found

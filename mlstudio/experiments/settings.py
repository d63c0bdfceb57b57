"""`mlstudio.configure`: what may be switched, and the service's limits for people who must go back.

mlstudio keeps what SageMaker refuses: free-text names, any number of parameters, long texts,
NaN. With ``configure(strict=True)`` a script that must also run there fails here first, with a
sentence naming the limit.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.names import check_name

MAX_PARAMETERS: Final = 300
MAX_ARTIFACTS: Final = 30
MAX_PARAMETER_TEXT: Final = 2500
MAX_PARAMETER_KEY: Final = 320
MAX_ARTIFACT_KEY: Final = 256
MAX_MESSAGE: Final = 1024
SYSTEM_METRICS: Final = "MLSTUDIO_SYSTEM_METRICS"
DEFAULT_INTERVAL: Final = 5.0
SHORTEST_INTERVAL: Final = 0.5
LONGEST_INTERVAL: Final = 60.0


@dataclass(slots=True)
class Settings:
    """Switches of this process."""

    strict: bool = False
    capture: bool = True
    system_metrics: bool | float | None = None
    """Seconds between samples; False: none; None: as the environment says, else 5."""


settings = Settings()


def configure(
    *, strict: bool | None = None, capture: bool | None = None, system_metrics: bool | float | None = None
) -> None:
    """Change how this process records; what is None stays as it is.

    Args:
        strict: apply SageMaker's limits: names as in its pattern, 300 parameters, 30 artifacts a
            direction, parameter texts of 2,500 characters, keys of 320 (parameters) and 256
            (artifacts), status messages of 1,024, no NaN. What breaks one raises `InvalidField`.
        capture: record code and environment of runs (git commit, packages, hardware).
        system_metrics: record what the machine does, every so many seconds (0.5 to 60; True: 5); False: not
            at all. The variable ``MLSTUDIO_SYSTEM_METRICS`` (seconds, or ``off``) says the same for a process
            that configures nothing.

    Raises:
        InvalidField: `system_metrics` is outside its range.
    """
    if system_metrics is not None:
        settings.system_metrics = _checked_interval(system_metrics)
    if strict is not None:
        settings.strict = strict
    if capture is not None:
        settings.capture = capture


def system_interval() -> float | None:
    """Return the seconds between two samples of the machine, None when there are none."""
    chosen = settings.system_metrics
    if chosen is None:
        chosen = _environment_interval(os.environ.get(SYSTEM_METRICS, ""))
    if chosen is True:
        return DEFAULT_INTERVAL
    return float(chosen) if chosen else None


def _checked_interval(seconds: bool | float) -> bool | float:
    if isinstance(seconds, bool):
        return seconds
    try:
        found = float(seconds)
    except (TypeError, ValueError):
        found = math.nan
    if found == 0:
        return False
    if not SHORTEST_INTERVAL <= found <= LONGEST_INTERVAL:
        raise InvalidField(
            f"System metrics every {str(seconds)[:40]} s are not possible.",
            field="system_metrics",
            hint=f"Give {SHORTEST_INTERVAL} to {LONGEST_INTERVAL:g} seconds, or False.",
        )
    return found


def _environment_interval(text: str) -> bool | float:
    """Return what the variable says; what cannot be read is the default."""
    if text.strip().lower() in {"off", "0", "false", "no"}:
        return False
    try:
        return _checked_interval(float(text)) if text.strip() else True
    except (ValueError, InvalidField):
        return True


def check_text_name(name: str, *, field: str) -> None:
    """Refuse, in strict mode, a name that SageMaker would refuse."""
    if settings.strict:
        check_name(name, field=field)


def check_parameters(params: Mapping[str, object], *, present: int = 0) -> None:
    """Refuse, in strict mode, parameters beyond the service's limits; `present` are there already."""
    if not settings.strict:
        return
    if present + len(params) > MAX_PARAMETERS:
        raise _limit(f"A trial component has at most {MAX_PARAMETERS} parameters", "parameters")
    for name, value in params.items():
        if len(name) > MAX_PARAMETER_KEY:
            raise _limit(f"The parameter name {name[:40]!r}… is longer than {MAX_PARAMETER_KEY}", "parameters")
        if isinstance(value, str) and len(value) > MAX_PARAMETER_TEXT:
            raise _limit(f"The parameter {name!r} is longer than {MAX_PARAMETER_TEXT}", "parameters")
        if (found := _not_finite(value)) is not None:
            raise _limit(f"The parameter {name!r} is {found}", "parameters")


def check_artifact(name: str, *, present: int) -> None:
    """Refuse, in strict mode, one more artifact than the service takes, or too long a name."""
    if settings.strict and present >= MAX_ARTIFACTS:
        raise _limit(f"A trial component has at most {MAX_ARTIFACTS} artifacts a direction", "artifact")
    if settings.strict and len(name) > MAX_ARTIFACT_KEY:
        raise _limit(f"The artifact name {name[:40]!r}… is longer than {MAX_ARTIFACT_KEY}", "artifact")


def check_metric(name: str, value: object) -> None:
    """Refuse, in strict mode, a metric that is NaN or infinite."""
    if settings.strict and (found := _not_finite(value)) is not None:
        raise _limit(f"The metric {name!r} is {found}", "metric")


def check_message(message: str | None) -> str | None:
    """Return a status message, cut in strict mode to what the service takes."""
    return message[:MAX_MESSAGE] if settings.strict and message else message


def _not_finite(value: object) -> float | None:
    """Return the NaN or infinity that a float, a numpy scalar or a tensor of one number holds, else None."""
    if isinstance(value, (str, int)) or value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001, RUF100 -- a stranger's __float__ may raise anything; it is no number
        return None
    return None if math.isfinite(found) else found


def _limit(sentence: str, field: str) -> InvalidField:
    return InvalidField(
        f"{sentence}, as in SageMaker.", field=field, hint="mlstudio.configure(strict=False) lifts this."
    )

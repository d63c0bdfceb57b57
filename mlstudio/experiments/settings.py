"""`mlstudio.configure`: what may be switched, and the service's limits for people who must go back.

mlstudio keeps what SageMaker refuses: free-text names, any number of parameters, long texts,
NaN. With ``configure(strict=True)`` a script that must also run there fails here first, with a
sentence naming the limit.
"""

from __future__ import annotations

import math
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


@dataclass(slots=True)
class Settings:
    """Switches of this process."""

    strict: bool = False
    capture: bool = True


settings = Settings()


def configure(*, strict: bool | None = None, capture: bool | None = None) -> None:
    """Change how this process records; what is None stays as it is.

    Args:
        strict: apply SageMaker's limits: names as in its pattern, 300 parameters, 30 artifacts a
            direction, parameter texts of 2,500 characters, keys of 320 (parameters) and 256
            (artifacts), status messages of 1,024, no NaN. What breaks one raises `InvalidField`.
        capture: record code and environment of runs (git commit, packages, hardware).
    """
    if strict is not None:
        settings.strict = strict
    if capture is not None:
        settings.capture = capture


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
        if isinstance(value, float) and not math.isfinite(value):
            raise _limit(f"The parameter {name!r} is {value}", "parameters")


def check_artifact(name: str, *, present: int) -> None:
    """Refuse, in strict mode, one more artifact than the service takes, or too long a name."""
    if settings.strict and present >= MAX_ARTIFACTS:
        raise _limit(f"A trial component has at most {MAX_ARTIFACTS} artifacts a direction", "artifact")
    if settings.strict and len(name) > MAX_ARTIFACT_KEY:
        raise _limit(f"The artifact name {name[:40]!r}… is longer than {MAX_ARTIFACT_KEY}", "artifact")


def check_metric(name: str, value: object) -> None:
    """Refuse, in strict mode, a metric that is NaN or infinite."""
    if settings.strict and isinstance(value, float) and not math.isfinite(value):
        raise _limit(f"The metric {name!r} is {value}", "metric")


def check_message(message: str | None) -> str | None:
    """Return a status message, cut in strict mode to what the service takes."""
    return message[:MAX_MESSAGE] if settings.strict and message else message


def _limit(sentence: str, field: str) -> InvalidField:
    return InvalidField(
        f"{sentence}, as in SageMaker.", field=field, hint="mlstudio.configure(strict=False) lifts this."
    )

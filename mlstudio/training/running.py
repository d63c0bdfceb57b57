"""How a job may run: how long, how often, where its checkpoints are, when it gives way.

SageMaker's arguments on the left, the job's specification on the right; each number is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.training.inputs import local_path

LONGEST: Final = 2_419_200
"""Seconds: 28 days."""
CHECKPOINTS: Final = "/opt/ml/checkpoints"
DEFAULTS: Final[dict[str, Any]] = {
    "instance_count": 1,
    "max_run": 86400,
    "use_spot_instances": False,
    "max_wait": None,
    "max_retry_attempts": None,
    "retry_on": "infrastructure",
    "max_pending": None,
    "priority": 0,
    "volume_size": None,
    "allow_cpu_fallback": False,
    "checkpoint_s3_uri": None,
    "checkpoint_local_path": CHECKPOINTS,
}
"""Arguments that `run_settings` reads, and what they are when left out."""


def whole(name: str, value: Any, least: int, most: int) -> int | None:
    """Return a whole number within its bounds, None for None.

    Raises:
        InvalidField: no whole number, or outside the bounds.
    """
    if value is None:
        return None
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if number is None or not least <= number <= most:
        raise InvalidField(
            f"{name} is {value!r:.100}.", field=name, hint=f"Give a whole number from {least:,} to {most:,}."
        )
    return number


def run_settings(used: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `JobSpec` that say how a job may run.

    Args:
        used: arguments by SageMaker's names; those that are missing or None have their default.

    Raises:
        InvalidField: a number outside its bounds, waiting without spot, or shorter than running.
    """
    spot = bool(used.get("use_spot_instances") or False)
    max_run = whole("max_run", used.get("max_run"), 1, LONGEST) or 86400
    max_wait = whole("max_wait", used.get("max_wait"), 1, LONGEST)
    if max_wait is not None and not spot:
        raise InvalidField(
            "max_wait is given without use_spot_instances.", field="max_wait", hint="Use max_run, or max_pending."
        )
    if max_wait is not None and max_wait < max_run:
        raise InvalidField(
            f"max_wait is {max_wait} and max_run {max_run} seconds.",
            field="max_wait",
            hint="max_wait counts from submission to the end: give at least max_run.",
        )
    source = used.get("checkpoint_s3_uri")
    return {
        "instance_count": whole("instance_count", used.get("instance_count"), 1, 1000) or 1,
        "max_run": max_run,
        "spot": spot,
        "max_wait": max_wait,
        "retries": whole("max_retry_attempts", used.get("max_retry_attempts"), 1, 30) or 0,
        "retry_on": _retry_on(used.get("retry_on")),
        "max_pending": whole("max_pending", used.get("max_pending"), 1, LONGEST),
        "priority": whole("priority", used.get("priority"), -100, 100) or 0,
        "volume_size": whole("volume_size", used.get("volume_size"), 1, 16384),
        "allow_cpu_fallback": bool(used.get("allow_cpu_fallback") or False),
        "checkpoint_source": None if source is None else str(local_path(source, field="checkpoint_s3_uri")),
        "checkpoint_path": str(used.get("checkpoint_local_path") or CHECKPOINTS),
    }


def _retry_on(value: Any) -> str:
    if value not in (None, "infrastructure", "any"):
        raise InvalidField(
            f"retry_on is {value!r:.100}.",
            field="retry_on",
            hint='Use "infrastructure", or "any" to repeat after an error of the script too.',
        )
    return value or "infrastructure"


def as_arguments(spec: JobSpec) -> dict[str, Any]:
    """Return the arguments that mean what a specification says, as `attach` gives them."""
    return {
        "instance_count": spec.instance_count,
        "max_run": spec.max_run,
        "use_spot_instances": spec.spot,
        "max_wait": spec.max_wait,
        "max_retry_attempts": spec.retries or None,
        "retry_on": spec.retry_on,
        "max_pending": spec.max_pending,
        "priority": spec.priority,
        "volume_size": spec.volume_size,
        "allow_cpu_fallback": spec.allow_cpu_fallback,
        "checkpoint_s3_uri": spec.checkpoint_source,
        "checkpoint_local_path": spec.checkpoint_path,
    }

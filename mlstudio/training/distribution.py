"""What ``distribution=`` means: torchrun or mpirun, and how many processes.

SageMaker's forms. What its own libraries do on its own machines is refused with what to use instead.
"""

from __future__ import annotations

import difflib
import shlex
import warnings
from collections.abc import Mapping
from typing import Any, Final

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import Distribution

_TORCH: Final = ("torch_distributed", "pytorchddp", "torchrun")
_USE_TORCH: Final = 'Use {"torch_distributed": {"enabled": True}} and torch.distributed in the script.'
_ELSEWHERE: Final = {
    "smdistributed": f"smdistributed runs on AWS's machines only. {_USE_TORCH}",
    "parameter_server": f"Parameter servers of TensorFlow are not started here. {_USE_TORCH}",
    "multi_worker_mirrored_strategy": f"Workers of TensorFlow are not started here. {_USE_TORCH}",
    "dask": "Start Dask inside the script: it runs on this host alone.",
}
_KEYS: Final = ("enabled", "processes_per_host", "custom_mpi_options", "instance_groups")
MOST_PROCESSES: Final = 256


def distribution_of(given: Mapping[str, Any] | None) -> Distribution | None:
    """Return the distribution of a dict in SageMaker's form; None when none is enabled.

    Args:
        given: such as ``{"torch_distributed": {"enabled": True, "processes_per_host": 2}}``,
            ``{"pytorchddp": {"enabled": True}}`` or ``{"mpi": {"enabled": True, "processes_per_host": 4}}``.

    Raises:
        InvalidField: a distribution that cannot be had here, two at once, or a setting nobody knows.
    """
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InvalidField(f"distribution is of type {type(given).__name__}.", field="distribution", hint=_USE_TORCH)
    wanted = [found for name, settings in given.items() if (found := _one(name, settings)) is not None]
    if len(wanted) > 1:
        raise InvalidField(
            "Two distributions are enabled at once.", field="distribution", hint="Enable one of torch and mpi."
        )
    return wanted[0] if wanted else None


def _one(name: Any, settings: Any) -> Distribution | None:
    if name == "instance_groups":
        return None
    if name not in (*_TORCH, "mpi", *_ELSEWHERE):
        near = difflib.get_close_matches(str(name), [*_TORCH, "mpi"], n=1)
        raise InvalidField(
            f"The distribution {name!r:.100} is not known.",
            field="distribution",
            hint=f"Did you mean {near[0]!r}?" if near else _USE_TORCH,
        )
    if not isinstance(settings, Mapping):
        raise InvalidField(
            f"distribution[{name!r}] is {settings!r:.100}.", field="distribution", hint='Give {"enabled": True}.'
        )
    if name in _ELSEWHERE:
        if not _enabled(settings):
            return None
        raise InvalidField(f"The distribution {name!r} cannot be run.", field="distribution", hint=_ELSEWHERE[name])
    unknown = next((key for key in settings if key not in _KEYS), None)
    if unknown is not None:
        near = difflib.get_close_matches(str(unknown), _KEYS, n=1)
        raise InvalidField(
            f"distribution[{name!r}] has the unknown key {unknown!r:.100}.",
            field="distribution",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(_KEYS)}.",
        )
    return _settings(name, settings) if _enabled(settings) else None


def _enabled(settings: Mapping[str, Any]) -> bool:
    """Tell whether a distribution is on; smdistributed says so one level deeper."""
    inner = any(isinstance(one, Mapping) and one.get("enabled") for one in settings.values())
    return bool(settings.get("enabled", False)) or inner


def _settings(name: str, settings: Mapping[str, Any]) -> Distribution:
    count = settings.get("processes_per_host")
    if count is not None and (
        isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_PROCESSES
    ):
        raise InvalidField(
            f"processes_per_host is {count!r:.100}.",
            field="distribution",
            hint=f"Give a number from 1 to {MOST_PROCESSES}; left out, it is one for each GPU.",
        )
    options = settings.get("custom_mpi_options") or ""
    if name == "mpi":
        return Distribution(kind="mpi", processes_per_host=count, options=_split(options))
    if options:
        warnings.warn(f"custom_mpi_options have no effect on {name}: torchrun starts it.", stacklevel=5)
    return Distribution(kind="torch", processes_per_host=count)


def _split(options: Any) -> list[str]:
    try:
        return shlex.split(str(options))
    except ValueError as error:
        raise InvalidField(
            f"custom_mpi_options cannot be read: {error}.", field="distribution", hint="Close the quotes."
        ) from None


def as_given(distribution: Distribution | None) -> dict[str, Any] | None:
    """Return the dict that means this distribution, as `attach` gives it."""
    if distribution is None:
        return None
    settings: dict[str, Any] = {"enabled": True}
    if distribution.processes_per_host is not None:
        settings["processes_per_host"] = distribution.processes_per_host
    if distribution.options:
        settings["custom_mpi_options"] = shlex.join(distribution.options)
    return {"torch_distributed" if distribution.kind == "torch" else "mpi": settings}

"""SageMaker's arguments: which are renamed, which are only recorded, which cannot be honoured.

Old spellings of SDK v1 work with one FutureWarning each; both spellings at once are a TypeError,
as is a keyword that nobody knows. What needs AWS is kept for the record. What would change the
result and cannot be done here is refused with a sentence.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mlstudio.entities.errors import InvalidField

RENAMED: Final[dict[str, str]] = {
    "train_instance_count": "instance_count",
    "train_instance_type": "instance_type",
    "train_max_run": "max_run",
    "train_use_spot_instances": "use_spot_instances",
    "train_max_wait": "max_wait",
    "train_volume_size": "volume_size",
    "train_volume_kms_key": "volume_kms_key",
    "image_name": "image_uri",
    "distributions": "distribution",
}
"""SDK v1 spelling → present spelling."""

RECORDED: Final = frozenset(
    {
        "role", "sagemaker_session", "subnets", "security_group_ids", "volume_kms_key", "output_kms_key",
        "framework_version", "py_version", "image_uri_region", "enable_sagemaker_metrics",
        "encrypt_inter_container_traffic", "disable_profiler", "container_log_level", "code_location",
        "keep_alive_period_in_seconds", "instance_placement_config",
        "enable_infra_check", "training_repository_access_mode", "training_repository_credentials_provider_arn",
        "enable_remote_debug", "enable_session_tag_chaining", "disable_output_compression", "source_code",
        "compiler_config", "tensorboard_output_config", "training_plan",
    }
)  # fmt: skip
"""Accepted and kept in the job's record; without effect on this host."""

REFUSED: Final[dict[str, str]] = {
    "instance_groups": "Use instance_type and instance_count=1.",
    "training_recipe": "Recipes are AWS's; give the script as entry_point.",
    "recipe_overrides": "Recipes are AWS's; give the values as hyperparameters.",
    "enable_network_isolation": "Jobs share this host's network; give an Estimator with an image_uri, or leave it out.",
    "rules": "The debugger comes later; leave it out.",
    "debugger_hook_config": "The debugger comes later; leave it out, or pass False.",
    "profiler_config": "The profiler comes later; leave it out.",
    "container_entry_point": "It belongs to an image: use Estimator(image_uri, container_entry_point=[…]).",
    "container_arguments": "They belong to an image: use Estimator(image_uri, container_arguments=[…]).",
}
"""Cannot be honoured when given: argument → what to do."""


def modern(given: Mapping[str, Any], explicit: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments in present spelling.

    Args:
        given: what came as ``**kwargs``.
        explicit: named arguments that were given, by present name.

    Raises:
        TypeError: both spellings of one argument.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        present = RENAMED.get(name, name)
        if present != name:
            if present in explicit or present in given:
                raise TypeError(f"Both {name} and {present} are given; they are one argument, spelled {present} now.")
            warnings.warn(f"{name} is called {present} since SageMaker SDK 2.", FutureWarning, stacklevel=4)
        found[present] = value
    return found


def sort_out(given: Mapping[str, Any], known: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Split keyword arguments into those that are used and those that are only recorded.

    Args:
        given: in present spelling.
        known: names that the caller uses.

    Returns:
        Used arguments, and the recorded ones as text.

    Raises:
        InvalidField: an argument that cannot be honoured.
        TypeError: an unknown keyword; the message names the nearest one.
    """
    names = set(known)
    used: dict[str, Any] = {}
    recorded: dict[str, str] = {}
    for name, value in given.items():
        if name in names:
            used[name] = value
        elif name in RECORDED:
            if value is not None:
                recorded[name] = str(value)[:1000]
        elif name in REFUSED:
            if value not in (None, False, [], {}, ""):
                raise InvalidField(f"{name} cannot be honoured here.", field=name, hint=REFUSED[name])
        else:
            near = difflib.get_close_matches(name, [*names, *RECORDED, *REFUSED], n=1)
            raise TypeError(f"Unknown argument {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
    return used, recorded

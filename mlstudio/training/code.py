"""Where an estimator's code is: a script, a folder, an archive, a repository; and what is put beside it.

Reads: the arguments of SageMaker's `Framework`. Writes: a clone, when there is a git_config.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.training.inputs import local_path
from mlstudio.training.repository import Checkout


class Code(NamedTuple):
    """What a job's specification says of its code."""

    source_dir: str
    """Absolute path of a folder, a script or an archive."""
    entry_point: str
    """Relative to it."""
    dependencies: list[str]
    """Absolute paths."""
    recorded: dict[str, str]
    """What `attach` needs to find the code again."""
    checkout: Checkout | None
    """Keeps a clone until the job has its copy."""


def dependencies_of(given: Any) -> list[str]:
    """Return dependencies as text. Raises: InvalidField: no list of paths."""
    if given is None:
        return []
    if isinstance(given, (str, Path)) or not isinstance(given, Sequence):
        raise InvalidField(
            f"dependencies is {given!r:.100}.", field="dependencies", hint='Give a list of folders, such as ["lib"].'
        )
    return [str(one) for one in given]


def code_of(
    entry_point: str, source_dir: str | None, dependencies: Sequence[str], git_config: Mapping[str, str] | None
) -> Code:
    """Return a job's code; a repository is cloned now.

    Raises:
        InvalidField: a path that is not local, or a repository that cannot be had.
        UnsafePath: a path that leads out of the repository.
    """
    if git_config is not None:
        return _cloned(entry_point, source_dir, dependencies, Checkout(git_config))
    beside = [str(local_path(one, field="dependencies")) for one in dependencies]
    if source_dir is None:
        script = local_path(entry_point, field="entry_point")
        return Code(str(script), script.name, beside, {}, None)
    return Code(str(local_path(source_dir, field="source_dir")), entry_point, beside, {}, None)


def _cloned(entry_point: str, source_dir: str | None, dependencies: Sequence[str], checkout: Checkout) -> Code:
    beside = [str(checkout.path(one, field="dependencies")) for one in dependencies]
    told = {"entry_point": entry_point, "source_dir": source_dir, "dependencies": list(dependencies)}
    recorded = {"git_config": json.dumps(checkout.config), "git_code": json.dumps(told)}
    if source_dir is None:
        script = checkout.path(entry_point, field="entry_point")
        return Code(str(script), script.name, beside, recorded, checkout)
    return Code(str(checkout.path(source_dir, field="source_dir")), entry_point, beside, recorded, checkout)


def as_arguments(spec: JobSpec) -> dict[str, Any]:
    """Return the arguments by which the code of a job is found again, as `attach` gives them."""
    if "git_config" in spec.recorded:
        return {**json.loads(spec.recorded["git_code"]), "git_config": json.loads(spec.recorded["git_config"])}
    source = Path(spec.source_dir)
    if source.name == spec.entry_point and not source.is_dir():
        return {"entry_point": str(source), "dependencies": spec.dependencies}
    return {"entry_point": spec.entry_point, "source_dir": str(source), "dependencies": spec.dependencies}

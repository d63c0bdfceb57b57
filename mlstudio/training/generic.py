"""`Estimator`: a container image as a training job, with or without a script.

Reads: the arguments of SageMaker's `Estimator`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.training.arguments import modern
from mlstudio.training.code import Code, as_arguments, code_of, dependencies_of
from mlstudio.training.estimator import AWS_REGISTRY, EstimatorBase
from mlstudio.training.repository import check_git_config


class Estimator(EstimatorBase):
    """Runs an image by podman or docker; a script with one of AWS's own images runs by the local interpreter.

    Args:
        image_uri: the image.
        role: accepted and recorded.
        instance_count: 1.
        instance_type: as `EstimatorBase`.
        entry_point: a script; None: the image's own program.
        source_dir: as `Framework`.
        dependencies: as `Framework`.
        git_config: as `Framework`.
        container_entry_point: program of the image that is run instead of its own, as a list.
        container_arguments: its arguments, as a list.
        enable_network_isolation: the container has no network.
        **kwargs: as `EstimatorBase`.

    Raises:
        InvalidField: no image; an image of AWS without a script, whose program is not here.
        TypeError: an unknown keyword (the nearest is named), or two spellings of one.
    """

    def __init__(
        self,
        image_uri: str | None = None,
        role: Any = None,
        instance_count: int | None = None,
        instance_type: str | None = None,
        *,
        entry_point: str | Path | None = None,
        source_dir: str | Path | None = None,
        dependencies: Sequence[str | Path] | None = None,
        git_config: Mapping[str, str] | None = None,
        container_entry_point: Sequence[str] | None = None,
        container_arguments: Sequence[str] | None = None,
        enable_network_isolation: bool | None = None,
        **kwargs: Any,
    ) -> None:
        named = {"image_uri": image_uri, "instance_count": instance_count, "instance_type": instance_type}
        given = {key: value for key, value in named.items() if value is not None}
        super().__init__(role, **given, **modern(kwargs, given))
        self.entry_point = None if entry_point is None else str(entry_point)
        self.source_dir = None if source_dir is None else str(source_dir)
        self.dependencies = dependencies_of(dependencies)
        self.git_config = None if git_config is None else check_git_config(git_config)
        self.container_entry_point = _texts("container_entry_point", container_entry_point)
        self.container_arguments = _texts("container_arguments", container_arguments)
        self.enable_network_isolation = bool(enable_network_isolation)
        if not self.image_uri:
            raise InvalidField(
                "No image is given.",
                field="image_uri",
                hint="Use PyTorch, SKLearn or XGBoost for a script of your own.",
            )
        if AWS_REGISTRY in self.image_uri:
            self._check_image_of_aws()

    def _check_image_of_aws(self) -> None:
        if self.entry_point is None:
            raise InvalidField(
                f"The program of the image {self.image_uri!r:.200} is AWS's and is not here.",
                field="image_uri",
                hint="Give a script as entry_point, or use PyTorch, SKLearn or XGBoost with one.",
            )
        wanted = {
            "container_entry_point": self.container_entry_point,
            "container_arguments": self.container_arguments,
            "enable_network_isolation": self.enable_network_isolation,
        }
        for name, value in wanted.items():
            if value:
                raise InvalidField(
                    f"{name} needs a container, and an image of AWS is run by the local interpreter.",
                    field=name,
                    hint="Leave it out, or give an image of your own.",
                )

    def _code(self) -> Code:
        if self.entry_point is None:
            return Code("", "", [], {}, None)
        return code_of(self.entry_point, self.source_dir, self.dependencies, self.git_config)

    def spec(self, name: str, inputs: Any = None, experiment_config: Mapping[str, str] | None = None) -> JobSpec:
        """Return what `fit` would submit. Raises: as `EstimatorBase.spec`."""
        return msgspec.structs.replace(
            super().spec(name, inputs, experiment_config),
            container_entrypoint=self.container_entry_point,
            container_arguments=self.container_arguments,
            network_isolation=self.enable_network_isolation,
        )

    @classmethod
    def _arguments_of(cls, record: JobRecord) -> dict[str, Any]:
        spec = record.spec
        return {
            **(as_arguments(spec) if spec.entry_point else {}),
            **super()._arguments_of(record),
            "container_entry_point": spec.container_entrypoint or None,
            "container_arguments": spec.container_arguments or None,
            "enable_network_isolation": spec.network_isolation or None,
        }


def _texts(name: str, given: Any) -> list[str]:
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidField(f"{name} is {given!r:.100}.", field=name, hint='Give a list of text, such as ["train"].')
    return [str(one) for one in given]

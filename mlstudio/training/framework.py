"""`Framework`: an estimator of a script, which the submitter's interpreter runs.

Reads: the arguments of SageMaker's `Framework`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstudio.entities.jobs import JobRecord
from mlstudio.training.code import Code, as_arguments, code_of, dependencies_of
from mlstudio.training.estimator import EstimatorBase
from mlstudio.training.repository import check_git_config


class Framework(EstimatorBase):
    """An estimator of a script.

    Args:
        entry_point: the script: a path, or a file inside `source_dir`.
        source_dir: folder, or .tar.gz of one, that becomes the job's code; None: the script alone.
        dependencies: more folders and files that are put beside the code, each by its own name, to be imported.
        git_config: ``{"repo", "branch", "commit"}``: the code is cloned from there at each `fit`; `entry_point`,
            `source_dir` and `dependencies` are relative to the repository then. The address may be a local path.
        **kwargs: as `EstimatorBase`.

    Raises:
        InvalidField: as `EstimatorBase`, and a git_config or dependencies that cannot be read.
    """

    def __init__(
        self,
        entry_point: str | Path,
        source_dir: str | Path | None = None,
        *,
        dependencies: Sequence[str | Path] | None = None,
        git_config: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.entry_point = str(entry_point)
        self.source_dir = None if source_dir is None else str(source_dir)
        self.dependencies = dependencies_of(dependencies)
        self.git_config = None if git_config is None else check_git_config(git_config)

    def _code(self) -> Code:
        return code_of(self.entry_point, self.source_dir, self.dependencies, self.git_config)

    @classmethod
    def _arguments_of(cls, record: JobRecord) -> dict[str, Any]:
        return {**as_arguments(record.spec), **super()._arguments_of(record)}

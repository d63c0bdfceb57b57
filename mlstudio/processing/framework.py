"""`FrameworkProcessor`: a script with its folder, in the words of an estimator.

Reads: the arguments of SageMaker's `FrameworkProcessor`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstudio.processing.io import ProcessingInput, ProcessingOutput
from mlstudio.processing.processors import ScriptProcessor, recorded_of
from mlstudio.training.code import code_of, dependencies_of


class FrameworkProcessor(ScriptProcessor):
    """Runs a script with the folder that it belongs to.

    Args:
        estimator_cls: an estimator such as `PyTorch`; its framework is recorded.
        framework_version: recorded.
        role: accepted and recorded.
        instance_count: 1.
        instance_type: as `Processor`.
        py_version: recorded.
        image_uri: as `Processor`.
        command: default this Python.
        code_location: recorded.
        **kwargs: as `Processor`.
    """

    def __init__(
        self,
        estimator_cls: Any,
        framework_version: str | None = None,
        role: Any = None,
        instance_count: int = 1,
        instance_type: str | None = None,
        py_version: str | None = None,
        image_uri: str | None = None,
        command: Sequence[str] | None = None,
        code_location: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(role, image_uri, command, instance_count, instance_type, **kwargs)
        self.framework = str(getattr(estimator_cls, "framework", "") or "")
        self._recorded |= recorded_of(
            framework_version=framework_version, py_version=py_version, code_location=code_location
        )

    def run(  # type: ignore[override]
        self,
        code: str | Path,
        source_dir: str | Path | None = None,
        dependencies: Sequence[str | Path] | None = None,
        git_config: Mapping[str, str] | None = None,
        inputs: Sequence[ProcessingInput] | None = None,
        outputs: Sequence[ProcessingOutput] | None = None,
        arguments: Sequence[str] | None = None,
        wait: bool = True,
        logs: bool = True,
        job_name: str | None = None,
        experiment_config: Mapping[str, str] | None = None,
        kms_key: str | None = None,
    ) -> None:
        """Run a script of a folder as a job.

        Args:
            code: the script: a path, or a file inside `source_dir`.
            source_dir: folder or ``.tar.gz`` that becomes the job's code; a ``requirements.txt`` in it is
                installed first.
            dependencies: more folders and files, copied beside the code.
            git_config: ``{"repo", "branch", "commit"}``: the paths are those of the repository.
            inputs: what it finds.
            outputs: what it leaves.
            arguments: given to the script; text only.
            wait: return at its end instead of at once.
            logs: while waiting, print its log live.
            job_name: default ``<base>-<time>``.
            experiment_config: as `Processor.run`.
            kms_key: recorded.

        Raises:
            As `Processor.run`.
        """
        found = code_of(
            str(code), None if source_dir is None else str(source_dir), dependencies_of(dependencies), git_config
        )
        own = {
            "source_dir": found.source_dir,
            "entry_point": found.entry_point,
            "dependencies": found.dependencies,
            "command": self._command(),
            "framework": self.framework,
        }
        self._submit(own, inputs, outputs, arguments, wait, logs, job_name, experiment_config, kms_key)

    def _base(self) -> str:
        return f"{self.framework or 'framework'}-processing"

"""Processors: a script or a command, where it runs, and `run`, which makes it a job.

Reads: the arguments of SageMaker's processors. Knows nothing of: processes, stores' files.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.names import timestamped_name
from mlstudio.jobs.locations import is_url, located
from mlstudio.processing.io import ProcessingInput, ProcessingOutput, inputs_of, outputs_of
from mlstudio.processing.processing_job import ProcessingJob
from mlstudio.training.estimator import experiment_config_of, tags_of

DAY: Final = 86400
"""Seconds a job may run when nothing else is said; SageMaker's default."""
MAX_ARGUMENTS: Final = 100


def recorded_of(**given: Any) -> dict[str, str]:
    """Return what only AWS needs, as text."""
    return {name: str(value)[:1000] for name, value in given.items() if value is not None}


def texts_of(given: Sequence[str] | None, field: str) -> list[str]:
    """Return a list of arguments. Raises: InvalidField: no list, not text, or more than 100."""
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidField(f"{field} is {given!r:.100}.", field=field, hint=f'Give a list: {field}=["--rows", "100"].')
    for one in given:
        if not isinstance(one, str) or "\0" in one:
            raise InvalidField(
                f"{one!r:.100} in {field} is not text.", field=field, hint='Write numbers as text: ["--rows", "100"].'
            )
    if len(given) > MAX_ARGUMENTS:
        raise InvalidField(
            f"{len(given)} {field}; at most {MAX_ARGUMENTS} are taken.",
            field=field,
            hint="Put them into an input file.",
        )
    return list(given)


class Processor:
    """Runs a command as a job.

    Args:
        role: accepted and recorded.
        image_uri: container image; AWS's own images are recorded, and the command runs on this host.
        instance_count: 1; jobs of several hosts come later.
        instance_type: ``local`` (the whole host), or a size such as ``ml.m5.xlarge``.
        entrypoint: the command as a list; None with an image: the image's own.
        volume_size_in_gb: GiB that must be free on the disk before it starts; default: one.
        volume_kms_key: recorded.
        output_kms_key: recorded.
        max_runtime_in_seconds: after which it is stopped; default a day.
        base_job_name: beginning of generated job names.
        sagemaker_session: recorded.
        env: variables of the job.
        tags: dict, or SageMaker's list of Key/Value.
        network_config: recorded; isolation works with an `image_uri` only.

    Raises:
        InvalidField: an argument that cannot be honoured here, with what to do.
    """

    def __init__(
        self,
        role: Any = None,
        image_uri: str | None = None,
        instance_count: int = 1,
        instance_type: str | None = None,
        entrypoint: Sequence[str] | None = None,
        volume_size_in_gb: int | None = None,
        volume_kms_key: str | None = None,
        output_kms_key: str | None = None,
        max_runtime_in_seconds: int | None = None,
        base_job_name: str | None = None,
        sagemaker_session: Any = None,
        env: Mapping[str, str] | None = None,
        tags: Any = None,
        network_config: Any = None,
    ) -> None:
        self.image_uri = image_uri
        self.instance_count = int(instance_count or 1)
        self.instance_type = instance_type or "local"
        self.entrypoint = texts_of(entrypoint, "entrypoint")
        self.volume_size_in_gb = volume_size_in_gb
        self.max_runtime_in_seconds = max_runtime_in_seconds
        self.base_job_name = base_job_name
        self.env = {str(key): str(value) for key, value in (env or {}).items()}
        self.tags = tags_of(tags)
        self.network_isolation = bool(getattr(network_config, "enable_network_isolation", False))
        self._recorded = recorded_of(
            role=role,
            volume_kms_key=volume_kms_key,
            output_kms_key=output_kms_key,
            sagemaker_session=sagemaker_session,
            network_config=network_config,
        )
        self.jobs: list[ProcessingJob] = []

    @property
    def latest_job(self) -> ProcessingJob | None:
        """The job of the last `run`; None before it."""
        return self.jobs[-1] if self.jobs else None

    def run(
        self,
        inputs: Sequence[ProcessingInput] | None = None,
        outputs: Sequence[ProcessingOutput] | None = None,
        arguments: Sequence[str] | None = None,
        wait: bool = True,
        logs: bool = True,
        job_name: str | None = None,
        experiment_config: Mapping[str, str] | None = None,
        kms_key: str | None = None,
    ) -> None:
        """Run the command as a job; it goes on when this process ends.

        Args:
            inputs: what it finds.
            outputs: what it leaves.
            arguments: appended to the command; text only.
            wait: return at its end instead of at once.
            logs: while waiting, print its log live.
            job_name: default ``<base>-<time>``.
            experiment_config: ``{"ExperimentName", "TrialName", "TrialComponentDisplayName", "RunName"}``.
            kms_key: recorded.

        Raises:
            UnexpectedStatusException: it was waited for and failed.
            InvalidField, InvalidName, UnsafePath, TooLarge: what cannot run, by field.
            NotFound: the experiment or trial does not exist.
            ResourceInUse: a job of that name exists.
            AgentUnavailable: the job agent cannot be started.
        """
        own = {"container_entrypoint": self.entrypoint}
        self._submit(own, inputs, outputs, arguments, wait, logs, job_name, experiment_config, kms_key)

    def _submit(
        self,
        own: dict[str, Any],
        inputs: Sequence[ProcessingInput] | None,
        outputs: Sequence[ProcessingOutput] | None,
        arguments: Sequence[str] | None,
        wait: bool,
        logs: bool,
        job_name: str | None,
        experiment_config: Mapping[str, str] | None,
        kms_key: str | None,
    ) -> None:
        if logs and not wait:
            logs = False
            warnings.warn("logs=True prints nothing without wait=True.", stacklevel=3)
        fields: dict[str, Any] = {
            "entry_point": "",
            "source_dir": "",
            "inputs": inputs_of(inputs),
            "outputs": outputs_of(outputs),
            "arguments": texts_of(arguments, "arguments"),
            "experiment_config": experiment_config_of(experiment_config),
            **own,
        }
        name = job_name or timestamped_name(self.base_job_name or self._base())
        job = jobs.submit(self._spec(name, fields, recorded_of(kms_key=kms_key)))
        self.jobs.append(ProcessingJob(job.name))
        if wait:
            self.jobs[-1].wait(logs=logs)

    def _base(self) -> str:
        return "processing"

    def _spec(self, name: str, fields: dict[str, Any], recorded: dict[str, str]) -> JobSpec:
        image, recorded = self.image_uri, {**self._recorded, **recorded}
        if image is not None and ".amazonaws.com" in image:
            recorded["image_uri"], image = image, None
        if self.network_isolation and image is None:
            raise InvalidField(
                "Network isolation needs a container.",
                field="network_config",
                hint="Give an image_uri, or leave it out.",
            )
        return JobSpec(
            name=name,
            kind="processing",
            interpreter=sys.executable,
            image_uri=image,
            environment=self.env,
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            max_run=self.max_runtime_in_seconds or DAY,
            volume_size=self.volume_size_in_gb,
            network_isolation=self.network_isolation,
            tags=self.tags,
            recorded=recorded,
            **fields,
        )


class ScriptProcessor(Processor):
    """Runs a script as a job, by any command.

    Args:
        role: accepted and recorded.
        image_uri: as `Processor`.
        command: what runs the script: ``["python3"]``, ``["Rscript"]``, ``["/bin/bash"]``; default this Python.
        instance_count: 1.
        instance_type: as `Processor`.
        **kwargs: as `Processor`.
    """

    def __init__(
        self,
        role: Any = None,
        image_uri: str | None = None,
        command: Sequence[str] | None = None,
        instance_count: int = 1,
        instance_type: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(role, image_uri, instance_count, instance_type, **kwargs)
        self.command = texts_of(command, "command")

    def run(  # type: ignore[override]
        self,
        code: str | Path,
        inputs: Sequence[ProcessingInput] | None = None,
        outputs: Sequence[ProcessingOutput] | None = None,
        arguments: Sequence[str] | None = None,
        wait: bool = True,
        logs: bool = True,
        job_name: str | None = None,
        experiment_config: Mapping[str, str] | None = None,
        kms_key: str | None = None,
    ) -> None:
        """Run a script as a job.

        Args:
            code: path or ``file://`` URI of the script; it becomes the input ``code``.
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
        own = {**script_of(code), "command": self._command()}
        self._submit(own, inputs, outputs, arguments, wait, logs, job_name, experiment_config, kms_key)

    def _command(self) -> list[str]:
        if self.command or self.image_uri is None or ".amazonaws.com" in self.image_uri:
            return self.command
        return ["python3"]  # this host's Python is not in the image

    def _base(self) -> str:
        return "script-processing"


class SKLearnProcessor(ScriptProcessor):
    """Runs a Python script as a job, with the scikit-learn that is installed here.

    Args:
        framework_version: recorded.
        role: accepted and recorded.
        instance_count: 1.
        instance_type: as `Processor`.
        command: default this Python.
        **kwargs: as `Processor`.
    """

    def __init__(
        self,
        framework_version: str | None = None,
        role: Any = None,
        instance_count: int = 1,
        instance_type: str | None = None,
        command: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(role, None, command, instance_count, instance_type, **kwargs)
        self._recorded |= recorded_of(framework_version=framework_version)

    def _base(self) -> str:
        return "sklearn-processing"


def script_of(code: str | Path) -> dict[str, str]:
    """Return the fields of a job whose code is one file.

    Raises:
        InvalidField: a folder, a URL, or nothing that exists.
    """
    place = located(code, field="code")
    if is_url(place):
        raise InvalidField(f"The code {place:.200} is not on this host.", field="code", hint="Copy it here first.")
    path = Path(place)
    if path.is_dir():
        raise InvalidField(
            f"The code {path} is a folder.", field="code", hint="Give the script; FrameworkProcessor takes source_dir."
        )
    if not path.is_file():
        from mlstudio.jobs.locations import check_readable

        check_readable(str(path), what="The code", field="code")
    return {"source_dir": str(path), "entry_point": path.name}

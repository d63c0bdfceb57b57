"""Estimators: a script, its settings, and `fit`, which runs it as a job.

Reads: the arguments of SageMaker's `Framework`. Knows nothing of: processes, stores' files.
"""

from __future__ import annotations

import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.jobs import Channel, ExperimentConfig, JobRecord, JobSpec, MetricDefinition
from mlstudio.entities.names import timestamped_name
from mlstudio.jobs.locations import located
from mlstudio.training.arguments import modern, sort_out
from mlstudio.training.code import Code
from mlstudio.training.distribution import as_given, distribution_of
from mlstudio.training.hyperparameters import as_json_text
from mlstudio.training.inputs import channels_of, check_input_mode
from mlstudio.training.repository import Checkout
from mlstudio.training.running import DEFAULTS, as_arguments, run_settings
from mlstudio.training.training_job import TrainingJob

AWS_REGISTRY = ".amazonaws.com"
"""Part of the name of AWS's own images: their programs are not here, the local interpreter is."""
_FROM_ARGUMENTS = ("git_config", "git_code", "image_uri")
"""Kept with a job by arguments that are used, so not to be taken for recorded ones."""
_CONFIG = {
    "ExperimentName": "experiment_name",
    "TrialName": "trial_name",
    "TrialComponentDisplayName": "trial_component_display_name",
    "RunName": "run_name",
}


def experiment_config_of(given: Mapping[str, str] | None) -> ExperimentConfig:
    """Return the ExperimentConfig of a dict in SageMaker's spelling.

    None inside ``with Run(...)`` means the trial of that run, as in SageMaker.

    Raises:
        InvalidField: an unknown key, or a value that is not text.
    """
    if given is None:
        from mlstudio.experiments.context import enclosing_run

        run = enclosing_run()
        if run is None:
            return ExperimentConfig()
        return ExperimentConfig(experiment_name=run.experiment_name, trial_name=run.trial_name)
    unknown = sorted(set(given) - set(_CONFIG))
    if unknown:
        raise InvalidField(
            f"experiment_config has the unknown key {unknown[0]!r:.100}.",
            field="experiment_config",
            hint=f"Known keys: {', '.join(_CONFIG)}.",
        )
    for key, value in given.items():
        if value is not None and not isinstance(value, str):
            raise InvalidField(f"experiment_config[{key!r}] is not text.", field="experiment_config")
    return ExperimentConfig(**{_CONFIG[key]: value for key, value in given.items()})


def metric_definitions_of(given: Sequence[Mapping[str, str]] | None) -> list[MetricDefinition]:
    """Return metric definitions of ``{"Name", "Regex"}`` dicts.

    Raises:
        InvalidField: another form, more than 40, a name over 255 or a regex over 500 characters.
    """
    found: list[MetricDefinition] = []
    for one in given or []:
        if not isinstance(one, Mapping) or set(one) != {"Name", "Regex"}:
            raise InvalidField(
                f"A metric definition is {one!r:.200}.",
                field="metric_definitions",
                hint='Give [{"Name": "loss", "Regex": "loss: ([0-9.]+)"}].',
            )
        name, regex = str(one["Name"]), str(one["Regex"])
        if not 0 < len(name) <= 255 or not 0 < len(regex) <= 500:
            raise InvalidField(
                f"The metric definition {name!r:.100} has an empty or too long name or regex.",
                field="metric_definitions",
                hint="Names have at most 255 characters, patterns 500.",
            )
        found.append(MetricDefinition(name, regex))
    if len(found) > 40:
        raise InvalidField(f"{len(found)} metric definitions; at most 40 are taken.", field="metric_definitions")
    return found


def tags_of(given: Any) -> dict[str, str]:
    """Return tags of a dict, or of SageMaker's list. Raises: InvalidField: another form."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    try:
        return {str(one["Key"]): str(one["Value"]) for one in given}
    except (TypeError, KeyError):
        raise InvalidField("tags cannot be read.", field="tags", hint='Give [{"Key": …, "Value": …}].') from None


class EstimatorBase(ABC):
    """What all estimators share.

    Args:
        role: accepted and recorded.
        instance_count: 1; one host runs a job, in several processes by `distribution`.
        instance_type: ``local`` (the whole host), or a size such as ``ml.m5.large``.
        hyperparameters: sent to the script as arguments.
        metric_definitions: ``[{"Name", "Regex"}]``; RE2, group 1 is the number.
        environment: variables of the job.
        max_run: seconds after which it is stopped, default a day.
        use_spot_instances: it may be interrupted for a job of higher priority, and then starts again with its
            checkpoints; `max_wait` is how many seconds it may take from submission to its end.
        max_retry_attempts: 1 to 30, how often it starts again when the host or its supervisor was lost;
            `retry_on="any"` repeats it after an error of the script too.
        checkpoint_s3_uri: folder of this host that has the checkpoints, before and after; default: the job's own,
            kept over its attempts. The script finds them at `checkpoint_local_path`, ``/opt/ml/checkpoints``.
        volume_size: GiB that must be free on the disk before it starts.
        priority: -100 to 100, higher goes first; `max_pending`: seconds in the queue after which it fails.
        allow_cpu_fallback: a GPU size runs on the CPU where there is no GPU, instead of being refused.
        output_path: folder or fsspec URL that gets ``<job>/output/model.tar.gz``; default: the job's own.
        base_job_name: beginning of generated job names.
        tags: dict, or SageMaker's list of Key/Value.
        input_mode: "File" or "FastFile".
        distribution: ``{"torch_distributed": {"enabled": True, "processes_per_host": 2}}`` runs the script by
            torchrun in several processes of this host; ``{"mpi": …}`` by mpirun, where there is one.
        image_uri: AWS's own images are recorded, and the local interpreter runs; any other image runs by podman
            or docker.
        model_uri: path or URL of a model that the script finds in the channel `model_channel_name`, "model".
        **kwargs: SageMaker's other arguments, and its old spellings; see `mlstudio.training.arguments`.

    Raises:
        TypeError: an unknown keyword (the nearest is named), or two spellings of one.
        InvalidField: an argument that cannot be honoured here, with what to do.
    """

    instance_count: int
    max_run: int
    use_spot_instances: bool
    max_wait: int | None
    max_retry_attempts: int | None
    checkpoint_s3_uri: str | None
    checkpoint_local_path: str
    framework: ClassVar[str] = ""
    _known: ClassVar[tuple[str, ...]] = (
        *DEFAULTS,
        "instance_type",
        "hyperparameters",
        "metric_definitions",
        "environment",
        "output_path",
        "base_job_name",
        "tags",
        "input_mode",
        "distribution",
        "image_uri",
        "model_uri",
        "model_channel_name",
    )

    def __init__(self, role: Any = None, **kwargs: Any) -> None:
        present = modern(kwargs, {})
        used, self._recorded = sort_out({**present, "role": role}, self._known)
        self.image_uri: str | None = used.get("image_uri")
        self.model_uri: str | None = used.get("model_uri")
        self.model_channel_name = str(used.get("model_channel_name") or "model")
        run_settings(used)
        for name, plain in DEFAULTS.items():
            setattr(self, name, plain if used.get(name) is None else used[name])
        self.instance_type = str(used.get("instance_type") or "local")
        self._hyperparameters: dict[str, Any] = dict(used.get("hyperparameters") or {})
        self.metric_definitions = metric_definitions_of(used.get("metric_definitions"))
        self.environment = {str(key): str(value) for key, value in (used.get("environment") or {}).items()}
        output = used.get("output_path")
        self.output_path = None if output is None else located(output, field="output_path")
        self.base_job_name: str | None = used.get("base_job_name")
        self.tags = tags_of(used.get("tags"))
        self.input_mode = check_input_mode(used.get("input_mode") or "File")
        self.distribution = distribution_of(used.get("distribution"))
        self.latest_training_job: TrainingJob | None = None
        self.jobs: list[TrainingJob] = []
        self._checkout: Checkout | None = None

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters as they were given."""
        return dict(self._hyperparameters)

    def set_hyperparameters(self, **kwargs: Any) -> None:
        """Change or add hyperparameters of the next `fit`."""
        self._hyperparameters.update(kwargs)

    @abstractmethod
    def _code(self) -> Code:
        """Return where the code is; a repository is cloned now."""

    def spec(self, name: str, inputs: Any = None, experiment_config: Mapping[str, str] | None = None) -> JobSpec:
        """Return what `fit` would submit.

        Raises:
            InvalidField: a value that cannot be run, by field; a repository that cannot be cloned.
        """
        code = self._code()
        image = self.image_uri
        of_aws = image is not None and AWS_REGISTRY in image
        self._checkout = code.checkout  # a clone stands until the job has its copy of it
        return JobSpec(
            name=name,
            entry_point=code.entry_point,
            source_dir=code.source_dir,
            dependencies=code.dependencies,
            interpreter=sys.executable,
            framework=self.framework,
            hyperparameters=as_json_text(self._hyperparameters),
            channels=[*channels_of(inputs, self.input_mode), *self._model_channel()],
            metric_definitions=self.metric_definitions,
            environment=self.environment,
            instance_type=self.instance_type,
            output_path=self.output_path,
            experiment_config=experiment_config_of(experiment_config),
            tags=self.tags,
            recorded={**self._recorded, **code.recorded, **({"image_uri": str(image)} if of_aws else {})},
            image_uri=None if of_aws else image,
            distribution=self.distribution,
            **run_settings({name: getattr(self, name) for name in DEFAULTS}),
        )

    def _model_channel(self) -> list[Channel]:
        if self.model_uri is None:
            return []
        source = located(self.model_uri, field="model_uri")
        return [Channel(name=self.model_channel_name, source=source, content_type="application/x-sagemaker-model")]

    def fit(
        self,
        inputs: Any = None,
        wait: bool = True,
        logs: Any = "All",
        job_name: str | None = None,
        experiment_config: Mapping[str, str] | None = None,
    ) -> None:
        """Run the script as a job; it goes on when this process ends.

        Args:
            inputs: path, pattern, ``file://`` URI, fsspec URL or `TrainingInput` (channel "training"), or a dict of
                channels. What a URL names is fetched before the script starts.
            wait: return at its end instead of at once.
            logs: while waiting, "All" prints its log live; None or False prints nothing.
            job_name: default ``<base>-<time>``.
            experiment_config: ``{"ExperimentName", "TrialName", "TrialComponentDisplayName", "RunName"}``.

        Raises:
            UnexpectedStatusException: it was waited for and failed.
            InvalidField, InvalidName, UnsafePath, BadRegex, TooLarge: what cannot run, by field.
            NotFound: the experiment or trial does not exist.
            ResourceInUse: a job of that name exists.
            AgentUnavailable: the job agent cannot be started.
        """
        name = job_name or timestamped_name(self.base_job_name or f"{self.framework or 'script'}-training")
        job = jobs.submit(self.spec(name, inputs, experiment_config))
        self._checkout = None
        self.latest_training_job = TrainingJob(job.name)
        self.jobs.append(self.latest_training_job)
        if wait:
            self.latest_training_job.wait(logs=logs)

    @property
    def model_data(self) -> str | None:
        """Path of the last job's model.tar.gz; None before `fit`, and for a job that left no model."""
        if self.latest_training_job is None:
            warnings.warn("No training job has run yet: call fit() first.", stacklevel=2)
            return None
        return self.latest_training_job.record().model_artifact

    def deploy(self, *args: Any, **kwargs: Any) -> None:
        """Raise: endpoints come later. Raises: InvalidField: always."""
        del args, kwargs
        raise InvalidField(
            "Models cannot be deployed yet.", field="deploy", hint="model_data is the path of model.tar.gz."
        )

    @classmethod
    def attach(cls, training_job_name: str, sagemaker_session: Any = None) -> Self:
        """Return an estimator of a job that was submitted before, from here or anywhere.

        Raises:
            NotFound: there is no such job.
        """
        del sagemaker_session
        record = jobs.get(training_job_name).record()
        estimator = cls(**cls._arguments_of(record))
        estimator._recorded = {key: value for key, value in record.spec.recorded.items() if key not in _FROM_ARGUMENTS}
        estimator.latest_training_job = TrainingJob(record.name)
        estimator.jobs = [estimator.latest_training_job]
        return estimator

    @classmethod
    def _arguments_of(cls, record: JobRecord) -> dict[str, Any]:
        from mlstudio.jobs.contract import decode_value

        spec = record.spec
        return {
            **as_arguments(spec),
            "instance_type": spec.instance_type,
            "hyperparameters": {key: decode_value(value) for key, value in spec.hyperparameters.items()},
            "metric_definitions": [{"Name": one.name, "Regex": one.regex} for one in spec.metric_definitions],
            "environment": spec.environment,
            "output_path": spec.output_path,
            "tags": spec.tags,
            "distribution": as_given(spec.distribution),
            "image_uri": spec.image_uri or spec.recorded.get("image_uri"),
        }

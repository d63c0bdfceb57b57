"""Tracker: SageMaker's recorder of one trial component.

    with Tracker.create(display_name="Preprocessing") as tracker:
        tracker.log_parameters({"mean": 0.1307})

Differences from SageMaker: everything is written at once, not at `close`; the log methods work
outside ``with`` too (the component starts at the first call); metrics are kept everywhere, not
in jobs only; there is no limit of 30 artifacts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from mlstudio.entities.errors import InvalidField, StoreBusy, StoreUnreachable
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentRecord
from mlstudio.entities.names import new_uid
from mlstudio.experiments import plots, reprs
from mlstudio.experiments.recording import JOB_COMPONENT, Recording, continued
from mlstudio.experiments.records import living, named, the_store, unique_name
from mlstudio.experiments.values import clean_text

_PROCESSING_CONFIG: Final = Path("/opt/ml/config/processingjobconfig.json")


class Tracker(Recording):
    """Records parameters, metrics, inputs and outputs of a trial component."""

    @classmethod
    def create(
        cls,
        base_trial_component_name: str = "TrialComponent",
        display_name: str | None = None,
        artifact_bucket: str | None = None,
        artifact_prefix: str | None = None,
        boto3_session: Any = None,
        sagemaker_boto_client: Any = None,
    ) -> Tracker:
        """Create a component with a new name, and a tracker of it.

        Args:
            base_trial_component_name: the name begins with it.
            display_name: what people see.
            artifact_bucket: accepted and not needed, like the arguments after it.
            artifact_prefix: see above.
            boto3_session: see above.
            sagemaker_boto_client: see above.
        """
        del artifact_bucket, artifact_prefix, boto3_session, sagemaker_boto_client
        wanted = ComponentCreate(name=unique_name(base_trial_component_name), uid=new_uid(), display_name=display_name)
        try:
            record: ComponentRecord | None = the_store().create_component(wanted)
        except (StoreBusy, StoreUnreachable):
            record = None  # the recorder's journal holds it until the store is back
        tracker = cls(wanted, record, capture=True)
        if record is None:
            tracker._ready()
        return tracker

    @classmethod
    def load(
        cls,
        trial_component_name: str | None = None,
        artifact_bucket: str | None = None,
        artifact_prefix: str | None = None,
        boto3_session: Any = None,
        sagemaker_boto_client: Any = None,
        training_job_name: str | None = None,
        processing_job_name: str | None = None,
    ) -> Tracker:
        """Return a tracker of an existing component; inside a job, of the job's own.

        Args:
            trial_component_name: None: that of the job named below, else of the job we run in.
            artifact_bucket: accepted and not needed, like the three after it.
            artifact_prefix: see above.
            boto3_session: see above.
            sagemaker_boto_client: see above.
            training_job_name: its component is ``<job>-aws-training-job``.
            processing_job_name: its component is ``<job>-aws-processing-job``.

        Raises:
            InvalidField: no name was given and this is no job.
            NotFound: there is no such component.
        """
        del artifact_bucket, artifact_prefix, boto3_session, sagemaker_boto_client
        name, in_job = trial_component_name, False
        if name is None and training_job_name:
            name = f"{training_job_name}-aws-training-job"
        elif name is None and processing_job_name:
            name = f"{processing_job_name}-aws-processing-job"
        elif name is None:
            name, in_job = job_component(), True
        if name is None:
            raise InvalidField(
                "No trial component was named, and this process is no job.",
                field="trial_component_name",
                hint='Give a name, or use Tracker.create(display_name="…").',
            )
        record = living(the_store().get_component(named(name)[0]), "trial component", name)
        return cls(continued(record), record, ours=not in_job)

    # -- inputs and outputs

    def log_input(self, name: str, value: Any, media_type: str | None = None) -> None:
        """Record a pointer to an input: a URI, a path or any text."""
        self._log_pointer("input", name, ArtifactRef(clean_text(str(value)), media_type))

    def log_output(self, name: str, value: Any, media_type: str | None = None) -> None:
        """Record a pointer to an output: a URI, a path or any text."""
        self._log_pointer("output", name, ArtifactRef(clean_text(str(value)), media_type))

    def log_artifact(
        self, file_path: str | os.PathLike[str], name: str | None = None, media_type: str | None = None
    ) -> None:
        """Keep a copy of a file, or of a folder, as an output; same as `log_output_artifact`.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_file("output", file_path, name, media_type)

    log_output_artifact = log_artifact

    def log_input_artifact(
        self, file_path: str | os.PathLike[str], name: str | None = None, media_type: str | None = None
    ) -> None:
        """Keep a copy of a file, or of a folder, as an input.

        Raises:
            InvalidField: there is no such file.
        """
        self._log_file("input", file_path, name, media_type)

    # -- metrics

    def log_metric(
        self,
        metric_name: str | None = None,
        value: Any = None,
        timestamp: Any = None,
        iteration_number: Any = None,
        *,
        name: str | None = None,
        step: Any = None,
    ) -> None:
        """Record one value of a metric; never raises, never waits.

        Args:
            metric_name: its name; `name` says the same.
            value: anything that `float()` takes; NaN and infinities are kept.
            timestamp: a datetime (naive: local time) or seconds since the epoch, default now.
            iteration_number: its step; `step` says the same; None: the next one.
            name: see `metric_name`.
            step: see `iteration_number`.
        """
        chosen = metric_name if metric_name is not None else name
        self._log_metric(chosen or "unnamed", value, timestamp, iteration_number if step is None else step)

    # -- documents

    def log_table(
        self,
        title: str | None = None,
        values: Mapping[str, Sequence[Any]] | None = None,
        data_frame: Any = None,
        output_artifact: bool = True,
    ) -> None:
        """Record a table.

        Args:
            title: its name, default ``Table-<epoch seconds>``.
            values: columns as lists; exactly one of `values` and `data_frame` is given.
            data_frame: a pandas DataFrame.
            output_artifact: an output; False: an input.

        Raises:
            InvalidField: both or none of `values` and `data_frame`.
        """
        self._document(plots.table(title, values, data_frame), output_artifact=output_artifact)

    def log_precision_recall(
        self,
        y_true: Sequence[Any],
        predicted_probabilities: Sequence[float],
        positive_label: Any = None,
        title: str | None = None,
        output_artifact: bool = True,
        no_skill: float | None = None,
    ) -> None:
        """Record a precision-recall curve with its average precision.

        Raises:
            InvalidField: the lengths differ, or the labels are not two.
        """
        document = plots.precision_recall(title, y_true, predicted_probabilities, positive_label, no_skill)
        self._document(document, output_artifact=output_artifact)

    def log_roc_curve(
        self,
        y_true: Sequence[Any],
        y_score: Sequence[float],
        title: str | None = None,
        output_artifact: bool = True,
    ) -> None:
        """Record a receiver operating characteristic with its area.

        Raises:
            InvalidField: the lengths differ, or the labels are not two.
        """
        self._document(plots.roc_curve(title, y_true, y_score), output_artifact=output_artifact)

    def log_confusion_matrix(
        self,
        y_true: Sequence[Any],
        y_pred: Sequence[Any],
        title: str | None = None,
        output_artifact: bool = True,
    ) -> None:
        """Record a confusion matrix; row = true label, column = predicted label.

        Raises:
            InvalidField: the lengths differ.
        """
        self._document(plots.confusion_matrix(title, y_true, y_pred), output_artifact=output_artifact)

    def _document(self, document: dict[str, Any], *, output_artifact: bool) -> None:
        self._log_document("output" if output_artifact else "input", document["title"], document)

    # -- life

    def close(self) -> None:
        """Write the last of it. A component that a log call started becomes Completed."""
        self._end("Completed")

    def __enter__(self) -> Tracker:
        self._begin(start=self._ours)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or (isinstance(error, SystemExit) and error.code in {None, 0}):
            self._end("Completed")
        elif isinstance(error, KeyboardInterrupt):
            self._end("Stopped", "Interrupted by the user.")
        else:
            self._end("Failed", clean_text(str(error)) or type(error).__name__)

    def __repr__(self) -> str:
        return f"Tracker({self.component_name!r})"

    def _repr_html_(self) -> str:
        self.flush(1.0)
        return reprs.component(self.component_name)


def job_component() -> str | None:
    """Return the name of the component of the job that this process runs in, None outside jobs."""
    named_here = os.environ.get(JOB_COMPONENT)
    if named_here:
        return named_here
    arn = os.environ.get("TRAINING_JOB_ARN", "")
    if arn:
        return f"{arn.rpartition('/')[2]}-aws-training-job"
    try:
        config = json.loads(_PROCESSING_CONFIG.read_bytes())
        return f"{config['ProcessingJobName']}-aws-processing-job"
    except (OSError, ValueError, KeyError, TypeError):
        return None

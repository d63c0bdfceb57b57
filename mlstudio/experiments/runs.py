"""Run: experiment, trial and component in one, as in SageMaker's SDK and in `mlstudio.run`.

    with Run(experiment_name="mnist", run_name="first") as run:
        run.log_metric("loss", 0.3, step=1)

A run is a façade over a trial component in the trial ``Default-Run-Group-<experiment>``, tagged
``sagemaker:trial-component-source=run``. Nesting is allowed: the inner run has the outer one as
its parent.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mlstudio.entities.errors import StudioError
from mlstudio.entities.experiments import ArtifactRef
from mlstudio.entities.status import ComponentStatus
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments import context, plots, reprs
from mlstudio.experiments.recording import Recording, ending
from mlstudio.experiments.run_plan import Opened, Plan, open_plan
from mlstudio.experiments.settings import check_metric, settings
from mlstudio.experiments.values import Tags, as_param, as_tags, clean_text

if TYPE_CHECKING:
    import pandas as pd


class Run(Recording):
    """A run of an experiment; one that exists by these names is continued.

    Args:
        experiment_name: free text is made a legal name; created when it does not exist.
        run_name: None: ``sagemaker-run-<time>``.
        experiment_display_name: of a new experiment.
        run_display_name: of a new run, default `run_name`.
        tags: a dict, or SageMaker's list of Key and Value.
        sagemaker_session: accepted and not needed, like the two after it.
        artifact_bucket: see above.
        artifact_prefix: see above.

    Attributes:
        experiment_name, trial_name, run_name: its names.
        experiment_config: to give to ``estimator.fit(…)``.
        trial_component: the record behind it.

    Raises:
        InvalidName: a name that is no text; in strict mode, one that SageMaker would refuse.
    """

    def __init__(
        self,
        experiment_name: str,
        run_name: str | None = None,
        experiment_display_name: str | None = None,
        run_display_name: str | None = None,
        tags: Tags | None = None,
        sagemaker_session: Any = None,
        artifact_bucket: str | None = None,
        artifact_prefix: str | None = None,
    ) -> None:
        del sagemaker_session, artifact_bucket, artifact_prefix
        plan = Plan(
            experiment=experiment_name,
            name=run_name,
            experiment_display_name=experiment_display_name,
            display_name=run_display_name,
            tags=as_tags(tags),
            parent=_parent_name(None),
            existing="continue",
        )
        self._settle(open_plan(plan))

    @classmethod
    def of(cls, opened: Opened) -> Run:
        """Return a run of what `run_plan` opened."""
        run = cls.__new__(cls)
        run._settle(opened)
        return run

    def _settle(self, opened: Opened) -> None:
        super().__init__(opened.wanted, opened.record, ours=opened.ours, prepare=opened.prepare, capture=opened.capture)
        self.experiment_name = opened.experiment
        self.trial_name = opened.trial
        self.run_name = opened.name
        self._depth = 0
        known = opened.record.params if opened.record is not None else opened.wanted.params
        self._params: dict[str, ParamValue] = dict(known)

    # -- identity

    @property
    def experiment_config(self) -> dict[str, str]:
        """Names to give to ``estimator.fit(experiment_config=…)``."""
        return {
            "ExperimentName": self.experiment_name,
            "TrialName": self.trial_name,
            "RunName": self.run_name,
        }

    @property
    def parent(self) -> str | None:
        """Name of the component of the run that encloses this one, None outside of one."""
        return self._record.parent if self._record is not None else self._wanted.parent

    def children(self) -> list[Run]:
        """Return the runs that were nested in this one, the first one first.

        Raises:
            StudioError: the store cannot be read.
        """
        from mlstudio.experiments.opening import children_of

        return children_of(self.component_name)

    @property
    def status(self) -> str | None:
        """Status as the store knows it now; None before the start, or when the store cannot be read."""
        try:
            self.flush(1.0)
            self.trial_component.refresh()
        except StudioError:
            return None
        return self.trial_component.status.primary_status if self.trial_component.status else None

    # -- the short way

    def log(
        self,
        mapping: Mapping[str, Any] | None = None,
        *,
        step: int | None = None,
        timestamp: Any = None,
        context: Mapping[str, Any] | None = None,
        **metrics: Any,
    ) -> None:
        """Record metrics of one step; never raises, never waits.

        Args:
            mapping: names that are no Python names (``train/loss``, ``val:acc``) go here.
            step: None: the step after the last one.
            timestamp: a datetime (naive: local time) or seconds since the epoch, default now.
            context: makes a series of its own: ``{"subset": "val"}``.
            **metrics: anything that `float()` takes; NaN and infinities are kept.
        """
        values: Mapping[str, Any] = metrics if mapping is None else ({**mapping, **metrics} if metrics else mapping)
        if settings.strict:
            for name, value in values.items():
                check_metric(name, value)
        where = self._rank if context is None else {**(self._rank or {}), **context}
        self._ready().log_many(values, step, timestamp, where)

    def __setitem__(self, name: str, value: Any) -> None:
        self.log_parameter(name, value)

    def __getitem__(self, name: str) -> ParamValue:
        return self._params[name]

    def tag(self, key: str, value: Any = "true") -> None:
        """Set a tag."""
        self._ready().tag(clean_text(str(key)), clean_text(str(value)))

    def note(self, markdown: str) -> None:
        """Replace the description; Markdown."""
        self._ready().note(clean_text(str(markdown)))

    # -- SageMaker's

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Record many parameters in one transaction."""
        super().log_parameters(parameters)
        self._params.update({clean_text(str(name)): as_param(value) for name, value in parameters.items()})

    def log_metric(self, name: str, value: Any, timestamp: Any = None, step: Any = None) -> None:
        """Record one value of a metric; never raises, never waits.

        Args:
            name: its name.
            value: anything that `float()` takes; NaN and infinities are kept.
            timestamp: a datetime (naive: local time) or seconds since the epoch, default now.
            step: None: the step after the last one.
        """
        self._log_metric(name, value, timestamp, step)

    def log_artifact(self, name: str, value: Any, media_type: str | None = None, is_output: bool = True) -> None:
        """Record a pointer to an output, or to an input: a URI, a path or any text."""
        self._log_pointer("output" if is_output else "input", name, ArtifactRef(clean_text(str(value)), media_type))

    def log_file(
        self,
        file_path: str | os.PathLike[str],
        name: str | None = None,
        media_type: str | None = None,
        is_output: bool = True,
        extra_args: Any = None,
    ) -> None:
        """Keep a copy of a file, or of a folder, as an output or an input.

        Raises:
            InvalidField: there is no such file.
        """
        del extra_args
        self._log_file("output" if is_output else "input", file_path, name, media_type)

    def log_precision_recall(
        self,
        y_true: Sequence[Any],
        predicted_probabilities: Sequence[float],
        positive_label: Any = None,
        title: str | None = None,
        is_output: bool = True,
        no_skill: float | None = None,
    ) -> None:
        """Record a precision-recall curve with its average precision.

        Raises:
            InvalidField: the lengths differ, or the labels are not two.
        """
        self._document(
            plots.precision_recall(title, y_true, predicted_probabilities, positive_label, no_skill), is_output
        )

    def log_roc_curve(
        self, y_true: Sequence[Any], y_score: Sequence[float], title: str | None = None, is_output: bool = True
    ) -> None:
        """Record a receiver operating characteristic with its area.

        Raises:
            InvalidField: the lengths differ, or the labels are not two.
        """
        self._document(plots.roc_curve(title, y_true, y_score), is_output)

    def log_confusion_matrix(
        self, y_true: Sequence[Any], y_pred: Sequence[Any], title: str | None = None, is_output: bool = True
    ) -> None:
        """Record a confusion matrix; row = true label, column = predicted label.

        Raises:
            InvalidField: the lengths differ.
        """
        self._document(plots.confusion_matrix(title, y_true, y_pred), is_output)

    def _document(self, document: dict[str, Any], is_output: bool) -> None:
        self._log_document("output" if is_output else "input", document["title"], document)

    # -- reading

    def history(self, metric: str | None = None, context: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return the exact points that were logged.

        Args:
            metric: one metric: columns ``step``, ``timestamp`` (UTC), ``value``; None: every metric of
                the context, one column each, joined on ``step``.
            context: of the series, default the plain one.

        Raises:
            NotFound: there is no such metric.
        """
        from mlstudio.experiments.history import history

        self.flush()
        return history(self.component_name, metric, context)

    # -- life

    def start(self) -> Run:
        """Say InProgress now; `with` and the first log call do so by themselves."""
        self._begin(start=self._ours)
        context.opened(self)
        return self

    def finish(self, status: ComponentStatus = "Completed", message: str | None = None) -> None:
        """Close the run: Completed, or another end state with its reason; twice is once."""
        context.ended(self)
        self._end(status, message)

    def close(self) -> None:
        """Close the run; SageMaker's word for `finish`."""
        self.finish()

    def __enter__(self) -> Run:
        self._depth += 1
        context.enter(self)
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        context.leave(self)
        self._depth -= 1
        if self._depth > 0:
            return  # `with load_run()` inside `with Run(…)`: the outer one ends it
        self.finish(*ending(error))

    def __repr__(self) -> str:
        return f"Run(experiment_name={self.experiment_name!r}, run_name={self.run_name!r})"

    def _repr_html_(self) -> str:
        self.flush(1.0)
        return reprs.component(self.component_name)


def _parent_name(parent: Run | str | None) -> str | None:
    """Return the name of the parent component: the one given, else that of the enclosing ``with``."""
    if isinstance(parent, str):
        return parent
    outer = parent if parent is not None else context.enclosing_run()
    return outer.component_name if outer is not None else None

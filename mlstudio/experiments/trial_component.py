"""TrialComponent: one thing that ran, with what it was given and what it gave. SageMaker's class, on our store.

`save` sends only what was changed since the component was read, so that saving a display name
never undoes what a recorder wrote meanwhile.
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentRecord, ComponentUpdate
from mlstudio.entities.status import RESUMABLE
from mlstudio.entities.wire import ParamValue
from mlstudio.experiments import reprs
from mlstudio.experiments.records import (
    Search,
    list_request,
    living,
    named,
    paged,
    search_query,
    the_store,
)
from mlstudio.experiments.settings import check_message, check_parameters, check_text_name
from mlstudio.experiments.summaries import (
    TrialComponentArtifact,
    TrialComponentMetricSummary,
    TrialComponentSearchResult,
    TrialComponentSource,
    TrialComponentStatus,
    TrialComponentSummary,
    TrialSummary,
    metrics_of,
    source_of,
    status_of,
)
from mlstudio.experiments.values import Tags, as_datetime, as_micros, as_param, as_tags, tag_list

_KEPT = ("display_name", "tags", "source", "status", "start_time", "end_time", "parameters")
_ARTIFACTS = ("input_artifacts", "output_artifacts")


class TrialComponent:
    """A training, a processing step, a notebook cell, a tracked script.

    Attributes:
        trial_component_name, trial_component_arn: its identity.
        display_name, tags, source, status, start_time, end_time, parameters, input_artifacts,
            output_artifacts: may be changed; `save` stores them.
        parameters_to_remove, input_artifacts_to_remove, output_artifacts_to_remove: names that
            `save` takes out.
        metrics: summaries as they were when the component was read; `refresh` reads again.
        creation_time, created_by, last_modified_time, last_modified_by: read only.
    """

    display_name: str | None
    tags: builtins.list[dict[str, str]]
    source: TrialComponentSource | None
    status: TrialComponentStatus | None
    start_time: datetime | None
    end_time: datetime | None
    parameters: dict[str, ParamValue]
    input_artifacts: dict[str, TrialComponentArtifact]
    output_artifacts: dict[str, TrialComponentArtifact]
    metrics: builtins.list[TrialComponentMetricSummary]
    parameters_to_remove: builtins.list[str]
    input_artifacts_to_remove: builtins.list[str]
    output_artifacts_to_remove: builtins.list[str]

    def __init__(self, record: ComponentRecord) -> None:
        self._take(record)

    def _take(self, record: ComponentRecord) -> None:
        self.uid = record.uid
        self.trial_component_name = record.name
        self.trial_component_arn = record.arn
        self.display_name = record.display_name
        self.tags = tag_list(record.tags)
        self.source = source_of(record)
        self.status = status_of(record)
        self.start_time = as_datetime(record.start_time)
        self.end_time = as_datetime(record.end_time)
        self.parameters = dict(record.params)
        self.input_artifacts = {name: TrialComponentArtifact.of(ref) for name, ref in record.inputs.items()}
        self.output_artifacts = {name: TrialComponentArtifact.of(ref) for name, ref in record.outputs.items()}
        self.metrics = metrics_of(record)
        self.creation_time = as_datetime(record.created_at)
        self.created_by = record.created_by
        self.last_modified_time = as_datetime(record.modified_at)
        self.last_modified_by = record.modified_by
        self.parameters_to_remove = []
        self.input_artifacts_to_remove = []
        self.output_artifacts_to_remove = []
        self._read = {name: copy.deepcopy(getattr(self, name)) for name in (*_KEPT, *_ARTIFACTS)}

    @classmethod
    def create(
        cls,
        trial_component_name: str,
        display_name: str | None = None,
        tags: Tags | None = None,
        sagemaker_boto_client: Any = None,
    ) -> TrialComponent:
        """Create a component; free text is made a legal name and kept as display name.

        Raises:
            AlreadyExists: the name is taken.
        """
        del sagemaker_boto_client
        check_text_name(trial_component_name, field="trial_component_name")
        name, text = named(trial_component_name)
        wanted = ComponentCreate(name=name, display_name=display_name or text, tags=as_tags(tags))
        return cls(the_store().create_component(wanted))

    @classmethod
    def load(cls, trial_component_name: str, sagemaker_boto_client: Any = None) -> TrialComponent:
        """Load a component by name, with its metrics.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        del sagemaker_boto_client
        record = the_store().get_component(named(trial_component_name)[0])
        return cls(living(record, "trial component", record.name))

    @classmethod
    def list(
        cls,
        source_arn: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        sagemaker_boto_client: Any = None,
        trial_name: str | None = None,
        experiment_name: str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Iterator[TrialComponentSummary]:
        """Iterate over components, newest first.

        Args:
            source_arn: only those of this job.
            created_before: only those created before.
            created_after: only those created after.
            sort_by: "Name" or "CreationTime".
            sort_order: "Ascending" or "Descending".
            sagemaker_boto_client: accepted and not needed.
            trial_name: only those of this trial.
            experiment_name: only those of this experiment.
            max_results: size of a page, as in SageMaker; all are iterated over.
            next_token: cursor to begin at.
        """
        del sagemaker_boto_client
        return paged(
            lambda request: the_store().list_components(
                request,
                experiment=named(experiment_name)[0] if experiment_name else None,
                trial=named(trial_name)[0] if trial_name else None,
                source_arn=source_arn,
            ),
            lambda: list_request(
                created_before=created_before,
                created_after=created_after,
                sort_by=sort_by,
                sort_order=sort_order,
                limit=max_results,
                cursor=next_token,
            ),
            TrialComponentSummary.of,
        )

    @classmethod
    def search(
        cls,
        search_expression: Search | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        max_results: int | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Iterator[TrialComponentSearchResult]:
        """Iterate over the components that match.

        `sort_by` takes properties such as "Metrics.loss.Last" and "Parameters.lr" as well;
        other arguments as in `Experiment.search`.
        """
        del sagemaker_boto_client, max_results
        query = search_query(search_expression, sort_by, sort_order)
        return (TrialComponentSearchResult.of(record) for record in the_store().search_components(query))

    def save(self) -> None:
        """Store what was changed since the component was read.

        Raises:
            NotFound: the component is gone.
            Conflict: a status that cannot follow the present one.
        """
        check_parameters(self.parameters)
        moved = self._changed("status")
        status = self.status if moved and self.status else None
        before = self._read["status"]
        ended = before is not None and before.primary_status in RESUMABLE
        change = ComponentUpdate(
            display_name=self.display_name if self._changed("display_name") else UNSET,
            tags=as_tags(self.tags) if self._changed("tags") else UNSET,
            source_arn=(self.source.source_arn if self.source else None) if self._changed("source") else UNSET,
            status=status.primary_status if status and status.primary_status else UNSET,  # type: ignore[arg-type]
            status_message=check_message(status.message) if status else UNSET,
            resume=bool(ended and status and status.primary_status == "InProgress"),
            start_time=as_micros(self.start_time) if self._changed("start_time") else UNSET,
            end_time=as_micros(self.end_time) if self._changed("end_time") else UNSET,
            params=self._new_parameters(),
            inputs=self._new_artifacts("input_artifacts"),
            outputs=self._new_artifacts("output_artifacts"),
            params_to_remove=[str(name) for name in self.parameters_to_remove or ()],
            inputs_to_remove=[str(name) for name in self.input_artifacts_to_remove or ()],
            outputs_to_remove=[str(name) for name in self.output_artifacts_to_remove or ()],
        )
        self._take(the_store().update_component(self.trial_component_name, change))

    def _changed(self, name: str) -> bool:
        return bool(getattr(self, name) != self._read[name])

    def _new_parameters(self) -> dict[str, ParamValue] | UnsetType:
        read: Mapping[str, object] = self._read["parameters"]
        new = {
            str(name): as_param(value)
            for name, value in self.parameters.items()
            if name not in read or read[name] != value or type(read[name]) is not type(value)
        }
        return new or UNSET

    def _new_artifacts(self, name: str) -> dict[str, ArtifactRef] | UnsetType:
        read: Mapping[str, object] = self._read[name]
        current: dict[str, TrialComponentArtifact] = getattr(self, name)
        new = {key: ArtifactRef(str(one.value), one.media_type) for key, one in current.items() if read.get(key) != one}
        return new or UNSET

    def refresh(self) -> None:
        """Read the component again; unsaved changes are lost."""
        self._take(the_store().get_component(self.trial_component_name))

    def delete(self, force_disassociate: bool | None = None) -> None:
        """Delete it; `restore` brings it back.

        Args:
            force_disassociate: take it out of its trials first.

        Raises:
            HasChildren: it is in a trial and `force_disassociate` is not True.
        """
        the_store().delete("trial-component", self.trial_component_name, force=bool(force_disassociate))

    def restore(self) -> None:
        """Undo `delete`."""
        the_store().restore("trial-component", self.trial_component_name)
        self.refresh()

    def list_trials(self) -> Iterator[TrialSummary]:
        """Iterate over the trials that it is in."""
        from mlstudio.experiments.trial import Trial

        return Trial.list(trial_component_name=self.trial_component_name)

    def __repr__(self) -> str:
        return reprs.plain(self, "trial_component_name", "display_name", "status", "parameters")

    def _repr_html_(self) -> str:
        return reprs.component(self.trial_component_name)

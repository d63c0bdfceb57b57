"""Experiment: a named question, answered by trials. SageMaker's class, on our store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mlstudio.entities.experiments import ExperimentCreate, ExperimentRecord, ExperimentUpdate
from mlstudio.experiments import reprs
from mlstudio.experiments.records import (
    Search,
    check_force,
    list_request,
    living,
    named,
    paged,
    search_query,
    the_store,
    unique_name,
)
from mlstudio.experiments.settings import check_text_name
from mlstudio.experiments.summaries import ExperimentSearchResult, ExperimentSummary, TrialSummary
from mlstudio.experiments.values import Tags, as_datetime, as_tags, tag_list

if TYPE_CHECKING:
    from mlstudio.experiments.trial import Trial


class Experiment:
    """A set of trials that answer one question.

    Attributes:
        experiment_name: legal name, its identity.
        description, display_name, tags: may be changed; `save` stores them.
        experiment_arn, creation_time, created_by, last_modified_time, last_modified_by: read only.
    """

    def __init__(self, record: ExperimentRecord) -> None:
        self._take(record)

    def _take(self, record: ExperimentRecord) -> None:
        self.experiment_name = record.name
        self.experiment_arn = record.arn
        self.display_name = record.display_name
        self.description = record.description
        self.tags = tag_list(record.tags)
        self.creation_time = as_datetime(record.created_at)
        self.created_by = record.created_by
        self.last_modified_time = as_datetime(record.modified_at)
        self.last_modified_by = record.modified_by

    @classmethod
    def create(
        cls,
        experiment_name: str | None = None,
        description: str | None = None,
        tags: Tags | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Experiment:
        """Create an experiment.

        Args:
            experiment_name: free text is made a legal name and kept as display name; None: a new name.
            description: Markdown.
            tags: a dict, or SageMaker's list of Key and Value.
            sagemaker_boto_client: accepted and not needed.

        Raises:
            AlreadyExists: the name is taken, perhaps by a deleted experiment.
        """
        del sagemaker_boto_client
        text = experiment_name or unique_name("Experiment")
        check_text_name(text, field="experiment_name")
        name, display_name = named(text)
        wanted = ExperimentCreate(name, display_name, description, as_tags(tags))
        return cls(the_store().create_experiment(wanted))

    @classmethod
    def load(cls, experiment_name: str, sagemaker_boto_client: Any = None) -> Experiment:
        """Load an experiment by name.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        del sagemaker_boto_client
        record = the_store().get_experiment(named(experiment_name)[0])
        return cls(living(record, "experiment", record.name))

    @classmethod
    def list(
        cls,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Iterator[ExperimentSummary]:
        """Iterate over the experiments, newest first; `sort_by` is "Name" or "CreationTime"."""
        del sagemaker_boto_client
        return paged(
            lambda request: the_store().list_experiments(request),
            lambda: list_request(
                created_before=created_before, created_after=created_after, sort_by=sort_by, sort_order=sort_order
            ),
            ExperimentSummary.of,
        )

    @classmethod
    def search(
        cls,
        search_expression: Search | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        max_results: int | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Iterator[ExperimentSearchResult]:
        """Iterate over the experiments that match.

        Args:
            search_expression: a `SearchExpression`, its dict, or our text language.
            sort_by: "Name" or "CreationTime".
            sort_order: "Ascending" or "Descending" (the default).
            max_results: size of a page, as in SageMaker; all results are iterated over.
            sagemaker_boto_client: accepted and not needed.

        Raises:
            BadQuery: the expression cannot be read.
        """
        del sagemaker_boto_client
        query = search_query(search_expression, None, None, resource="Experiment")
        by = {"experimentname": "Name", "name": "Name"}.get(str(sort_by).lower(), sort_by)
        return paged(
            lambda request: the_store().list_experiments(request, query.where),
            lambda: list_request(sort_by=by, sort_order=sort_order, limit=max_results),
            ExperimentSearchResult.of,
        )

    def save(self) -> None:
        """Store description, display name and tags as they are now.

        Raises:
            NotFound: the experiment is gone.
        """
        change = ExperimentUpdate(display_name=self.display_name, description=self.description, tags=as_tags(self.tags))
        self._take(the_store().update_experiment(self.experiment_name, change))

    def delete(self) -> None:
        """Delete it; `restore` brings it back.

        Raises:
            HasChildren: it still has trials; see `delete_all`.
        """
        the_store().delete("experiment", self.experiment_name)

    def delete_all(self, action: str) -> None:
        """Delete it with its trials, in one transaction.

        Raises:
            ValueError: `action` is not "--force".
        """
        check_force(action)
        the_store().delete("experiment", self.experiment_name, force=True)

    def restore(self) -> None:
        """Undo `delete` or `delete_all`."""
        store = the_store()
        store.restore("experiment", self.experiment_name)
        self._take(store.get_experiment(self.experiment_name))

    def list_trials(
        self,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
    ) -> Iterator[TrialSummary]:
        """Iterate over its trials, newest first."""
        from mlstudio.experiments.trial import Trial

        return Trial.list(
            experiment_name=self.experiment_name,
            created_before=created_before,
            created_after=created_after,
            sort_by=sort_by,
            sort_order=sort_order,
        )

    def create_trial(self, trial_name: str | None = None, trial_name_prefix: str = "SageMakerTrial") -> Trial:
        """Create a trial in it, named `trial_name` or `<prefix>-<time>-<random>`."""
        from mlstudio.experiments.trial import Trial

        return Trial.create(
            experiment_name=self.experiment_name, trial_name=trial_name or unique_name(trial_name_prefix)
        )

    def __repr__(self) -> str:
        return reprs.plain(self, "experiment_name", "display_name", "description")

    def _repr_html_(self) -> str:
        return reprs.experiment(self.experiment_name)

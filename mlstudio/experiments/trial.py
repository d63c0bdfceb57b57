"""Trial: one attempt at an experiment's question, a set of components. SageMaker's class, on our store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from mlstudio.entities.experiments import TrialCreate, TrialRecord, TrialUpdate
from mlstudio.experiments import reprs
from mlstudio.experiments.records import (
    Search,
    check_force,
    component_name,
    list_request,
    living,
    named,
    paged,
    search_query,
    the_store,
    unique_name,
)
from mlstudio.experiments.settings import check_text_name
from mlstudio.experiments.summaries import TrialComponentSummary, TrialSearchResult, TrialSummary
from mlstudio.experiments.values import Tags, as_datetime, as_tags, tag_list


class Trial:
    """A set of trial components.

    Attributes:
        trial_name: legal name, its identity.
        experiment_name: the experiment it belongs to; changing it and `save` moves the trial.
        display_name, tags: may be changed; `save` stores them.
        trial_arn, creation_time, created_by, last_modified_time, last_modified_by: read only.
    """

    def __init__(self, record: TrialRecord) -> None:
        self._take(record)

    def _take(self, record: TrialRecord) -> None:
        self.trial_name = record.name
        self.trial_arn = record.arn
        self.experiment_name = record.experiment_name
        self.display_name = record.display_name
        self.tags = tag_list(record.tags)
        self.creation_time = as_datetime(record.created_at)
        self.created_by = record.created_by
        self.last_modified_time = as_datetime(record.modified_at)
        self.last_modified_by = record.modified_by

    @classmethod
    def create(
        cls,
        experiment_name: str,
        trial_name: str | None = None,
        sagemaker_boto_client: Any = None,
        trial_components: Iterable[object] | None = None,
        tags: Tags | None = None,
    ) -> Trial:
        """Create a trial of an experiment.

        Args:
            experiment_name: an existing experiment.
            trial_name: free text is made a legal name and kept as display name; None: a new name.
            sagemaker_boto_client: accepted and not needed.
            trial_components: components, trackers or names to put into it.
            tags: a dict, or SageMaker's list of Key and Value.

        Raises:
            NotFound: no such experiment or component.
            AlreadyExists: the name is taken.
        """
        del sagemaker_boto_client
        text = trial_name or unique_name("Trial")
        check_text_name(text, field="trial_name")
        name, display_name = named(text)
        wanted = TrialCreate(name, named(experiment_name)[0], display_name, as_tags(tags))
        trial = cls(the_store().create_trial(wanted))
        for component in trial_components or ():
            trial.add_trial_component(component)
        return trial

    @classmethod
    def load(cls, trial_name: str, sagemaker_boto_client: Any = None) -> Trial:
        """Load a trial by name.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        del sagemaker_boto_client
        record = the_store().get_trial(named(trial_name)[0])
        return cls(living(record, "trial", record.name))

    @classmethod
    def list(
        cls,
        experiment_name: str | None = None,
        trial_component_name: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Iterator[TrialSummary]:
        """Iterate over the trials of an experiment, of a component, or over all; newest first."""
        del sagemaker_boto_client
        experiment = named(experiment_name)[0] if experiment_name else None
        return paged(
            lambda request: the_store().list_trials(request, experiment=experiment, component=trial_component_name),
            lambda: list_request(
                created_before=created_before, created_after=created_after, sort_by=sort_by, sort_order=sort_order
            ),
            TrialSummary.of,
        )

    @classmethod
    def search(
        cls,
        search_expression: Search | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        max_results: int | None = None,
        sagemaker_boto_client: Any = None,
    ) -> Iterator[TrialSearchResult]:
        """Iterate over the trials that match; arguments as in `Experiment.search`."""
        del sagemaker_boto_client
        query = search_query(search_expression, None, None, resource="Trial")
        by = {"trialname": "Name", "name": "Name"}.get(str(sort_by).lower(), sort_by)
        return paged(
            lambda request: the_store().list_trials(request, where=query.where),
            lambda: list_request(sort_by=by, sort_order=sort_order, limit=max_results),
            TrialSearchResult.of,
        )

    def save(self) -> None:
        """Store display name, tags and experiment as they are now.

        Raises:
            NotFound: the trial or the experiment is gone.
        """
        change = TrialUpdate(
            display_name=self.display_name, tags=as_tags(self.tags), experiment_name=self.experiment_name
        )
        self._take(the_store().update_trial(self.trial_name, change))

    def delete(self) -> None:
        """Delete it; `restore` brings it back.

        Raises:
            HasChildren: it still has components; see `delete_all`.
        """
        the_store().delete("trial", self.trial_name)

    def delete_all(self, action: str) -> None:
        """Delete it though it has components, in one transaction.

        Raises:
            ValueError: `action` is not "--force".
        """
        check_force(action)
        the_store().delete("trial", self.trial_name, force=True)

    def restore(self) -> None:
        """Undo `delete` or `delete_all`."""
        store = the_store()
        store.restore("trial", self.trial_name)
        self._take(store.get_trial(self.trial_name))

    def add_trial_component(self, tc: object) -> None:
        """Put a component into the trial: a TrialComponent, a Tracker, a Run or a name; twice is once.

        Raises:
            NotFound: no such component.
        """
        the_store().associate(self.trial_name, component_name(tc))

    def remove_trial_component(self, tc: object) -> None:
        """Take a component out of the trial.

        Raises:
            NotFound: it is not in there.
        """
        the_store().dissociate(self.trial_name, component_name(tc))

    def list_trial_components(
        self,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> Iterator[TrialComponentSummary]:
        """Iterate over its components, newest first; `max_results` is the size of a page."""
        from mlstudio.experiments.trial_component import TrialComponent

        return TrialComponent.list(
            trial_name=self.trial_name,
            created_before=created_before,
            created_after=created_after,
            sort_by=sort_by,
            sort_order=sort_order,
            max_results=max_results,
            next_token=next_token,
        )

    def __repr__(self) -> str:
        return reprs.plain(self, "trial_name", "experiment_name", "display_name")

    def _repr_html_(self) -> str:
        return reprs.trial(self.trial_name)

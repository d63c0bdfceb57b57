"""Experiments and trials of the store in memory."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from msgspec import UNSET

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import (
    ExperimentCreate,
    ExperimentPage,
    ExperimentRecord,
    ExperimentUpdate,
    ListRequest,
    TrialCreate,
    TrialPage,
    TrialRecord,
    TrialUpdate,
)
from mlstudio.entities.search import Expr
from mlstudio.store.memory_base import MemoryBase, archived_field, common_fields, op_of, sorted_tags
from mlstudio.store.rules import check_version, checked_name, clean_optional, clean_tags
from mlstudio.store.search_eval import matches
from mlstudio.store.search_rules import check

RUNNING = ("InProgress", "Stopping")


class MemoryRecords(MemoryBase):
    """The part of the store in memory that holds experiments and trials."""

    def create_experiment(self, wanted: ExperimentCreate) -> ExperimentRecord:
        """Create. Raises: AlreadyExists, InvalidName."""
        with self._lock:
            tags = clean_tags(wanted.tags)
            checked_name("experiment", wanted.name)
            shown = clean_optional(wanted.display_name, "display_name")
            note = clean_optional(wanted.description, "description")
            self._refuse_taken("experiment", wanted.name)
            stamps = self._stamps("experiment", wanted.name)
            record = ExperimentRecord(**stamps, display_name=shown, description=note, tags=sorted_tags(tags))
            self._put("experiment", record)
            self._changed("experiment", record, "created")
            return self._experiment(record)

    def get_experiment(self, name: str) -> ExperimentRecord:
        """Return it, deleted or not. Raises: NotFound."""
        with self._lock:
            return self._experiment(self._required("experiment", name))

    def _experiment(self, record: ExperimentRecord) -> ExperimentRecord:
        here = [trial for trial in self._trials_in(record.uid) if trial.deleted_at is None]
        trials = [trial for trial in here if trial.archived_at is None]
        found = (part for trial in trials for part in self._parts_in(trial.uid))
        parts = {part.uid: part for part in found if part.archived_at is None}
        running = sum(part.status in RUNNING for part in parts.values())
        shown = msgspec.structs.replace(record, trials=len(trials), components=len(parts), running=running)
        return copy.deepcopy(shown)

    def _trials_in(self, experiment_uid: str) -> list[TrialRecord]:
        return [trial for trial in self._records["trial"].values() if self._home[trial.uid] == experiment_uid]

    def _parts_in(self, trial_uid: str) -> list[Any]:
        """Return the living components of a trial."""
        inside = {component for trial, component in self._links if trial == trial_uid}
        parts = self._records["trial-component"].values()
        return [part for part in parts if part.uid in inside and part.deleted_at is None]

    def list_experiments(self, request: ListRequest, where: Expr | None = None) -> ExperimentPage:
        """Return a page of experiments."""
        with self._lock:
            passes = self._passes("experiment", where)
            return ExperimentPage(*self._page("experiment", request, passes, self._experiment, where))

    @staticmethod
    def _passes(kind: str, where: Expr | None) -> Any:
        check(where, kind)
        return lambda record: where is None or matches(record, kind, where)

    def update_experiment(self, name: str, change: ExperimentUpdate) -> ExperimentRecord:
        """Change fields. Raises: NotFound, VersionConflict."""
        with self._lock:
            fields = common_fields(change)
            if change.tags is not UNSET:
                fields["tags"] = sorted_tags(clean_tags(change.tags))
            record = self._required("experiment", name)
            check_version("experiment", name, record.version, change.version)
            self._edited("experiment", record, change)
            fields |= archived_field(record, change)
            self._changed("experiment", record, op_of(change))
            return self._experiment(self._change("experiment", record, **fields))

    def create_trial(self, wanted: TrialCreate) -> TrialRecord:
        """Create. Raises: AlreadyExists, NotFound (the experiment), InvalidName."""
        with self._lock:
            tags = clean_tags(wanted.tags)
            shown = clean_optional(wanted.display_name, "display_name")
            self._refuse_taken("trial", wanted.name)
            home = self._living("experiment", wanted.experiment_name)
            stamps = self._stamps("trial", wanted.name)
            record = TrialRecord(**stamps, experiment_name=home.name, display_name=shown, tags=sorted_tags(tags))
            self._home[record.uid] = home.uid
            self._put("trial", record)
            self._changed("trial", record, "created")
            return self._trial(record)

    def get_trial(self, name: str) -> TrialRecord:
        """Return it, deleted or not. Raises: NotFound."""
        with self._lock:
            return self._trial(self._required("trial", name))

    def _trial(self, record: TrialRecord) -> TrialRecord:
        home = self._by_uid("experiment", self._home[record.uid]).name
        count = sum(part.archived_at is None for part in self._parts_in(record.uid))
        return copy.deepcopy(msgspec.structs.replace(record, experiment_name=home, components=count))

    def list_trials(
        self,
        request: ListRequest,
        *,
        experiment: str | None = None,
        component: str | None = None,
        where: Expr | None = None,
    ) -> TrialPage:
        """Return a page of the trials of an experiment, of a component, or of all."""
        with self._lock:
            home = None if experiment is None else self._required("experiment", experiment).uid
            part = None if component is None else self._required("trial-component", component).uid
            passes = self._passes("trial", where)

            def fits(record: TrialRecord) -> bool:
                inside = part is None or (record.uid, part) in self._links
                return inside and (home is None or self._home[record.uid] == home) and bool(passes(record))

            return TrialPage(*self._page("trial", request, fits, self._trial, where))

    def update_trial(self, name: str, change: TrialUpdate) -> TrialRecord:
        """Change fields or move it to another experiment. Raises: NotFound, VersionConflict."""
        with self._lock:
            fields = common_fields(change)
            if change.tags is not UNSET:
                fields["tags"] = sorted_tags(clean_tags(change.tags))
            record = self._required("trial", name)
            check_version("trial", name, record.version, change.version)
            home = self._by_uid("experiment", self._home[record.uid]).name
            if change.experiment_name is not UNSET:
                self._home[record.uid] = self._living("experiment", change.experiment_name).uid
            self._edited("trial", record, change, experiment_name=home)
            fields |= archived_field(record, change)
            self._changed("trial", record, op_of(change))
            return self._trial(self._change("trial", record, **fields))

    def associate(self, trial: str, component: str) -> None:
        """Put a component into a trial; twice is once. Raises: NotFound."""
        with self._lock:
            group, part = self._living("trial", trial), self._living("trial-component", component)
            if (group.uid, part.uid) not in self._links:
                self._links.add((group.uid, part.uid))
                self._changed("trial-component", part, "updated")
                self._changed("trial", group, "updated")

    def dissociate(self, trial: str, component: str) -> None:
        """Take it out. Raises: NotFound when it is not in there."""
        with self._lock:
            group, part = self._required("trial", trial), self._required("trial-component", component)
            if (group.uid, part.uid) not in self._links:
                raise NotFound(
                    f'Trial component "{component}" is not in trial "{trial}".', field="trial_component_name"
                )
            self._links.remove((group.uid, part.uid))
            self._changed("trial-component", part, "updated")
            self._changed("trial", group, "updated")

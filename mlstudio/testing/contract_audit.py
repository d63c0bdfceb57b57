"""Contract: what a person does to a record is written down, and what a run logs is not."""

from __future__ import annotations

import pytest

from mlstudio.entities.errors import VersionConflict
from mlstudio.entities.experiments import (
    ComponentCreate,
    ComponentUpdate,
    ExperimentCreate,
    ExperimentUpdate,
    TrialUpdate,
)
from mlstudio.store.laws import Store
from mlstudio.testing.contract_metrics import points_of
from mlstudio.testing.contract_records import a_trial
from mlstudio.testing.texts import hostile_names


def acts(store: Store, uid: str | None = None) -> list[tuple[str, object, object]]:
    """Return (action, before, after), oldest first."""
    return [(act.action, act.before, act.after) for act in reversed(store.audit(uid))]


class AuditContract:
    """Law 6 of `store.laws_around`."""

    def test_every_kind_of_edit_is_written_down(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c", tags={"a": "1", "b": "2"}))
        store.update_component("c", ComponentUpdate(display_name="C", description="why"))
        store.update_component("c", ComponentUpdate(tags={"a": "9", "z": "3"}, starred=True))
        store.update_component("c", ComponentUpdate(archived=True))
        store.update_component("c", ComponentUpdate(archived=False, starred=False))
        assert acts(store) == [
            ("renamed", None, "C"),
            ("noted", None, "why"),
            ("starred", None, None),
            ("tagged", {"a": "1", "b": "2"}, {"a": "9", "z": "3"}),
            ("archived", None, None),
            ("unstarred", None, None),
            ("unarchived", None, None),
        ]

    def test_an_entry_says_who_when_and_to_what(self, store: Store) -> None:
        made = store.create_experiment(ExperimentCreate("e"))
        store.update_experiment("e", ExperimentUpdate(starred=True))
        (act,) = store.audit()
        assert (act.who, act.kind, act.uid, act.name) == (made.created_by, "experiment", made.uid, "e")
        assert made.created_at <= act.at <= store.get_experiment("e").modified_at

    def test_a_move_a_deletion_and_a_purge_are_written_down_and_stay(self, store: Store) -> None:
        a_trial(store)
        store.create_experiment(ExperimentCreate("f"))
        uid = store.get_trial("t").uid
        store.update_trial("t", TrialUpdate(experiment_name="f"))
        store.delete("trial", "t")
        store.restore("trial", "t")
        store.delete("trial", "t")
        store.purge("trial", "t")
        assert acts(store, uid) == [
            ("moved", "e", "f"),
            ("deleted", None, None),
            ("restored", None, None),
            ("deleted", None, None),
            ("purged", None, None),
        ]

    def test_what_changes_nothing_or_is_refused_is_not_written_down(self, store: Store) -> None:
        store.create_component(ComponentCreate(name="c", display_name="C", tags={"a": "1"}, status="InProgress"))
        store.update_component("c", ComponentUpdate(display_name="C", tags={"a": "1"}, starred=False))
        store.update_component("c", ComponentUpdate(status="Completed", params={"p": 1}))
        with pytest.raises(VersionConflict):
            store.update_component("c", ComponentUpdate(display_name="X", version=99))
        points_of(store, "c", "loss", [1.0])
        assert store.audit() == []

    def test_entries_are_read_in_pages_newest_first(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        for number in range(5):
            store.update_experiment("e", ExperimentUpdate(display_name=str(number)))
        first = store.audit(limit=2)
        assert [act.after for act in first] == ["4", "3"]
        assert [act.after for act in store.audit(before=first[-1].id, limit=10)] == ["2", "1", "0"]
        assert store.audit("nobody") == []

    def test_hostile_texts_are_kept_as_they_are(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        for text in hostile_names():
            store.update_experiment("e", ExperimentUpdate(description=text))
        assert [after for _, _, after in acts(store)] == hostile_names()

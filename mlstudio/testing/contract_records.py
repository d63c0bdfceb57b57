"""Contract: experiments and trials, lists, deletion, the change feed."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from mlstudio.entities.errors import (
    AlreadyExists,
    Conflict,
    HasChildren,
    InvalidField,
    InvalidName,
    NotFound,
    VersionConflict,
)
from mlstudio.entities.experiments import (
    ComponentCreate,
    ExperimentCreate,
    ExperimentUpdate,
    ListRequest,
    TrialCreate,
    TrialUpdate,
)
from mlstudio.store.laws import Store
from mlstudio.testing.texts import hostile_names


def a_trial(store: Store, name: str = "t", experiment: str = "e") -> None:
    """Make an experiment, unless it is there, with one trial."""
    with suppress(AlreadyExists):
        store.create_experiment(ExperimentCreate(experiment))
    store.create_trial(TrialCreate(name, experiment))


class RecordContract:
    """Laws 1, 2, 3, 7, 8, 10, 11, 12 over experiments and trials."""

    def test_what_is_created_can_be_read(self, store: Store) -> None:
        made = store.create_experiment(ExperimentCreate("e", "Shown", "Note", {"team": "a"}))
        assert made == store.get_experiment("e")
        assert (made.display_name, made.description, made.tags, made.version) == ("Shown", "Note", {"team": "a"}, 1)
        assert made.arn == f"arn:mlstudio:{store.uid}:experiment/e"

    def test_a_record_that_was_read_is_a_copy(self, store: Store) -> None:
        made = store.create_experiment(ExperimentCreate("e", tags={"a": "1"}))
        made.tags["a"] = "2"
        assert store.get_experiment("e").tags == {"a": "1"}

    def test_a_name_is_taken_even_by_a_deleted_record(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        store.delete("experiment", "e")
        with pytest.raises(AlreadyExists, match="deleted"):
            store.create_experiment(ExperimentCreate("e"))

    def test_purge_frees_the_name_and_not_the_uid(self, store: Store) -> None:
        first = store.create_experiment(ExperimentCreate("e")).uid
        store.delete("experiment", "e")
        store.purge("experiment", "e")
        assert store.create_experiment(ExperimentCreate("e")).uid != first

    @pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "a/b", "../x", "a" * 121, "ä", "a\n", "a_b"])
    def test_an_illegal_name_is_refused_with_its_field(self, store: Store, name: str) -> None:
        with pytest.raises(InvalidName) as caught:
            store.create_experiment(ExperimentCreate(name))
        assert caught.value.field == "experiment_name"

    @pytest.mark.parametrize("text", hostile_names())
    def test_hostile_text_is_kept_as_it_is(self, store: Store, text: str) -> None:
        store.create_experiment(ExperimentCreate("e", text, text, {text: text}))
        found = store.get_experiment("e")
        assert (found.display_name, found.description, found.tags) == (text, text, {text: text})

    def test_a_lone_surrogate_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidField, match="surrogate"):
            store.create_experiment(ExperimentCreate("e", "\ud800"))
        assert store.list_experiments(ListRequest()).items == []

    def test_what_is_missing_is_named(self, store: Store) -> None:
        with pytest.raises(NotFound, match='Experiment "nope"'):
            store.get_experiment("nope")
        with pytest.raises(NotFound, match='Trial "nope"'):
            store.get_trial("nope")
        with pytest.raises(NotFound, match='Trial component "nope"'):
            store.get_component("nope")
        with pytest.raises(NotFound, match='Experiment "nope"'):
            store.create_trial(TrialCreate("t", "nope"))

    def test_an_update_changes_what_is_named_and_nothing_else(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e", "Shown", "Note", {"a": "1"}))
        changed = store.update_experiment("e", ExperimentUpdate(description=None, starred=True))
        assert (changed.display_name, changed.description, changed.starred) == ("Shown", None, True)
        assert (changed.tags, changed.version) == ({"a": "1"}, 2)

    def test_an_update_from_an_old_version_is_refused(self, store: Store) -> None:
        store.create_experiment(ExperimentCreate("e"))
        store.update_experiment("e", ExperimentUpdate(starred=True, version=1))
        with pytest.raises(VersionConflict, match="version 2"):
            store.update_experiment("e", ExperimentUpdate(starred=False, version=1))
        assert store.get_experiment("e").starred

    def test_a_trial_moves_to_another_experiment(self, store: Store) -> None:
        a_trial(store)
        store.create_experiment(ExperimentCreate("other"))
        assert store.update_trial("t", TrialUpdate(experiment_name="other")).experiment_name == "other"
        assert [store.get_experiment(name).trials for name in ("e", "other")] == [0, 1]

    def test_counts_tell_trials_components_and_what_runs(self, store: Store) -> None:
        a_trial(store)
        store.create_trial(TrialCreate("u", "e"))
        store.create_component(ComponentCreate(name="c", trials=["t", "u"], status="InProgress"))
        store.create_component(ComponentCreate(name="d", trials=["u"], status="Completed"))
        found = store.get_experiment("e")
        assert (found.trials, found.components, found.running) == (2, 2, 1)
        assert [store.get_trial(name).components for name in ("t", "u")] == [1, 2]

    @pytest.mark.parametrize("sort_by", ["Name", "CreationTime"])
    @pytest.mark.parametrize("sort_order", ["Ascending", "Descending"])
    def test_pages_neither_skip_nor_repeat(self, store: Store, sort_by: str, sort_order: str) -> None:
        names = [f"e{number:02}" for number in (5, 1, 9, 0, 3, 7, 2)]
        for name in names:
            store.create_experiment(ExperimentCreate(name))
        expected = sorted(names) if sort_by == "Name" else names
        seen, cursor = [], None
        while True:
            page = store.list_experiments(
                ListRequest(sort_by=sort_by, sort_order=sort_order, limit=2, cursor=cursor)  # type: ignore[arg-type]
            )
            seen += [item.name for item in page.items]
            if (cursor := page.next) is None:
                break
        assert seen == (expected if sort_order == "Ascending" else expected[::-1])

    @pytest.mark.parametrize("cursor", ["", "x", "!!!", "bnVsbA", "WzEsMl0", "é"])
    def test_a_made_up_cursor_is_refused(self, store: Store, cursor: str) -> None:
        with pytest.raises(InvalidField) as caught:
            store.list_experiments(ListRequest(cursor=cursor))
        assert caught.value.field == "cursor"

    def test_a_list_filters_by_name_star_time_and_bin(self, store: Store) -> None:
        first = store.create_experiment(ExperimentCreate("alpha", "Größe ABC"))
        store.create_experiment(ExperimentCreate("beta"))
        store.create_experiment(ExperimentCreate("gone"))
        store.update_experiment("beta", ExperimentUpdate(starred=True))
        store.delete("experiment", "gone")

        def names(**wanted: object) -> list[str]:
            return sorted(item.name for item in store.list_experiments(ListRequest(**wanted)).items)  # type: ignore[arg-type]

        assert names() == ["alpha", "beta"]
        assert names(starred=True) == ["beta"]
        assert names(deleted=True) == ["gone"]
        assert names(name_contains="ALPH") == names(name_contains="größe abc") == ["alpha"]
        assert names(name_contains="%") == []
        assert names(created_after=first.created_at) == ["beta"]
        assert names(created_before=first.created_at) == []

    def test_trials_are_listed_by_experiment_and_by_component(self, store: Store) -> None:
        a_trial(store, "t", "e")
        a_trial(store, "u", "f")
        store.create_component(ComponentCreate(name="c", trials=["u"]))
        assert [item.name for item in store.list_trials(ListRequest(), experiment="e").items] == ["t"]
        assert [item.name for item in store.list_trials(ListRequest(), component="c").items] == ["u"]
        with pytest.raises(NotFound):
            store.list_trials(ListRequest(), experiment="nope")

    def test_a_record_with_children_is_not_deleted_by_accident(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="c", trials=["t"]))
        for kind, name in (("experiment", "e"), ("trial", "t"), ("trial-component", "c")):
            with pytest.raises(HasChildren, match=name):
                store.delete(kind, name)  # type: ignore[arg-type]
        assert store.get_experiment("e").deleted_at is None

    def test_restore_brings_back_what_a_deletion_took_along(self, store: Store) -> None:
        a_trial(store)
        store.create_trial(TrialCreate("earlier", "e"))
        store.create_component(ComponentCreate(name="c", trials=["t"]))
        store.delete("trial", "earlier")
        store.delete("experiment", "e", force=True)
        assert store.get_trial("t").deleted_at is not None
        assert store.get_component("c").trials == []
        store.restore("experiment", "e")
        assert store.get_trial("t").deleted_at is None
        assert store.get_trial("earlier").deleted_at is not None
        assert [ref.trial_name for ref in store.get_component("c").trials] == ["t"]

    def test_a_trial_does_not_come_back_without_its_experiment(self, store: Store) -> None:
        a_trial(store)
        store.delete("experiment", "e", force=True)
        with pytest.raises(Conflict, match='"e"'):
            store.restore("trial", "t")

    def test_nothing_is_put_into_what_is_deleted(self, store: Store) -> None:
        a_trial(store)
        store.create_component(ComponentCreate(name="c"))
        store.delete("experiment", "e", force=True)
        with pytest.raises(NotFound, match="deleted"):
            store.create_trial(TrialCreate("u", "e"))
        with pytest.raises(NotFound, match="deleted"):
            store.associate("t", "c")

    def test_only_what_is_deleted_can_be_purged(self, store: Store) -> None:
        a_trial(store)
        with pytest.raises(Conflict, match="not deleted"):
            store.purge("experiment", "e")
        store.delete("experiment", "e", force=True)
        store.purge("experiment", "e")
        with pytest.raises(NotFound):
            store.get_experiment("e")
        with pytest.raises(NotFound):
            store.get_trial("t")

    def test_deleting_twice_and_restoring_twice_is_once(self, store: Store) -> None:
        a_trial(store)
        store.delete("trial", "t")
        before = store.get_trial("t")
        store.delete("trial", "t")
        assert store.get_trial("t") == before
        store.restore("trial", "t")
        store.restore("trial", "t")
        assert store.get_trial("t").version == before.version + 1

    def test_every_write_is_in_the_change_feed(self, store: Store) -> None:
        assert (store.last_change(), store.changes(0)) == (0, [])
        a_trial(store)
        store.update_trial("t", TrialUpdate(starred=True))
        store.delete("trial", "t")
        store.restore("trial", "t")
        feed = store.changes(0)
        assert [(change.kind, change.name, change.op) for change in feed] == [
            ("experiment", "e", "created"),
            ("trial", "t", "created"),
            ("trial", "t", "updated"),
            ("trial", "t", "deleted"),
            ("trial", "t", "restored"),
        ]
        assert store.last_change() == feed[-1].id
        assert store.changes(feed[2].id, limit=1) == [feed[3]]

    def test_what_was_refused_leaves_no_trace(self, store: Store) -> None:
        a_trial(store)
        before = store.last_change()
        with pytest.raises(NotFound):
            store.create_component(ComponentCreate(name="c", trials=["t", "nope"], params={"a": 1}))
        with pytest.raises(NotFound):
            store.get_component("c")
        assert store.last_change() == before

    def test_calls_may_come_from_many_threads(self, store: Store) -> None:
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for turn in range(5):
                    store.create_experiment(ExperimentCreate(f"e{number}x{turn}"))
                    store.list_experiments(ListRequest())
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(store.list_experiments(ListRequest()).items) == 30

"""Lists, searches and deletions, as SageMaker's users know them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from mlstudio import Experiment, Trial, TrialComponent
from mlstudio.entities.errors import BadQuery, HasChildren, InvalidField, NotFound
from mlstudio.experiments.records import component_name, list_request, unique_name


def test_a_list_is_lazy_and_pages_through_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        Experiment.create(f"e{number}")
    import mlstudio.experiments.records as records

    asked = []
    real = records.list_request
    monkeypatch.setattr(
        "mlstudio.experiments.experiment.list_request", lambda **given: asked.append(1) or real(limit=2)
    )
    listed = Experiment.list()
    assert not asked, "nothing is asked before the first item is wanted"
    assert [one.experiment_name for one in listed] == [f"e{number}" for number in reversed(range(7))]


def test_lists_sort_by_name_and_by_time_both_ways() -> None:
    for name in ("b", "a", "c"):
        Experiment.create(name)
    assert [one.experiment_name for one in Experiment.list(sort_by="Name", sort_order="Ascending")] == ["a", "b", "c"]
    assert [one.experiment_name for one in Experiment.list()] == ["c", "a", "b"]
    with pytest.raises(InvalidField, match="cannot be sorted by 'Colour'"):
        next(Experiment.list(sort_by="Colour"))
    with pytest.raises(InvalidField, match="sort order"):
        next(Experiment.list(sort_order="Up"))


def test_lists_are_cut_by_time_aware_or_local() -> None:
    Experiment.create("now")
    soon, before = datetime.now(UTC) + timedelta(minutes=1), datetime.now() - timedelta(minutes=1)
    assert len(list(Experiment.list(created_before=soon, created_after=before))) == 1
    assert not list(Experiment.list(created_after=soon))


def test_an_experiment_with_trials_is_deleted_by_force_only_and_comes_back() -> None:
    experiment = Experiment.create("full")
    trial = experiment.create_trial("attempt")
    trial.add_trial_component(TrialComponent.create("part"))
    with pytest.raises(HasChildren):
        experiment.delete()
    with pytest.raises(ValueError, match="--force"):
        experiment.delete_all("please")
    experiment.delete_all("--force")
    with pytest.raises(NotFound, match="was deleted"):
        Experiment.load("full")
    assert not list(Experiment.list())
    experiment.restore()
    assert [one.trial_name for one in Experiment.load("full").list_trials()] == ["attempt"]


def test_a_component_leaves_its_trials_by_force_only() -> None:
    trial = Experiment.create("e").create_trial("t")
    part = TrialComponent.create("part")
    trial.add_trial_component(part)
    with pytest.raises(HasChildren):
        part.delete()
    part.delete(force_disassociate=True)
    assert not list(trial.list_trial_components())
    with pytest.raises(NotFound):
        TrialComponent.load("part")
    part.restore()
    assert TrialComponent.load("part").trial_component_name == "part"


def test_a_trial_is_deleted_with_force_though_it_has_components() -> None:
    trial = Experiment.create("e").create_trial("t")
    trial.add_trial_component(TrialComponent.create("part"))
    with pytest.raises(HasChildren):
        trial.delete()
    with pytest.raises(ValueError, match="--force"):
        trial.delete_all("")
    trial.delete_all("--force")
    with pytest.raises(NotFound):
        Trial.load("t")
    trial.restore()
    assert Trial.load("t").experiment_name == "e"


def test_experiments_and_trials_are_searched_in_both_languages() -> None:
    Experiment.create("cats", description="furry", tags={"team": "vision"})
    Experiment.create("cars")
    Trial.create("cats", "t1")
    assert [
        one.experiment_name for one in Experiment.search("name like 'ca*'", sort_by="Name", sort_order="Ascending")
    ] == ["cars", "cats"]
    (found,) = Experiment.search({"Filters": [{"Name": "Tags.team", "Operator": "Equals", "Value": "vision"}]})
    assert (found.experiment_name, found.description, found.tags) == (
        "cats",
        "furry",
        [{"Key": "team", "Value": "vision"}],
    )
    (trial,) = Trial.search({"Filters": [{"Name": "ExperimentName", "Operator": "Equals", "Value": "cats"}]})
    assert trial.trial_name == "t1"
    with pytest.raises(BadQuery):
        Experiment.search("nonsense !")


def test_components_are_listed_by_trial_experiment_and_source() -> None:
    trial = Experiment.create("e").create_trial("t")
    names = [f"c{number}" for number in range(3)]
    for name in names:
        trial.add_trial_component(TrialComponent.create(name))
    lone = TrialComponent.create("lone")
    assert {one.trial_component_name for one in TrialComponent.list(trial_name="t", max_results=1)} == set(names)
    assert {one.trial_component_name for one in TrialComponent.list(experiment_name="e")} == set(names)
    assert len(list(itertools.islice(TrialComponent.list(), 10))) == 4
    assert not list(TrialComponent.list(source_arn="arn:nothing"))
    assert not list(lone.list_trials())
    assert [one.trial_name for one in TrialComponent.load("c1").list_trials()] == ["t"]


def test_a_component_is_named_by_whatever_holds_one() -> None:
    part = TrialComponent.create("part")
    assert component_name(part) == component_name("part") == component_name(next(TrialComponent.list())) == "part"
    with pytest.raises(InvalidField, match="int is no trial component"):
        component_name(3)


def test_names_that_nobody_gave_are_new_each_time() -> None:
    assert len({unique_name("SageMakerTrial") for _ in range(50)}) == 50
    assert unique_name("Tä st").startswith("T-st-")


def test_a_request_never_asks_for_more_than_a_page_holds() -> None:
    assert list_request(limit=5_000).limit == 1000
    assert list_request().limit == 1000
    assert list_request(limit=0).limit == 1000

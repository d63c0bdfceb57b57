"""Trial: create, load, save, components in and out."""

from __future__ import annotations

import pytest

from mlstudio import Experiment, Tracker, Trial, TrialComponent
from mlstudio.entities.errors import NotFound


@pytest.fixture(autouse=True)
def experiment() -> Experiment:
    return Experiment.create("e")


def test_what_was_created_is_loaded_with_every_attribute() -> None:
    part = TrialComponent.create("part")
    made = Trial.create("e", "my trial!", trial_components=[part, "part"], tags={"a": 1})
    read = Trial.load("my trial!")
    assert vars(read) == {**vars(made), "last_modified_time": read.last_modified_time}
    assert (read.trial_name, read.display_name, read.experiment_name) == ("my-trial", "my trial!", "e")
    assert read.tags == [{"Key": "a", "Value": "1"}]
    assert [one.trial_component_name for one in read.list_trial_components()] == ["part"]


def test_a_trial_needs_its_experiment() -> None:
    with pytest.raises(NotFound, match="nothing"):
        Trial.create("nothing", "t")


def test_components_come_as_objects_trackers_and_names_and_go_again() -> None:
    trial = Trial.create(experiment_name="e")
    part, tracker = TrialComponent.create("part"), Tracker.create(display_name="tracked")
    TrialComponent.create("named")
    for one in (part, tracker, "named", part):
        trial.add_trial_component(one)
    assert len(list(trial.list_trial_components())) == 3
    for one in (part, tracker, "named"):
        trial.remove_trial_component(one)
    assert not list(trial.list_trial_components())
    with pytest.raises(NotFound):
        trial.remove_trial_component("named")
    with pytest.raises(NotFound):
        trial.add_trial_component("nothing")


def test_save_moves_a_trial_to_another_experiment() -> None:
    Experiment.create("other")
    trial = Trial.create("e", "t")
    trial.experiment_name, trial.display_name = "other", "moved"
    trial.save()
    assert [one.trial_name for one in Trial.list(experiment_name="other")] == ["t"]
    assert not list(Trial.list(experiment_name="e"))
    assert Trial.load("t").display_name == "moved"


def test_trials_are_listed_by_component() -> None:
    part = TrialComponent.create("part")
    Trial.create("e", "with", trial_components=[part])
    Trial.create("e", "without")
    assert [one.trial_name for one in Trial.list(trial_component_name="part")] == ["with"]
    assert "with" in repr(Trial.load("with"))
    assert "part" in Trial.load("with")._repr_html_()

"""Experiment: create, load, save."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mlstudio import Experiment
from mlstudio.entities.errors import AlreadyExists, NotFound


def test_what_was_created_is_loaded_with_every_attribute() -> None:
    made = Experiment.create(
        "mnist", description="digits", tags=[{"Key": "team", "Value": "vision"}], sagemaker_boto_client=object()
    )
    read = Experiment.load(experiment_name="mnist")
    assert vars(read) == vars(made)
    assert read.experiment_arn.startswith("arn:mlstudio:")
    assert read.experiment_arn.endswith(":experiment/mnist")
    assert read.description == "digits"
    assert read.tags == [{"Key": "team", "Value": "vision"}]
    assert isinstance(read.creation_time, datetime)
    assert read.creation_time.tzinfo is UTC
    assert abs(read.creation_time - datetime.now(UTC)) < timedelta(minutes=1)
    assert read.created_by


def test_a_name_is_made_when_none_is_given() -> None:
    first, second = Experiment.create(), Experiment.create()
    assert first.experiment_name.startswith("Experiment-")
    assert first.experiment_name != second.experiment_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My run: lr=0.1 ✨", "My-run-lr-0-1"),
        ("<img src=x onerror=alert(1)>", "img-src-x-onerror-alert-1"),
        ("a/b\\c'd\"e", "a-b-c-d-e"),
        ("../../etc/passwd", "etc-passwd"),
        ("שלום", "unnamed"),
        ("x" * 10_000, "x" * 120),
    ],
)
def test_free_text_becomes_a_legal_name_and_stays_as_display_name(text: str, name: str) -> None:
    made = Experiment.create(text)
    assert made.experiment_name == name
    assert made.display_name == text
    assert Experiment.load(text).experiment_name == name


def test_a_taken_name_and_a_missing_one_are_told() -> None:
    Experiment.create("mnist")
    with pytest.raises(AlreadyExists, match="mnist"):
        Experiment.create("mnist")
    with pytest.raises(NotFound, match="nothing"):
        Experiment.load("nothing")


def test_save_stores_description_display_name_and_tags() -> None:
    made = Experiment.create("mnist")
    made.description, made.display_name, made.tags = "new", "MNIST", [{"Key": "a", "Value": "b"}]
    made.save()
    read = Experiment.load("mnist")
    assert (read.description, read.display_name, read.tags) == ("new", "MNIST", [{"Key": "a", "Value": "b"}])


def test_trials_are_created_with_a_name_or_a_prefix() -> None:
    made = Experiment.create("mnist")
    assert made.create_trial("one").experiment_name == "mnist"
    assert made.create_trial(trial_name_prefix="Sweep").trial_name.startswith("Sweep-")
    assert made.create_trial().trial_name.startswith("SageMakerTrial-")
    assert len(list(made.list_trials())) == 3


def test_a_repr_shows_the_name_and_html_is_escaped() -> None:
    made = Experiment.create("<b>x</b>")
    assert "b-x-b" in repr(made)
    assert "<b>x</b>:" not in made._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in made._repr_html_()

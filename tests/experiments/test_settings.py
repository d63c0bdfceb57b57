"""configure(strict=True): SageMaker's limits, for people who must go back."""

from __future__ import annotations

import math

import pytest

import mlstudio
from mlstudio import Experiment, Tracker, Trial, TrialComponent, configure
from mlstudio.entities.errors import InvalidField, InvalidName
from mlstudio.experiments.settings import check_message


@pytest.fixture
def strict() -> None:
    configure(strict=True)


@pytest.mark.usefixtures("strict")
def test_names_must_be_legal() -> None:
    for create in (Experiment.create, TrialComponent.create, mlstudio.run):
        with pytest.raises(InvalidName):
            create("not legal!")
    Experiment.create("legal")
    with pytest.raises(InvalidName):
        Trial.create("legal", "not legal!")


@pytest.mark.usefixtures("strict")
def test_parameters_are_counted_and_measured() -> None:
    tracker = Tracker.create()
    tracker.log_parameters({f"p{number}": number for number in range(300)})
    for wrong in ({"more": 1}, {"k" * 321: 1}, {"text": "x" * 2501}, {"nan": math.nan}):
        with pytest.raises(InvalidField, match="as in SageMaker"):
            tracker.log_parameters(wrong)
    tracker.close()
    part = TrialComponent.load(tracker.component_name)
    part.parameters["more"] = 1
    with pytest.raises(InvalidField, match="at most 300"):
        part.save()


@pytest.mark.usefixtures("strict")
def test_artifacts_are_counted_and_their_names_measured() -> None:
    tracker = Tracker.create()
    for number in range(30):
        tracker.log_input(f"i{number}", "x")
    with pytest.raises(InvalidField, match="at most 30"):
        tracker.log_input("more", "x")
    with pytest.raises(InvalidField, match="longer than 256"):
        tracker.log_output("x" * 257, "x")
    tracker.close()


@pytest.mark.usefixtures("strict")
def test_a_metric_that_is_no_number_is_refused() -> None:
    with mlstudio.run("e") as run:
        run.log(loss=1.0)
        for value in (math.nan, math.inf):
            with pytest.raises(InvalidField, match="as in SageMaker"):
                run.log(loss=value)
            with pytest.raises(InvalidField, match="as in SageMaker"):
                run.log_metric("loss", value)


def test_a_message_is_cut_in_strict_mode_only() -> None:
    assert check_message("x" * 2000) == "x" * 2000
    configure(strict=True)
    assert check_message("x" * 2000) == "x" * 1024
    assert check_message(None) is None


def test_what_is_not_said_stays() -> None:
    configure(strict=True)
    configure()
    with pytest.raises(InvalidName):
        Experiment.create("not legal!")
    configure(strict=False)
    assert Experiment.create("not legal!").experiment_name == "not-legal"

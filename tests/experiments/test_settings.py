"""configure(strict=True): SageMaker's limits, for people who must go back."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import mlstudio
from mlstudio import Experiment, Tracker, Trial, TrialComponent, configure
from mlstudio.entities.errors import InvalidField, InvalidName
from mlstudio.experiments.settings import check_message, system_interval


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


@pytest.mark.usefixtures("strict")
def test_a_nan_of_numpy_is_refused_as_well() -> None:
    with mlstudio.run("e") as run:
        for wrong in (np.float32("nan"), np.float64("inf"), Decimal("NaN")):
            with pytest.raises(InvalidField, match="as in SageMaker"):
                run.log(loss=wrong)
            with pytest.raises(InvalidField, match="as in SageMaker"):
                run.log_parameter("p", wrong)
            with pytest.raises(InvalidField, match="as in SageMaker"):
                mlstudio.run("e", p=wrong)
        run.log(loss=np.float32(1.0))
        run.log_parameters({"text": "nan", "list": [1], "none": None})


@pytest.mark.parametrize(("chosen", "seconds"), [(True, 5.0), (False, None), (0, None), (0.5, 0.5), (60, 60.0)])
def test_system_metrics_have_an_interval(chosen: float, seconds: float | None) -> None:
    configure(system_metrics=chosen)
    assert system_interval() == seconds


@pytest.mark.parametrize("wrong", [0.1, 61, -1, math.nan, "often"])
def test_an_interval_out_of_range_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidField, match="not possible"):
        configure(system_metrics=wrong)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("off", None), ("0", None), ("False", None), ("2.5", 2.5), ("", 5.0), ("often", 5.0), ("900", 5.0)],
)
def test_the_environment_speaks_when_nothing_was_configured(
    monkeypatch: pytest.MonkeyPatch, text: str, seconds: float | None
) -> None:
    monkeypatch.setenv("MLSTUDIO_SYSTEM_METRICS", text)
    assert system_interval() == seconds
    configure(system_metrics=7)
    assert system_interval() == 7.0

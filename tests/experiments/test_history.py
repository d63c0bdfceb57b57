"""history: the exact points that were logged."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mlstudio
from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.experiments.history import history, started
from mlstudio.experiments.records import the_store
from mlstudio.store.batch import Batch, SeriesPoints


def test_history_of_all_metrics_is_joined_on_step() -> None:
    with mlstudio.run("mnist") as run:
        run.log(loss=1.0, step=1)
        run.log(loss=0.5, acc=0.9, step=2)
        run.log(loss=9.0, step=1, context={"subset": "val"})
        live = run.history()
    assert live["step"].tolist() == [1, 2]
    assert live["loss"].tolist() == [1.0, 0.5]
    assert live["acc"].tolist()[1] == 0.9
    assert math.isnan(live["acc"].tolist()[0])
    assert run.history("loss", {"subset": "val"})["value"].tolist() == [9.0]
    assert str(run.history("loss")["timestamp"].dt.tz) == "UTC"
    with pytest.raises(NotFound, match="'los'"):
        run.history("los")
    assert mlstudio.run("empty").history().empty


def test_a_component_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound, match="nothing"):
        history("nothing", "loss")


def test_times_are_exact_to_the_millisecond_and_every_point_is_there() -> None:
    with mlstudio.run("mnist") as run:
        for step in range(3000):
            run.log(loss=float(step), step=step, timestamp=1_800_000_000.125 + step)
    frame = run.history("loss")
    assert len(frame) == 3000
    assert frame["timestamp"].iloc[1].isoformat() == "2027-01-15T08:00:01.125000+00:00"
    assert frame["value"].tolist() == [float(step) for step in range(3000)]


def test_a_component_began_at_its_start_time_else_at_its_first_point() -> None:
    with mlstudio.run("mnist") as run:
        run.log(loss=1.0)
    micros = the_store().get_component(run.component_name).start_time
    assert micros is not None
    assert started(run.component_name).timestamp() == pytest.approx(micros / 1e6)
    assert str(started(run.component_name).tz) == "UTC"

    name, uid = "unknown-start", new_uid()
    points = [
        SeriesPoints(metric, "{}", np.arange(1), np.array([first]), np.zeros(1))
        for metric, first in (("val", 1040.0), ("loss", 1000.5))
    ]
    the_store().apply(Batch(new_uid(), uid, 0, 8, open=ComponentCreate(name=name, uid=uid), points=points))
    assert started(name).timestamp() == 1000.5
    the_store().create_component(ComponentCreate(name="empty"))
    with pytest.raises(NotFound, match="no start time and no point"):
        started("empty")

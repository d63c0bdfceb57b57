"""compare: runs side by side."""

from __future__ import annotations

import math

import pytest

import mlstudio
from mlstudio.entities.errors import BadQuery, InvalidField


@pytest.fixture
def runs() -> list[mlstudio.Run]:
    found = []
    for name, lr in (("a", 0.1), ("b", 0.2)):
        with mlstudio.run("e", name, lr=lr, tags={"team": "x"}) as run:
            run.log(loss=lr * 2, step=1)
            run.log(loss=lr, step=2)
            if name == "b":
                run.log(acc=1.0)
                run.log_artifact("model", "s3://m")
        found.append(run)
    return found


def test_runs_names_and_queries_give_the_same_rows(runs: list[mlstudio.Run]) -> None:
    by_run = mlstudio.compare(runs)
    assert list(by_run.columns) == ["display_name", "status", "params.lr", "metrics.acc.last", "metrics.loss.last"]
    assert by_run["params.lr"].tolist() == [0.1, 0.2]
    assert by_run.index.tolist() == [one.component_name for one in runs]
    assert math.isnan(by_run["metrics.acc.last"].iloc[0])
    assert mlstudio.compare([one.component_name for one in runs]).equals(by_run)
    assert mlstudio.compare("experiment = 'e' order by created asc").equals(by_run)


def test_columns_of_every_kind_can_be_chosen(runs: list[mlstudio.Run]) -> None:
    keys = [
        "metrics.loss.max", "metrics.loss.stddev", "tags.team", "outputs.model", "experiment", "trial", "user",
        "duration", "started", "host", "starred", "note", "parent", "source", "kind", "name",
    ]  # fmt: skip
    frame = mlstudio.compare(runs, keys)
    assert list(frame.columns) == keys
    row = frame.iloc[1]
    assert (row["metrics.loss.max"], row["tags.team"], row["outputs.model"]) == (0.4, "x", "s3://m")
    assert (row["experiment"], row["trial"]) == ("e", "Default-Run-Group-e")
    assert row["duration"] >= 0
    assert row["host"]
    assert not row["starred"]


def test_one_run_alone_unknown_columns_and_things_that_are_none(runs: list[mlstudio.Run]) -> None:
    assert len(mlstudio.compare(runs[0])) == 1
    with pytest.raises(BadQuery, match="colour"):
        mlstudio.compare(runs, ["colour"])
    with pytest.raises(InvalidField):
        mlstudio.compare([3])

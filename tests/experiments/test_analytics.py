"""ExperimentAnalytics: SageMaker's columns, in SageMaker's order."""

from __future__ import annotations

import copy
import math
from pathlib import Path

import pandas as pd
import pytest

import mlstudio
from mlstudio import Experiment, ExperimentAnalytics, Filter, Operator, SearchExpression, Tracker, Trial, TrialComponent
from mlstudio.entities.errors import BadQuery
from mlstudio.experiments import TrialComponentSource
from mlstudio.experiments.analytics import frame_of
from mlstudio.experiments.search import parse


def component(
    name: str, trial: str, params: dict[str, object], metrics: dict[str, list[float]], source: str = ""
) -> None:
    with Tracker.create(display_name=name) as tracker:
        tracker.log_parameters(params)
        for metric, values in metrics.items():
            for step, value in enumerate(values):
                tracker.log_metric(metric, value, iteration_number=step)
    Trial.load(trial).add_trial_component(tracker)
    if source:
        part = tracker.trial_component
        part.source = TrialComponentSource(source)
        part.save()


@pytest.fixture
def two() -> None:
    Experiment.create("e").create_trial("t1")
    Trial.create("e", "t2")
    component("first", "t1", {"lr": 0.1, "opt": "adam"}, {"loss": [3.0, 1.0, 2.0]}, source="arn:job")
    component("second", "t2", {"lr": 0.2, "depth": 3}, {"acc": [0.5], "broken": [math.nan]})


@pytest.mark.usefixtures("two")
def test_columns_stand_in_the_order_in_which_the_rows_first_show_them() -> None:
    frame = ExperimentAnalytics("e", sort_by="CreationTime", sort_order="Ascending").dataframe()
    loss = [f"loss - {one}" for one in ("Min", "Max", "Avg", "StdDev", "Last", "Count")]
    acc = [f"acc - {one}" for one in ("Min", "Max", "Avg", "StdDev", "Last", "Count")]
    first = ["TrialComponentName", "DisplayName", "SourceArn", "lr", "opt", *loss, "Trials", "Experiments"]
    assert list(frame.columns) == [*first, "depth", *acc, "broken - Last", "broken - Count"]
    assert frame["DisplayName"].tolist() == ["first", "second"]
    assert frame.loc[0, loss].tolist() == [1.0, 3.0, 2.0, pytest.approx((2 / 3) ** 0.5), 2.0, 3]
    assert frame["Trials"].tolist() == [["t1"], ["t2"]]
    assert frame["Experiments"].tolist() == [["e"], ["e"]]
    assert math.isnan(frame["depth"][0])
    assert math.isnan(frame["broken - Last"][1])


@pytest.mark.usefixtures("two")
def test_the_newest_comes_first_and_a_source_nobody_has_is_no_column() -> None:
    frame = ExperimentAnalytics("e").dataframe()
    assert frame["DisplayName"].tolist() == ["second", "first"]
    only = ExperimentAnalytics("e", search_expression="display_name = 'second'").dataframe()
    assert "SourceArn" not in only.columns
    assert "opt" not in only.columns


@pytest.mark.usefixtures("two")
def test_chosen_names_stand_in_the_order_of_the_choice() -> None:
    frame = ExperimentAnalytics(
        "e",
        metric_names=["nothing", "loss"],
        parameter_names=["opt", "lr"],
        sort_by="Parameters.lr",
        sort_order="Ascending",
    ).dataframe()
    assert list(frame.columns)[:5] == ["TrialComponentName", "DisplayName", "SourceArn", "opt", "lr"]
    assert list(frame.columns)[5:11] == [f"loss - {one}" for one in ("Min", "Max", "Avg", "StdDev", "Last", "Count")]
    assert "acc - Min" not in frame.columns
    assert "depth" not in frame.columns


def test_the_query_of_the_sweep() -> None:
    Experiment.create("sweep").create_trial("t")
    for channels, accuracy in ((2, 91.0), (5, 97.0), (10, 95.0)):
        component("Training", "t", {"hidden_channels": channels}, {"test:accuracy": [50.0, accuracy]})
    component("Preprocessing", "t", {}, {})
    expression = {"Filters": [{"Name": "DisplayName", "Operator": "Equals", "Value": "Training"}]}
    before = copy.deepcopy(expression)
    analytics = ExperimentAnalytics(
        experiment_name="sweep",
        search_expression=expression,
        sort_by="metrics.test:accuracy.max",
        sort_order="Descending",
        metric_names=["test:accuracy"],
        parameter_names=["hidden_channels", "epochs", "optimizer"],
        sagemaker_session=object(),
    )
    frame = analytics.dataframe()
    assert frame["hidden_channels"].tolist() == [5, 10, 2]
    assert frame["hidden_channels"].dtype == "int64"
    assert frame["test:accuracy - Max"].is_monotonic_decreasing
    assert expression == before, "the original appends to the caller's expression; we do not"


def test_artifacts_have_two_columns_each() -> None:
    with mlstudio.run("e", "r") as run:
        run.log_artifact("data", "s3://b/x", "text/csv", is_output=False)
        run.log_artifact("model", "s3://b/m")
        run.log_artifact("other", "s3://b/o")
    frame = ExperimentAnalytics("e", output_artifact_names=["model"]).dataframe()
    assert list(frame.columns)[2:6] == ["data - MediaType", "data - Value", "model - MediaType", "model - Value"]
    assert frame["data - Value"].tolist() == ["s3://b/x"]
    assert frame["model - MediaType"].tolist() == [None]


def test_names_with_dots_colons_and_slashes_are_columns_and_sort_keys() -> None:
    for value in (2.0, 1.0):
        with mlstudio.run("e", f"r{value}") as run:
            run.log({"a.b:c/d.max": value}, step=1)
            run["model.depth"] = value
    by_metric = ExperimentAnalytics("e", sort_by="Metrics.a.b:c/d.max.Min", sort_order="Ascending").dataframe()
    assert by_metric["a.b:c/d.max - Min"].tolist() == [1.0, 2.0]
    assert ExperimentAnalytics("e", sort_by="parameters.model.depth").dataframe()["model.depth"].tolist() == [2.0, 1.0]


def test_of_a_metric_in_contexts_the_plain_one_counts() -> None:
    with mlstudio.run("e") as run:
        run.log(loss=5.0, step=1, context={"subset": "val"})
        run.log(loss=1.0, step=1)
        run.log(only=2.0, step=1, context={"rank": 1})
    frame = ExperimentAnalytics("e").dataframe()
    assert frame["loss - Last"].tolist() == [1.0]
    assert frame["only - Last"].tolist() == [2.0]


def test_an_expression_alone_reaches_over_experiments() -> None:
    mlstudio.run("one", lr=1).finish()
    mlstudio.run("two", lr=5).finish()
    expression = SearchExpression(filters=[Filter("Parameters.lr", Operator.GREATER_THAN, "2")])
    analytics = ExperimentAnalytics(search_expression=expression)
    assert analytics.dataframe()["Experiments"].tolist() == [["two"]]
    assert analytics.name is None


def test_no_match_gives_an_empty_frame() -> None:
    Experiment.create("e")
    frame = ExperimentAnalytics("e").dataframe()
    assert frame.empty
    assert list(frame.columns) == []


def test_neither_name_nor_expression_is_refused_and_a_bad_one_told() -> None:
    with pytest.raises(ValueError, match="Either experiment_name or search_expression"):
        ExperimentAnalytics()
    Experiment.create("e")
    with pytest.raises(BadQuery):
        ExperimentAnalytics("e", sort_by="Colour").dataframe()
    assert ExperimentAnalytics.MAX_TRIAL_COMPONENTS == 10000


def test_the_frame_is_kept_until_it_is_refreshed(tmp_path: Path) -> None:
    mlstudio.run("e").finish()
    analytics = ExperimentAnalytics("e")
    frame = analytics.dataframe()
    assert analytics.name == "e"
    mlstudio.run("e").finish()
    assert analytics.dataframe() is frame
    assert len(analytics.dataframe(force_refresh=True)) == 2
    TrialComponent.create("more")
    analytics.clear_cache()
    analytics.export_csv(tmp_path / "out.csv")
    assert len(pd.read_csv(tmp_path / "out.csv")) == 2


def test_two_columns_of_one_name_become_one() -> None:
    columns = [("a", [1, math.nan, math.nan], [True, False, False]), ("b", [1, 2, 3], None)]
    frame = frame_of([*columns, ("a", [7, 8, math.nan], [True, True, False])], 3)
    assert frame["a"].tolist()[:2] == [1, 8]
    assert list(frame.columns) == ["a", "b"]


def test_a_column_that_begins_later_stands_later() -> None:
    nan = math.nan
    columns = [
        ("late", [nan, nan, 1], [False, False, True]),
        ("never", [nan] * 3, [False] * 3),
        ("always", [1, 2, 3], None),
    ]
    middle = ("middle", [nan, 2, 2], [False, True, True])
    assert list(frame_of([*columns, middle], 3).columns) == ["always", "middle", "late"]


@pytest.mark.parametrize("url", [None, "memory:"])
def test_a_frame_that_is_read_again_shows_what_came_meanwhile(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if url is not None:
        monkeypatch.setenv("MLSTUDIO_STORE_URL", url)
    name = f"fresh-{url is None}"
    analytics = ExperimentAnalytics(name)
    with mlstudio.run(name, "one", capture=False) as run:
        run.log(loss=3.0, step=1)
        run.flush()
        assert analytics.dataframe()["loss - Min"].tolist() == [3.0]
        run.log(loss=1.0, step=2)
        run.log(acc=0.5, step=2)
    mlstudio.run(name, "two", capture=False).finish()
    frame = analytics.dataframe(force_refresh=True)
    assert frame["DisplayName"].tolist() == ["two", "one"]
    assert frame["loss - Min"].tolist()[1] == 1.0
    assert math.isnan(frame["loss - Min"][0])
    assert frame["acc - Count"].tolist()[1] == 1
    assert mlstudio.open_store().search_components(parse(f"experiment = '{name}'"), metrics=False)[0].metrics == []

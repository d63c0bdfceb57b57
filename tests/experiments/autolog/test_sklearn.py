"""scikit-learn: the outermost fit, searches with their candidates, folds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import mlstudio
from mlstudio.entities.experiments import ComponentRecord
from mlstudio.experiments.autolog import sklearn_hook, sklearn_search

from .conftest import counts, last

Recorded = Callable[[], list[ComponentRecord]]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


def test_a_fit_without_a_run_is_a_run_of_its_own(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_EXPERIMENT", "flowers")
    model = LogisticRegression(C=0.5).fit(X, Y)

    (run,) = recorded()
    assert run.status == "Completed"
    assert run.trials[0].experiment_name == "flowers"
    assert str(run.display_name).startswith("LogisticRegression-")
    assert (run.params["estimator"], run.params["C"]) == ("LogisticRegression", 0.5)
    assert (run.params["samples"], run.params["features"]) == (60, 4)
    assert run.tags["mlstudio.autolog"] == "sklearn"
    assert last(run) == {"training_score": pytest.approx(model.score(X, Y))}
    assert mlstudio.current_run() is None


def test_a_fit_in_an_open_run_is_recorded_there_and_the_next_one_is_its_child(recorded: Recorded) -> None:
    with mlstudio.run("flowers", "mine") as run:
        StandardScaler().fit(X)
        LogisticRegression(C=1.0).fit(X, Y)
        LogisticRegression(C=2.0).fit(X, Y)
        assert mlstudio.current_run() is run

    mine, child = recorded()
    assert (mine.params["C"], child.params["C"]) == (1.0, 2.0)
    assert child.parent == mine.name
    assert [one.status for one in (mine, child)] == ["Completed", "Completed"]


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(4, n_jobs=2, random_state=0),
        VotingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())], n_jobs=None),
    ],
    ids=lambda model: type(model).__name__,
)
def test_only_the_outermost_fit_is_recorded(model: BaseEstimator, recorded: Recorded) -> None:
    model.fit(X, Y)
    (run,) = recorded()
    assert run.params["estimator"] == type(model).__name__
    assert "training_score" in last(run)


def test_what_only_transforms_is_not_recorded(recorded: Recorded) -> None:
    PCA(2).fit(X)
    StandardScaler().fit_transform(X)
    assert recorded() == []


def test_the_candidates_of_a_search_are_children(recorded: Recorded) -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=3).fit(X, Y)

    parent, *children = recorded()
    assert parent.params["best/C"] == search.best_params_["C"]
    assert last(parent)["best_cv_score"] == pytest.approx(search.best_score_)
    assert {one.params["C"] for one in children} == {0.1, 1.0, 10.0}
    assert {one.parent for one in children} == {parent.name}
    assert {one.status for one in children} == {"Completed"}
    best = next(one for one in children if one.params["C"] == search.best_params_["C"])
    assert last(best)["mean_test_score"] == pytest.approx(search.best_score_)
    assert last(best)["rank_test_score"] == 1


def test_of_very_many_candidates_the_best_are_kept(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sklearn_search, "MAX_CANDIDATES", 2)
    GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3, 4]}, cv=2).fit(X, Y)
    _, *children = recorded()
    assert len(children) == 2
    assert min(last(one)["rank_test_score"] for one in children) == 1


def test_folds_are_the_steps_of_one_run(recorded: Recorded) -> None:
    scores = cross_val_score(LogisticRegression(), X, Y, cv=4)
    cross_val_predict(LogisticRegression(), X, Y, cv=3)

    (run,) = recorded()
    assert counts(run)["test_score"] == 4
    assert last(run)["test_score/mean"] == pytest.approx(scores.mean())
    assert run.params["estimator"] == "LogisticRegression"


def test_a_fit_that_raises_raises_the_same_and_the_run_failed(recorded: Recorded) -> None:
    with pytest.raises(ValueError, match="NaN") as caught:
        LogisticRegression().fit(np.full((4, 2), np.nan), [0, 1, 0, 1])
    assert caught.type is ValueError
    (run,) = recorded()
    assert run.status == "Failed"
    assert "NaN" in str(run.status_message)


class Strange(ClassifierMixin, BaseEstimator):
    """Made after autolog; its parameters cannot be read and its score raises."""

    def __init__(self, bad: bool = True) -> None:
        self.bad = bad

    def get_params(self, deep: bool = True) -> dict[str, object]:
        if self.bad:
            raise RuntimeError("no parameters today")
        return {"bad": self.bad}

    def fit(self, X: object, y: object) -> Strange:  # noqa: N803
        self.fitted_ = True
        return self

    def predict(self, X: object) -> object:  # noqa: N803
        raise RuntimeError("cannot")


def test_a_hook_that_raises_leaves_the_program_alone_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "mlstudio.experiments"):
        assert Strange().fit(X, Y).fitted_
        assert Strange().fit(X, Y).fitted_
    assert len([one for one in caplog.records if "no longer follows sklearn" in one.message]) == 1
    assert "sklearn" not in mlstudio.autolog.libraries


def test_an_estimator_that_cannot_score_is_recorded_without(recorded: Recorded) -> None:
    Strange(bad=False).fit(X, Y)
    (run,) = recorded()
    assert last(run) == {}
    assert "sklearn" in mlstudio.autolog.libraries


def test_the_program_draws_the_same_random_numbers_as_without(recorded: Recorded) -> None:
    def drawn() -> float:
        np.random.seed(3)
        LinearRegression().fit(X, Y)
        return float(np.random.random())

    followed = drawn()
    mlstudio.autolog.disable()
    assert drawn() == followed


def test_the_training_score_of_many_rows_is_taken_from_ten_thousand() -> None:
    many = np.tile(X, (300, 1))
    asked: list[int] = []

    class Counting(LinearRegression):
        def score(self, X: object, y: object, sample_weight: object = None) -> float:  # noqa: N803
            asked.append(len(X))  # type: ignore[arg-type]
            return super().score(X, y, sample_weight)

    model = Counting().fit(many, np.tile(Y, 300), sample_weight=np.ones(len(many)))
    assert (asked[0], asked[-1]) == (sklearn_hook.TRIED_ROWS, sklearn_hook.SCORED_ROWS)
    assert model.coef_.shape == (4,)


def test_a_score_that_would_take_long_is_left_out(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sklearn_hook, "LEAST_SECONDS", 0.0)

    class Slow(LogisticRegression):
        def score(self, X: object, y: object, sample_weight: object = None) -> float:  # noqa: N803
            time.sleep(1.0)
            return super().score(X, y, sample_weight)

    mlstudio.autolog()
    many = np.tile(X, (40, 1))
    Slow().fit(many, np.tile(Y, 40))

    (run,) = recorded()
    assert len(many) > 10 * sklearn_hook.TRIED_ROWS
    assert "training_score" not in last(run)


def test_a_class_of_a_notebook_is_still_pickled_by_value() -> None:
    import cloudpickle  # what joblib sends classes of a notebook with

    space: dict[str, object] = {"LogisticRegression": LogisticRegression, "__name__": "__main__"}
    exec("class Mine(LogisticRegression):\n    def fit(self, X, y):\n        return super().fit(X, y)\n", space)
    again = cloudpickle.loads(cloudpickle.dumps(space["Mine"]))
    assert again().fit(X, Y).score(X, Y) > 0.5


def test_ranks_above_zero_without_a_run_open_none(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "2")
    LogisticRegression().fit(X, Y)
    assert recorded() == []

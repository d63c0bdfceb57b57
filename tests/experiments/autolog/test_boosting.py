"""XGBoost and LightGBM: `train`, the wrappers, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.model_selection import GridSearchCV

import mlstudio
from mlstudio.entities.experiments import ComponentRecord

from .conftest import counts, last

Recorded = Callable[[], list[ComponentRecord]]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
QUIET = {"verbose": -1, "num_threads": 1}


@pytest.fixture(autouse=True)
def following() -> None:
    mlstudio.autolog()


def test_xgboost_train_records_each_round_and_the_parameters(recorded: Recorded) -> None:
    data = xgboost.DMatrix(X, Y)
    seen: dict[str, dict[str, list[float]]] = {}
    xgboost.train(
        {"max_depth": 2, "nthread": 1}, data, 4, evals=[(data, "train")], evals_result=seen, verbose_eval=False
    )

    (run,) = recorded()
    assert run.status == "Completed"
    assert (run.params["max_depth"], run.params["num_boost_round"]) == (2, 4)
    assert counts(run)["train/rmse"] == 4
    assert last(run)["train/rmse"] == pytest.approx(seen["train"]["rmse"][-1])


def test_xgboost_early_stopping_works_and_its_best_round_is_recorded(recorded: Recorded) -> None:
    noise = xgboost.DMatrix(X, RNG.integers(0, 2, 60))
    data = xgboost.DMatrix(X, Y)
    callbacks = [xgboost.callback.EarlyStopping(rounds=2)]
    booster = xgboost.train({"nthread": 1}, data, 50, evals=[(noise, "valid")], callbacks=callbacks, verbose_eval=False)
    (run,) = recorded()
    assert len(callbacks) == 1, "the user's list is the user's"
    assert counts(run)["valid/rmse"] < 50
    if booster.best_iteration > 0:
        assert last(run)["best_iteration"] == booster.best_iteration


def test_the_xgboost_wrapper_writes_its_rounds_into_its_fit(recorded: Recorded) -> None:
    xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    (run,) = recorded()
    assert run.params["estimator"] == "XGBClassifier"
    assert run.params["n_estimators"] == 3
    assert counts(run) == {"validation_0/logloss": 3, "training_score": 1}


def test_lightgbm_train_records_each_round_and_the_parameters(recorded: Recorded) -> None:
    data = lightgbm.Dataset(X, Y)
    lightgbm.train({**QUIET, "objective": "binary"}, data, 3, valid_sets=[data], valid_names=["train"])
    (run,) = recorded()
    assert run.params["objective"] == "binary"
    assert counts(run)["train/binary_logloss"] == 3


def test_lightgbm_early_stopping_ends_the_training_as_without(recorded: Recorded) -> None:
    data = lightgbm.Dataset(X, Y)
    noise = lightgbm.Dataset(X, RNG.integers(0, 2, 60), reference=data)
    booster = lightgbm.train(
        {**QUIET, "objective": "binary"},
        data,
        60,
        valid_sets=[noise],
        callbacks=[lightgbm.early_stopping(2, verbose=False)],
    )
    (run,) = recorded()
    assert run.status == "Completed"
    assert counts(run)["valid_0/binary_logloss"] == booster.best_iteration + 2
    assert last(run)["best_iteration"] == booster.best_iteration


def test_the_lightgbm_wrapper_writes_its_rounds_into_its_fit(recorded: Recorded) -> None:
    lightgbm.LGBMClassifier(n_estimators=3, **QUIET).fit(X, Y, eval_X=X, eval_y=Y)
    (run,) = recorded()
    assert run.params["estimator"] == "LGBMClassifier"
    assert counts(run) == {"valid_0/binary_logloss": 3, "training_score": 1}


def test_a_wrapper_inside_a_search_is_part_of_the_search(recorded: Recorded) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=2, **QUIET)
    GridSearchCV(model, {"num_leaves": [3, 5]}, cv=2).fit(X, Y)
    parent, *children = recorded()
    assert parent.params["estimator"] == "GridSearchCV"
    assert len(children) == 2
    assert not [name for one in (parent, *children) for name in counts(one) if "logloss" in name]


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_without_scikit_learns_hook_the_wrapper_is_a_train(library: str, recorded: Recorded) -> None:
    mlstudio.autolog(disable=["sklearn"])
    if library == "xgboost":
        xgboost.XGBClassifier(n_estimators=2, n_jobs=1).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    else:
        lightgbm.LGBMClassifier(n_estimators=2, **QUIET).fit(X, Y, eval_X=X, eval_y=Y)
    (run,) = recorded()
    assert run.tags["mlstudio.autolog"] == library
    assert 2 in counts(run).values()


def test_several_trainings_of_one_run_are_its_children(recorded: Recorded) -> None:
    data = xgboost.DMatrix(X, Y)
    with mlstudio.run("folds"):
        for depth in (1, 2, 3):
            xgboost.train({"max_depth": depth, "nthread": 1}, data, 1)
    first, *others = recorded()
    assert first.params["max_depth"] == 1
    assert [one.params["max_depth"] for one in others] == [2, 3]
    assert {one.parent for one in others} == {first.name}


def test_disabled_leaves_train_as_it_was() -> None:
    assert hasattr(xgboost.train, "__mlstudio__")
    assert hasattr(lightgbm.sklearn.train, "__mlstudio__")
    mlstudio.autolog.disable()
    assert not hasattr(xgboost.train, "__mlstudio__")
    assert not hasattr(xgboost.sklearn.train, "__mlstudio__")
    assert not hasattr(lightgbm.sklearn.train, "__mlstudio__")
    assert not hasattr(lightgbm.train, "__mlstudio__")

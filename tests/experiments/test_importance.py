"""Parameter importance: the parameter that makes the difference is found, and what cannot be told is said."""

from __future__ import annotations

import time

import numpy as np
import pytest

from mlstudio.entities.comparison import ImportanceQuery, ImportanceReply
from mlstudio.entities.errors import BadQuery, NotFound
from mlstudio.entities.experiments import ComponentCreate, ComponentUpdate, ExperimentCreate, TrialCreate
from mlstudio.experiments.importance import FEWEST, importances
from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.testing.contract_metrics import points_of


def a_sweep(count: int, *, constant: bool = False) -> Store:
    """Make components whose loss hangs on lr and, by a category, on opt."""
    store = MemoryStore()
    store.create_experiment(ExperimentCreate("e"))
    store.create_trial(TrialCreate("t", "e"))
    random = np.random.default_rng(7)
    for number in range(count):
        lr, opt = float(random.random()), ("adam", "lion", "sgd")[number % 3]
        params = {"lr": lr, "opt": opt, "noise": float(random.random()), "seed": 3, "half": number}
        if number % 2:
            del params["half"]
        name = f"c{number:04}"
        store.create_component(ComponentCreate(name=name, trials=["t"], params=params, status="InProgress"))
        loss = 1.0 if constant else 10 * lr + (5.0 if opt == "lion" else 0.0)
        points_of(store, name, "loss", [loss + 1, loss])
        store.update_component(name, ComponentUpdate(status="Completed"))
    return store


def ask(store: Store, metric: str = "loss", where: str | None = None) -> ImportanceReply:
    """Ask about the experiment."""
    return importances(store, ImportanceQuery(experiment="e", metric=metric, where=where))


@pytest.fixture(scope="module")
def sweep() -> Store:
    return a_sweep(90)


def test_what_makes_the_difference_comes_first(sweep: Store) -> None:
    reply = ask(sweep)
    assert [item.param for item in reply.items[:2]] == ["lr", "opt"]
    assert sum(item.importance for item in reply.items) == pytest.approx(1.0)
    assert reply.components == 90
    assert reply.score is not None
    assert 0.6 < reply.score <= 1.0
    by_name = {item.param: item for item in reply.items}
    assert by_name["lr"].importance > 5 * by_name["noise"].importance
    assert "seed" not in by_name, "it never changes"


def test_correlations_are_of_ranks_and_not_of_categories(sweep: Store) -> None:
    by_name = {item.param: item.correlation for item in ask(sweep).items}
    assert by_name["lr"] is not None
    assert 0.5 < by_name["lr"] <= 1.0
    assert by_name["opt"] is None


def test_the_same_question_has_the_same_answer(sweep: Store) -> None:
    assert ask(sweep) == ask(sweep)


def test_a_statistic_may_be_named_and_a_metric_called_like_one_goes_first(sweep: Store) -> None:
    assert ask(sweep, "loss.max").items == ask(sweep, "loss.max").items
    assert ask(sweep, "loss.max").items[0].param == "lr"
    assert "never changes" in str(ask(sweep, "loss.count").reason)
    points_of(sweep, "c0000", "val.max", [1.0])
    assert "1 finished components have" in str(ask(sweep, "val.max").reason)


def test_a_condition_chooses_the_components(sweep: Store) -> None:
    assert ask(sweep, where='params.opt = "adam"').components == 30
    with pytest.raises(BadQuery):
        ask(sweep, where="params.opt =")


def test_too_few_say_how_many_are_needed() -> None:
    reply = ask(a_sweep(FEWEST - 1))
    assert (reply.items, reply.score, reply.components) == ([], None, 9)
    assert reply.reason == "9 finished components have the metric loss; at least 10 are needed."
    assert ask(a_sweep(FEWEST)).items
    assert "0 finished components" in str(ask(a_sweep(1), "nope").reason)


def test_a_metric_that_never_changes_has_no_answer() -> None:
    assert ask(a_sweep(12, constant=True)).reason == "The metric loss never changes."


def test_an_experiment_that_is_not_there_says_so(sweep: Store) -> None:
    with pytest.raises(NotFound):
        importances(sweep, ImportanceQuery(experiment="nope", metric="loss"))


def test_ten_thousand_components_are_thinned_evenly_and_it_is_said() -> None:
    from mlstudio.experiments.importance import _Question

    random = np.random.default_rng(0)
    target, cells = random.random(10_000), {f"params.p{number}": random.random(10_000) for number in range(20)}
    question = _Question(target, {}, np.arange(10_000))
    question.params = {**cells, "params.cause": target * 3}
    begun = time.process_time()
    reply = question.answer("loss", thinned=False)
    assert time.process_time() - begun < 10, "a bound for any machine; benchmarks measure"
    assert reply.reason == "The forest saw 2000 of 10000 components."
    assert reply.items[0].param == "cause"
    assert reply.items[0].correlation == pytest.approx(1.0)

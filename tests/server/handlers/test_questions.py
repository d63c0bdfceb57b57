"""Comparisons, importances, completion: questions over many components."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.experiments import CodeRecord, ComponentCreate, EnvironmentRecord
from mlstudio.store.batch import Batch, SeriesPoints
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server


@pytest.fixture
def sweep(server: Server, store: Store) -> str:
    """Twenty finished components whose loss follows lr."""
    if server.request("GET", "/experiments/sweep").status == 404:
        server.request("POST", "/experiments", {"name": "sweep"})
        server.request("POST", "/trials", {"name": "sweep-t", "experiment_name": "sweep"})
        for number in range(20):
            made = store.create_component(
                ComponentCreate(
                    name=f"sweep-{number}",
                    params={"lr": number / 20, "seed": number % 3},
                    trials=["sweep-t"],
                    status="Completed",
                    code=CodeRecord(source=f"lr = {number}\napi_key = 'k-secret-1'\n"),
                    env=EnvironmentRecord(python="3.11", variables={"MY_TOKEN": "t-secret-2"}),
                )
            )
            log(store, made.uid, number / 20)
    return "sweep"


def log(store: Store, uid: str, value: float) -> None:
    points = SeriesPoints("loss", "{}", np.array([0]), np.array([1.0]), np.array([value]))
    store.apply(Batch(journal=f"j{uid}", component=uid, start=0, end=32, points=[points]))


def test_a_comparison_marks_what_differs_and_hides_secrets(server: Server, sweep: str) -> None:
    reply = server.request("POST", "/comparisons", {"components": ["sweep-0", "sweep-1", "gone"]})
    compared = reply.json()
    rows = {row["key"]: row for row in compared["rows"]}

    assert (compared["components"], compared["missing"]) == (["sweep-0", "sweep-1"], ["gone"])
    assert rows["params.lr"]["differs"]
    assert any(diff["diff"] for diff in compared["diffs"])
    assert b"secret" not in reply.body


@pytest.mark.parametrize("names", [[], ["one"], ["x"] * 51, ["a b", "c"], "ab"])
def test_odd_comparisons_are_400(server: Server, names: Any) -> None:
    assert server.request("POST", "/comparisons", {"components": names}).status == 400


def test_importances_are_computed_once_for_each_version_of_the_store(
    server: Server, store: Store, sweep: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlstudio.experiments import importance

    calls = []
    real = importance.importances
    monkeypatch.setattr(importance, "importances", lambda *given: calls.append(given) or real(*given))
    query = f"/importances?experiment={sweep}&metric=loss&1700000000"
    first, second = (server.request("GET", query).json() for _ in range(2))
    server.request("PATCH", "/trial-components/sweep-3", {"description": "moved on"})
    server.request("GET", query)

    assert first == second
    assert first["items"][0]["param"] == "lr"
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("experiment=nobody&metric=loss", 404),
        ("experiment=a%20b&metric=loss", 400),
        ("metric=loss", 400),
        ("experiment=sweep", 400),
        ("experiment=sweep&metric=loss&where=params.lr%20%3C", 400),
    ],
)
def test_odd_importances(server: Server, sweep: str, query: str, status: int) -> None:
    assert server.request("GET", f"/importances?{query}").status == status


def test_a_query_is_completed_where_the_caret_stands(server: Server, sweep: str) -> None:
    body = {"text": "params.l < 3", "caret": 8, "experiment": sweep}
    reply = server.request("POST", "/search/complete", body).json()

    assert "params.lr" in [option["label"] for option in reply["options"]]
    assert reply["start"] <= 8 <= reply["end"]


def test_completion_is_quick(server: Server, sweep: str) -> None:
    took = []
    for _ in range(8):
        begun = time.perf_counter()
        server.request("POST", "/search/complete", {"text": "metrics.loss < 1 and ", "caret": 21, "experiment": sweep})
        took.append(time.perf_counter() - begun)

    assert min(took) < 0.03


@pytest.mark.parametrize("text", ["(" * 5000, "a" * 8192, "`", '"', "\0", "😀" * 100, "params.x in [" + "1," * 2000])
def test_hostile_texts_are_completed_or_refused(server: Server, sweep: str, text: str) -> None:
    for caret in (0, len(text) // 2, len(text), 10**6):
        reply = server.request("POST", "/search/complete", {"text": text, "caret": caret, "experiment": sweep})
        assert reply.status in {200, 400}


def test_completion_of_nobody_is_404(server: Server) -> None:
    assert server.request("POST", "/search/complete", {"text": "", "caret": 0, "experiment": "nobody"}).status == 404

"""The Python that a card of the charts board writes draws with plotly what the card shows.

The texts in `board/` are made by the front end; `src/features/experiments/document/board/code.spec.ts`
fails when they are not what it makes today (MLSTUDIO_GOLDEN=1 writes them anew).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlstudio
from mlstudio.entities.experiments import ComponentCreate
from mlstudio.entities.names import new_uid
from mlstudio.experiments import plots
from mlstudio.experiments.files import stored_json
from mlstudio.store.batch import Batch, SeriesPoints

CODES = sorted((Path(__file__).parent / "board").glob("*.py.txt"))
STEPS = np.arange(30)


def points(name: str, values: Any, context: str = "{}") -> SeriesPoints:
    return SeriesPoints(name, context, STEPS, 1.7e9 + STEPS, np.asarray(values, dtype=float))


@pytest.fixture
def board() -> None:
    """An experiment of twelve finished runs."""
    mlstudio.Experiment.create("board")
    mlstudio.Trial.create("board", "board-trial")
    store, dice = mlstudio.open_store(), np.random.default_rng(1)
    truth, scores = dice.integers(0, 2, 50), dice.random(50)
    for place in range(12):
        create = ComponentCreate(
            name=f"run-{place}",
            uid=new_uid(),
            trials=["board-trial"],
            params={"lr": 10.0 ** -(place % 4), "depth": place % 5, "opt": "adam" if place % 2 == 0 else "sgd"},
            status="Completed",
        )
        logged = [
            points("loss", np.exp(-STEPS / 9) + place / 10),
            points("acc", STEPS / 30 + place / 50),
            points("acc", STEPS / 40, '{"subset":"val"}'),
            points("epoch", STEPS // 5),
        ]
        store.apply(Batch(create.name, str(create.uid), 0, 100, open=create, points=logged))
        for document in (
            plots.roc_curve("roc", truth.tolist(), scores.tolist()),
            plots.precision_recall("pr", truth.tolist(), scores.tolist(), None, None),
            plots.confusion_matrix("matrix", truth.tolist(), (scores > 0.5).astype(int).tolist()),
        ):
            store.add_artifact(create.name, "output", document["title"], stored_json(document))


def run(path: Path) -> Any:
    """Run a text as a notebook's cell does, and return its figure."""
    names: dict[str, Any] = {}
    exec(compile(path.read_text("utf-8"), path.name, "exec"), names)
    return names["figure"]


TRACES = {
    "curves": 8,
    "curves_over_metric": 4,
    "curves_since_start": 4,
    "curves_by_group": 6,
    "curves_by_group_std": 6,
    "scatter": 3,
    "scatter_of_names": 1,
    "bar_by_trial": 1,
    "bar_by_group": 1,
    "bar_by_number": 1,
    "box": 1,
    "contour": 2,
    "parallel": 1,
    "importance": 1,
    "correlation": 1,
    "roc": 4,
    "precision_recall": 4,
    "confusion": 1,
}


@pytest.mark.parametrize("path", CODES, ids=lambda path: path.name.removesuffix(".py.txt"))
def test_the_python_of_a_card_draws_its_figure(path: Path, board: None) -> None:
    pytest.importorskip("plotly")
    figure = run(path)
    assert len(figure.data) == TRACES[path.name.removesuffix(".py.txt")]
    assert figure.to_json()


def test_every_kind_of_card_is_tried() -> None:
    assert {path.name.removesuffix(".py.txt") for path in CODES} == set(TRACES)


def test_a_group_is_drawn_as_its_mean_between_its_edges(board: None) -> None:
    pytest.importorskip("plotly")
    figure = run(Path(__file__).parent / "board" / "curves_by_group.py.txt")
    low, high, mean = (np.asarray(trace.y, dtype=float) for trace in figure.data[:3])
    wanted = np.exp(-STEPS / 9)
    assert np.allclose(low, wanted)  # run-0
    assert np.allclose(high, wanted + 0.2)  # run-2
    assert np.allclose(mean, wanted + 0.1)
    assert figure.data[2].name == "opt = adam (2)"


def test_bars_of_groups_stand_at_the_mean_with_their_spread(board: None) -> None:
    pytest.importorskip("plotly")
    figure = run(Path(__file__).parent / "board" / "bar_by_group.py.txt")
    last = STEPS[-1] / 30 + np.arange(12) / 50
    assert np.allclose(np.asarray(figure.data[0].y, dtype=float), [last[::2].mean(), last[1::2].mean()])
    assert np.allclose(np.asarray(figure.data[0].error_y.array, dtype=float), [last[::2].std(), last[1::2].std()])

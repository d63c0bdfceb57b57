"""Tables, curves and matrices: SageMaker's shapes, scikit-learn's numbers."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from mlstudio.entities.errors import InvalidField
from mlstudio.experiments import plots
from mlstudio.experiments.files import stored_json


@pytest.fixture(params=range(6))
def scored(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(request.param)
    truth = generator.integers(0, 2, 60)
    truth[:2] = [0, 1]
    scores = np.clip(truth * 0.3 + generator.normal(0.4, 0.3, 60), 0, 1)
    return truth, scores.round(1 if request.param % 2 else 6)


def test_precision_and_recall_are_scikit_learns(scored: tuple[np.ndarray, np.ndarray]) -> None:
    truth, scores = scored
    made = plots.precision_recall("t", truth, scores, None, None)
    precision, recall, _ = metrics.precision_recall_curve(truth, scores)
    assert np.allclose(made["precision"], precision)
    assert np.allclose(made["recall"], recall)
    assert made["averagePrecisionScore"] == pytest.approx(metrics.average_precision_score(truth, scores))
    assert made["noSkill"] == pytest.approx(truth.mean())
    assert (made["type"], made["version"], made["title"]) == ("PrecisionRecallCurve", 0, "t")


def test_the_roc_curve_is_scikit_learns(scored: tuple[np.ndarray, np.ndarray]) -> None:
    truth, scores = scored
    made = plots.roc_curve(None, truth, scores)
    false, true, _ = metrics.roc_curve(truth, scores)
    assert np.allclose(made["falsePositiveRate"], false)
    assert np.allclose(made["truePositiveRate"], true)
    assert made["areaUnderCurve"] == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert made["title"].startswith("ROCCurve-")


def test_the_confusion_matrix_is_scikit_learns_and_says_its_labels() -> None:
    truth, guess = ["cat", "dog", "cat", "ant"], ["cat", "cat", "cat", "bee"]
    made = plots.confusion_matrix("m", truth, guess)
    assert made["confusionMatrix"] == metrics.confusion_matrix(truth, guess).tolist()
    assert made["labels"] == ["ant", "bee", "cat", "dog"]


def test_a_label_can_be_chosen_as_positive() -> None:
    made = plots.precision_recall("t", ["a", "b", "c"], [0.9, 0.1, 0.2], "a", 0.25)
    assert made["averagePrecisionScore"] == 1.0
    assert made["noSkill"] == 0.25


def test_lengths_that_differ_and_labels_that_are_not_two_are_told() -> None:
    with pytest.raises(ValueError, match="2 labels and 1 predictions"):
        plots.precision_recall(None, [0, 1], [0.5], None, None)
    with pytest.raises(ValueError, match="2 labels and 1 predictions"):
        plots.confusion_matrix(None, [0, 1], [0])
    with pytest.raises(InvalidField, match="have 1 values"):
        plots.roc_curve(None, [1, 1], [0.1, 0.2])
    with pytest.raises(InvalidField, match="have 3 values"):
        plots.precision_recall(None, [0, 1, 2], [0.1, 0.2, 0.3], None, None)


def test_a_table_of_lists_is_text_a_frame_has_types() -> None:
    made = plots.table("t", {"x": [1, 2], "y": ["a", None]}, None)
    assert made["fields"] == [{"name": "x", "type": "string"}, {"name": "y", "type": "string"}]
    assert made["data"] == {"x": [1, 2], "y": ["a", None]}
    frame = pd.DataFrame(
        {"n": [1.5], "i": [2], "d": pd.to_datetime(["2026-01-01"]), "b": [True], "s": ["x"], "o": [np.float32(2)]}
    )
    typed = plots.table(None, None, frame)
    types = {one["name"]: one["type"] for one in typed["fields"]}
    assert types == {"n": "number", "i": "number", "d": "datetime", "b": "boolean", "s": "string", "o": "number"}
    assert typed["data"]["d"] == ["2026-01-01T00:00:00"]
    for values, data_frame in ((None, None), ({}, frame)):
        with pytest.raises(ValueError, match="exactly one"):
            plots.table("t", values, data_frame)


def test_a_document_is_json_whatever_is_in_it() -> None:
    ref = stored_json({"type": "Table", "data": {"x": [float("nan"), float("inf"), 1.0, "<b>", (1, 2)]}})
    with open(ref.value.removeprefix("file://")) as kept:
        assert json.load(kept)["data"]["x"] == [None, None, 1.0, "<b>", [1, 2]]
    assert ref.media_type == "application/json"


@pytest.mark.parametrize(
    ("truth", "scores", "said"),
    [
        ([0, 1], np.array([[0.1, 0.9], [0.2, 0.8]]), "one value for each example"),
        ([], [], "no labels"),
        ([0, 1], [0.1, float("nan")], "NaN"),
    ],
)
def test_what_makes_no_curve_is_refused_with_a_sentence(truth: list[int], scores: object, said: str) -> None:
    for call in (
        lambda: plots.precision_recall("t", truth, scores, 1, None),  # type: ignore[arg-type]
        lambda: plots.roc_curve("t", truth, scores),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidField, match=said):
            call()


def test_a_single_column_will_do_and_so_will_a_tensor() -> None:
    torch = pytest.importorskip("torch")
    truth, scores = np.array([[0], [1], [1]]), torch.tensor([[0.1], [0.8], [0.7]], requires_grad=True)
    assert plots.roc_curve("t", truth, scores)["areaUnderCurve"] == 1.0  # type: ignore[arg-type]
    assert plots.confusion_matrix("t", truth, truth)["confusionMatrix"] == [[1, 0], [0, 2]]  # type: ignore[arg-type]


def test_labels_of_several_kinds_are_compared_by_their_text() -> None:
    made = plots.confusion_matrix("t", np.array([None, "a", 1], object), np.array(["a", "a", 1], object))  # type: ignore[arg-type]
    assert (made["labels"], made["confusionMatrix"]) == (["1", "None", "a"], [[1, 0, 0], [0, 0, 1], [0, 0, 1]])


def test_columns_of_one_name_stay_two() -> None:
    assert plots.distinct(["a", "a", "a (2)", "a", "b"]) == ["a", "a (3)", "a (2)", "a (4)", "b"]
    frame = pd.DataFrame([[1, pd.NaT]], columns=["a", "a"])
    assert plots.table("t", None, frame)["data"] == {"a": [1], "a (2)": [None]}

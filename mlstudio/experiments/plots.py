"""Tables, curves and matrices in SageMaker's JSON shapes, computed with numpy.

The numbers are scikit-learn's (`precision_recall_curve`, `average_precision_score`, `roc_curve`,
`roc_auc_score`, `confusion_matrix`), tested against it; scikit-learn itself is not imported.

Knows nothing of: components, the store.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from mlstudio.entities.errors import InvalidField

Document = dict[str, Any]


def _title(title: str | None, kind: str) -> str:
    return title or f"{kind}-{int(time.time())}"


def table(title: str | None, values: Mapping[str, Sequence[Any]] | None, data_frame: Any) -> Document:
    """Return a table; from a dict every field is "string", as in SageMaker.

    Raises:
        InvalidField: not exactly one of `values` and `data_frame`.
    """
    if (values is None) == (data_frame is None):
        raise InvalidField("A table needs exactly one of values and data_frame.", field="values")
    if values is not None:
        fields = [{"name": str(name), "type": "string"} for name in values]
        data = {str(name): [_plain(item) for item in column] for name, column in values.items()}
    else:
        names = distinct([str(name) for name in data_frame.columns])
        columns = [data_frame.iloc[:, place] for place in range(len(names))]
        fields = [{"name": name, "type": _type_of(column.dtype)} for name, column in zip(names, columns, strict=True)]
        data = {name: [_plain(item) for item in column.tolist()] for name, column in zip(names, columns, strict=True)}
    return {"type": "Table", "version": 0, "title": _title(title, "Table"), "fields": fields, "data": data}


def distinct(names: Sequence[str]) -> list[str]:
    """Return names each once: a second ``a`` is ``a (2)``."""
    found: list[str] = []
    originals, used = set(names), set[str]()
    for name in names:
        label, number = name, 1
        while label in used or (number > 1 and label in originals):
            number += 1
            label = f"{name} ({number})"
        used.add(label)
        found.append(label)
    return found


def _type_of(dtype: Any) -> str:
    kind = getattr(dtype, "kind", "O")
    return {"i": "number", "u": "number", "f": "number", "M": "datetime", "b": "boolean"}.get(kind, "string")


def _plain(value: Any) -> Any:
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:  # what pandas has for nothing
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    item = getattr(value, "item", None)
    if callable(item):
        return _plain(item())
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if callable(isoformat) else str(value)


def _column(values: Any, field: str) -> Any:
    """Return labels or scores as an array (n,); a tensor on any device and a single column are fine.

    Raises:
        InvalidField: there are several columns.
    """
    import numpy as np

    if hasattr(values, "detach") and hasattr(values, "cpu"):
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    if array.ndim != 1:
        raise InvalidField(
            f"{field} has the shape {array.shape}; one value for each example is needed.",
            field=field,
            hint="Give one column: of predict_proba that of the positive label, predicted[:, 1].",
        )
    return array


def _same_length(truth: Any, other: Any) -> None:
    if len(truth) != len(other):
        raise InvalidField(f"There are {len(truth)} labels and {len(other)} predictions.", field="y_true")
    if not len(truth):
        raise InvalidField("There are no labels.", field="y_true")


def _binary(y_true: Sequence[Any], scores: Sequence[float], positive: Any) -> tuple[Any, Any]:
    """Return truth as 0/1 and scores as floats, both (n,), by falling score."""
    import numpy as np

    truth, values = _column(y_true, "y_true"), _column(scores, "y_score").astype(float)
    _same_length(truth, values)
    if np.isnan(values).any():
        raise InvalidField("A score is NaN; a curve needs numbers.", field="y_score")
    labels = np.unique(truth)
    if len(labels) != 2 and positive is None:
        raise InvalidField(
            f"The labels have {len(labels)} values; a curve needs two.",
            field="y_true",
            hint="Give positive_label to compare one label with the rest.",
        )
    chosen = labels[1] if positive is None else positive
    hits = (truth == chosen).astype(float)
    order = np.argsort(values, kind="stable")[::-1]
    return hits[order], values[order]


def _counts(hits: Any, scores: Any) -> tuple[Any, Any]:
    """Return false and true positives at each distinct threshold, falling."""
    import numpy as np

    last = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
    true = np.cumsum(hits)[last]
    return 1 + last - true, true


def precision_recall(
    title: str | None, y_true: Sequence[Any], scores: Sequence[float], positive: Any, no_skill: float | None
) -> Document:
    """Return a precision-recall curve, recall falling to 0, ended by the point (1, 0)."""
    import numpy as np

    hits, values = _binary(y_true, scores, positive)
    false, true = _counts(hits, values)
    precision = true / (true + false)
    total = true[-1]
    recall = true / total if total > 0 else np.ones_like(true)
    steps = np.diff(np.r_[0.0, recall])
    return {
        "type": "PrecisionRecallCurve",
        "version": 0,
        "title": _title(title, "PrecisionRecallCurve"),
        "precision": [*precision[::-1].tolist(), 1.0],
        "recall": [*recall[::-1].tolist(), 0.0],
        "averagePrecisionScore": float(np.sum(steps * precision)),
        "noSkill": float(hits.mean()) if no_skill is None else float(no_skill),
    }


def roc_curve(title: str | None, y_true: Sequence[Any], scores: Sequence[float]) -> Document:
    """Return a ROC curve from (0, 0) to (1, 1), with the area under it."""
    import numpy as np

    hits, values = _binary(y_true, scores, None)
    false, true = _counts(hits, values)
    if len(false) > 2:  # what lies on a line between its neighbours says nothing
        bends = np.r_[True, (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0), True]
        false, true = false[bends], true[bends]
    x, y = np.r_[0.0, false / false[-1]], np.r_[0.0, true / true[-1]]
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    return {
        "type": "ROCCurve",
        "version": 0,
        "title": _title(title, "ROCCurve"),
        "falsePositiveRate": x.tolist(),
        "truePositiveRate": y.tolist(),
        "areaUnderCurve": area,
    }


def confusion_matrix(title: str | None, y_true: Sequence[Any], y_pred: Sequence[Any]) -> Document:
    """Return a confusion matrix; row = true label, column = predicted, both in the order of `labels`."""
    import numpy as np

    truth, predicted = _column(y_true, "y_true"), _column(y_pred, "y_pred")
    _same_length(truth, predicted)
    try:
        labels, codes = np.unique(np.r_[truth, predicted], return_inverse=True)
    except TypeError:  # labels of several kinds, None among them: by their text
        labels, codes = np.unique([str(one) for one in (*truth, *predicted)], return_inverse=True)
    size, half = len(labels), len(truth)
    matrix = np.zeros((size, size), dtype=int)
    np.add.at(matrix, (codes[:half], codes[half:]), 1)
    return {
        "type": "ConfusionMatrix",
        "version": 0,
        "title": _title(title, "ConfusionMatrix"),
        "confusionMatrix": matrix.tolist(),
        "labels": [_plain(one) for one in labels.tolist()],
    }

"""Hyperparameters as JSON text."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.training.hyperparameters import as_json_text


class Optimizer(Enum):
    ADAM = "adam"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (0.1, "0.1"),
        (True, "true"),
        (None, "null"),
        ("adam", '"adam"'),
        ([1, (2, 3)], "[1, [2, 3]]"),
        ({"a": {"b": 1}}, '{"a": {"b": 1}}'),
        (float("nan"), '"nan"'),
        (float("-inf"), '"-inf"'),
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "true"),
        (Path("/x"), '"/x"'),
        (Decimal("0.10"), '"0.10"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (Optimizer.ADAM, '"adam"'),
        ("é\n✨", json.dumps("é\n✨")),
        (2**70, str(2**70)),
    ],
)
def test_what_has_an_obvious_text_travels(value: Any, text: str) -> None:
    assert as_json_text({"x": value}) == {"x": text}


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), np.zeros(3), {1: "key"}, 1j, lambda: 1, [b""]])
def test_what_has_none_is_refused_by_name(value: Any) -> None:
    with pytest.raises(InvalidField, match="'weights'") as refused:
        as_json_text({"weights": value})
    assert refused.value.field == "hyperparameters"


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidField, match="is not text"):
        as_json_text({3: 1})  # type: ignore[dict-item]


def test_a_value_longer_than_sagemaker_takes_is_taken_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="SageMaker takes 2,500"):
        assert len(as_json_text({"x": "y" * 3000})["x"]) == 3002


def test_endless_nesting_is_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(InvalidField, match="nested too deep"):
        as_json_text({"x": deep})

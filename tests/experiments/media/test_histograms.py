"""Histograms: every value is in a bin or counted as missing, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode


def of(obj: Any, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    (found,) = encode("histogram", obj, **options)
    assert len(found.preview or b"") <= MAX_PREVIEW
    return json.loads(found.data or b"", parse_constant=pytest.fail), json.loads(found.preview or b"")


@given(arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(width=64)), st.integers(1, 100))
def test_every_value_is_counted_once(values: np.ndarray, bins: int) -> None:
    whole, head = of(values, bins=bins)
    assert whole["n"] == len(values)
    assert sum(whole["counts"]) + whole["n_nan"] == len(values)
    assert len(whole["edges"]) == len(whole["counts"]) + 1
    assert all(low < high for low, high in zip(whole["edges"], whole["edges"][1:], strict=False))
    assert sum(head["counts"]) == sum(whole["counts"])
    finite = values[np.isfinite(values)]
    if len(finite):
        assert whole["edges"][0] <= finite.min() <= finite.max() <= whole["edges"][-1]


@given(
    arrays.arrays(st.sampled_from([np.int64, np.uint8, np.bool_, np.float16]), st.tuples(st.integers(1, 5), st.just(4)))
)
def test_any_numbers_of_any_shape_will_do(values: np.ndarray) -> None:
    whole, _ = of(values)
    assert sum(whole["counts"]) + whole["n_nan"] == values.size


def test_a_finished_histogram_is_kept_as_it_is() -> None:
    counts, edges = np.histogram(np.arange(100.0), bins=7)
    whole, _ = of((counts, edges))
    assert (whole["counts"], whole["edges"], whole["n"]) == (counts.tolist(), edges.tolist(), 100)


def test_very_many_bins_are_merged_in_the_preview_only() -> None:
    whole, head = of(np.random.default_rng(0).normal(size=10_000), bins=3001)
    assert len(whole["counts"]) == 3001
    assert len(head["counts"]) < 400
    assert (sum(head["counts"]), head["edges"][0], head["edges"][-1]) == (10_000, whole["edges"][0], whole["edges"][-1])


@pytest.mark.parametrize(
    ("obj", "options", "said"),
    [
        ([], {}, "empty"),
        (["a"], {}, "no real numbers"),
        ([1.0], {"bins": 0}, "bins are none"),
        ([1.0], {"bins": 10**9}, "bins are none"),
        (([1, 2], [0.0, 1.0]), {}, "need 3 edges"),
        (([1], [1.0, 0.0]), {}, "rise"),
        (([-1], [0.0, 1.0]), {}, "not negative"),
        (([np.nan], [0.0, 1.0]), {}, "not negative"),
    ],
)
def test_what_is_no_histogram_is_refused_with_a_sentence(obj: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("histogram", obj, **options)

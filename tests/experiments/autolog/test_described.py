"""What a library says of itself, as parameters: flat, short, without secrets."""

from __future__ import annotations

import enum
from pathlib import Path

import numpy as np

from mlstudio.entities.secrets import MASK
from mlstudio.experiments.autolog.described import MAX_PARAMETERS, MAX_TEXT, described, numbers, parameters, settled


class Kind(enum.Enum):
    FAST = "fast"


def test_numbers_and_texts_stay_and_objects_become_their_type() -> None:
    assert [described(one) for one in (1, 0.5, True, "x", None)] == [1, 0.5, True, "x", "None"]
    assert described(np.float32(0.5)) == 0.5
    assert described(np.arange(10)) == "ndarray"
    assert described(Kind.FAST) == "fast"
    assert described(Path("a/b")) == "a/b"
    assert described(print) == "print"
    assert described(object()) == "object"


def test_short_lists_are_spelt_out_and_long_ones_counted() -> None:
    assert described([1, "a", (2, 3)]) == "[1, 'a', [2, 3]]"
    assert described(list(range(500))) == "list of 500"
    assert described("x" * 10_000) == "x" * MAX_TEXT


def test_nested_mappings_become_names_with_a_slash() -> None:
    assert parameters({"a": {"b": 1, "c": {"d": "e"}}, "empty": {}}, "p/") == {
        "p/a/b": 1,
        "p/a/c/d": "e",
        "p/empty": "{}",
    }


def test_a_mapping_that_holds_itself_ends_and_a_thousand_is_enough() -> None:
    ring: dict[str, object] = {"x": 1}
    ring["again"] = ring
    assert len(parameters(ring)) < 20
    assert len(parameters({str(number): number for number in range(5000)})) == MAX_PARAMETERS


def test_what_says_secret_by_its_name_is_masked() -> None:
    assert parameters({"api_key": "hush", "deep": {"hub_token": "hush"}}) == {"api_key": MASK, "deep/hub_token": MASK}


def test_only_numbers_are_metrics() -> None:
    found = numbers({"a": 1, "b": np.float64(2), "c": "3", "d": None, "e": np.arange(3), "f": object()})
    assert found == {"a": 1.0, "b": 2.0}


def test_what_was_not_set_is_left_out() -> None:
    assert settled({"a": None, "b": [], "c": 0, "d": ""}) == {"c": 0}

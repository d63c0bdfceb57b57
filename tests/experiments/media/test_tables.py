"""Tables: SageMaker's shape, and a head that always fits."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode


def test_a_frame_comes_back_with_its_types() -> None:
    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [0.5, np.nan],
            "s": ["a", None],
            "b": [True, False],
            "t": pd.to_datetime(["2026-01-02", None]),
        }
    )
    (found,) = encode("table", frame)
    body = json.loads(found.data or b"", parse_constant=pytest.fail)
    kinds = {one["name"]: one["type"] for one in body["fields"]}
    assert kinds == {"i": "number", "f": "number", "s": "string", "b": "boolean", "t": "datetime"}
    assert body["data"]["f"] == [0.5, None]
    assert body["data"]["s"] == ["a", None]
    assert body["data"]["t"] == ["2026-01-02T00:00:00", None]
    head = json.loads(found.preview or b"")
    assert head["rows"][0] == [1, 0.5, "a", True, "2026-01-02T00:00:00"]
    assert (head["total_rows"], head["total_columns"]) == (2, 5)


def test_columns_rows_and_arrays_are_tables() -> None:
    for obj in ({"a": [1, 2]}, [{"a": 1}, {"a": 2}], pd.DataFrame({"a": [1, 2]})):
        assert json.loads(encode("table", obj)[0].data or b"")["data"] == {"a": [1, 2]}
    assert list(json.loads(encode("table", np.eye(2))[0].data or b"")["data"]) == ["0", "1"]


def test_two_columns_of_one_name_and_an_index_that_says_something_are_kept() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", "a (2)"], index=pd.Index(["row"], name="key"))
    body = json.loads(encode("table", frame)[0].data or b"")
    assert body["data"] == {"key": ["row"], "a": [1], "a (3)": [2], "a (2)": [3]}


@settings(max_examples=25)
@given(
    st.integers(0, 30).flatmap(
        lambda rows: st.dictionaries(
            st.text(max_size=300), st.lists(st.text(max_size=400), min_size=rows, max_size=rows), max_size=12
        )
    )
)
def test_any_text_is_a_table_with_a_head_that_fits(columns: dict[str, list[str]]) -> None:
    (found,) = encode("table", columns)
    assert len(found.preview or b"") <= MAX_PREVIEW
    assert len(json.loads(found.data or b"")["fields"]) == len(columns)


def test_odd_cells_are_texts() -> None:
    cells = [Decimal("1.5"), dt.date(2026, 1, 2), b"x", float("inf"), pd.NA, [1, 2]]
    body = json.loads(encode("table", {"a": cells})[0].data or b"", parse_constant=pytest.fail)
    assert body["data"]["a"] == ["1.5", "2026-01-02", "b'x'", None, None, "[1, 2]"]


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        (5, "int is no table"),
        ("text", "str is no table"),
        ({"a": [1], "b": [1, 2]}, "cannot be read as a table"),
        (np.zeros((3000, 1000)), "3000000 cells"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(obj: Any, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("table", obj)

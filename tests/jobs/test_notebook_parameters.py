"""What the cell tagged ``parameters`` assigns, read and never run."""

from __future__ import annotations

from typing import Any

import pytest

from mlstudio.jobs.notebook_parameters import parameters_of

CELL = """\
%matplotlib inline
# how fast
# it learns
lr: float = 0.1
epochs = 5  # passes over the data
layers = [64, 32]
name = "a\\n\u00e9"

data = open("/etc/passwd").read()
later: int
a = b = {"x": None}
x, y = 1, 2
odd = {1, 2}
epochs = 7
"""


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata}


def code(source: Any, *tags: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}}


def test_names_values_types_and_comments() -> None:
    found = parameters_of(notebook(code("lr = 9"), code(CELL.splitlines(keepends=True), "x", "parameters")))
    by_name = {one.name: one for one in found.items}
    assert found.tagged
    assert found.error is None
    assert list(by_name) == ["lr", "epochs", "layers", "name", "data", "later", "a", "b", "odd"]
    assert (by_name["lr"].value, by_name["lr"].type, by_name["lr"].comment) == (0.1, "float", "how fast it learns")
    assert (by_name["epochs"].value, by_name["epochs"].comment) == (7, "")
    assert by_name["layers"].value == [64, 32]
    assert by_name["name"].value == "a\n\u00e9"
    assert (by_name["data"].literal, by_name["data"].value) == (False, None)
    assert by_name["data"].text == 'open("/etc/passwd").read()'
    assert (by_name["later"].literal, by_name["later"].type) == (False, "int")
    assert by_name["b"].value == {"x": None}
    assert not by_name["odd"].literal, "a set is no JSON"


def test_a_comment_behind_the_value_counts_first() -> None:
    found = parameters_of(notebook(code("# above\nepochs = 5  # behind\n", "parameters")))
    assert found.items[0].comment == "behind"


@pytest.mark.parametrize(
    "cells",
    [(), (code("a = 1"),), ({"cell_type": "markdown", "source": "a = 1", "metadata": {"tags": ["parameters"]}},), (7,)],
)
def test_a_notebook_without_such_a_cell_says_so(cells: tuple[Any, ...]) -> None:
    found = parameters_of({"cells": list(cells), "metadata": {"kernelspec": {"name": "python3"}}})
    assert (found.tagged, found.items, found.kernel) == (False, [], "python3")


@pytest.mark.parametrize(
    ("source", "said"),
    [("a = (", "Line 1"), ("a = 1\n  b = 2", "Line 2"), ("a = 1\0", "null"), ("x" * 300_000, "300,000 characters")],
)
def test_a_cell_that_cannot_be_read_says_why(source: str, said: str) -> None:
    found = parameters_of(notebook(code(source, "parameters")))
    assert said in (found.error or "")
    assert found.items == []


def test_values_that_nest_without_end_are_expressions_or_errors() -> None:
    found = parameters_of(notebook(code("a = " + "-" * 5000 + "1", "parameters")))
    assert found.error or not found.items[0].literal

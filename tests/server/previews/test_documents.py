"""JSON trees and notebooks, within bounds and without markup."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlstudio.entities.previews import Preview
from mlstudio.server.previews import documents


def tree(tmp_path: Path, data: str) -> Preview:
    path = tmp_path / "a.json"
    path.write_text(data, encoding="utf-8")
    return documents.tree(path, "a.json", None)


def test_a_document_is_shown_as_it_is(tmp_path: Path) -> None:
    shown = tree(tmp_path, '{"lr": 0.1, "layers": [1, 2], "bias": true, "none": null}')

    assert shown.document == {"lr": 0.1, "layers": [1, 2], "bias": True, "none": None}
    assert not shown.truncated


def test_numbers_that_a_browser_cannot_hold_become_texts(tmp_path: Path) -> None:
    shown = tree(tmp_path, '{"a": NaN, "b": -Infinity, "c": 12345678901234567890123, "d": 9007199254740991}')

    assert shown.document == {"a": "nan", "b": "-inf", "c": "12345678901234567890123", "d": 9007199254740991}


def test_a_wide_long_and_deep_document_is_cut(tmp_path: Path) -> None:
    deep: Any = 0
    for _ in range(30):
        deep = {"x": deep}
    shown = tree(tmp_path, json.dumps({"deep": deep, "wide": list(range(1000)), "long": "x" * 10_000}))

    assert shown.truncated
    assert len(shown.document["wide"]) == documents.WIDTH
    assert len(shown.document["long"]) == documents.TEXT + 1
    assert "{…}" in json.dumps(shown.document["deep"], ensure_ascii=False)


def test_many_small_things_are_cut(tmp_path: Path) -> None:
    shown = tree(tmp_path, json.dumps([[[1] * 100] * 100] * 100))

    assert shown.truncated
    assert json.dumps(shown.document).count("1") <= documents.NODES


@pytest.mark.parametrize("data", ["{", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", "", "nonsense"])
def test_what_is_no_json_is_shown_as_text(tmp_path: Path, data: str) -> None:
    assert tree(tmp_path, data).kind == "text"


def picture(size: int = 900) -> str:
    out = io.BytesIO()
    Image.new("RGB", (size, 10), "red").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def notebook(tmp_path: Path, *cells: dict[str, Any]) -> Preview:
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": list(cells), "metadata": {"kernelspec": {"language": "python"}}}))
    return documents.notebook(path, "a.ipynb", None)


def test_cells_show_sources_texts_and_images_drawn_anew(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "text": ["a\n", "b"]},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[0;31mE\x1b[0m: v"]},
        {"output_type": "display_data", "data": {"image/png": picture(), "text/plain": "<Figure>"}},
    ]
    shown = notebook(
        tmp_path,
        {"cell_type": "markdown", "source": ["# T\n", "x"]},
        {"cell_type": "code", "source": "1", "outputs": outputs},
    )

    assert shown.cells is not None
    first, second = shown.cells
    assert (first.type, first.source) == ("markdown", "# T\nx")
    assert second.outputs == ["a\nb", "E: v"]
    drawn = base64.b64decode(second.images[0])
    assert drawn[:4] == b"RIFF"
    assert Image.open(io.BytesIO(drawn)).width == documents.EDGE


def test_markup_and_scripts_of_outputs_are_never_shown(tmp_path: Path) -> None:
    data = {
        "text/html": "<script>alert(1)</script>",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg onload=alert(1)>",
        "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
        "text/plain": "plain",
    }
    shown = notebook(tmp_path, {"cell_type": "code", "source": "", "outputs": [{"output_type": "x", "data": data}]})

    assert shown.cells is not None
    assert shown.cells[0].outputs == ["plain"]
    assert "alert" not in repr(shown)


@pytest.mark.parametrize("image", ["not base64 !!", base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode(), 5, ["x"]])
def test_an_image_that_is_none_is_left_out(tmp_path: Path, image: Any) -> None:
    output = {"output_type": "display_data", "data": {"image/png": image}}
    shown = notebook(tmp_path, {"cell_type": "code", "source": "x", "outputs": [output]})

    assert shown.cells is not None
    assert shown.cells[0].images == []


@pytest.mark.parametrize(
    "cells", [[1], [{}], [{"cell_type": 5, "source": 7, "outputs": {}}], [{"outputs": [1, {"data": 3}]}]]
)
def test_a_notebook_of_odd_form_is_no_bug(tmp_path: Path, cells: list[Any]) -> None:
    assert notebook(tmp_path, *cells).kind == "notebook"


def test_a_notebook_that_is_none_is_a_tree_or_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"cells": 5}')
    assert documents.notebook(path, "a.ipynb", None).kind == "json"
    path.write_text("{")
    assert documents.notebook(path, "a.ipynb", None).kind == "text"


def test_a_notebook_of_many_long_cells_is_cut(tmp_path: Path) -> None:
    shown = notebook(tmp_path, *[{"cell_type": "code", "source": "x" * 20_000}] * 600)

    assert shown.truncated
    assert shown.cells is not None
    assert sum(len(cell.source) for cell in shown.cells) <= documents.ROOM

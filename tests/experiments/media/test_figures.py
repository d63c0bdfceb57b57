"""Figures: matplotlib's are drawn, plotly's stay alive, the rest is refused."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlstudio.entities.media import MAX_PREVIEW
from mlstudio.experiments.media import Unfit, encode


def test_a_figure_of_matplotlib_and_its_axes_are_drawn() -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figure = figure_module.Figure()
    axes = figure.subplots()
    axes.plot([1, 2, 3])
    for obj in (figure, axes):
        (found,) = encode("figure", obj)
        assert found.media_type == "image/png"
        assert Image.open(io.BytesIO(found.data or b"")).size[0] > 300
        assert found.preview_type == "image/webp"
    assert encode("image", figure)[0].media_type == "image/png"


def test_a_figure_of_plotly_is_kept_as_json_without_nan() -> None:
    graph = pytest.importorskip("plotly.graph_objects")
    figure = graph.Figure(graph.Scatter(y=np.array([1.0, np.nan])), {"title": {"text": "<b>é</b>" * 500}})
    (found,) = encode("figure", figure)
    assert found.media_type == "application/vnd.plotly.v1+json"
    assert json.loads(found.data or b"", parse_constant=pytest.fail)["data"][0]["type"] == "scatter"
    shown = json.loads(found.preview or b"")
    assert (shown["traces"], shown["types"], len(shown["title"].encode()) <= 500) == (1, ["scatter"], True)


def test_the_dict_of_a_figure_will_do() -> None:
    (found,) = encode("figure", {"data": [{"y": np.arange(3), "x": [float("nan")]}], "layout": {"title": "t"}, "z": 1})
    body = json.loads(found.data or b"")
    assert body == {"data": [{"y": [0, 1, 2], "x": [None]}], "layout": {"title": "t"}}
    assert json.loads(found.preview or b"")["title"] == "t"


class Broken:
    def savefig(self, *_: object, **__: object) -> None:
        raise RuntimeError("no latex")


class Liar:
    def to_plotly_json(self) -> None: ...
    def to_json(self) -> str:
        return "[" * 100_000


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        (Broken(), "cannot be drawn: RuntimeError: no latex"),
        (Liar(), "cannot be read"),
        ({"data": [object()]}, "not JSON"),
        ({"data": 1}, "no figure"),
        (5, "int is no figure"),
        (None, "no figure"),
    ],
)
def test_what_is_no_figure_is_refused_with_a_sentence(obj: Any, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        encode("figure", obj)


def test_the_preview_of_many_traces_is_small() -> None:
    traces = [{"type": f"kind{number}" * 30} for number in range(500)]
    (found,) = encode("figure", {"data": traces, "layout": {}})
    assert len(found.preview or b"") <= MAX_PREVIEW

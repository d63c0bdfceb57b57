"""What an exported notebook shows."""

from __future__ import annotations

import base64
import math
import re
import xml.etree.ElementTree as ET

import mlstudio
from mlstudio.store import open_store
from mlstudio.widgets import still

HOSTILE = '<script>alert(1)</script>"&'


def _picture(html: str) -> str:
    found = re.search(r"data:image/svg\+xml;base64,([^\"]+)", html)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def test_a_run_leaves_a_table_and_a_picture() -> None:
    with mlstudio.run("mnist", "first", lr=0.1) as run:
        for step in range(50):
            run.log(loss=math.exp(-step / 10), step=step)
    shown = still.bundle("experiment", ["mnist"], [])
    assert "first" in shown["text/plain"]
    assert "0.1" in shown["text/html"]
    tree = ET.fromstring(_picture(shown["text/html"]))
    lines = tree.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 1
    assert len(lines[0].attrib["points"].split()) == 50


def test_what_a_user_wrote_is_text_in_the_picture_too() -> None:
    with mlstudio.run("mnist", HOSTILE) as run:
        run.log({HOSTILE: 1.0}, step=0)
        run.log({HOSTILE: 2.0}, step=1)
    html = still.bundle("run", [run.component_name], [])["text/html"]
    assert "<script" not in html
    assert "<script" not in _picture(html)
    ET.fromstring(_picture(html))


def test_points_that_are_not_finite_leave_a_picture() -> None:
    with mlstudio.run("mnist") as run:
        for step, value in enumerate([float("nan"), 1.0, float("inf"), 2.0, float("-inf")]):
            run.log(loss=value, step=step)
    html = still.bundle("run", [run.component_name], ["loss"])["text/html"]
    assert "nan" not in _picture(html)


def test_a_run_without_metrics_leaves_a_table_only() -> None:
    with mlstudio.run("mnist", lr=1) as run:
        pass
    html = still.bundle("run", [run.component_name], [])["text/html"]
    assert "<table" in html
    assert "<img" not in html


def test_what_is_gone_is_said() -> None:
    shown = still.bundle("experiment", ["none-such"], [])
    assert "none-such" in shown["text/plain"]


def test_the_common_experiment_is_found() -> None:
    with mlstudio.run("one") as a, mlstudio.run("two") as b:
        pass
    assert still.home_of([a.component_name]) == "one"
    assert still.home_of([a.component_name, b.component_name]) == ""
    assert still.home_of([]) == ""


def test_a_run_that_goes_on_is_running() -> None:
    run = mlstudio.run("mnist")
    run.flush()
    assert still.runs_now("run", [run.component_name])
    run.finish()
    assert not still.runs_now("run", [run.component_name])
    assert open_store().get_component(run.component_name).status == "Completed"

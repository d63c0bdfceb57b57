"""Media of a component over HTTP: what run.image and its sisters recorded."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

import mlstudio
from mlstudio.testing.server import Server


@pytest.fixture
def name(server: Server) -> str:
    """A run with five images at each of three steps, and a text."""
    if server.request("GET", "/trial-components/pictured").status == 404:
        with mlstudio.run("pictures", name="pictured", capture=False) as run:
            for step in (0, 10, 20):
                run.image("samples", [np.full((8, 8), place * 50, np.uint8) for place in range(5)], step=step)
            run.text("notes", "<script>alert(1)</script>", step=3)
    listed = server.request("GET", "/trial-components?name_contains=pictured").json()["items"]
    found: str = listed[0]["name"]
    return found


def test_media_are_folded_by_name(server: Server, name: str) -> None:
    items = server.request("GET", f"/trial-components/{name}/media").json()["items"]

    assert [(item["name"], item["kind"], item["count"], item["steps"]) for item in items] == [
        ("notes", "text", 1, [3]),
        ("samples", "image", 15, [0, 10, 20]),
    ]


def test_pages_of_media_follow_each_other(server: Server, name: str) -> None:
    found: list[tuple[str, int, int]] = []
    cursor = ""
    for _ in range(10):
        page = server.request("GET", f"/trial-components/{name}/media/items?limit=7{cursor}").json()
        found += [(item["name"], item["step"], item["seq"]) for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(found) == 16
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("name=samples&step_from=10&step_to=10", [10] * 5),
        ("name=samples&step_from=11", [20] * 5),
        ("name=samples&step_to=0", [0] * 5),
        ("name=nothing", []),
    ],
)
def test_a_stretch_of_steps_is_found(server: Server, name: str, query: str, steps: list[int]) -> None:
    items = server.request("GET", f"/trial-components/{name}/media/items?{query}").json()["items"]

    assert [item["step"] for item in items] == steps


def test_a_medium_has_a_preview_and_its_bytes_a_picture(server: Server, name: str) -> None:
    (item, *_) = server.request("GET", f"/trial-components/{name}/media/items?name=samples&limit=1").json()["items"]
    small = Image.open(io.BytesIO(base64.b64decode(item["preview"])))
    large = server.request("GET", f"/artifacts/{item['artifact_uid']}/image")

    assert item["preview_type"] == "image/webp"
    assert small.size == (8, 8)
    assert Image.open(io.BytesIO(large.body)).size == (8, 8)


def test_media_that_come_are_told_to_who_looks(server: Server) -> None:
    with mlstudio.run("pictures", capture=False) as run:
        component = run.trial_component.trial_component_name
        run.log_parameter("lr", 1)
        with server.socket(f"component:{component}") as socket:
            socket.wait_for("hello", "hello")
            run.image("live", np.zeros((4, 4)), step=7)
            event, _ = socket.wait_for(f"component:{component}", "media", timeout=10)

    (series,) = event["data"]["series"]
    assert (series["name"], series["count"], series["steps"]) == ("live", 1, [7])


@pytest.mark.parametrize("query", ["step_from=x", "limit=0", "limit=1001", "step_to=9007199254740992"])
def test_an_odd_query_is_400(server: Server, name: str, query: str) -> None:
    assert server.request("GET", f"/trial-components/{name}/media/items?{query}").status == 400


def test_nobody_has_no_media(server: Server) -> None:
    assert server.request("GET", "/trial-components/nobody/media").status == 404
    assert server.request("GET", "/trial-components/nobody/media/items").status == 404

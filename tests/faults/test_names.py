"""Names with markup, other scripts, quotes and 10,000 characters: from a log call to what the panel reads."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import mlstudio
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.journal_values import clean_name
from mlstudio.store.recorder import Recorder
from mlstudio.testing import hostile_names
from mlstudio.testing.server import Server, running_server

NAMES = [*hostile_names(), "x" * 9_999 + "y", "🧪" * 10_000, "\u200f\u202eאבג\u202c", "a/b\\c", "metrics.loss.last"]
KEPT = {clean_name(name): float(number) for number, name in enumerate(NAMES)}


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    with running_server(home.root) as found:
        yield found


def last_value(body: bytes) -> float:
    """Return the last y of the one curve in an MLC1 body."""
    (length,) = struct.unpack_from("<I", body, 4)
    header: dict[str, Any] = json.loads(body[8 : 8 + length])["series"][0]
    data = np.frombuffer(body, "<f8", offset=8 + length)
    return float(data[header["offset"] + 2 * header["n"] - 1])


def test_t25_every_name_of_a_metric_is_one_curve_from_the_log_call_to_the_panel(server: Server) -> None:
    assert len(KEPT) == len(NAMES), "no two names became one"
    server.request("POST", "/experiments", {"name": "e"})
    server.request("POST", "/trials", {"name": "t", "experiment_name": "e"})
    with server.socket("experiment:e", "component:c") as socket:
        recorder = Recorder(ComponentCreate(name="c", trials=["t"]))
        for number, name in enumerate(NAMES):
            recorder.log(name, float(number), step=0)
        recorder.log_many({name: float(number) for number, name in enumerate(NAMES)}, step=1)
        recorder.close()
        socket.wait(lambda event: event["data"].get("status") == "Completed", timeout=10)

    series = server.request("GET", "/trial-components/c/series").json()["items"]
    assert {one["name"]: (one["count"], one["last"]) for one in series} == {
        name: (2, value) for name, value in KEPT.items()
    }
    for name, value in KEPT.items():
        reply = server.request("POST", "/curves", {"series": [{"component": "c", "name": name}]})
        assert reply.status == 200
        assert last_value(reply.body) == value, name
    page = server.request("POST", "/tables", {"scope": {"experiment": "e"}}).json()
    keys = {column["key"] for column in page["columns"]}
    assert {f"metrics.{name}.last" for name in KEPT} <= keys
    told = {key for event in socket.events for key in event["data"].get("cells", {})}
    assert {f"metrics.{name}.last" for name in KEPT} <= told, "open pages were told the same names"


def test_t25_every_other_text_of_a_run_comes_back_as_it_was_given(server: Server) -> None:
    with mlstudio.run("<b>study</b> 🧪", "\u202eright to left") as run:
        for one, other in pairwise(hostile_names()):
            run[one] = other
            run.tag(one, other[:200])
    recorder = Recorder(ComponentCreate(name="with-artifacts", display_name="<script>alert(1)</script>"))
    for one in hostile_names():
        recorder.artifact("output", one, ArtifactRef(value=one))
    recorder.note("\n".join(hostile_names()))
    recorder.close()

    (record,) = server.request("GET", f"/trial-components?experiment={run.experiment_name}").json()["items"]
    for one, other in pairwise(hostile_names()):
        assert record["params"][one] == other
        assert record["tags"][one] == other[:200]
    assert record["display_name"] == "\u202eright to left"
    (experiment,) = server.request("GET", "/experiments").json()["items"]
    assert experiment["display_name"] == "<b>study</b> 🧪"
    other_record = server.request("GET", "/trial-components/with-artifacts").json()
    assert other_record["display_name"] == "<script>alert(1)</script>"
    assert {key: value["value"] for key, value in other_record["outputs"].items()} == {
        one: one for one in hostile_names()
    }
    assert other_record["description"] == "\n".join(hostile_names())
    open_store().close()

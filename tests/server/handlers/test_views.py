"""Tables and curves: columns and bytes, decoded as the front end decodes them."""

from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.recorder import Recorder
from mlstudio.testing.server import Server


@pytest.fixture
def swept(server: Server) -> Server:
    """An experiment with three components, each with a parameter and a curve of 5,000 points."""
    if server.request("GET", "/experiments/swept").status == 404:
        server.request("POST", "/experiments", {"name": "swept"})
        server.request("POST", "/trials", {"name": "swept-t", "experiment_name": "swept"})
        for number in range(3):
            recorder = Recorder(
                ComponentCreate(name=f"swept-{number}", params={"lr": 10.0**-number}, trials=["swept-t"])
            )
            for step in range(5000):
                recorder.log("loss", 1 / (step + 1) + number, step=step)
            recorder.close(status="Completed")
    return server


def floats(column: dict[str, str]) -> list[float]:
    return np.frombuffer(base64.b64decode(column["b64"]), "<f8").tolist()


def test_a_table_comes_as_columns_in_the_order_asked(swept: Server) -> None:
    reply = swept.request(
        "POST",
        "/tables",
        {"scope": {"experiment": "swept"}, "order": ["-params.lr"], "columns": ["params.lr", "status"], "limit": 2},
    )

    page = reply.json()
    columns = {column["key"]: column for column in page["columns"]}
    assert (page["rows"], page["total"]) == (2, 3)
    assert page["names"] == ["swept-0", "swept-1"]
    assert floats(columns["params.lr"]) == [1.0, 0.1]
    assert columns["status"]["values"] == ["Completed"]


def test_a_table_is_filtered_by_the_query_language(swept: Server) -> None:
    wanted = {"scope": {"experiment": "swept"}, "where": "params.lr < 0.5 and metrics.loss.last > 1.5"}

    assert swept.request("POST", "/tables", wanted).json()["names"] == ["swept-2"]


def test_a_table_of_a_bad_query_or_order_says_so(swept: Server) -> None:
    for wrong in ({"where": "params.lr <"}, {"order": ["-nothing.at.all"]}):
        reply = swept.request("POST", "/tables", {"scope": {"experiment": "swept"}, **wrong})
        assert (reply.status, reply.error["code"]) == (400, "bad_query"), wrong


def test_a_curve_comes_as_bytes_with_its_true_extremes(swept: Server) -> None:
    reply = swept.request("POST", "/curves", {"series": [{"component": "swept-1", "name": "loss"}], "width": 100})

    (length,) = struct.unpack_from("<I", reply.body, 4)
    header = json.loads(reply.body[8 : 8 + length])["series"][0]
    data = np.frombuffer(reply.body, "<f8", offset=8 + length)
    y = data[header["offset"] + header["n"] : header["offset"] + 2 * header["n"]]
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.body[:4] == b"MLC1"
    assert header["total"] == 5000
    assert 4 <= header["n"] <= 200
    assert (y.max(), y.min()) == (2.0, 1 / 5000 + 1)


def test_a_curve_of_an_unknown_component_is_404_and_of_an_odd_name_400(swept: Server) -> None:
    unknown = swept.request("POST", "/curves", {"series": [{"component": "nobody", "name": "loss"}]})
    odd = swept.request("POST", "/curves", {"series": [{"component": "../x", "name": "loss"}]})

    assert (unknown.status, odd.status) == (404, 400)
    assert odd.error["field"] == "series.component"


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("order by params.lr limit 2", ["swept-2", "swept-1"]),
        ('{"Filters": [{"Name": "Parameters.lr", "Operator": "LessThan", "Value": "0.05"}]}', ["swept-2"]),
    ],
)
def test_a_query_limits_its_rows_and_may_be_sagemakers_json(swept: Server, where: str, names: list[str]) -> None:
    page = swept.request("POST", "/tables", {"scope": {"experiment": "swept"}, "where": where}).json()
    assert (page["total"], page["names"]) == (len(names), names)

"""Odd numbers and odd steps, from a log call to the bytes that the panel draws."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.home import Home
from mlstudio.store.recorder import Recorder
from mlstudio.testing.server import Server, running_server

VALUES = [1.0, math.nan, math.inf, -math.inf, -0.0, 1e308, -1e308, 5e-324, 2.0]


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    with running_server(home.root) as found:
        yield found


def drawn(server: Server, name: str) -> tuple[list[float], list[float], dict[str, Any]]:
    """Return x, y and header of a curve, as its bytes have them."""
    body = server.request("POST", "/curves", {"series": [{"component": "c", "name": name}], "width": 2000}).body
    (length,) = struct.unpack_from("<I", body, 4)
    header = json.loads(body[8 : 8 + length])["series"][0]
    data = np.frombuffer(body, "<f8", offset=8 + length)
    at, n = header["offset"], header["n"]
    return data[at : at + n].tolist(), data[at + n : at + 2 * n].tolist(), header


def summary(server: Server, name: str) -> dict[str, Any]:
    items = server.request("GET", "/trial-components/c/series").json()["items"]
    return next(one for one in items if one["name"] == name)


def test_t22_special_numbers_arrive_bit_for_bit_and_nan_is_a_gap_not_a_point(server: Server) -> None:
    recorder = Recorder(ComponentCreate(name="c"))
    for step, value in enumerate(VALUES):
        recorder.log("v", value, step)
    recorder.log("nothing", math.nan, 0)
    recorder.close()

    x, y, header = drawn(server, "v")
    finite = {float(step): value for step, value in enumerate(VALUES) if math.isfinite(value)}
    shown = {at: value for at, value in zip(x, y, strict=True) if math.isfinite(value)}
    assert shown == finite
    assert math.copysign(1, shown[4.0]) == -1, "-0.0 is not 0.0"
    assert header["total"] == len(VALUES)
    found = summary(server, "v")  # extremes are those of what can be drawn
    assert (found["count"], found["last"], found["min"], found["max"]) == (9, 2.0, -1e308, 1e308), (
        "extremes of what can be drawn"
    )
    assert summary(server, "nothing")["last"] == "nan"
    page = server.request("POST", "/tables", {"columns": ["metrics.v.max", "metrics.nothing.last"]})
    assert page.status == 200


def test_t23_steps_out_of_order_and_repeated_give_one_value_per_step_the_last_written(server: Server) -> None:
    recorder = Recorder(ComponentCreate(name="c"))
    order = [5, 3, 9, 3, 0, 2**53 - 1, 5, 7]
    for number, step in enumerate(order):
        recorder.log("v", float(number), step)
    recorder.flush()
    recorder.log("v", 100.0, 3)
    for wrong in (-1, 2.5, "x", 2**70):
        recorder.log("v", 1.0, wrong)  # type: ignore[arg-type]
    recorder.close()

    wanted = {float(step): float(number) for number, step in enumerate(order)} | {3.0: 100.0}
    x, y, _ = drawn(server, "v")
    assert dict(zip(x, y, strict=True)) == wanted
    assert x == sorted(wanted)
    record = server.request("GET", "/trial-components/c").json()
    assert record["dropped"] == 4, "what cannot be a step is counted"
    found = summary(server, "v")
    assert (found["count"], found["min"], found["max"]) == (len(wanted), min(wanted.values()), 100.0)

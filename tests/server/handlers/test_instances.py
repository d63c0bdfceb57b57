"""Sizes over HTTP."""

from __future__ import annotations

from mlstudio.testing.server import Server

BOX = {"name": "box.small", "vcpu": 1, "memory_gib": 2.0}


def test_sizes_the_host_and_who_holds_what(server: Server) -> None:
    reply = server.request("GET", "/instances").json()
    names = [one["name"] for one in reply["types"]]
    assert {"ml.m5.large", "ml.p3.2xlarge"} <= set(names)
    assert reply["host"]["cpus"]
    assert reply["leases"] == []


def test_a_size_of_one_s_own_is_kept_changed_and_forgotten(server: Server) -> None:
    assert server.request("PUT", "/instances/box.small", BOX).json()["own"]
    assert server.request("PUT", "/instances/box.small", {**BOX, "vcpu": 2}).json()["vcpu"] == 2
    first = server.request("GET", "/instances").json()["types"][0]
    assert (first["name"], first["vcpu"], first["own"]) == ("box.small", 2, True)
    assert server.request("DELETE", "/instances/box.small").status == 204
    assert server.request("DELETE", "/instances/box.small").status == 404


def test_what_cannot_be_a_size_is_refused(server: Server) -> None:
    assert server.request("PUT", "/instances/other", BOX).error["field"] == "name"
    assert server.request("PUT", "/instances/ml.m5.large", {**BOX, "name": "ml.m5.large"}).status == 400
    assert server.request("PUT", "/instances/box.small", {**BOX, "vcpu": 0}).status == 400
    assert server.request("PUT", "/instances/..%2Fx", {**BOX, "name": "../x"}).status == 400

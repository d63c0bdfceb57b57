"""Who answers, what can be asked."""

from __future__ import annotations

import mlstudio
from mlstudio.server.openapi import document
from mlstudio.testing.server import Server


def test_version_names_package_api_boot_and_store(server: Server) -> None:
    reply = server.request("GET", "/version").json()

    assert (reply["version"], reply["api"]) == (mlstudio.__version__, 1)
    assert len(reply["boot"]) == 36
    assert reply["store"].startswith("sqlite:///")


def test_the_description_that_is_served_is_the_one_of_this_code(server: Server) -> None:
    assert server.request("GET", "/openapi.json").json() == document()


def test_an_unknown_path_below_our_prefix_is_404_in_our_shape(server: Server) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        reply = server.request(method, "/mlstudio/nothing/here")
        assert (reply.status, reply.error["code"]) == (404, "not_found"), method

"""Trials over HTTP, and which components stand in them."""

from __future__ import annotations

import pytest

from mlstudio.testing.server import Server


@pytest.fixture
def experiment(server: Server, request: pytest.FixtureRequest) -> str:
    name = "e-" + "".join(char if char.isalnum() else "-" for char in request.node.name)[-60:].strip("-")
    server.request("POST", "/experiments", {"name": name})
    return name


def test_a_trial_is_created_read_changed_and_listed(server: Server, experiment: str) -> None:
    made = server.request("POST", "/trials", {"name": "t-one", "experiment_name": experiment})
    changed = server.request("PATCH", "/trials/t-one", {"display_name": "One", "starred": True})
    listed = server.request("GET", f"/trials?experiment={experiment}").json()["items"]

    assert made.status == 201
    assert (changed.json()["display_name"], changed.json()["starred"]) == ("One", True)
    assert [item["name"] for item in listed] == ["t-one"]
    assert server.request("GET", "/trials/t-one").json() == listed[0]


def test_a_trial_moves_to_another_experiment(server: Server, experiment: str) -> None:
    server.request("POST", "/experiments", {"name": "target"})
    server.request("POST", "/trials", {"name": "t-moves", "experiment_name": experiment})

    moved = server.request("PATCH", "/trials/t-moves", {"experiment_name": "target"})

    assert moved.json()["experiment_name"] == "target"


def test_a_trial_of_an_unknown_experiment_is_404(server: Server) -> None:
    reply = server.request("POST", "/trials", {"name": "t-lost", "experiment_name": "nowhere"})

    assert (reply.status, reply.error["code"]) == (404, "not_found")
    assert "nowhere" in reply.error["message"]


def test_a_component_is_put_into_a_trial_twice_and_taken_out_once(server: Server, experiment: str) -> None:
    server.request("POST", "/trials", {"name": "t-member", "experiment_name": experiment})
    server.request("POST", "/trial-components", {"name": "c-member"})
    where = "/trials/t-member/trial-components/c-member"

    assert server.request("PUT", where).status == 204
    assert server.request("PUT", where).status == 204
    listed = server.request("GET", "/trials?component=c-member").json()["items"]
    assert server.request("DELETE", where).status == 204
    again = server.request("DELETE", where)

    assert [item["name"] for item in listed] == ["t-member"]
    assert again.status == 404


def test_delete_restore_and_purge_of_a_trial(server: Server, experiment: str) -> None:
    server.request("POST", "/trials", {"name": "t-gone", "experiment_name": experiment})

    assert server.request("DELETE", "/trials/t-gone").status == 204
    assert server.request("POST", "/trials/t-gone/restore").json()["deleted_at"] is None
    early = server.request("POST", "/trials/t-gone/purge", {"confirm": "t-gone"})
    server.request("DELETE", "/trials/t-gone?force=true")
    assert (early.status, early.error["code"]) == (409, "conflict")
    assert server.request("POST", "/trials/t-gone/purge", {"confirm": "t-gone"}).status == 204
    assert server.request("GET", "/trials/t-gone").status == 404

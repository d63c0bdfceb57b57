"""Saved views: two browsers, one view."""

from __future__ import annotations

import pytest

from mlstudio.testing.server import Server


@pytest.fixture
def experiment(server: Server, request: pytest.FixtureRequest) -> str:
    name = "e-" + request.node.name.replace("_", "-")[5:60].strip("-")
    server.request("POST", "/experiments", {"name": name})
    return name


def test_a_view_is_kept_changed_listed_and_removed(server: Server, experiment: str) -> None:
    made = server.request(
        "POST", "/saved-views", {"experiment": experiment, "name": "best", "spec": {"columns": ["a"]}}
    )
    uid = made.json()["uid"]
    changed = server.request("PATCH", f"/saved-views/{uid}", {"spec": {"columns": []}, "version": 1}).json()
    listed = server.request("GET", f"/saved-views?experiment={experiment}").json()["items"]

    assert (made.status, made.json()["version"], changed["version"]) == (201, 1, 2)
    assert [view["spec"] for view in listed] == [{"columns": []}]
    assert server.request("GET", f"/saved-views/{uid}").json() == listed[0]
    assert server.request("DELETE", f"/saved-views/{uid}").status == 204
    assert server.request("GET", f"/saved-views/{uid}").status == 404


def test_the_second_of_two_browsers_is_told_and_nothing_is_lost(server: Server, experiment: str) -> None:
    uid = server.request("POST", "/saved-views", {"experiment": experiment, "name": "shared"}).json()["uid"]
    with server.socket(f"views:{experiment}") as other:
        other.wait_for("hello", "hello")
        first = server.request("PATCH", f"/saved-views/{uid}", {"spec": {"by": "first"}, "version": 1})
        second = server.request("PATCH", f"/saved-views/{uid}", {"spec": {"by": "second"}, "version": 1})
        other.wait_for(f"views:{experiment}", "changed")

    assert first.status == 200
    assert (second.status, second.error["code"]) == (409, "version_conflict")
    assert "version 2" in second.error["message"]
    present = server.request("GET", f"/saved-views/{uid}").json()
    assert (present["spec"], present["version"]) == ({"by": "first"}, 2)


def test_the_same_holds_for_a_note(server: Server) -> None:
    server.request("POST", "/trial-components", {"name": "noted"})
    version = server.request("GET", "/trial-components/noted").json()["version"]
    first = server.request("PATCH", "/trial-components/noted", {"description": "first", "version": version})
    second = server.request("PATCH", "/trial-components/noted", {"description": "second", "version": version})

    assert (first.status, second.status, second.error["code"]) == (200, 409, "version_conflict")
    assert server.request("GET", "/trial-components/noted").json()["description"] == "first"


def test_a_name_is_used_once(server: Server, experiment: str) -> None:
    body = {"experiment": experiment, "name": "one"}
    server.request("POST", "/saved-views", body)

    assert server.request("POST", "/saved-views", body).error["code"] == "already_exists"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x"}, 400),
        ({"experiment": "nobody", "name": "x"}, 404),
        ({"experiment": "a b", "name": "x"}, 400),
        ({"experiment": "EXPERIMENT", "name": ""}, 400),
        ({"experiment": "EXPERIMENT", "name": "x" * 201}, 400),
        ({"experiment": "EXPERIMENT", "name": "x", "spec": []}, 400),
        ({"experiment": "EXPERIMENT", "name": "x", "spec": {"a": "x" * 300_000}}, 400),
    ],
)
def test_what_is_no_view_is_refused(server: Server, experiment: str, body: dict[str, object], status: int) -> None:
    sent = {key: experiment if value == "EXPERIMENT" else value for key, value in body.items()}

    assert server.request("POST", "/saved-views", sent).status == status


def test_a_view_may_name_columns_that_are_gone_and_markup(server: Server, experiment: str) -> None:
    spec = {"columns": ["params.gone"], "title": "<img src=x onerror=alert(1)>"}
    reply = server.request("POST", "/saved-views", {"experiment": experiment, "name": "</script>", "spec": spec})

    assert reply.json()["spec"] == spec
    assert reply.headers["Content-Type"] == "application/json"


def test_views_of_nobody(server: Server) -> None:
    assert server.request("GET", "/saved-views").error["field"] == "experiment"
    assert server.request("GET", "/saved-views?experiment=nobody").status == 404
    assert server.request("GET", "/saved-views/nobody").status == 404
    assert server.request("PATCH", "/saved-views/nobody", {}).status == 404
    assert server.request("DELETE", "/saved-views/nobody").status == 404

"""Experiments over HTTP: what is created can be read, changed, deleted, restored, purged."""

from __future__ import annotations

from mlstudio.testing.server import Server


def test_a_created_experiment_is_answered_with_201_and_can_be_read(server: Server) -> None:
    made = server.request("POST", "/experiments", {"name": "made", "description": "why", "tags": {"a": "b"}})

    read = server.request("GET", "/experiments/made")

    assert made.status == 201
    assert read.status == 200
    assert read.json() == made.json()
    assert read.json()["tags"] == {"a": "b"}


def test_a_list_is_paged_by_cursor_and_filtered_by_name(server: Server) -> None:
    for number in range(3):
        server.request("POST", "/experiments", {"name": f"page-{number}"})

    first = server.request("GET", "/experiments?name_contains=page&limit=2&sort_by=Name&sort_order=Ascending").json()
    rest = server.request(
        "GET", f"/experiments?name_contains=page&limit=2&sort_by=Name&sort_order=Ascending&cursor={first['next']}"
    ).json()

    assert [item["name"] for item in first["items"]] == ["page-0", "page-1"]
    assert [item["name"] for item in rest["items"]] == ["page-2"]
    assert rest["next"] is None


def test_a_condition_filters_the_list(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "where-one", "tags": {"team": "blue"}})
    server.request("POST", "/experiments", {"name": "where-two", "tags": {"team": "red"}})

    reply = server.request("GET", "/experiments?where=tags.team%20%3D%20%22blue%22")

    assert [item["name"] for item in reply.json()["items"]] == ["where-one"]


def test_a_condition_that_cannot_be_read_says_where(server: Server) -> None:
    reply = server.request("GET", "/experiments?where=metrics.loss%20%3C")

    assert reply.status == 400
    assert reply.error["code"] == "bad_query"


def test_an_update_with_an_old_version_is_refused(server: Server) -> None:
    version = server.request("POST", "/experiments", {"name": "versioned"}).json()["version"]
    server.request("PATCH", "/experiments/versioned", {"description": "first"})

    late = server.request("PATCH", "/experiments/versioned", {"description": "late", "version": version})

    assert (late.status, late.error["code"]) == (409, "version_conflict")
    assert server.request("GET", "/experiments/versioned").json()["description"] == "first"


def test_null_clears_a_field_and_absence_leaves_it(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "cleared", "description": "text", "display_name": "Shown"})

    changed = server.request("PATCH", "/experiments/cleared", {"description": None}).json()

    assert changed["description"] is None
    assert changed["display_name"] == "Shown"


def test_delete_is_soft_restore_undoes_it_and_purge_wants_the_name(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "gone"})

    assert server.request("DELETE", "/experiments/gone").status == 204
    assert server.request("GET", "/experiments/gone").json()["deleted_at"] is not None
    assert server.request("POST", "/experiments/gone/restore").json()["deleted_at"] is None
    server.request("DELETE", "/experiments/gone")
    refused = server.request("POST", "/experiments/gone/purge", {"confirm": "other"})
    assert (refused.status, refused.error["field"]) == (400, "confirm")
    assert server.request("POST", "/experiments/gone/purge", {"confirm": "gone"}).status == 204
    assert server.request("GET", "/experiments/gone").status == 404


def test_an_experiment_with_trials_is_deleted_only_by_force(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "parent"})
    server.request("POST", "/trials", {"name": "child", "experiment_name": "parent"})

    plain = server.request("DELETE", "/experiments/parent")
    forced = server.request("DELETE", "/experiments/parent?force=1")

    assert (plain.status, plain.error["code"]) == (409, "has_children")
    assert forced.status == 204


def test_columns_of_an_experiment_are_listed(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "columns"})
    server.request("POST", "/trials", {"name": "columns-1", "experiment_name": "columns"})
    server.request("POST", "/trial-components", {"name": "columns-c", "params": {"lr": 0.1}, "trials": ["columns-1"]})

    keys = [item["key"] for item in server.request("GET", "/experiments/columns/columns").json()["items"]]

    assert "params.lr" in keys
    assert server.request("GET", "/experiments/nobody/columns").status == 404

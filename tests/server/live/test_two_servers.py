"""Two servers over one store: what somebody saves through one of them, the pages of the other learn."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.entities.views import SavedViewCreate, SavedViewUpdate
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

SERVE = """
import sys, threading
from pathlib import Path
from mlstudio.testing.server import running_server
with running_server(Path(sys.argv[1])) as server:
    print(server.port, server.token, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(server: Server, tmp_path: Path) -> Iterator[Server]:
    """A second server, in a process of its own, with the first one's home."""
    command = [sys.executable, "-c", SERVE, str(server.home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port, token = process.stdout.readline().split()
        second = Server(server.home, int(port), token, None, asyncio.new_event_loop())
        yield second
        second.close()
        second.loop.close()
    finally:
        process.communicate("", timeout=20)


def test_a_view_that_is_saved_through_one_server_reaches_the_pages_of_the_other(server: Server, other: Server) -> None:
    server.request("POST", "/experiments", {"name": "shared"})
    for act in ("made", "changed", "removed"):
        with server.socket("views:shared") as socket:
            socket.wait_for("hello", "hello")
            if act == "made":
                view = other.request("POST", "/saved-views", {"experiment": "shared", "name": "v"}).json()
            elif act == "changed":
                change = {"spec": {"by": "other"}, "version": 1}
                assert other.request("PATCH", f"/saved-views/{view['uid']}", change).status == 200
                late = server.request("PATCH", f"/saved-views/{view['uid']}", {"spec": {"by": "this"}, "version": 1})
                assert (late.status, late.error["code"]) == (409, "version_conflict")
                assert "version 2" in late.error["message"]
                assert "Read it again" in late.error["hint"]
                assert server.request("GET", f"/saved-views/{view['uid']}").json()["spec"] == {"by": "other"}
            else:
                assert other.request("DELETE", f"/saved-views/{view['uid']}").status == 204
            socket.wait_for("views:shared", "changed")


def test_a_view_that_a_program_saves_reaches_an_open_page(server: Server, store: Store) -> None:
    server.request("POST", "/experiments", {"name": "scripted"})
    view = store.create_view(SavedViewCreate("scripted", "v"))
    with server.socket("views:scripted", "views:elsewhere") as socket:
        socket.wait_for("hello", "hello")
        store.update_view(view.uid, SavedViewUpdate(spec={"columns": []}))
        socket.wait_for("views:scripted", "changed")
        assert [event["topic"] for event in socket.events if event["type"] == "changed"] == ["views:scripted"]


def test_two_who_write_one_note_through_two_servers_are_told(server: Server, other: Server) -> None:
    server.request("POST", "/trial-components", {"name": "noted"})
    seen = server.request("GET", "/trial-components/noted").json()["version"]
    with server.socket("component:noted") as socket:
        socket.wait_for("hello", "hello")
        first = other.request("PATCH", "/trial-components/noted", {"description": "theirs", "version": seen})
        second = server.request("PATCH", "/trial-components/noted", {"description": "ours", "version": seen})
        socket.wait_for("component:noted", "updated")

    assert (first.status, second.status, second.error["code"]) == (200, 409, "version_conflict")
    assert server.request("GET", "/trial-components/noted").json()["description"] == "theirs"

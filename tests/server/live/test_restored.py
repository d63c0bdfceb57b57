"""A page is open while the store is put back from a backup by another program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.store import open_store
from mlstudio.store.home import Home
from mlstudio.store.migrate import connect
from mlstudio.testing.server import Server, running_server

from .test_watcher import Scene, play

RESTORE = """
import sys
from pathlib import Path
from mlstudio.store.restore import restore_backup
restore_backup(Path(sys.argv[1]), Path(sys.argv[2]))
"""
BY_HAND = """
import sqlite3, sys
left, right = sqlite3.connect(sys.argv[2]), sqlite3.connect(sys.argv[1])
left.backup(right)
right.close()
"""


@pytest.fixture
def own(home: Home) -> Iterator[Server]:
    with running_server(home.root) as server:
        yield server


def rows(server: Server) -> dict[str, Any]:
    asked = {"scope": {"experiment": "e"}, "columns": ["name", "params.p"], "order": ["name"]}
    page: dict[str, Any] = server.request("POST", "/tables", asked).json()
    return page


def component(server: Server, name: str) -> None:
    body = {"name": name, "trials": ["t"], "params": {"p": 1}}
    assert server.request("POST", "/trial-components", body).status == 201


@pytest.mark.parametrize("program", [RESTORE, BY_HAND], ids=["mlstudio", "by hand"])
def test_an_open_page_is_told_to_start_again_and_sees_no_row_that_is_gone(
    own: Server, tmp_path: Path, program: str
) -> None:
    own.request("POST", "/experiments", {"name": "e"})
    own.request("POST", "/trials", {"name": "t", "experiment_name": "e"})
    component(own, "old")
    backup = tmp_path / "backup.db"
    with closing(connect(own.home / "mlstudio.db")) as raw:
        raw.execute("VACUUM INTO ?", (str(backup),))
    for number in range(3):
        component(own, f"lost{number}")
    assert rows(own)["names"] == ["lost0", "lost1", "lost2", "old"]
    columns = own.request("GET", "/experiments/e/columns").json()
    topics = ["experiments", "experiment:e", "component:lost0", "points:lost0", "views:e", "jobs"]

    with own.socket(*topics) as page:
        page.wait_for("hello", "hello")
        seen = page.events[-1]["seq"]
        subprocess.run([sys.executable, "-c", program, str(own.home / "mlstudio.db"), str(backup)], check=True)
        for topic in topics:
            page.wait_for(topic, "invalidate")
        component(own, "new")
        page.wait_for("experiment:e", "component.created")

    found = rows(own)
    assert (found["names"], found["total"]) == (["new", "old"], 2)
    assert own.request("GET", "/experiments/e/columns").json() != columns
    assert own.request("GET", "/trial-components/lost0").status == 404
    with own.socket("experiment:e", since=seen, boot=own.app.web_app.settings["mlstudio"].boot) as late:
        late.wait_for("experiment:e", "invalidate")


@pytest.mark.parametrize("away", [False, True])
def test_a_store_put_back_by_hand_that_was_written_to_since_is_noticed_all_the_same(home: Home, away: bool) -> None:
    async def scene(stage: Scene) -> None:
        store = open_store()
        store.create_experiment(ExperimentCreate("before"))
        backup = home.root / "copy.db"
        with closing(connect(home.database)) as raw:
            raw.execute("VACUUM INTO ?", (str(backup),))
        store.create_experiment(ExperimentCreate("stale"))
        stage.live.start()
        socket = stage.hub.join(stage.write)
        stage.hub.subscribe(socket, ["experiments"])
        await stage.until_quiet()
        since = stage.hub.seq
        if away:
            stage.hub.leave(socket)  # nobody looks now
            await stage.until_quiet()
        held = stage.live._turn
        async with held:  # between two looks
            with closing(connect(home.database)) as raw, closing(connect(backup)) as saved:
                saved.backup(raw)
            for number in range(3):  # beyond the last id that was told
                store.create_experiment(ExperimentCreate(f"new-{number}"))
        if away:
            again = stage.hub.join(stage.write)
            stage.hub.subscribe(again, ["experiments"], since=since, boot=stage.hub.boot)
        await stage.until(("experiments", "invalidate"))
        await stage.until_quiet()
        assert stage.told.count(("experiments", "invalidate")) == 1

    play(scene)

"""Who may make the server read and write files: those who may execute; and never our own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jupyter_server.auth import Authorizer

from mlstudio.testing.server import Server, running_server


class Scoped(Authorizer):
    """Knows three scopes by a header."""

    NEEDED: ClassVar = {"read": 1, "write": 2, "execute": 3}

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return int(handler.request.headers.get("X-Scope", "0")) >= self.NEEDED[action]


@pytest.fixture(scope="module")
def scoped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("scoped") / "home", authorizer_class=Scoped) as server:
        yield server


@pytest.mark.parametrize(("scope", "refused"), [("0", True), ("1", True), ("2", True), ("3", False)])
def test_an_import_needs_the_right_to_execute(scoped: Server, tmp_path: Path, scope: str, refused: bool) -> None:
    body = {"kind": "mlflow", "source": str(tmp_path)}
    reply = scoped.request("POST", "/imports", body, headers={"X-Scope": scope})

    assert (reply.status == 403) is refused
    assert reply.status in {202, 403}


@pytest.mark.parametrize(("scope", "status"), [("0", 403), ("1", 403), ("2", 403), ("3", 202)])
def test_a_destination_needs_the_right_to_execute(scoped: Server, tmp_path: Path, scope: str, status: int) -> None:
    body = {"format": "csv", "destination": str(tmp_path / "x.csv")}

    assert scoped.request("POST", "/exports", body, headers={"X-Scope": scope}).status == status
    assert scope == "3" or not (tmp_path / "x.csv").exists()


def test_a_download_needs_only_the_right_to_read(scoped: Server) -> None:
    assert scoped.request("POST", "/exports", {"format": "csv"}, headers={"X-Scope": "1"}).status == 202


@pytest.mark.parametrize(
    "place", ["mlstudio.db", "artifacts/x.csv", "x.csv", "journal/../x.csv", "results/x.csv", "nowhere/x.csv"]
)
def test_nothing_is_written_into_our_own_folder(server: Server, place: str) -> None:
    server.request("GET", "/experiments")
    before = sorted(path for path in server.home.rglob("*") if "-wal" not in path.name and "-shm" not in path.name)
    reply = server.request("POST", "/exports", {"format": "csv", "destination": f"{server.home}/{place}"})

    assert (reply.status, reply.error["field"]) == (400, "destination")
    after = sorted(path for path in server.home.rglob("*") if "-wal" not in path.name and "-shm" not in path.name)
    assert after == before


@pytest.mark.parametrize("source", ["/etc/passwd", "/dev/zero", "/proc/self/environ", "/", "/dev/stdin"])
def test_an_odd_source_ends_as_a_failed_task_without_its_content(server: Server, source: str) -> None:
    import time

    uid = server.request("POST", "/imports", {"kind": "mlflow", "source": source}).json()["uid"]
    deadline = time.monotonic() + 20
    while (task := server.request("GET", f"/tasks/{uid}").json())["ended_at"] is None:
        assert time.monotonic() < deadline, task
        time.sleep(0.05)

    assert task["status"] in {"Failed", "Completed"}
    assert task["report"] is None or task["report"]["runs"] == 0
    assert "root:x" not in str(task)
    assert "bug of its own" not in task["message"]


def test_a_run_that_is_deleted_while_it_logs_goes_on_logging(server: Server) -> None:
    import mlstudio

    with mlstudio.run("deleted-while-logging", capture=False) as run:
        run.log(loss=1.0, step=0)
        name = run.trial_component.trial_component_name
        deadline = 50
        while server.request("GET", f"/trial-components/{name}").status == 404 and deadline:
            deadline -= 1
        assert server.request("DELETE", f"/trial-components/{name}?force=1").status == 204
        for step in range(1, 100):
            run.log(loss=1.0, step=step)
    record = server.request("GET", f"/trial-components/{name}").json()

    assert record["deleted_at"] is not None
    assert record["status"] == "Completed"
    assert record["metrics"][0]["count"] == 100

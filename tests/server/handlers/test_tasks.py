"""Imports, exports and purges over HTTP, from the request to the file."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server


def ended(server: Server, uid: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while True:
        task: dict[str, Any] = server.request("GET", f"/tasks/{uid}").json()
        if task["ended_at"] is not None:
            return task
        assert time.monotonic() < deadline, task
        time.sleep(0.05)


@pytest.fixture
def rows(server: Server, store: Store) -> str:
    if server.request("GET", "/experiments/rows").status == 404:
        server.request("POST", "/experiments", {"name": "rows"})
        server.request("POST", "/trials", {"name": "rows-t", "experiment_name": "rows"})
        for number in range(30):
            store.create_component(
                ComponentCreate(name=f"row-{number}", params={"n": number}, trials=["rows-t"], status="Completed")
            )
    return "rows"


def export(server: Server, **request: Any) -> dict[str, Any]:
    reply = server.request("POST", "/exports", request)
    assert reply.status == 202, reply.body
    return ended(server, reply.json()["uid"])


def test_rows_are_exported_as_csv(server: Server, rows: str) -> None:
    task = export(server, format="csv", scope={"experiment": rows}, where="params.n >= 20", order=["-params.n"])
    reply = server.request("GET", f"/tasks/{task['uid']}/content")
    table = list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"))))

    assert (task["status"], task["report"]["runs"], task["download"]) == ("Completed", 10, True)
    assert [row["params.n"] for row in table][:2] == ["29", "28"]
    assert reply.headers["Content-Disposition"] == "attachment; filename*=utf-8''rows.csv"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox")
    part = server.request("GET", f"/tasks/{task['uid']}/content", headers={"Range": "bytes=0-3"})
    assert (part.status, part.body) == (206, reply.body[:4])


def test_rows_are_exported_as_parquet(server: Server, rows: str) -> None:
    task = export(server, format="parquet", scope={"experiment": rows}, components=["row-3", "row-5"])
    body = server.request("GET", f"/tasks/{task['uid']}/content").body

    assert pq.read_table(io.BytesIO(body)).num_rows == 2


def test_progress_and_end_are_told(server: Server, rows: str) -> None:
    with server.socket() as socket:
        uid = server.request("POST", "/exports", {"format": "csv", "scope": {"experiment": rows}}).json()["uid"]
        socket.send({"op": "subscribe", "topics": [f"task:{uid}"], "since": 0})
        task = ended(server, uid)
        event, _ = socket.wait(lambda event: event["type"] in {"done", "invalidate"})

    assert event["type"] == "invalidate" or event["data"]["uid"] == task["uid"]


def test_a_destination_gets_the_file(server: Server, rows: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    task = export(server, format="csv", scope={"experiment": rows}, destination=str(target))

    assert (task["status"], task["download"]) == ("Completed", False)
    assert target.read_bytes()
    assert server.request("GET", f"/tasks/{task['uid']}/content").status == 404
    again = server.request("POST", "/exports", {"format": "csv", "destination": str(target)})
    assert (again.status, again.error["field"]) == (400, "destination")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"format": "xlsx"}, 400),
        ({"format": "mlflow"}, 400),
        ({"format": "csv", "where": "params.n <"}, 400),
        ({"format": "csv", "scope": {"experiment": "a b"}}, 400),
        ({"format": "csv", "components": ["../x"]}, 400),
        ({"format": "csv", "destination": "relative.csv"}, 400),
    ],
)
def test_odd_exports_are_refused_at_once(server: Server, body: dict[str, Any], status: int) -> None:
    assert server.request("POST", "/exports", body).status == status


def test_an_export_of_nobody_fails_and_says_so(server: Server) -> None:
    task = export(server, format="csv", scope={"experiment": "nobody"})

    assert (task["status"], task["download"]) == ("Failed", False)
    assert "nobody" in task["message"]


@pytest.mark.parametrize(
    "source", ["relative/mlruns", "~/mlruns", "http://169.254.169.254/latest", "postgresql://h/db", "s3://b/k", "/a\0b"]
)
def test_a_source_that_is_no_path_of_this_machine_is_refused(server: Server, source: str) -> None:
    reply = server.request("POST", "/imports", {"kind": "mlflow", "source": source})
    roots = server.request("POST", "/imports", {"kind": "mlflow", "source": "/tmp", "artifact_roots": [source]})

    assert (reply.status, reply.error["field"]) == (400, "source")
    assert (roots.status, roots.error["field"]) == (400, "artifact_roots")


def test_an_import_of_nothing_fails_and_says_so(server: Server, tmp_path: Path) -> None:
    reply = server.request("POST", "/imports", {"kind": "mlflow", "source": str(tmp_path / "nothing")})
    task = ended(server, reply.json()["uid"])

    assert task["status"] == "Failed"
    assert "nothing" in task["message"]


def test_runs_of_an_mlflow_folder_come_in_once(server: Server, tmp_path: Path) -> None:
    run = tmp_path / "mlruns" / "1" / ("ab" * 16)
    for folder in ("params", "metrics", "tags"):
        (run / folder).mkdir(parents=True)
    (run.parent / "meta.yaml").write_text("experiment_id: '1'\nname: came in\nlifecycle_stage: active\n")
    (run / "meta.yaml").write_text(
        f"run_id: {'ab' * 16}\nrun_uuid: {'ab' * 16}\nrun_name: first\nexperiment_id: '1'\nstatus: 3\n"
        "start_time: 1700000000000\nend_time: 1700000001000\nlifecycle_stage: active\nuser_id: me\n"
    )
    (run / "params" / "lr").write_text("0.1")
    (run / "metrics" / "loss").write_text("1700000000000 0.5 0\n1700000000500 0.25 1\n")
    request = {"kind": "mlflow", "source": str(tmp_path / "mlruns")}
    first, second = (ended(server, server.request("POST", "/imports", request).json()["uid"]) for _ in range(2))

    assert (first["status"], first["report"]["runs"], first["report"]["points"]) == ("Completed", 1, 2)
    assert (second["report"]["runs"], second["report"]["unchanged"]) == (0, 1)


def test_a_purge_gives_disk_back_in_the_background(server: Server) -> None:
    server.request("POST", "/trial-components", {"name": "heavy"})
    server.request("DELETE", "/trial-components/heavy")
    server.request("POST", "/trial-components/heavy/purge", {"confirm": "heavy"})
    (task, *_) = [task for task in server.request("GET", "/tasks").json()["items"] if task["kind"] == "purge"]

    assert ended(server, task["uid"])["status"] == "Completed"


def test_a_task_of_nobody(server: Server) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/content")):
        assert server.request(method, f"/tasks/nobody{path}").status == 404
        assert server.request(method, f"/tasks/a%2Fb{path}").status == 400

"""Files of the file browser as jobs and schedules over HTTP; what a notebook and a cron expression mean."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.instances import LeaseWish
from mlstudio.entities.job_requests import JobFromFile
from mlstudio.entities.schedules import ScheduleUpdate
from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server


@pytest.fixture
def root(server: Server) -> Iterator[Path]:
    """The folder of the file browser; no agent is left afterwards."""
    folder = Path(server.app.contents_manager.root_dir)
    yield folder
    stop_agent(Home(server.home))
    for one in folder.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


def notebook(path: Path, *cells: tuple[str, list[str]]) -> None:
    made = [
        {"cell_type": "code", "metadata": {"tags": tags}, "source": source, "outputs": [], "execution_count": None}
        for source, tags in cells
    ]
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def test_a_file_runs_as_a_job(server: Server, root: Path) -> None:
    (root / "my jobs").mkdir()
    (root / "my jobs" / "t.py").write_text("import sys; print('got', sys.argv[1:])")
    body = {"path": "my jobs/t.py", "hyperparameters": {"lr": 0.1}, "environment": {"API_TOKEN": "hunter2hunter2"}}

    reply = server.request("POST", "/jobs", body)

    assert reply.status == 201, reply.body
    assert b"hunter2" not in reply.body
    job = jobs.Job(reply.json()["name"])
    assert job.wait(30).status == "Completed"
    assert "got ['--lr', '0.1']" in job.logs()


def test_a_notebook_and_a_shell_script_run_too(server: Server, root: Path) -> None:
    notebook(root / "My study (1).ipynb", ("lr = 0.1", ["parameters"]), ("print('lr', lr)", []))
    (root / "prepare.sh").write_text('echo "shell $1"')
    study = server.request("POST", "/jobs", {"path": "My study (1).ipynb", "parameters": {"lr": 0.5}})
    shell = server.request("POST", "/jobs", {"path": "prepare.sh", "kind": "processing", "arguments": ["said"]})
    for reply, said in ((study, "lr 0.5"), (shell, "shell said")):
        assert reply.status == 201, reply.body
        job = jobs.Job(reply.json()["name"])
        assert job.wait(60).status == "Completed", job.logs()
        assert said in job.logs()


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"path": "nothing.py"}, 404, "path"),
        ({"path": "../../etc/passwd"}, 404, "path"),
        ({"path": ".hidden.py"}, 404, "path"),
        ({"path": "a\0b.py"}, 404, "path"),
        ({"path": "folder"}, 400, "path"),
        ({"path": "data.csv"}, 400, "path"),
        ({"path": "t.py", "interpreter": "nobody"}, 400, "interpreter"),
        ({"path": "t.py", "instance_type": "ml.m5.larg"}, 400, "instance_type"),
        ({"path": "t.py", "name": "a b"}, 400, "job_name"),
        ({"path": "t.py", "colour": "red"}, 400, "colour"),
    ],
)
def test_what_cannot_run_is_refused_by_field(
    server: Server, root: Path, store: Store, body: dict[str, Any], status: int, field: str
) -> None:
    (root / "folder").mkdir()
    for name in ("t.py", ".hidden.py", "data.csv"):
        (root / name).write_text("print(1)")
    before = len(store.list_jobs(_all()).items)
    reply = server.request("POST", "/jobs", body)
    assert reply.status == status, reply.body
    assert reply.error["field"] == field or body.get("colour")
    assert len(store.list_jobs(_all()).items) == before


def _all() -> Any:
    from mlstudio.entities.jobs import JobListRequest

    return JobListRequest(limit=1000)


def test_a_schedule_from_making_to_removing(server: Server, root: Path, store: Store) -> None:
    (root / "nightly.py").write_text("print('good night')")
    job = {"path": "nightly.py", "environment": {"API_TOKEN": "hunter2hunter2"}}
    with server.socket("schedules") as socket:
        made = server.request("POST", "/schedules", {"name": "nightly", "cron": "0 3 1 1 *", "job": job})
        assert made.status == 201, made.body
        assert b"hunter2" not in made.body
        event, _ = socket.wait(lambda one: one["topic"] == "schedules")
        assert (event["type"], event["data"]["name"], "spec" in event["data"]) == ("created", "nightly", False)

        ran = server.request("POST", "/schedules/nightly/run").json()
        assert ran["spec"]["schedule"] == "nightly"
        assert jobs.Job(ran["name"]).wait(30).status == "Completed"
        listed = server.request("GET", "/jobs?schedule=nightly").json()["items"]
        assert [one["name"] for one in listed] == [ran["name"]]

        off = server.request("PATCH", "/schedules/nightly", {"enabled": False, "version": made.json()["version"]})
        assert (off.json()["enabled"], off.json()["next_at"]) == (False, None)
        socket.wait(lambda one: one["topic"] == "schedules" and one["data"].get("enabled") is False)
        late = server.request("PATCH", "/schedules/nightly", {"enabled": True, "version": 1})
        assert (late.status, late.error["code"]) == (409, "version_conflict")
        (root / "nightly.py").write_text("print('changed')")
        anew = server.request("PATCH", "/schedules/nightly", {"job": {"path": "nightly.py"}, "keep": 7})
        assert (anew.status, anew.json()["keep"]) == (200, 7)
        kept = Path(store.get_schedule("nightly").spec.source_dir, "nightly.py")
        assert kept.read_text() == "print('changed')"

        assert [one["name"] for one in server.request("GET", "/schedules").json()["items"]] == ["nightly"]
        assert server.request("DELETE", "/schedules/nightly").status == 204
        socket.wait(lambda one: one["topic"] == "schedules" and one["type"] == "deleted")
    assert not kept.exists()
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/run")):
        assert server.request(method, f"/schedules/nightly{path}", {} if method == "PATCH" else None).status == 404


def test_a_schedule_that_cannot_be_is_refused(server: Server, root: Path, store: Store) -> None:
    (root / "t.py").write_text("")
    for change, field in (({"cron": "x"}, "cron"), ({"name": "a b"}, "schedule_name"), ({"timezone": "X"}, "timezone")):
        body = {"name": "never", "cron": "0 3 * * *", "job": {"path": "t.py"}, **change}
        reply = server.request("POST", "/schedules", body)
        assert (reply.status, reply.error["field"]) == (400, field)
    assert store.schedules() == []


def test_secrets_of_a_schedule_are_masked_where_it_is_read(server: Server, root: Path, store: Store) -> None:
    from mlstudio.jobs import schedules

    (root / "t.py").write_text("")
    job = JobFromFile(path="t.py", environment={"DB_PASSWORD": "hunter2hunter2"})
    from mlstudio.entities.job_requests import ScheduleFromFile

    schedules.create_from_file(ScheduleFromFile(name="secret", cron="0 3 1 1 *", job=job), root / "t.py", {}.get)
    store.schedule_failed("secret", "could not: password=hunter2hunter2")
    store.update_schedule("secret", ScheduleUpdate(keep=3))
    for path in ("/schedules", "/schedules/secret"):
        assert b"hunter2" not in server.request("GET", path).body
    assert store.get_schedule("secret").spec.environment == {"DB_PASSWORD": "hunter2hunter2"}
    schedules.delete("secret")


def test_a_cron_expression_is_previewed(server: Server) -> None:
    reply = server.request("GET", "/cron?cron=0%203%20*%20*%20*&timezone=Europe/Berlin").json()
    assert reply["text"] == "At 03:00 every day"
    assert len(reply["next"]) == 3
    wrong = server.request("GET", "/cron?cron=0%203")
    assert (wrong.status, wrong.error["field"]) == (400, "cron")
    assert server.request("GET", "/cron").error["field"] == "cron"


def test_the_parameters_of_a_notebook(server: Server, root: Path) -> None:
    notebook(root / "a b.ipynb", ("x = 1", []), ("lr = 0.1  # how fast", ["parameters"]))
    reply = server.request("GET", "/notebook-parameters?path=a%20b.ipynb").json()
    assert reply["tagged"]
    assert [(one["name"], one["value"], one["comment"]) for one in reply["items"]] == [("lr", 0.1, "how fast")]
    (root / "no.ipynb").write_text("no")
    assert server.request("GET", "/notebook-parameters?path=no.ipynb").error["field"] == "path"
    assert server.request("GET", "/notebook-parameters?path=../x.ipynb").status == 404


def test_listeners_of_instances_hear_of_leases(server: Server, store: Store) -> None:
    with server.socket("instances") as socket:
        socket.wait(lambda one: one["topic"] == "instances")
        seen = len(socket.events)
        store.take_leases("kernel-1", "kernel", [LeaseWish("here/cpu/0")], ttl=60)
        event, seconds = socket.wait(lambda one: one["topic"] == "instances" and one in socket.events[seen:])
        assert (event["type"], event["data"]) == ("changed", {})
        assert seconds < 1
    store.release_leases("kernel-1")

"""Jobs over HTTP: lists, records, logs, stop and delete. What runs a job is tested in tests/jobs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlstudio.entities.jobs import JobSpec, JobUpdate
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store import open_store
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server, running_server


@pytest.fixture
def job(server: Server, store: Store, request: pytest.FixtureRequest) -> str:
    name = request.node.name.replace("_", "-")[5:60].strip("-")
    spec = JobSpec(name=name, entry_point="t.py", source_dir="/src", interpreter=sys.executable)
    store.create_job(spec, trial_component=f"{name}-aws-training-job")
    folder = server.home / "jobs" / store.get_job(name).uid
    store.update_job(name, JobUpdate(run_dir=str(folder)))
    return name


def end(store: Store, job: str) -> None:
    store.update_job(job, JobUpdate(secondary="Starting"))
    store.update_job(job, JobUpdate(secondary="Failed", status="Failed", failure_reason="planted"))


def test_a_job_is_listed_by_kind_status_and_name(server: Server, store: Store, job: str) -> None:
    end(store, job)

    for query in ("kind=training", "status=Failed", "name_contains=is-listed-by", "limit=1000"):
        names = [item["name"] for item in server.request("GET", f"/jobs?{query}").json()["items"]]
        assert job in names, query
    assert job not in [item["name"] for item in server.request("GET", "/jobs?status=Completed").json()["items"]]
    assert server.request("GET", "/jobs?status=Sleeping").status == 400


def test_a_job_is_read_by_name(server: Server, store: Store, job: str) -> None:
    record = server.request("GET", f"/jobs/{job}").json()

    assert (record["name"], record["status"], record["secondary"]) == (job, "InProgress", "Pending")
    assert record["trial_component"] == f"{job}-aws-training-job"


def test_a_log_is_read_by_stretches(server: Server, store: Store, job: str) -> None:
    LogWriter(server.home / "jobs" / store.get_job(job).uid / "log", "algo-1").write(b"0123456789" * 10)

    first = server.request("GET", f"/jobs/{job}/log?limit=30")
    rest = server.request("GET", f"/jobs/{job}/log?offset={first.headers['X-Next-Offset']}")
    last = server.request("GET", f"/jobs/{job}/log?offset=-5")

    assert first.headers["Content-Type"] == "application/octet-stream"
    assert first.body + rest.body == b"0123456789" * 10
    assert last.body == b"56789"
    assert (last.headers["X-Offset"], last.headers["X-Total-Bytes"], last.headers["X-Dropped-Bytes"]) == (
        "95",
        "100",
        "0",
    )


def test_a_log_that_does_not_exist_yet_is_empty(server: Server, job: str) -> None:
    reply = server.request("GET", f"/jobs/{job}/log")

    assert (reply.status, reply.body, reply.headers["X-Total-Bytes"]) == (200, b"", "0")


@pytest.mark.parametrize("host", ["..", "../../x", "algo-1/../..", "a" * 65, "%00", ""])
def test_a_host_is_not_a_path(server: Server, store: Store, host: str) -> None:
    name = "host-is-no-path"
    if server.request("GET", f"/jobs/{name}").status == 404:
        spec = JobSpec(name=name, entry_point="t.py", source_dir="/src", interpreter=sys.executable)
        store.create_job(spec, trial_component=f"{name}-aws-training-job")

    reply = server.request("GET", f"/jobs/{name}/log?host={host}")

    assert reply.status in (200, 400, 404)
    assert reply.status != 200 or reply.body == b""


def test_a_running_job_is_not_deleted_and_an_ended_one_is(server: Server, store: Store, job: str) -> None:
    early = server.request("DELETE", f"/jobs/{job}")
    end(store, job)
    done = server.request("DELETE", f"/jobs/{job}")

    assert (early.status, early.error["code"]) == (409, "conflict")
    assert done.status == 204
    assert server.request("GET", f"/jobs/{job}").status == 404


def test_an_ended_job_is_not_stopped(server: Server, store: Store, job: str) -> None:
    end(store, job)

    reply = server.request("POST", f"/jobs/{job}/stop", {"grace": 1})

    assert (reply.status, reply.error["code"]) == (409, "conflict")
    assert "Failed" in reply.error["message"]


def test_unknown_jobs_are_404_on_every_verb(server: Server) -> None:
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/log")):
        assert server.request(method, f"/jobs/nobody{path}").status == 404, path
    assert server.request("POST", "/jobs/nobody/stop", {"grace": -1}).error["field"] == "grace"


def test_a_server_with_a_store_of_its_own_reads_stops_and_deletes_the_jobs_of_that_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    own = open_store(url)
    spec = JobSpec(name="own", entry_point="t.py", source_dir="/src", interpreter=sys.executable)
    own.create_job(spec, trial_component="own-c")
    home = tmp_path / "home"
    folder = home / "jobs" / own.get_job("own").uid
    own.update_job("own", JobUpdate(run_dir=str(folder)))
    LogWriter(folder / "log", "algo-1").write(b"said\n")
    end(own, "own")

    with running_server(home, config={"StudioApp": {"store_url": url}}) as server:
        log = server.request("GET", "/jobs/own/log")
        stopped = server.request("POST", "/jobs/own/stop", {"grace": 1})
        deleted = server.request("DELETE", "/jobs/own")

    assert (log.status, log.body, stopped.status, deleted.status) == (200, b"said\n", 409, 204)


def test_code_folders_and_differences_are_told_without_secrets(server: Server, store: Store, job: str) -> None:
    folder = server.home / "jobs" / store.get_job(job).uid / "ml"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "t.py").write_text('API_KEY = "hunter2hunter2"\nprint(1)\n')
    (folder / "model").mkdir()
    (folder / "model" / "w.pt").write_bytes(b"123")
    other = JobSpec(
        name=f"{job[:40]}-other",
        entry_point="t.py",
        source_dir="/src",
        interpreter=sys.executable,
        environment={"DB_PASSWORD": "hunter2hunter2"},
    )
    store.create_job(other, trial_component=f"{job}-other")

    source = server.request("GET", f"/jobs/{job}/source")
    folders = server.request("GET", f"/jobs/{job}/folders").json()["items"]
    found = server.request("GET", f"/jobs/{job}/diff?other={other.name}")
    told = server.request("GET", f"/jobs/{job}/describe").json()

    assert source.json()["files"][0]["path"] == "t.py"
    assert [(one["name"], one["size"]) for one in folders] == [("model", 3)]
    assert [one["change"] for one in found.json()["files"]] == ["removed"]
    assert [one["name"] for one in found.json()["fields"]] == ["DB_PASSWORD"]
    assert b"hunter2" not in source.body + found.body
    assert told["TrainingJobName"] == job
    assert server.request("GET", f"/jobs/{job}/diff?other=nobody").status == 404
    assert server.request("GET", f"/jobs/{job}/diff").status == 400


def test_a_waiting_job_is_moved_and_ended_ones_are_cleared_away(server: Server, store: Store, job: str) -> None:
    assert server.request("PATCH", f"/jobs/{job}", {"priority": 7}).json()["priority"] == 7
    assert server.request("PATCH", f"/jobs/{job}", {"priority": 1000}).status == 400
    end(store, job)
    assert server.request("PATCH", f"/jobs/{job}", {"priority": 1}).status == 409
    assert server.request("POST", f"/jobs/{job}/rerun", {}).error["field"] == "job_name", "its code was never there"
    done = server.request("POST", "/jobs/delete-finished", {"status": "Failed"}).json()
    assert done["deleted"] >= 1
    assert server.request("GET", f"/jobs/{job}").status == 404

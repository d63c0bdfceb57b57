"""Trial components over HTTP: records, metrics, artifacts, code."""

from __future__ import annotations

import math

import pytest

from mlstudio.entities.experiments import ArtifactRef, CodeRecord, ComponentCreate, EnvironmentRecord
from mlstudio.jobs.run_log import OUTPUT
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.home import Home
from mlstudio.store.laws import Store
from mlstudio.store.recorder import Recorder
from mlstudio.store.run_logs import Label, make_folder
from mlstudio.testing.server import Server


def test_a_component_keeps_parameters_of_every_kind(server: Server) -> None:
    params = {"lr": 0.1, "n": 3, "flag": True, "text": "<b>ü</b>"}

    made = server.request("POST", "/trial-components", {"name": "c-kinds", "params": params})

    assert made.status == 201
    assert server.request("GET", "/trial-components/c-kinds").json()["params"] == params


def test_creating_with_a_known_uid_returns_the_first(server: Server) -> None:
    wanted = {"name": "c-twice", "uid": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}

    first = server.request("POST", "/trial-components", wanted).json()
    second = server.request("POST", "/trial-components", wanted).json()

    assert second == first


def test_an_update_merges_and_takes_out(server: Server) -> None:
    server.request("POST", "/trial-components", {"name": "c-merge", "params": {"a": 1, "b": 2}})

    changed = server.request(
        "PATCH", "/trial-components/c-merge", {"params": {"c": 3}, "params_to_remove": ["a"]}
    ).json()

    assert changed["params"] == {"b": 2, "c": 3}


def test_a_status_moves_only_along_the_table(server: Server) -> None:
    server.request("POST", "/trial-components", {"name": "c-status", "status": "InProgress"})
    server.request("PATCH", "/trial-components/c-status", {"status": "Completed"})

    back = server.request("PATCH", "/trial-components/c-status", {"status": "InProgress"})

    assert (back.status, back.error["code"]) == (409, "conflict")
    assert "Completed" in back.error["message"]


def test_series_travel_with_nan_and_infinity_as_text(server: Server, store: Store) -> None:
    recorder = Recorder(ComponentCreate(name="c-series"))
    recorder.log("loss", 0.5, step=0)
    recorder.log("loss", math.nan, step=1)
    recorder.log("grad", math.inf, step=0)
    recorder.close(status="Completed")

    items = {item["name"]: item for item in server.request("GET", "/trial-components/c-series/series").json()["items"]}

    assert items["loss"]["last"] == "nan"
    assert items["loss"]["min"] == 0.5
    assert items["grad"]["last"] == "inf"


def test_artifacts_and_code_are_listed(server: Server, store: Store) -> None:
    server.request(
        "POST",
        "/trial-components",
        {"name": "c-parts", "code": {"git_commit": "abc", "argv": ["train.py"]}, "env": {"python": "3.11.2"}},
    )
    store.add_artifact("c-parts", "output", "model", ArtifactRef(value="s3://bucket/model.tar.gz"))

    artifacts = server.request("GET", "/trial-components/c-parts/artifacts").json()["items"]
    code = server.request("GET", "/trial-components/c-parts/code").json()

    assert [(item["direction"], item["name"], item["value"]) for item in artifacts] == [
        ("output", "model", "s3://bucket/model.tar.gz")
    ]
    assert (code["code"]["git_commit"], code["env"]["python"]) == ("abc", "3.11.2")


def test_a_list_is_narrowed_to_a_trial_an_experiment_and_a_source(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "c-exp"})
    server.request("POST", "/trials", {"name": "c-trial", "experiment_name": "c-exp"})
    server.request("POST", "/trial-components", {"name": "c-in", "trials": ["c-trial"], "source_arn": "arn:x"})
    server.request("POST", "/trial-components", {"name": "c-out"})

    for query in ("experiment=c-exp", "trial=c-trial", "source_arn=arn:x"):
        listed = server.request("GET", f"/trial-components?{query}").json()["items"]
        assert [item["name"] for item in listed] == ["c-in"], query


def test_delete_restore_and_purge_of_a_component(server: Server) -> None:
    server.request("POST", "/trial-components", {"name": "c-gone"})

    assert server.request("DELETE", "/trial-components/c-gone").status == 204
    assert server.request("POST", "/trial-components/c-gone/restore").json()["deleted_at"] is None
    server.request("DELETE", "/trial-components/c-gone")
    assert server.request("POST", "/trial-components/c-gone/purge", {"confirm": "c-gone"}).status == 204
    assert server.request("GET", "/trial-components/c-gone").status == 404


def test_uncommitted_changes_are_shown_without_secrets(server: Server, store: Store) -> None:
    diff = b"--- a/t.py\n+++ b/t.py\n+lr = 0.1\n+api_key = 'k-9-secret'\n"
    blob = BlobStore(server.home / "artifacts").put_bytes(diff)
    code = CodeRecord(git_commit="abc", diff_sha256=blob.sha256, diff_size=blob.size)
    env = EnvironmentRecord(python="3.11", variables={"CUDA_VISIBLE_DEVICES": "0", "MY_TOKEN": "t-secret"})
    store.create_component(ComponentCreate(name="c-dirty", code=code, env=env))
    store.create_component(ComponentCreate(name="c-lost", code=CodeRecord(diff_sha256="0" * 64)))

    reply = server.request("GET", "/trial-components/c-dirty/code")
    lost = server.request("GET", "/trial-components/c-lost/code")

    assert reply.json()["diff"] == "--- a/t.py\n+++ b/t.py\n+lr = 0.1\n+api_key = '••••'\n"
    assert reply.json()["env"]["variables"] == {"CUDA_VISIBLE_DEVICES": "0", "MY_TOKEN": "••••"}
    assert (lost.status, lost.json()["diff"]) == (200, None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/experiments", {"name": "shelf-e"}),
        ("/trials", {"name": "shelf-t", "experiment_name": "shelf"}),
        ("/trial-components", {"name": "shelf-c"}),
    ],
)
def test_what_is_archived_leaves_the_list_and_comes_back(server: Server, path: str, body: dict[str, str]) -> None:
    server.request("POST", "/experiments", {"name": "shelf"})
    server.request("POST", path, body)
    name = body["name"]

    def listed(query: str) -> bool:
        items = server.request("GET", f"{path}?name_contains={name}{query}").json()["items"]
        return name in [item["name"] for item in items]

    assert (listed(""), listed("&archived=1")) == (True, False)
    archived = server.request("PATCH", f"{path}/{name}", {"archived": True}).json()
    assert (listed(""), listed("&archived=1"), archived["archived_at"] is not None) == (False, True, True)
    assert server.request("GET", f"{path}/{name}").status == 200
    assert server.request("PATCH", f"{path}/{name}", {"archived": False}).json()["archived_at"] is None
    assert (listed(""), listed("&archived=1")) == (True, False)


def test_stars_tags_notes_and_archives_of_others_are_told_as_cells(server: Server) -> None:
    server.request("POST", "/experiments", {"name": "told"})
    server.request("POST", "/trials", {"name": "told-t", "experiment_name": "told"})
    server.request("POST", "/trial-components", {"name": "told-c", "trials": ["told-t"], "tags": {"a": "1"}})
    with server.socket("experiment:told") as socket:
        socket.wait_for("hello", "hello")
        for change, key, value in (
            ({"starred": True}, "starred", 1),
            ({"tags": {"b": "2"}}, "tags.b", "2"),
            ({"description": "why"}, "note", "why"),
            ({"archived": True}, "archived", 1),
        ):
            server.request("PATCH", "/trial-components/told-c", change)
            event, _ = socket.wait(lambda event, key=key, value=value: event["data"].get("cells", {}).get(key) == value)
            if key == "tags.b":
                assert event["data"]["cells"]["tags.a"] is None, "tags are replaced: the old one is gone"


def test_the_log_of_a_run_is_read_in_stretches_and_a_purge_removes_it(server: Server, store: Store) -> None:
    home = Home(server.home)
    record = store.create_component(ComponentCreate(name="c-log"))
    assert server.request("GET", "/trial-components/c-log/log").headers["X-Total-Bytes"] == "0"
    folder = make_folder(home, record.uid, Label("c-log", store.url))
    LogWriter(folder / "log", OUTPUT).write(b"one\npassword: hush0\n")

    reply = server.request("GET", "/trial-components/c-log/log?offset=4&limit=9999")

    assert reply.body == b"password: *****\n"
    names = ("X-Offset", "X-Next-Offset", "X-Dropped-Bytes", "X-Total-Bytes")
    assert [reply.headers[name] for name in names] == ["4", "20", "0", "20"]
    assert server.request("GET", "/trial-components/nobody/log").status == 404
    server.request("DELETE", "/trial-components/c-log")
    purged = server.request("POST", "/trial-components/c-log/purge", {"confirm": "c-log"})
    assert (purged.status, folder.exists()) == (204, False)

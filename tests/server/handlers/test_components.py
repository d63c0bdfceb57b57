"""Trial components over HTTP: records, metrics, artifacts, code."""

from __future__ import annotations

import math

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate
from mlstudio.store.laws import Store
from mlstudio.store.recorder import Recorder
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

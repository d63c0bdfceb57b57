"""Lineage over HTTP."""

from __future__ import annotations

import pytest

from mlstudio.entities.experiments import ArtifactRef
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server


@pytest.fixture
def arns(server: Server, store: Store) -> dict[str, str]:
    """prepare → data → train → model."""
    for name in ("prepare", "train"):
        if server.request("GET", f"/trial-components/{name}").status == 404:
            server.request("POST", "/trial-components", {"name": name})
            store.add_artifact(name, "output", f"{name}-out", ArtifactRef(value=f"s3://b/{name}"))
    if not server.request("GET", "/trial-components/train").json()["inputs"]:
        store.add_artifact("train", "input", "data", ArtifactRef(value="s3://b/prepare"))
    return {name: server.request("GET", f"/trial-components/{name}").json()["arn"] for name in ("prepare", "train")}


def test_the_graph_is_walked_up_and_down(server: Server, arns: dict[str, str]) -> None:
    whole = server.request("GET", f"/lineage?start={arns['train']}").json()
    down = server.request("GET", f"/lineage?start={arns['train']}&direction=Descendants&1700000000").json()
    near = server.request("GET", f"/lineage?start={arns['train']}&depth=1").json()

    assert {vertex["name"] for vertex in whole["vertices"] if vertex["kind"] == "trial-component"} == {
        "prepare",
        "train",
    }
    assert "prepare" not in {vertex["name"] for vertex in down["vertices"] if vertex["kind"] == "trial-component"}
    assert len(near["vertices"]) < len(whole["vertices"])


def test_an_edge_is_stated_once_and_taken_back(server: Server, arns: dict[str, str]) -> None:
    edge = {"source_arn": arns["prepare"], "dest_arn": arns["train"], "type": "DerivedFrom"}
    assert [server.request("POST", "/associations", edge).status for _ in range(2)] == [204, 204]
    listed = server.request("GET", f"/associations?arn={arns['train']}").json()["items"]
    assert listed.count(edge) == 1
    assert server.request("DELETE", "/associations", edge).status == 204
    assert server.request("DELETE", "/associations", edge).status == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/lineage", None, 400),
        ("GET", "/lineage?start=", None, 400),
        ("GET", "/lineage?start=x&depth=51", None, 400),
        ("GET", "/lineage?start=x&direction=Sideways", None, 400),
        ("GET", "/associations", None, 400),
        ("POST", "/associations", {"source_arn": "a", "dest_arn": "a"}, 400),
        ("POST", "/associations", {"source_arn": "a", "dest_arn": "b", "type": "Nonsense"}, 400),
        ("POST", "/associations", {"source_arn": "x" * 2000, "dest_arn": "b"}, 400),
    ],
)
def test_odd_questions_are_400(server: Server, method: str, path: str, body: object, status: int) -> None:
    assert server.request(method, path, body).status == status


def test_what_names_nothing_is_404(server: Server, arns: dict[str, str]) -> None:
    gone = arns["train"].replace("train", "nobody")

    assert server.request("GET", f"/lineage?start={gone}").status == 404

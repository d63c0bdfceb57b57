"""mlstudio.lineage: what a run was made from, and what was made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlstudio
from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.experiments.lineage_query import Association


@pytest.fixture
def runs(tmp_path: Path) -> list[mlstudio.Run]:
    """raw → prepare → clean → train → model."""
    clean = tmp_path / "clean.csv"
    clean.write_text("a,b\n1,2\n")
    with mlstudio.run("e", "prepare") as prepare:
        prepare.log_artifact("raw", "s3://bucket/raw.csv", is_output=False)
        prepare.log_file(clean, "clean data")
    with mlstudio.run("e", "train") as train:
        train.log_file(clean, "data", is_output=False)
        train.log_artifact("model", "s3://bucket/model.bin")
    return [prepare, train]


def test_a_run_knows_what_it_came_from_and_what_came_of_it(runs: list[mlstudio.Run]) -> None:
    graph = mlstudio.lineage(runs[1])
    assert [(one.level, one.kind) for one in graph] == [
        (-3, "artifact"),
        (-2, "trial-component"),
        (-1, "artifact"),
        (0, "trial-component"),
        (1, "artifact"),
    ]
    assert [one.level for one in graph.upstream] == [-1, -2, -3]
    assert [one.label for one in graph.downstream] == ["model.bin"]
    assert graph.upstream[0].label in ("clean data", "data"), "a copy of ours is called as it was logged"
    assert graph.start.endswith(f"/{runs[1].component_name}")


def test_names_arns_and_directions_choose_the_walk(runs: list[mlstudio.Run]) -> None:
    name = runs[0].component_name
    up = mlstudio.lineage(name, direction="up")
    assert up.downstream == []
    assert [one.label for one in up.upstream] == ["raw.csv"]
    assert mlstudio.lineage(up.start, "Ascendants") == up
    assert len(mlstudio.lineage(name, depth=1).vertices) == 3
    assert mlstudio.lineage(up.upstream[0].arn, "down").downstream[0].name == name


def test_a_graph_is_a_frame_and_a_text(runs: list[mlstudio.Run]) -> None:
    graph = mlstudio.lineage(runs[0])
    frame = graph.to_frame()
    assert list(frame.columns) == ["source", "type", "dest", "source_kind", "dest_kind"]
    assert len(frame) == len(graph.edges) == 4
    lines = str(graph).splitlines()
    assert lines[0] == "raw.csv  (artifact)"
    assert lines[1].startswith("  ")
    assert "Completed" in lines[1]
    assert list(mlstudio.lineage(runs[1], "down", 1).to_frame()["type"]) == ["Produced"]


def test_what_cannot_be_walked_says_why(runs: list[mlstudio.Run]) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        mlstudio.lineage("nope")
    with pytest.raises(InvalidField, match="direction"):
        mlstudio.lineage(runs[0], direction="sideways")
    for depth in (0, 51, True, 1.5):
        with pytest.raises(InvalidField, match="depth"):
            mlstudio.lineage(runs[0], depth=depth)
    with pytest.raises(InvalidField, match="no trial component"):
        mlstudio.lineage(3)


def test_an_association_is_stated_listed_and_taken_back(runs: list[mlstudio.Run]) -> None:
    made = Association.create(runs[0], "arn:aws:sagemaker:eu-west-1:1:endpoint/live", "ContributedTo")
    assert Association.list(runs[0]) == [made]
    assert made.destination_arn in {one.arn for one in mlstudio.lineage(runs[0]).downstream}
    made.delete()
    assert Association.list(runs[0]) == []
    with pytest.raises(NotFound):
        made.delete()
    with pytest.raises(InvalidField, match="no type"):
        Association.create(runs[0], runs[1], "Loves")  # type: ignore[arg-type]
    with pytest.raises(InvalidField, match="itself"):
        Association.create(runs[0], runs[0])

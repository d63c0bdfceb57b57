"""Components side by side: rows that differ, and how the code was changed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mlstudio.entities.comparison import CompareReply, CompareRequest, Group, GroupTotal
from mlstudio.entities.experiments import (
    ArtifactRef,
    CodeRecord,
    ComponentCreate,
    EnvironmentRecord,
    ExperimentCreate,
    TrialCreate,
)
from mlstudio.entities.wire import ParamValue, encode
from mlstudio.experiments import differences
from mlstudio.experiments.comparison import compare_components
from mlstudio.experiments.differences import MAX_DIFF, MAX_LINES, differ, unified_diff
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.laws import Store
from mlstudio.store.memory import MemoryStore
from mlstudio.testing.contract_metrics import points_of


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "artifacts")


@pytest.fixture
def store(blobs: BlobStore) -> Store:
    """Two components of one sweep and a bare third."""
    store = MemoryStore()
    store.create_experiment(ExperimentCreate("e"))
    store.create_trial(TrialCreate("t", "e"))
    for name, lr, numpy in (("a", 0.1, "2.0"), ("b", 0.2, "2.1")):
        diff = blobs.put_bytes(f"-x = 0\n+x = {lr}\n".encode())
        store.create_component(
            ComponentCreate(
                name=name,
                display_name=f"run {name}",
                trials=["t"],
                params={"lr": lr, "seed": 1 if name == "a" else 1.0, "nan": "nan"},
                tags={"team": "x"},
                inputs={"data": ArtifactRef("/data.csv", sha256=("aa" if name == "a" else "bb") * 32)},
                code=CodeRecord(
                    source=f"lr = {lr}\nprint(lr)\n", git_commit="0" * 40, argv=["train.py"], diff_sha256=diff.sha256
                ),
                env=EnvironmentRecord(
                    python="3.11", packages={"numpy": numpy, "pandas": "2"}, variables={"OMP_NUM_THREADS": "1"}
                ),
            )
        )
        points_of(store, name, "loss", [1.0, lr])
        points_of(store, name, "broken", [math.nan])
    store.create_component(ComponentCreate(name="c", params={"only": True}))
    return store


def rows(reply: CompareReply) -> dict[tuple[str, str], tuple[list[object], bool]]:
    """Return rows by group and key."""
    return {(row.group, row.key): (row.values, row.differs) for row in reply.rows}


def test_properties_stand_side_by_side_and_differences_are_marked(store: Store, blobs: BlobStore) -> None:
    reply = compare_components(store, CompareRequest(["a", "b"]), blobs=blobs)
    found = rows(reply)
    assert (reply.components, reply.labels, reply.missing) == (["a", "b"], ["run a", "run b"], [])
    assert found["params", "params.lr"] == ([0.1, 0.2], True)
    assert found["params", "params.seed"] == ([1, 1.0], False)
    assert found["params", "params.nan"] == (["nan", "nan"], False)
    assert found["metrics", "metrics.loss.last"] == ([0.1, 0.2], True)
    assert found["metrics", "metrics.broken.last"][1] is False
    assert found["tags", "tags.team"] == (["x", "x"], False)
    assert found["packages", "numpy"] == (["2.0", "2.1"], True)
    assert found["packages", "pandas"] == (["2", "2"], False)
    assert found["environment", "variables.OMP_NUM_THREADS"] == (["1", "1"], False)
    assert found["inputs", "inputs.data"][1] is True, "the same path, another content"
    assert found["code", "git_commit"] == (["0" * 40] * 2, False)
    assert found["meta", "trial"] == (["t", "t"], False)
    assert b'"nan"' in encode(reply)


def test_what_one_does_not_have_is_none_and_differs(store: Store) -> None:
    found = rows(compare_components(store, CompareRequest(["a", "c"])))
    assert found["params", "params.lr"] == ([0.1, None], True)
    assert found["params", "params.only"] == ([None, True], True)
    assert found["packages", "numpy"] == (["2.0", None], True)
    assert found["code", "argv"] == (["train.py", None], True)


def test_sources_and_uncommitted_changes_are_held_against_the_first(store: Store, blobs: BlobStore) -> None:
    reply = compare_components(store, CompareRequest(["a", "b", "c"]), blobs=blobs)
    found = {(diff.what, diff.right): diff.diff for diff in reply.diffs}
    assert "-lr = 0.1\n+lr = 0.2\n print(lr)" in found["source", "b"]
    assert found["source", "b"].startswith("--- a\n+++ b\n")
    assert "+-x = 0" not in found["dirty_diff", "b"]
    assert "-+x = 0.1\n++x = 0.2" in found["dirty_diff", "b"]
    assert "-lr = 0.1" in found["source", "c"]
    assert all(not diff.truncated for diff in reply.diffs)


def test_the_same_text_has_an_empty_diff_and_no_text_has_none(store: Store) -> None:
    store.create_component(ComponentCreate(name="d", code=CodeRecord(source="x")))
    store.create_component(ComponentCreate(name="f", code=CodeRecord(source="x", diff_sha256="ee" * 32)))
    (one,) = compare_components(store, CompareRequest(["d", "f"])).diffs
    assert (one.what, one.diff, one.truncated) == ("source", "", False)
    assert compare_components(store, CompareRequest(["c", "d"])).diffs[0].diff.endswith("+x")


def test_names_that_are_gone_are_told(store: Store) -> None:
    reply = compare_components(store, CompareRequest(["gone", "a", "a", "b"]))
    assert (reply.components, reply.missing) == (["a", "b"], ["gone"])
    empty = compare_components(store, CompareRequest(["gone", "lost"]))
    assert (empty.components, empty.rows, empty.diffs, empty.missing) == ([], [], [], ["gone", "lost"])


def test_long_texts_are_cut_and_say_so() -> None:
    left = "\n".join(f"line {number} {'x' * 80}" for number in range(4 * MAX_LINES))
    right = left.replace("line", "Line")
    diff, cut = unified_diff(left, right, "a", "b")
    assert cut
    assert 0 < len(diff.encode()) <= MAX_DIFF
    assert unified_diff(left, left, "a", "b") == ("", False)


def test_values_are_the_same_when_a_person_would_say_so() -> None:
    assert not differ([math.nan, math.nan])
    assert not differ([1, 1.0])
    assert not differ([None, None])
    assert differ([1, True])
    assert differ(["1", 1])
    assert differ([math.nan, None])
    assert differ([math.inf, -math.inf])


@pytest.fixture
def of_many(store: Store) -> list[str]:
    """Two components of 30 parameters each, of which every third differs; two texts are long."""
    for place, name in enumerate(("many-a", "many-b")):
        params: dict[str, ParamValue] = {f"p{key:02d}": key if key % 3 else key + place for key in range(30)}
        store.create_component(ComponentCreate(name=name, params=params | {"q0": "x" * 900, "q1": "y" * 900}))
    return ["many-a", "many-b"]


@pytest.mark.parametrize("only", [False, True])
def test_the_rows_of_very_many_are_had_by_pages(store: Store, of_many: list[str], only: bool) -> None:
    page = compare_components(store, CompareRequest(of_many, differences=only, limit=4))
    assert all(len([row for row in page.rows if row.group == group]) <= 4 for group in page.totals)
    assert page.totals["params"] == GroupTotal(32, 10)
    read = [row for row in page.rows if row.group == "params"]
    while page.next:
        again = CompareRequest(of_many, differences=only, limit=4, begin=page.next, texts=False)  # type: ignore[arg-type]
        page = compare_components(store, again)
        assert page.diffs == []
        read += [row for row in page.rows if row.group == "params"]
    wanted = [f"params.p{key:02d}" for key in range(30) if not only or key % 3 == 0]
    assert [row.key for row in read] == wanted + ([] if only else ["params.q0", "params.q1"])


def test_rows_are_found_by_their_keys(store: Store, of_many: list[str]) -> None:
    found = compare_components(store, CompareRequest(of_many, contains="P1", begin={"params": 0, "meta": 0}))
    assert [row.key for row in found.rows] == [f"params.p1{key}" for key in range(10)]
    assert (found.totals, found.next) == ({"params": GroupTotal(10, 3)}, {})


def test_long_values_end_a_group_early(store: Store, of_many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "GROUP_BYTES", 100)
    begin: dict[Group, int] = {"params": 30}
    found = compare_components(store, CompareRequest(of_many, begin=begin))
    assert ([row.key for row in found.rows], found.next) == (["params.q0"], {"params": 31})

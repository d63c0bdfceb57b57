"""No answer grows without bound: the first of very many parts, the rest by pages; hostile queries are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ExperimentCreate, TrialCreate
from mlstudio.entities.names import new_uid
from mlstudio.entities.parts import MOST_PARTS, PartRequest
from mlstudio.store.batch import Batch, SeriesPoints
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

MANY = 2500
LONGEST_ANSWER = 2 * 1024 * 1024


@pytest.fixture
def wide(server: Server, store: Store) -> str:
    """A trial of 2,500 metrics, parameters, tags and artifacts; made once."""
    if "wide" in {one.name for one in store.get_components(["wide"], most=0)}:
        return "wide"
    store.create_experiment(ExperimentCreate("wide-e", tags={f"t{i:04d}": "x" for i in range(MANY)}))
    store.create_trial(TrialCreate("wide-t", "wide-e", tags={f"t{i:04d}": "x" for i in range(MANY)}))
    create = ComponentCreate(
        name="wide",
        uid=new_uid(),
        trials=["wide-t"],
        params={f"p{i:04d}": i for i in range(MANY)},
        tags={f"t{i:04d}": f"v{i}" for i in range(MANY)},
        inputs={f"a{i:04d}": ArtifactRef(f"/data/{i}") for i in range(MANY)},
    )
    points = [
        SeriesPoints(f"m{i:04d}", "{}", np.array([0, 1]), np.array([1.7e9, 1.7e9]), np.array([0.5, i]))
        for i in range(MANY)
    ]
    store.apply(Batch("wide", str(create.uid), 0, 100, open=create, points=points))
    return "wide"


def pages(server: Server, path: str, **query: object) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list until its end."""
    cursor = None
    while True:
        asked = {**query, **({} if cursor is None else {"cursor": cursor})}
        page: dict[str, Any] = server.request("GET", f"{path}?{urlencode(asked)}").json()
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def test_a_record_carries_the_first_of_very_many_parts_and_their_number(server: Server, wide: str) -> None:
    reply = server.request("GET", f"/trial-components/{wide}")
    record = reply.json()

    assert len(reply.body) < LONGEST_ANSWER
    for part in ("metrics", "params", "tags", "inputs"):
        assert len(record[part]) == MOST_PARTS
        assert record["totals"][part] == MANY
    assert record["totals"]["outputs"] == 0


def test_a_record_of_few_parts_has_all_of_them_and_says_nothing_of_totals(server: Server, store: Store) -> None:
    store.create_component(ComponentCreate(name="few", params={"a": 1}, tags={"b": "c"}))

    record = server.request("GET", "/trial-components/few").json()

    assert (record["params"], record["tags"], record["totals"]) == ({"a": 1}, {"b": "c"}, None)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/trial-components/wide/series", "m{:04d}"),
        ("/trial-components/wide/params", "p{:04d}"),
        ("/trial-components/wide/tags", "t{:04d}"),
        ("/trial-components/wide/artifacts", "a{:04d}"),
        ("/experiments/wide-e/tags", "t{:04d}"),
        ("/trials/wide-t/tags", "t{:04d}"),
    ],
)
def test_all_parts_are_had_by_pages_and_found_by_their_names(server: Server, wide: str, path: str, name: str) -> None:
    read = list(pages(server, path, limit=700))
    names = [item["name"] for page in read for item in page["items"]]
    found = server.request("GET", f"{path}?contains={name.format(244)[:4].upper()}").json()

    assert names == [name.format(i) for i in range(MANY)]
    assert {page["total"] for page in read} == {MANY}
    assert [len(page["items"]) for page in read] == [700, 700, 700, 400]
    assert [item["name"] for item in found["items"]] == [name.format(i) for i in range(240, 250)][:10] + [
        name.format(i) for i in range(2400, 2500) if name.format(244)[:4] in name.format(i)
    ]
    assert found["total"] == len(found["items"])


def test_one_part_that_is_very_long_ends_a_page_and_is_not_lost(server: Server, store: Store) -> None:
    store.create_component(ComponentCreate(name="long", params={f"p{i}": "x" * 900_000 for i in range(4)}))

    record = server.request("GET", "/trial-components/long")
    read = list(pages(server, "/trial-components/long/params"))

    assert len(record.body) < LONGEST_ANSWER
    assert (record.json()["params"], record.json()["totals"]["params"]) == ({}, 4)
    assert [item["name"] for page in read for item in page["items"]] == ["p0", "p1", "p2", "p3"]
    assert len(read) == 4


def test_a_list_ends_its_pages_where_they_are_long_and_skips_nothing(server: Server, store: Store) -> None:
    store.create_experiment(ExperimentCreate("heavy"))
    store.create_trial(TrialCreate("heavy-t", "heavy"))
    for i in range(12):
        store.create_component(
            ComponentCreate(name=f"heavy-{i:02d}", trials=["heavy-t"], description="x" * 200_000, params={"i": i})
        )
    query = {"experiment": "heavy", "sort_by": "Name", "sort_order": "Ascending", "limit": 1000}

    read = list(pages(server, "/trial-components", **query))
    newest = list(pages(server, "/trial-components", experiment="heavy", limit=1000))

    assert [one["name"] for page in read for one in page["items"]] == [f"heavy-{i:02d}" for i in range(12)]
    assert [one["name"] for page in newest for one in page["items"]] == [f"heavy-{i:02d}" for i in reversed(range(12))]
    assert max(len(page["items"]) for page in read) == 5


def test_a_list_carries_a_hundred_metrics_of_each(server: Server, wide: str) -> None:
    (record,) = server.request("GET", "/trial-components?experiment=wide-e").json()["items"]

    assert (len(record["metrics"]), record["totals"]["metrics"]) == (100, MANY)
    assert (len(record["tags"]), record["totals"]["tags"]) == (100, MANY)


@pytest.mark.parametrize("path", ["/trial-components/wide", "/trials/wide-t", "/experiments/wide-e"])
def test_tags_that_no_answer_has_shown_are_not_replaced(server: Server, store: Store, wide: str, path: str) -> None:
    refused = server.request("PATCH", path, {"tags": {"only": "one"}})
    renamed = server.request("PATCH", path, {"display_name": "Wide"})

    assert (refused.status, refused.error["field"]) == (400, "tags")
    assert (renamed.status, renamed.json()["totals"]["tags"]) == (200, MANY)
    assert store.tags_page("trial-component", wide, PartRequest(limit=1)).total == MANY


def test_the_columns_of_very_many_are_those_of_most_rows_and_the_others_are_found(
    server: Server, store: Store, wide: str
) -> None:
    reply = server.request("GET", "/experiments/wide-e/columns")
    listed = reply.json()
    found = server.request("GET", "/experiments/wide-e/columns?contains=M2499").json()

    assert len(reply.body) < LONGEST_ANSWER
    assert listed["totals"] == {"params": MANY, "metrics": MANY, "tags": MANY}
    assert sum(item["group"] == "metrics" for item in listed["items"]) == 1000
    assert [item["key"] for item in found["items"]] == ["metrics.m2499.last"]
    assert found["totals"] == {"params": 0, "metrics": 1, "tags": 0}


PATHS = st.sampled_from(
    [
        "/trial-components/wide/series",
        "/trial-components/wide/params",
        "/trial-components/wide/tags",
        "/trial-components/wide/artifacts",
        "/trials/wide-t/tags",
        "/experiments/wide-e/columns",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["%", "_", "'", '"; --', "\0", "\\", "*", "[a-", "\ud7ff", "é" * 600, "m" * 501]),
)
CURSORS = st.one_of(TEXTS, st.binary(max_size=40).map(lambda data: data.hex()), st.just("WyJtMDAwMCIsInt9Il0"))
LIMITS = st.one_of(st.integers(-5, 5000).map(str), st.sampled_from(["", "1e3", "٣", "0x10", "1" * 400, "nan"]))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, contains=st.none() | TEXTS, limit=st.none() | LIMITS, cursor=st.none() | CURSORS)
def test_whatever_is_asked_the_answer_is_short_or_a_refusal_that_names_the_field(
    server: Server, wide: str, path: str, contains: str | None, limit: str | None, cursor: str | None
) -> None:
    asked = {"contains": contains, "limit": limit, "cursor": cursor}
    query = urlencode({key: value for key, value in asked.items() if value is not None})

    reply = server.request("GET", f"{path}?{query}")

    assert reply.status in (200, 400), (reply.status, reply.body[:300])
    assert len(reply.body) < LONGEST_ANSWER
    if reply.status == 400:
        assert reply.error["field"] in asked
    else:
        assert len(reply.json()["items"]) <= 3 * MOST_PARTS + 30


def test_a_comparison_has_the_first_rows_of_each_group_and_says_of_how_many(
    server: Server, store: Store, wide: str
) -> None:
    if not store.get_components(["wide-other"], most=0):
        store.create_component(ComponentCreate(name="wide-other", params={f"p{i:04d}": i % 1000 for i in range(MANY)}))
    asked = {"components": [wide, "wide-other"]}
    first = server.request("POST", "/comparisons", body=asked)
    reply = first.json()
    assert len(first.body) < LONGEST_ANSWER
    assert reply["totals"]["params"] == {"rows": MANY, "differ": MANY - 1000}
    assert reply["next"] == {"params": 500, "metrics": 500, "tags": 500, "inputs": 500}
    differing = {**asked, "differences": True, "limit": 1000, "texts": False}
    keys: list[str] = []
    begin: dict[str, int] | None = {"params": 0}
    while begin:
        page = server.request("POST", "/comparisons", body={**differing, "begin": begin}).json()
        keys += [row["key"] for row in page["rows"]]
        begin = page["next"]
    assert keys == [f"params.p{i:04d}" for i in range(1000, MANY)]
    found = server.request("POST", "/comparisons", body={**asked, "contains": "M2499"}).json()
    assert [row["key"] for row in found["rows"]] == ["metrics.m2499.last"]

"""SageMaker's search JSON: each operator and property, and that nothing but Query or BadQuery comes out."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import And, Cmp, Field, Not, Or, OrderKey, Query
from mlstudio.experiments.query_boto import field_of_property, from_boto, order_of


def one(name: str, operator: str | None = None, value: Any = None) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": name}
    if operator is not None:
        found["Operator"] = operator
    if value is not None:
        found["Value"] = value
    return {"Filters": [found]}


@pytest.mark.parametrize(
    ("operator", "op"),
    [
        ("Equals", "=="),
        ("NotEquals", "!="),
        ("GreaterThan", ">"),
        ("GreaterThanOrEqualTo", ">="),
        ("LessThan", "<"),
        ("LessThanOrEqualTo", "<="),
        ("Contains", "contains"),
    ],
)
def test_each_operator_has_its_meaning_and_values_stay_text(operator: str, op: str) -> None:
    assert from_boto(one("Parameters.lr", operator, "0.1")).where == Cmp(Field("params", "lr"), op, "0.1")  # type: ignore[arg-type]


def test_exists_not_exists_in_and_no_operator() -> None:
    lr = Field("params", "lr")
    assert from_boto(one("Parameters.lr", "Exists")).where == Cmp(lr, "exists")
    assert from_boto(one("Parameters.lr", "NotExists")).where == Not(Cmp(lr, "exists"))
    assert from_boto(one("Parameters.lr", "In", "1, 2,x")).where == Cmp(lr, "in", ("1", "2", "x"))
    assert from_boto(one("Parameters.lr", "In", ["1,5", 2])).where == Cmp(lr, "in", ("1,5", 2))
    assert from_boto(one("Parameters.lr", None, "3")).where == Cmp(lr, "==", "3")
    assert from_boto(one("Parameters.lr")).where == Cmp(lr, "exists")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("TrialComponentName", Field("meta", "name")),
        ("DisplayName", Field("meta", "display_name")),
        ("Source.SourceArn", Field("meta", "source")),
        ("Status.PrimaryStatus", Field("meta", "status")),
        ("StartTime", Field("meta", "started")),
        ("EndTime", Field("meta", "ended")),
        ("CreationTime", Field("meta", "created")),
        ("CreatedBy", Field("meta", "user")),
        ("LastModifiedTime", Field("meta", "modified")),
        ("Parents.ExperimentName", Field("meta", "experiment")),
        ("Parents.TrialName", Field("meta", "trial")),
        ("Parameters.a.b:c/d", Field("params", "a.b:c/d")),
        ("parameters.lr", Field("params", "lr")),
        ("Metrics.test:accuracy.Max", Field("metrics", "test:accuracy", "max")),
        ("metrics.test:accuracy.max", Field("metrics", "test:accuracy", "max")),
        ("Metrics.loss.StdDev", Field("metrics", "loss", "stddev")),
        ("Metrics.loss", Field("metrics", "loss", "last")),
        ("Metrics.a.b.Avg", Field("metrics", "a.b", "avg")),
        ("InputArtifacts.data.Value", Field("inputs", "data", "value")),
        ("OutputArtifacts.model.MediaType", Field("outputs", "model", "media_type")),
        ("Tags.team", Field("tags", "team")),
        ("params.lr", Field("params", "lr")),
    ],
)
def test_each_property_is_known(name: str, field: Field) -> None:
    assert field_of_property(name) == field


def test_the_resource_decides_whose_name_a_name_is() -> None:
    assert field_of_property("ExperimentName", resource="Experiment") == Field("meta", "name")
    assert field_of_property("ExperimentName") == Field("meta", "experiment")
    assert field_of_property("TrialName", resource="Trial") == Field("meta", "name")


def test_expressions_nest_and_join() -> None:
    expression = {
        "Filters": one("DisplayName", "Equals", "Training")["Filters"],
        "NestedFilters": [
            {
                "NestedPropertyName": "Parents",
                "Filters": [{"Name": "TrialName", "Value": "t"}, {"Name": "Parents.ExperimentName", "Value": "e"}],
            }
        ],
        "SubExpressions": [
            {"Operator": "Or", **one("Tags.a")},
            {"Filters": [{"Name": "Tags.a"}, {"Name": "Tags.b"}], "Operator": "Or"},
            {},
        ],
    }
    assert from_boto(expression).where == And(
        (
            Cmp(Field("meta", "display_name"), "==", "Training"),
            And((Cmp(Field("meta", "trial"), "==", "t"), Cmp(Field("meta", "experiment"), "==", "e"))),
            Cmp(Field("tags", "a"), "exists"),
            Or((Cmp(Field("tags", "a"), "exists"), Cmp(Field("tags", "b"), "exists"))),
        )
    )
    assert from_boto(None) == Query()
    assert from_boto({}) == Query()


@pytest.mark.parametrize("value", ["2026-11-23T10:00:00+00:00", datetime(2026, 11, 23, 10, tzinfo=UTC)])
def test_times_become_microseconds(value: object) -> None:
    assert from_boto(one("CreationTime", "GreaterThan", value)).where == Cmp(
        Field("meta", "created"), ">", 1795428000000000
    )


@pytest.mark.parametrize(
    "expression",
    [
        [],
        "text",
        {"Filters": {}},
        {"Filters": ["x"]},
        {"Filters": [{}]},
        {"Filters": [{"Name": 3}]},
        {"Filter": []},
        {"Operator": "Xor"},
        one("Nothing.Here", "Equals", "1"),
        one("Parameters.x", "Resembles", "1"),
        one("Parameters.x", "Equals", {}),
        one("Parameters.x", "Equals", "\ud800"),
        one("CreationTime", "GreaterThan", "soon"),
        one("Parameters.x", "In", ["1"] * 1001),
        {"NestedFilters": [{"Filters": []}]},
        {"NestedFilters": [{"NestedPropertyName": "Parents", "Filters": []}]},
        {"Filters": [{"Name": "Tags.a"}] * 1001},
    ],
)
def test_what_is_no_expression_is_a_bad_query(expression: Any) -> None:
    with pytest.raises(BadQuery) as caught:
        from_boto(expression)
    assert caught.value.field in {"search_expression", "where"}


def test_nesting_is_bounded() -> None:
    deep: dict[str, Any] = one("Tags.a")
    for _ in range(49):
        deep = {"SubExpressions": [deep]}
    assert from_boto(deep).where is not None
    with pytest.raises(BadQuery, match="deeper than 50"):
        from_boto({"SubExpressions": [deep]})


def test_an_order_takes_properties_keys_and_enums() -> None:
    assert order_of(None, None) == (OrderKey(Field("meta", "created"), descending=True),)
    assert order_of("metrics.test:accuracy.max", "Ascending") == (OrderKey(Field("metrics", "test:accuracy", "max")),)
    assert order_of("Name", "Descending") == (OrderKey(Field("meta", "name"), descending=True),)
    with pytest.raises(BadQuery, match="sort order"):
        order_of(None, "sideways")
    with pytest.raises(BadQuery, match="Unknown field"):
        order_of("Colour", None)


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.sampled_from(["And", "In"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["Filters", "NestedFilters", "SubExpressions", "Operator", "Name", "Value", "NestedPropertyName"]
            ),
            inner,
            max_size=4,
        ),
        st.fixed_dictionaries(
            {"Name": st.sampled_from(["Parameters.x", "Metrics.a.Last", "CreationTime"]), "Value": inner}
        ).map(lambda value: {"Filters": [value]}),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_whatever_is_sent_gives_a_query_or_a_bad_query(expression: Any) -> None:
    with contextlib.suppress(BadQuery):
        assert isinstance(from_boto(expression), Query)

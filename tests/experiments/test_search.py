"""SageMaker's expression classes, the order of a table, and both languages finding the same things in a store."""

from __future__ import annotations

import pytest

import mlstudio
from mlstudio import BooleanOperator, Filter, NestedFilter, Operator, SearchExpression, TrialComponent
from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import Cmp, Field, OrderKey, Query
from mlstudio.experiments.search import parse_order, read_query


def test_an_expression_becomes_sagemakers_json() -> None:
    expression = SearchExpression(
        filters=[Filter("Parameters.lr", Operator.LESS_THAN, "0.1"), Filter(name="Tags.best")],
        nested_filters=[NestedFilter("Parents", [Filter("Parents.TrialName", Operator.EQUALS, "t")])],
        sub_expressions=[SearchExpression(filters=[], boolean_operator=BooleanOperator.OR)],
    )
    assert expression.to_boto() == {
        "Filters": [
            {"Name": "Parameters.lr", "Operator": "LessThan", "Value": "0.1"},
            {"Name": "Tags.best"},
        ],
        "NestedFilters": [
            {
                "NestedPropertyName": "Parents",
                "Filters": [{"Name": "Parents.TrialName", "Operator": "Equals", "Value": "t"}],
            }
        ],
        "SubExpressions": [{"Filters": [], "Operator": "Or"}],
        "Operator": "And",
    }


def test_an_expression_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        SearchExpression()


def test_the_operators_are_sagemakers() -> None:
    assert [one.value for one in Operator] == [
        "Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo",
        "Contains", "Exists", "NotExists", "In",
    ]  # fmt: skip


def test_an_order_is_read_from_column_keys() -> None:
    assert parse_order(["-metrics.a b.max", "params.x.y", "created"]) == (
        OrderKey(Field("metrics", "a b", "max"), descending=True),
        OrderKey(Field("params", "x.y")),
        OrderKey(Field("meta", "created")),
    )
    with pytest.raises(BadQuery, match="Unknown field colour") as caught:
        parse_order(["-colour"])
    assert caught.value.field == "order"
    with pytest.raises(BadQuery):
        parse_order([3])  # type: ignore[list-item]


@pytest.fixture
def four_runs() -> None:
    for index, (lr, opt) in enumerate([(0.5, "adam"), (0.1, "sgd"), (10, "sgd"), (2, "rmsprop")]):
        with mlstudio.run("search", f"r{index}", lr=lr, opt=opt, tags={"parity": index % 2}) as run:
            run.log_metric("val:loss", lr / 2, step=1)
            if index == 3:
                run["extra"] = "here"


def shown(expression: object, **options: str) -> list[str | None]:
    return [one.display_name for one in TrialComponent.search(expression, **options)]  # type: ignore[arg-type]


@pytest.mark.usefixtures("four_runs")
def test_both_languages_find_the_same_components() -> None:
    text = "params.opt in ['adam', 'sgd'] and metrics.val:loss < 1 order by created asc"
    boto = SearchExpression(
        filters=[
            Filter("Parameters.opt", Operator.IN, "adam,sgd"),
            Filter("Metrics.val:loss.Last", Operator.LESS_THAN, "1"),
        ]
    )
    assert shown(text) == ["r0", "r1"]
    assert shown(boto, sort_by="CreationTime", sort_order="Ascending") == ["r0", "r1"]


@pytest.mark.usefixtures("four_runs")
def test_numeric_parameters_compare_and_sort_as_numbers() -> None:
    assert shown(
        {"Filters": [{"Name": "Parameters.lr", "Operator": "GreaterThan", "Value": "1.5"}]}, sort_by="Parameters.lr"
    ) == ["r2", "r3"]
    assert shown("params.lr order by params.lr") == ["r1", "r0", "r3", "r2"]


@pytest.mark.usefixtures("four_runs")
def test_a_missing_field_is_unequal_and_sorts_last() -> None:
    assert shown("params.extra != 'x' order by created asc") == ["r0", "r1", "r2", "r3"]
    assert shown("params.extra = 'here'") == ["r3"]
    assert shown("tags.parity = '1' order by params.extra asc, created asc") == ["r3", "r1"]
    assert shown("tags.parity = '1' order by params.extra desc, created asc") == ["r3", "r1"]


def test_what_is_pasted_may_be_sagemakers_json() -> None:
    pasted = '  {"Filters": [{"Name": "Parameters.lr", "Operator": "LessThan", "Value": "0.1"}]}'
    assert read_query(pasted).where == Cmp(Field("params", "lr"), "<", "0.1")
    assert read_query(" ") == read_query(None) == Query()
    assert read_query("params.lr < 0.1 limit 3").limit == 3
    for broken in ('{"Filters": ', "{" * 5000, '{"Nothing": 1}'):
        with pytest.raises(BadQuery):
            read_query(broken)

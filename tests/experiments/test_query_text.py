"""The text query language: what it says, what it refuses, and that nothing else ever comes out of it."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import And, Cmp, Field, Not, Or, OrderKey, Query
from mlstudio.experiments.search import parse

LOSS = Field("metrics", "loss", "last")
LR = Field("params", "lr")
NOW = 1_800_000_000.0


def test_the_example_of_the_manual_reads_as_it_says() -> None:
    query = parse(
        'metrics.loss.last < 0.3 and (params.opt in ["adam","sgd"] or tags.best) order by metrics.acc.max desc limit 7'
    )
    assert query == Query(
        And(
            (
                Cmp(LOSS, "<", 0.3),
                Or((Cmp(Field("params", "opt"), "in", ("adam", "sgd")), Cmp(Field("tags", "best"), "exists"))),
            )
        ),
        (OrderKey(Field("metrics", "acc", "max"), descending=True),),
        7,
    )


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_query_means_everything(text: str) -> None:
    assert parse(text) == Query()


@pytest.mark.parametrize(
    ("text", "op"),
    [("=", "=="), ("==", "=="), ("!=", "!="), ("<>", "!="), ("<", "<"), ("<=", "<="), (">", ">"), (">=", ">=")],
)
def test_every_operator_has_its_meaning_with_and_without_spaces(text: str, op: str) -> None:
    assert parse(f"params.lr {text} 1").where == Cmp(LR, op, 1)  # type: ignore[arg-type]
    assert parse(f"params.lr{text}1").where == Cmp(LR, op, 1)  # type: ignore[arg-type]


def test_and_binds_closer_than_or_and_not_closer_than_and() -> None:
    a, b, c = (Cmp(Field("tags", name), "exists") for name in "abc")
    assert parse("tags.a or tags.b and not tags.c").where == Or((a, And((b, Not(c)))))
    assert parse("(tags.a or tags.b) and tags.c").where == And((Or((a, b)), c))


def test_keywords_and_fields_are_read_in_any_case() -> None:
    assert parse("NOT Status = 'Failed' ORDER BY Created DESC").where == Not(
        Cmp(Field("meta", "status"), "==", "Failed")
    )


def test_a_range_is_two_comparisons() -> None:
    assert parse("0.1 <= params.lr < 0.5").where == And((Cmp(LR, ">=", 0.1), Cmp(LR, "<", 0.5)))
    assert parse("0.5 > params.lr").where == Cmp(LR, "<", 0.5)


def test_negated_verbs() -> None:
    assert parse("params.opt not in ['a', 3]").where == Cmp(Field("params", "opt"), "not in", ("a", 3))
    assert parse("name not contains 'x'").where == Cmp(Field("meta", "name"), "not contains", "x")
    assert parse("name not like 'a*?'").where == Cmp(Field("meta", "name"), "not like", "a*?")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("metrics.loss", LOSS),
        ("metrics.loss.min", Field("metrics", "loss", "min")),
        ("metrics.test:accuracy.max", Field("metrics", "test:accuracy", "max")),
        ("metrics.a.b/c.d-e.count", Field("metrics", "a.b/c.d-e", "count")),
        ("metrics.last", Field("metrics", "last", "last")),
        ("metrics.`my loss, é`.avg", Field("metrics", "my loss, é", "avg")),
        ("metrics.`loss.max`", Field("metrics", "loss.max", "last")),
        ("params.model.depth", Field("params", "model.depth")),
        ("params.loss.last", Field("params", "loss.last")),
        ("tags.`sagemaker:x y`", Field("tags", "sagemaker:x y")),
        ("inputs.data", Field("inputs", "data", "value")),
        ("outputs.model.media_type", Field("outputs", "model", "media_type")),
        ("duration", Field("meta", "duration")),
    ],
)
def test_names_may_hold_nearly_anything(text: str, field: Field) -> None:
    assert parse(text).where == Cmp(field, "exists")
    assert parse(f"{text} = 1").where == Cmp(field, "==", 1)


def test_starred_alone_means_that_it_is_true() -> None:
    assert parse("starred").where == Cmp(Field("meta", "starred"), "==", value=True)
    assert parse("starred = false").where == Cmp(Field("meta", "starred"), "==", value=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("-1.5e-3", -0.0015), ("+2", 2), (".5", 0.5), ("1e400", math.inf), ("-inf", -math.inf), ("true", True)],
)
def test_numbers_and_constants(text: str, value: float) -> None:
    where = parse(f"params.x > {text}").where
    assert isinstance(where, Cmp)
    assert where.value == value
    assert type(where.value) is type(value)


def test_nan_is_a_value() -> None:
    where = parse("metrics.loss = nan").where
    assert isinstance(where, Cmp)
    assert isinstance(where.value, float)
    assert math.isnan(where.value)


def test_an_int_that_no_store_can_hold_becomes_a_float() -> None:
    assert parse("params.x = 12345678901234567890").where == Cmp(Field("params", "x"), "==", 12345678901234567890.0)


def test_text_keeps_the_other_quote_and_what_is_escaped() -> None:
    assert parse("""name = 'say "hi"'""").where == Cmp(Field("meta", "name"), "==", 'say "hi"')
    assert parse(r"name = 'it\'s'").where == Cmp(Field("meta", "name"), "==", "it's")
    assert parse("status = Failed").where == Cmp(Field("meta", "status"), "==", "Failed")


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("created > -2h", round((NOW - 7200) * 1e6)),
        ('created > "-1.5d"', round((NOW - 129600) * 1e6)),
        ('created > "2026-11-23T10:00:00+00:00"', 1795428000000000),
        ('created > "2026-11-23T10:00:00Z"', 1795428000000000),
        ("created > now", round(NOW * 1e6)),
        ("created > 1800000000", round(NOW * 1e6)),
    ],
)
def test_times_become_microseconds(text: str, micros: int) -> None:
    assert parse(text, now=NOW).where == Cmp(Field("meta", "created"), ">", micros)


def test_today_begins_at_local_midnight() -> None:
    where = parse("started >= today", now=NOW).where
    assert isinstance(where, Cmp)
    assert isinstance(where.value, int)
    assert 0 <= NOW * 1e6 - where.value < 90_000e6
    yesterday = parse("started >= yesterday", now=NOW).where
    assert isinstance(yesterday, Cmp)
    assert where.value - yesterday.value == 86_400_000_000  # type: ignore[operator]


def test_a_duration_has_units() -> None:
    assert parse("duration > 2h").where == Cmp(Field("meta", "duration"), ">", 7200.0)
    assert parse("duration > 90").where == Cmp(Field("meta", "duration"), ">", 90)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("metrics.loss <", "at 1:15", None),
        ("statu = 1", "at 1:1", "Did you mean status?"),
        ("params.lr = 1 params.x = 2", "at 1:15", 'Join conditions with "and" or "or".'),
        ("tags.a and\n  foo.bar = 1", "at 2:3", None),
        ("params.lr = params.x", "at 1:13", "A field can be compared with values only; put text in quotes."),
        ("params.lr in 3", "at 1:14", 'Write in ["adam", "sgd"].'),
        ("name = 'open", "at 1:8", "Close it with '."),
        ("params.`open", "at 1:8", "Close it with `."),
        ("params.lr = 1 limit -1", "at 1:21", None),
        ("params.lr = 1 order created", "at 1:21", None),
        ("created > 'soon'", "at 1:11", 'Write "2026-11-23", "2026-11-23T10:00:00Z", "-2h", "-7d" or "today".'),
        ("(tags.a", "at 1:8", None),
        ("tags.a)", "at 1:7", 'Join conditions with "and" or "or".'),
        ("()", "at 1:2", None),
        ("1 = params.lr", "at 1:3", "Write field = value."),
        ("not", "at 1:4", None),
        ("params.lr not 3", "at 1:15", None),
        ("; drop table", "at 1:1", 'Put text in "quotes" and unusual names in `backquotes`.'),
        ("__class__", "at 1:1", None),
        ("metrics. < 1", "at 1:1", None),
        ("`x` = 1", "at 1:1", None),
        ("metrics.`x`.middle", "at 1:1", None),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, where: str, hint: str | None) -> None:
    with pytest.raises(BadQuery) as caught:
        parse(text)
    assert where in caught.value.message
    assert caught.value.field == "where"
    if hint is not None:
        assert caught.value.hint == hint


def test_with_the_columns_at_hand_a_misspelt_metric_is_found() -> None:
    known = ["metrics.loss.last", "params.lr", "tags.best", "name"]
    with pytest.raises(BadQuery) as caught:
        parse("metrics.los < 1", known=known)
    assert caught.value.message == "Unknown field metrics.los at 1:1."
    assert caught.value.hint == "Did you mean metrics.loss?"
    assert parse("metrics.loss.max < 1 and params.lr = 1 and tags.best and status = 'x'", known=known).where is not None


def test_the_caps_hold() -> None:
    assert parse("(" * 50 + "tags.a" + ")" * 50).where is not None
    for text, words in (
        ("(" * 51 + "tags.a" + ")" * 51, "nested deeper than 50"),
        ("(" * 8000, "nested deeper than 50"),
        ("params.x in [" + "1," * 1001 + "1]", "more than 1000 items"),
        ("tags.a or " * 900, "8192|bytes"),
        ("name = '" + "é" * 4100 + "'", "bytes"),
    ):
        with pytest.raises(BadQuery, match=words):
            parse(text)
    many = parse(" or ".join(["tags.a"] * 800)).where
    assert isinstance(many, Or)
    assert len(many.items) == 800


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(BadQuery, match="not valid text"):
        parse("name = '\ud800'")


PIECES = st.sampled_from(
    [
        "and", "or", "not", "in", "contains", "like", "order", "by", "limit", "asc", "desc", "(", ")", "[", "]", ",",
        "=", "<", "<=", "!=", "params.lr", "metrics.a.max", "tags.x", "name", "created", "duration", "starred", "1",
        "-2h", "0.5", "'text'", '"today"', "`q`", "metrics.`a b`", "nan", "true", "__class__", "\n", "9" * 400, "é",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES).map("".join)))
def test_whatever_is_typed_gives_a_query_or_a_bad_query(text: str) -> None:
    with contextlib.suppress(BadQuery):
        assert isinstance(parse(text), Query)

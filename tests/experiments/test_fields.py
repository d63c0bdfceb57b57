"""Fields, times and tokens: the small parts under both search languages."""

from __future__ import annotations

import time

import pytest

from mlstudio.entities.errors import BadQuery
from mlstudio.entities.search import META_FIELDS, Field
from mlstudio.experiments.fields import bare, check_known, field_of, nearest, relative_seconds, to_micros
from mlstudio.experiments.query_lexer import position, tokens


def test_a_column_key_may_hold_any_name() -> None:
    assert field_of("metrics.my loss, é.max") == Field("metrics", "my loss, é", "max")
    assert field_of("METRICS.loss") == Field("metrics", "loss", "last")
    assert field_of("params.metrics.loss.max") == Field("params", "metrics.loss.max")
    assert [field_of(name).name for name in META_FIELDS] == list(META_FIELDS)
    for wrong in ("", "metrics", "metrics.", "colour", "name.x", ".loss", "x" * 10_000):
        with pytest.raises(BadQuery):
            field_of(wrong)


def test_the_statistic_of_a_key_can_be_cut_off() -> None:
    assert [bare(key) for key in ("metrics.a.b.max", "metrics.last", "params.a.max", "metrics.a")] == [
        "metrics.a.b", "metrics.last", "params.a.max", "metrics.a",
    ]  # fmt: skip


def test_what_exists_is_compared_by_kind_and_name() -> None:
    known = ["metrics.loss.last", "params.lr"]
    assert check_known(Field("metrics", "loss", "max"), known) == Field("metrics", "loss", "max")
    assert check_known(Field("inputs", "any", "value"), known).name == "any"
    with pytest.raises(BadQuery, match=r"Unknown field params\.loss at 1:1"):
        check_known(Field("params", "loss"), known, where=" at 1:1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-2h", -7200), ("90s", 90), ("1.5d", 129_600), ("2w", 1_209_600), ("h", None), ("2x", None), ("", None)],
)
def test_relative_times_have_units(text: str, seconds: float | None) -> None:
    assert relative_seconds(text) == seconds


@pytest.mark.parametrize("wrong", ["soon", "", "2026-13-01", True, float("nan"), 1e300, "9" * 300, "1e999h"])
def test_what_is_no_time_is_told(wrong: str | float) -> None:
    with pytest.raises(BadQuery, match="is not a time"):
        to_micros(wrong)


def test_tokens_know_their_kind_and_place() -> None:
    found = tokens("a\n >= -1e-3 `q`, metrics.`x y`.max '\\'s'")
    assert [(one.kind, one.text) for one in found] == [
        ("word", "a"),
        ("operator", ">="),
        ("number", "-1e-3"),
        ("field", ""),
        ("punctuation", ","),
        ("field", "metrics."),
        ("string", "'s"),
        ("end", "the end"),
    ]
    assert found[2].value == -0.001
    assert (found[5].quoted, found[5].tail) == ("x y", ".max")
    assert position("a\n >= 1", found[1].at) == " at 2:2"


def test_the_nearest_of_a_hundred_thousand_names_is_found_at_once() -> None:
    names = [f"metrics.metric/{number}" for number in range(100_000)]
    begun = time.process_time()
    assert nearest("metrics.metrik/99", names) == "metrics.metric/99"
    assert nearest("metrics.metric/9x9", names) in {"metrics.metric/99", "metrics.metric/999", "metrics.metric/9"}
    assert nearest("nothing like it", names) is None
    assert time.process_time() - begun < 5, "a bound for any machine: it took as long for one word of a query"

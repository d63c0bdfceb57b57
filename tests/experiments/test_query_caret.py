"""Where the caret stands decides what may come, in whole, half-typed and broken queries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlstudio.entities.search import Field
from mlstudio.experiments.query_caret import Caret, caret_of


def at(marked: str) -> Caret:
    """Return what may come at the bar in a text."""
    caret = marked.index("|")
    return caret_of(marked.replace("|", "", 1), caret)


@pytest.mark.parametrize(
    ("marked", "want"),
    [
        ("|", "field"),
        ("par|", "field"),
        ("not |", "field"),
        ("(params.lr > 1 and |", "field"),
        ("params.lr |", "operator"),
        ("params.lr n|", "operator"),
        ("params.lr not |", "contrary"),
        ("params.lr not in |", "list"),
        ("params.lr > |", "value"),
        ("params.lr >|", "value"),
        ("params.lr > 1|", "value"),
        ("params.lr > 1 |", "joint"),
        ("params.opt in [|", "item"),
        ('params.opt in ["a"|', "more items"),
        ('params.opt in ["a", |', "item"),
        ('params.opt in ["a"] |', "joint"),
        ('params.opt contains "a" a|', "joint"),
        ("(starred) |", "joint"),
        ("starred or |", "field"),
        ("0.1 |", "bound"),
        ("0.1 <= |", "field"),
        ("0.1 <= params.lr |", "operator"),
        ("starred order |", "by"),
        ("order by |", "key"),
        ("order by met|", "key"),
        ("order by created |", "direction"),
        ("order by created desc|", "direction"),
        ("order by created desc, |", "key"),
        ("order by created desc limit |", "number"),
        ("limit 10 |", "nothing"),
        ("foo = |", "value"),
        ("§ |", "field"),
    ],
)
def test_the_grammar_says_what_may_come(marked: str, want: str) -> None:
    assert at(marked).want == want


@pytest.mark.parametrize(
    ("marked", "replaced", "typed"),
    [
        ("params.l| > 1", "params.l", "params.l"),
        ("par|ams.lr > 1", "params.lr", "par"),
        ('tags.best = "y|es" and starred', '"yes"', "y"),
        ('tags.best = "y| and tags.x = "no"', '"y', "y"),
        ("tags.best = 'y|", "'y", "y"),
        ("params.`learning r| > 1", "params.`learning r", "params.`learning r"),
        ("params.`learning r|ate` > 1", "params.`learning rate`", "params.`learning r"),
        ("params.lr > |1", "", ""),
        ("params.lr > -0.|5", "-0.5", "-0."),
        ("starred a|", "a", "a"),
    ],
)
def test_a_choice_replaces_the_word_at_the_caret(marked: str, replaced: str, typed: str) -> None:
    found = at(marked)
    assert marked.replace("|", "", 1)[found.start : found.end] == replaced
    assert found.typed == typed


def test_a_value_knows_its_field() -> None:
    assert at("metrics.`my loss`.min < |").field == Field("metrics", "my loss", "min")
    assert at("starred and params.opt in [|").field == Field("params", "opt")
    assert at("created > |").field == Field("meta", "created")


@given(
    st.lists(
        st.sampled_from(
            ["params.", "lr", " ", "`", '"', "'", "in", " not ", "[", ",", "]", "(", ")", "<=", "=", "1.5", " and ",
             " or ", "order by ", "limit ", "metrics.loss.min", "starred", "§", "\\", "\n", "\x00", "-2h", "é"]
        )
    ).map("".join),
    st.integers(-2, 60),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_any_text_at_any_caret_is_understood(text: str, caret: int) -> None:
    found = caret_of(text, caret)
    assert 0 <= found.start <= min(max(caret, 0), len(text)) <= found.end <= len(text)

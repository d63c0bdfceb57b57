"""Metrics out of a log, in linear time."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities.errors import BadRegex
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.jobs.metrics import LINE_LIMIT, Scanner, compile_regex, needed_literal


def scan(regex: str, text: bytes, *, last: bool = False) -> list[float]:
    return Scanner([MetricDefinition("m", regex)]).scan(text, last=last).values.get("m", [])


def test_group_1_is_the_number_of_every_match() -> None:
    assert scan("loss: (.*?);", b"loss: 0.5; loss: .25;\nx\nloss: 1e-3;\n") == [0.5, 0.25, 0.001]


def test_only_complete_lines_count_until_the_log_ends() -> None:
    scanner = Scanner([MetricDefinition("m", "a=([0-9]+)")])
    found = scanner.scan(b"a=1\na=2")
    assert (found.values, found.end) == ({"m": [1.0]}, 4)
    assert scanner.scan(b"a=2", last=True).values == {"m": [2.0]}


def test_nan_and_infinities_are_kept_and_other_text_is_counted() -> None:
    found = Scanner([MetricDefinition("m", "v=(.*)$")]).scan(b"v=nan\nv=inf\nv=-inf\nv=oops\nv=\n")
    assert math.isnan(found.values["m"][0])
    assert found.values["m"][1:] == [math.inf, -math.inf]
    assert found.unparsable == 2


def test_a_line_over_the_limit_is_not_looked_at() -> None:
    for regex in ("a=([0-9]+)", "[a]=([0-9]+)"):
        assert scan(regex, b"a=1" + b"x" * LINE_LIMIT + b"\na=2\n") == [2.0]


def test_invalid_utf8_and_carriage_returns_do_no_harm() -> None:
    assert scan("a=([0-9]+)", b"\xff\xfe a=1 \xc3\r\n\x00a=2\r\n") == [1.0, 2.0]


def test_t19_a_pattern_that_backtracks_for_ever_elsewhere_is_linear() -> None:
    started = time.perf_counter()
    assert scan("(a+)+$", b"a" * 10000 + b"b\n") == []
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("regex", "said"),
    [
        (r"(?=a)(b)", r"(?="),
        (r"(?<=a)(b)", "(?<="),
        (r"(a)\1", r"\\1"),
        ("(a", "missing )"),
        ("a[", "missing ]"),
        ("loss", "has no group"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_naming_the_construct(regex: str, said: str) -> None:
    with pytest.raises(BadRegex) as refused:
        compile_regex(regex)
    assert said.replace("\\\\", "\\") in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("regex", "literal"),
    [
        ("Train Loss: (.*?);", b"Train Loss: "),
        (r"x\.y=(\d+)", b"x.y="),
        ("a|b(c)", b""),
        ("(?i)loss(x)", b""),
        ("[abc]loss=(x)", b"loss="),
        ("[]]b(x)", b"b"),
        ("[[:alpha:]]foo(x)", b"foo"),
        ("ab+c(d)", b"ab"),
        ("abc?(d)", b"ab"),
        ("a{2,3}bc(d)", b"bc"),
        (r"\x41bc(d)", b""),
        (r"\p{Greek}bc(d)", b""),
        (r"\Qa.b\E(d)", b""),
        ("(?:foo)bar(x)", b"bar"),
    ],
)
def test_a_literal_is_certain_or_none(regex: str, literal: bytes) -> None:
    assert needed_literal(regex) == literal


@given(st.text(alphabet="ab=.?*+()[]{}|^$\\d1,;é", max_size=12), st.text(alphabet="ab=.1,;é", max_size=12))
def test_the_literal_never_hides_a_match(regex: str, text: str) -> None:
    """Whatever matches contains the literal that is searched first."""
    try:
        compiled = compile_regex(regex)
    except BadRegex:
        return
    for match in compiled.finditer(text):
        assert needed_literal(regex) in match.group(0).encode()

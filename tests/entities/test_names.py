"""Names, ids and secrets: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities.errors import InvalidName
from mlstudio.entities.names import MAX_NAME, check_name, is_name, is_uid, legal_name, new_uid, timestamped_name

PATTERN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}")


@given(st.text(alphabet="abZ09-_/.é\n", max_size=130))
def test_the_linear_scan_agrees_with_the_published_pattern(text: str) -> None:
    assert is_name(text) == (PATTERN.fullmatch(text) is not None and len(text) <= MAX_NAME)


def test_a_long_run_of_hyphens_is_refused_although_the_pattern_alone_would_take_it() -> None:
    assert not is_name("a" + "-" * 200 + "b")
    assert is_name("a" + "-" * 118 + "b")


@pytest.mark.parametrize("bad", ["", "a/b", "../x", "a b", "-a", "a-", "ä", "a\n", "a\0", "x" * 121, 7, None])
def test_a_bad_name_is_refused_with_field_and_hint(bad: object) -> None:
    with pytest.raises(InvalidName) as caught:
        check_name(bad, field="experiment_name")
    assert caught.value.field == "experiment_name"
    assert "letters, digits" in str(caught.value.hint)
    assert len(caught.value.message) < 200


@given(st.text(max_size=300))
def test_any_text_becomes_a_legal_name(text: str) -> None:
    assert is_name(legal_name(text))
    assert is_name(timestamped_name(text))
    assert len(timestamped_name(text)) <= 63


def test_uids_are_unique_and_sort_by_time() -> None:
    early, late = new_uid(now=1000.0), new_uid(now=1000.002)
    assert early < late
    assert is_uid(early)
    assert len({new_uid() for _ in range(2000)}) == 2000
    assert not is_uid(early.lower())


def test_generated_names_carry_the_utc_time() -> None:
    assert timestamped_name("my job", now=0.25) == "my-job-1970-01-01-00-00-00-250"

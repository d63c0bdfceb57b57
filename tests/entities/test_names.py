"""Names, ids and secrets: what is accepted, what is refused, and with which words."""

from __future__ import annotations

import math
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities import names
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


LAST = "7" + "Z" * 9
"""How the last millisecond of 48 bits is spelled, in the year 10889."""


@pytest.mark.parametrize(
    ("seconds", "begins"),
    [
        (-1e12, "0" * 10),
        (-0.001, "0" * 10),
        (0.0, "0" * 10),
        (281_474_976_710.656, LAST),
        (1e300, LAST),
        (math.inf, LAST),
    ],
)
def test_a_uid_of_a_time_that_cannot_be_is_of_the_nearest_one(seconds: float, begins: str) -> None:
    made = new_uid(now=seconds)
    assert (is_uid(made), made[:10]) == (True, begins)


def test_uids_rise_in_one_process_whatever_its_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_newest", 0)
    clock = [1.7e9, 1.7e9, 1.7e9 - 3600, -5.0, 1.7e9 + 1, 1e300, 1.7e9, 0.0]
    monkeypatch.setattr("mlstudio.entities.names.time.time", lambda: clock.pop(0))
    made = [new_uid() for _ in range(7)]
    assert made == sorted(set(made))
    monkeypatch.setattr(names, "_newest", (1 << 128) - 1)
    assert is_uid(new_uid()), "the very last one was given, and there is another one all the same"


def test_uids_of_threads_and_of_forked_children_differ() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [uid for some in pool.map(lambda _: [new_uid() for _ in range(500)], range(4)) for uid in some]
    assert len(set(made)) == 2000
    read, write = os.pipe()
    with names._uid_lock:  # held by another thread, say
        children = []
        for _ in range(2):
            child = os.fork()
            if child == 0:
                os.write(write, f"{new_uid()}\n".encode())
                os._exit(0)
            children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    os.close(write)
    with os.fdopen(read) as told:
        assert len({*told.read().split(), new_uid()}) == 3


def test_generated_names_carry_the_utc_time() -> None:
    assert timestamped_name("my job", now=0.25) == "my-job-1970-01-01-00-00-00-250"

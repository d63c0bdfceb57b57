"""What the commands print."""

from __future__ import annotations

import json
import time

import pytest

from mlstudio.cli.output import as_json, cell, duration, pairs, plain, table, when
from mlstudio.entities.experiments import ListRequest


def test_a_name_cannot_move_the_cursor_or_reverse_the_writing() -> None:
    assert plain("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert plain("\u202eabc") == "\\u202eabc"
    assert "\r" not in plain("a\rb")


def test_columns_are_aligned_and_lines_have_no_trailing_blanks() -> None:
    text = table(("name", "loss"), [("first", 0.25), ("x", None)])
    assert text.splitlines() == ["name   loss", "first  0.25", "x      -"]


def test_a_long_cell_is_cut_and_stays_one_line() -> None:
    assert len(cell("x" * 500)) == 48
    assert cell("two\nlines") == "two lines"


def test_numbers_have_six_digits_and_nothing_is_lost_of_nan() -> None:
    assert cell(0.123456789) == "0.123457"
    assert cell(float("nan")) == "nan"
    assert cell(3) == "3"


def test_what_is_empty_is_left_out_of_pairs() -> None:
    assert pairs({"a": "x", "long": "y", "gone": None, "empty": ""}) == "a     x\nlong  y"


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.2, "4.2 s"), (200, "3 min 20 s"), (3720, "1 h 02 min"), (-5, "0.0 s")]
)
def test_durations_are_read_by_people(seconds: float, text: str) -> None:
    assert duration(10_000_000, 10_000_000 + int(seconds * 1e6)) == text


def test_a_running_thing_has_a_duration_until_now() -> None:
    assert duration(int((time.time() - 65) * 1e6), None) == "1 min 05 s"
    assert duration(None, None) is None


def test_times_are_local_to_the_second() -> None:
    assert when(0) == time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(0))
    assert when(None) is None


def test_json_keeps_what_is_not_finite() -> None:
    assert json.loads(as_json({"a": float("nan"), "b": ListRequest()}))["a"] == "nan"

"""JSON that loses nothing and breaks nothing."""

from __future__ import annotations

import json
import math
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities.errors import InvalidJson
from mlstudio.entities.experiments import ComponentUpdate, ExperimentCreate, SeriesSummary
from mlstudio.entities.wire import MAX_INT, decode, encode, read_param, spell


@given(st.floats())
def test_every_float_survives_the_wire(value: float) -> None:
    body = encode({"v": value})
    back = float(json.loads(body)["v"])
    assert math.copysign(1, back) == math.copysign(1, value) if value == 0 else (back == value or value != value)


def test_non_finite_numbers_are_words_not_null() -> None:
    assert [spell(v) for v in (math.nan, math.inf, -math.inf, -0.0)] == ["nan", "inf", "-inf", -0.0]
    series = SeriesSummary(name="loss", count=1, first=math.nan, last=math.inf, last_step=0, last_ts=0.0)
    shown = json.loads(encode(series))
    assert (shown["first"], shown["last"], shown["min"]) == ("nan", "inf", None)


def test_an_int_beyond_what_a_browser_can_hold_is_refused() -> None:
    decode(json.dumps({"name": "a", "tags": {}}), ExperimentCreate)
    with pytest.raises(InvalidJson):
        decode(f'{{"start_time": {MAX_INT + 1}}}', ComponentUpdate)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 20_000 + b"]" * 20_000,
        b'{"start_time": ' + b"9" * 5_000 + b"}",
        b'{"nmae": 1}',
        b"NaN",
    ],
)
def test_a_broken_body_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(InvalidJson) as caught:
        decode(body, ComponentUpdate)
    assert caught.value.message.endswith(".")


def test_the_field_of_a_wrong_value_is_named() -> None:
    with pytest.raises(InvalidJson) as caught:
        decode(b'{"name": "a", "tags": {"k": 1}}', ExperimentCreate)
    assert caught.value.field is not None
    assert caught.value.field.startswith("tags")


def test_left_out_fields_of_an_update_mean_leave_it() -> None:
    change = decode(b'{"description": null}', ComponentUpdate)
    assert change.description is None
    assert change.display_name is msgspec.UNSET


def test_a_parameter_of_a_command_line_is_a_number_where_it_spells_one() -> None:
    assert [read_param(text) for text in ("3", "-3", ".1", "1e-3", "adam", "3 apples", "")] == [
        3, -3, 0.1, 1e-3, "adam", "3 apples", "",
    ]  # fmt: skip


def test_many_names_behind_a_few_are_encoded_in_time_that_grows_with_their_number() -> None:
    value = {"name": "n", "status": "s", **{f"metrics.m{number:06d}.last": 0.5 for number in range(40_000)}}

    began = time.thread_time()
    body = encode(value)
    spent = time.thread_time() - began

    assert list(json.loads(body)) == sorted(value)
    assert spent < 1.0, "sorting them by pairs takes several seconds"

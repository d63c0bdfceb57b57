"""What users hand over, made into what the store keeps."""

from __future__ import annotations

import enum
import math
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstudio.entities.errors import InvalidField
from mlstudio.experiments.values import as_datetime, as_micros, as_param, as_seconds, as_tags, clean_text, tag_list


class Color(enum.Enum):
    RED = 1


class Angry:
    def __str__(self) -> str:
        raise ZeroDivisionError

    def item(self) -> int:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (1, 1),
        (0.5, 0.5),
        ("text", "text"),
        (True, True),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**53 - 1, 2**53 - 1),
        (2**53, str(2**53)),
        (-(2**70), str(-(2**70))),
        (None, "None"),
        (np.float64(0.25), 0.25),
        (np.int64(7), 7),
        (np.bool_(1), True),
        (np.array(3), 3),
        (np.float32("nan"), "nan"),
        (Decimal("0.5"), 0.5),
        (Fraction(1, 4), 0.25),
        ([1, 2], "[1, 2]"),
        (Color.RED, "Color.RED"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ("\ud800", "?"),
        (Angry(), "<Angry>"),
        (10**5000, "<int>"),
        ("x" * 10_000, "x" * 10_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_parameter_is_a_number_a_truth_value_or_text(given_value: object, kept: object) -> None:
    got = as_param(given_value)
    assert got == kept
    assert type(got) is type(kept)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.none(), st.lists(st.integers()), st.booleans()))
def test_any_parameter_can_be_kept(value: object) -> None:
    got = as_param(value)
    assert type(got) in {bool, int, float, str}
    assert not isinstance(got, float) or math.isfinite(got)
    assert not isinstance(got, str) or got.encode() is not None


class AttrDict(dict[str, object]):
    """A common one: attributes are keys, and a missing attribute is a KeyError."""

    __getattr__ = dict.__getitem__


def test_a_parameter_whose_attributes_raise_is_kept_as_text() -> None:
    assert as_param(AttrDict(a=1)) == "{'a': 1}"


def test_times_are_read_whatever_their_form() -> None:
    moment = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
    for form in (
        moment,
        moment.astimezone(timezone(timedelta(hours=5))),
        moment.astimezone().replace(tzinfo=None),
        moment.timestamp(),
        str(moment.timestamp()),
        moment.isoformat(),
        np.float64(moment.timestamp()),
    ):
        assert as_micros(form) == 1795428000123456
    assert as_datetime(1795428000123456) == moment
    assert as_micros(None) is None
    assert as_datetime(None) is None
    assert as_datetime(10**18) is None
    for wrong in ("soon", object(), math.nan, math.inf, [1]):
        with pytest.raises(InvalidField, match="not a time"):
            as_seconds(wrong)


def test_tags_come_as_a_dict_or_as_sagemaker_writes_them() -> None:
    assert as_tags({"a": 1, 2: True}) == {"a": "1", "2": "True"}
    assert as_tags([{"Key": "a", "Value": "b"}]) == {"a": "b"}
    assert as_tags(None) == {}
    assert tag_list({"a": "b"}) == [{"Key": "a", "Value": "b"}]
    for wrong in ([1], [{"key": "a"}], 3):
        with pytest.raises(InvalidField, match="unknown form"):
            as_tags(wrong)  # type: ignore[arg-type]


def test_text_that_no_store_can_encode_is_mended() -> None:
    assert clean_text("a\ud800b") == "a?b"
    assert clean_text("é 🙂 \u200f") == "é 🙂 \u200f"

"""Each error has one code, each code one HTTP status."""

from __future__ import annotations

import copy
import pickle

import pytest

from mlstudio.entities import errors
from mlstudio.entities.errors import HTTP_STATUS, InvalidName, NotFound, StudioError

CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StudioError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_has_a_status(kind: type[StudioError]) -> None:
    assert kind.code in HTTP_STATUS


def test_codes_are_not_shared_by_two_classes() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(codes) == len(set(codes))


def test_the_text_is_the_message_and_the_hint() -> None:
    error = NotFound('There is no trial "x".', field="trial", hint="List them with Trial.list().")
    assert str(error) == 'There is no trial "x". List them with Trial.list().'
    assert isinstance(error, LookupError)


def test_an_error_survives_the_way_from_a_worker_process() -> None:
    error = InvalidName("bad", field="name", hint="good")
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(twin), twin.message, twin.field, twin.hint) == (InvalidName, "bad", "name", "good")

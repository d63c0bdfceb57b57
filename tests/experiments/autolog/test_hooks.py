"""Hooks go in and out without a trace, and never raise into the program."""

from __future__ import annotations

import inspect
import logging
from typing import Any

import pytest

from mlstudio.experiments.autolog.hooks import Hook, around, is_hooked


class Base:
    def fit(self, x: int, y: int = 2) -> int:
        """Fit."""
        return x + y


class Derived(Base):
    pass


def louder(original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return original(*args, **kwargs) * 10


def test_what_is_put_in_comes_out_and_nothing_stays_behind() -> None:
    hook, before = Hook("x"), Base.fit
    hook.patch(Derived, "fit", lambda original: around(original, louder))
    hook.patch(Base, "fit", lambda original: around(original, louder))
    assert Derived().fit(1) == 30
    assert Base().fit(1, y=4) == 50
    hook.remove()
    assert Base.fit is before
    assert "fit" not in vars(Derived)


def test_a_hooked_function_looks_like_its_original() -> None:
    hooked = around(Base.fit, louder)
    assert inspect.isfunction(hooked)
    assert inspect.signature(hooked) == inspect.signature(Base.fit)
    assert (hooked.__doc__, hooked.__qualname__) == ("Fit.", "Base.fit")
    assert is_hooked(hooked)
    assert not is_hooked(Base.fit)


def test_what_somebody_put_over_ours_is_left_there(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hook("x")
    hook.patch(Base, "fit", lambda original: around(original, louder))
    ours = Base.fit
    monkeypatch.setattr(Base, "fit", lambda self, x, y=2: ours(self, x, y) + 1)
    hook.remove()
    assert Base().fit(1) == 31


def test_a_hook_that_raises_is_taken_out_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    hook, before = Hook("somelib"), Base.fit
    hook.on = True
    hook.patch(Base, "fit", lambda original: around(original, louder))

    def broken() -> None:
        raise ZeroDivisionError("of ours")

    with caplog.at_level(logging.WARNING, "mlstudio.experiments"):
        assert hook.attempt(broken) is None
        assert hook.attempt(broken) is None

    assert Base.fit is before
    assert (hook.on, hook.broken) == (False, True)
    assert len(caplog.records) == 1
    assert "somelib" in caplog.text
    assert "ZeroDivisionError: of ours" in caplog.text


def test_an_interrupt_is_the_users_and_goes_through() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Hook("x").attempt(interrupted)

"""The widget as an object: its messages and its traits."""

from __future__ import annotations

from typing import Any

import pytest
import traitlets

import mlstudio
from mlstudio.widgets import StudioWidget, show


@pytest.fixture
def widget() -> Any:
    with mlstudio.run("mnist", lr=0.1) as run:
        run.log(loss=1.0, step=1)
    made = show(run)
    yield made
    made.close()


def test_a_request_is_answered_to_the_one_who_asked(widget: StudioWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, Any]] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append((content, buffers)))
    widget._asked(widget, {"id": 7, "method": "GET", "path": "/experiments/mnist"}, [])
    [(content, [body])] = sent
    assert content == {"id": 7, "status": 200, "type": "application/json"}
    assert b'"name":"mnist"' in body


def test_nonsense_is_ignored(widget: StudioWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(widget, "send", lambda *given, **_: sent.append(given))
    widget._asked(widget, "nonsense", [])
    assert sent == []


def test_traits_are_checked(widget: StudioWidget) -> None:
    widget.zoom = [1.0, 2.0]
    widget.zoom = None
    with pytest.raises(traitlets.TraitError):
        widget.zoom = [1.0]
    with pytest.raises(traitlets.TraitError):
        widget.smooth = 2.0
    with pytest.raises(traitlets.TraitError):
        widget.x = "epochs"


def test_a_widget_in_a_plain_process_has_a_text(widget: StudioWidget) -> None:
    data, _ = widget._repr_mimebundle_()
    assert "run-" in data["text/plain"]
    assert "<table" in data["text/html"]

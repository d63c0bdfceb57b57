"""Autolog is off after each test, whatever it did; helpers that read what was recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

os.environ.setdefault("KERAS_BACKEND", "torch")

import pytest

from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.experiments.autolog import autolog, switch
from mlstudio.store import open_store


@pytest.fixture(autouse=True)
def off_afterwards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("MLSTUDIO_AUTOLOG", "MLSTUDIO_EXPERIMENT", "RANK"):
        monkeypatch.delenv(name, raising=False)
    yield
    monkeypatch.undo()
    autolog.disable()
    switch._hooks.clear()


@pytest.fixture
def recorded() -> Callable[[], list[ComponentRecord]]:
    """Return what the store holds, oldest first."""

    def read() -> list[ComponentRecord]:
        return sorted(open_store().list_components(ListRequest(limit=100)).items, key=lambda one: one.created_at)

    return read


def last(component: ComponentRecord) -> dict[str, float]:
    """Return the last value of each metric of a component, those of the system left out."""
    return {one.name: one.last for one in component.metrics if not one.name.startswith("system/")}


def counts(component: ComponentRecord) -> dict[str, int]:
    """Return how many points each metric has."""
    return {one.name: one.count for one in component.metrics if not one.name.startswith("system/")}

"""Work that others hang into the agent's heartbeat."""

from __future__ import annotations

from typing import cast

import pytest

from mlstudio.entities.errors import Conflict
from mlstudio.jobs.agent import heartbeat
from mlstudio.store.home import Home
from mlstudio.store.laws import Store


def test_each_is_called_although_those_before_it_failed(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    called: list[tuple[str, object, object]] = []

    def refuses(store: Store, home: Home) -> None:
        called.append(("refuses", store, home))
        raise Conflict("the store is away")

    def breaks(store: Store, home: Home) -> None:
        called.append(("breaks", store, home))
        raise ZeroDivisionError

    def waits(store: Store, home: Home) -> bool:
        called.append(("waits", store, home))
        return True

    def counts(store: Store, home: Home) -> int:
        called.append(("counts", store, home))
        return 1

    store = cast("Store", object())
    monkeypatch.setattr(heartbeat, "WORK", [refuses, breaks, waits, counts])
    assert heartbeat.beat(store, home) is True
    assert called == [(name, store, home) for name in ("refuses", "breaks", "waits", "counts")]
    monkeypatch.setattr(heartbeat, "WORK", [refuses, counts])
    assert heartbeat.beat(store, home) is False, "only what says so keeps the agent"

"""Leases of living kernels stay, those of dead ones end."""

from __future__ import annotations

import threading
import time

import pytest

from mlstudio.entities.errors import StoreUnreachable
from mlstudio.entities.instances import LeaseWish
from mlstudio.kernels import heartbeat
from mlstudio.kernels.heartbeat import Heartbeat
from mlstudio.store import open_store
from mlstudio.store.home import Home


def ends(home: Home) -> dict[str, int]:
    return {one.holder: one.expires_at for one in open_store(home=home).leases()}


def test_the_living_are_renewed_and_the_dead_are_not(home: Home) -> None:
    store = open_store(home=home)
    for name in ("lives", "died"):
        store.take_leases(name, "kernel", [LeaseWish(f"h/gpu/{name}")], ttl=5)
    before = ends(home)
    beat = Heartbeat(0.01)
    beat.keep("lives", home, lambda: True)
    beat.keep("died", home, lambda: False)
    until = time.monotonic() + 5
    while ends(home)["lives"] == before["lives"] and time.monotonic() < until:
        time.sleep(0.01)
    after = ends(home)
    beat.drop("lives")
    beat.drop("died")
    assert after["lives"] > before["lives"] + 50e6
    assert after["died"] == before["died"]


def test_the_thread_ends_with_the_last_kernel(home: Home) -> None:
    beat = Heartbeat(0.01)
    beat.drop("never kept")
    beat.keep("a", home, lambda: False)
    thread = beat._thread
    assert thread is not None
    beat.drop("a")
    thread.join(5)
    assert not thread.is_alive()
    beat.keep("b", home, lambda: False)
    assert beat._thread is not None
    assert beat._thread is not thread
    beat.drop("b")


def test_a_store_that_is_away_is_asked_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = threading.Semaphore(0)

    def away(**_: object) -> None:
        asked.release()
        raise StoreUnreachable("The store is away.")

    monkeypatch.setattr(heartbeat, "open_store", away)
    beat = Heartbeat(0.01)
    beat.keep("a", home, lambda: True)
    assert all(asked.acquire(timeout=5) for _ in range(2))
    beat.drop("a")
    assert "leases of kernels: The store is away." in caplog.text

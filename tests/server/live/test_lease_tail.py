"""Holders of leases: told once when somebody begins to listen, and when they change."""

from __future__ import annotations

from mlstudio.entities.instances import LeaseWish
from mlstudio.server.live.lease_tail import LeaseTail
from mlstudio.store import open_store
from mlstudio.store.home import Home

NEWS = [("instances", "changed", {})]


def test_a_change_is_told_once_and_nothing_is_kept_for_nobody(home: Home) -> None:
    store, tail = open_store(home=home), LeaseTail()
    assert tail.look(store, wanted=False) == []
    assert tail.look(store, wanted=True) == NEWS
    assert tail.look(store, wanted=True) == []
    store.take_leases("a", "job", [LeaseWish("h/cpu/0")], ttl=60)
    assert tail.look(store, wanted=True) == NEWS
    store.renew_leases(["a"], ttl=90)
    assert tail.look(store, wanted=True) == [], "a renewal changes no holder"
    store.release_leases("a")
    assert tail.look(store, wanted=False) == []
    assert tail.look(store, wanted=True) == NEWS

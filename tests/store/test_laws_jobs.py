"""The laws of leases hold after any sequence of calls, in memory and in SQLite alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstudio.entities.errors import ResourceInUse
from mlstudio.entities.instances import LeaseWish
from mlstudio.store.laws_jobs import LeaseStore
from mlstudio.store.memory import MemoryStore
from mlstudio.store.opening import open_sqlite

HOLDERS = ("a", "b", "c", "d")
wishes = st.lists(
    st.one_of(
        st.sampled_from([LeaseWish("h/gpu/0"), LeaseWish("h/gpu/1"), LeaseWish("h/cpu/0")]),
        st.integers(1, 10).map(lambda amount: LeaseWish("h/memory", amount, 10)),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda wish: wish.resource,
)
steps = st.lists(
    st.tuples(st.sampled_from(["take", "take", "give"]), st.sampled_from(HOLDERS), wishes), min_size=1, max_size=15
)


def _play(store: LeaseStore, played: list[tuple[str, str, list[LeaseWish]]]) -> list[object]:
    told: list[object] = []
    for verb, holder, wanted in played:
        if verb == "give":
            store.release_leases(holder)
        else:
            try:
                told.append([one.resource for one in store.take_leases(holder, "job", wanted, ttl=60)])
            except ResourceInUse as error:
                told.append(str(error))
        held = store.leases()
        for resource in {one.resource for one in held}:
            those = [one for one in held if one.resource == resource]
            assert sum(one.amount for one in those) <= 10 if resource == "h/memory" else len(those) == 1
        told.append(sorted((one.resource, one.holder, one.amount) for one in held))
    return told


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=steps)
def test_no_resource_has_two_holders_and_both_backends_tell_the_same(
    tmp_path: Path, played: list[tuple[str, str, list[LeaseWish]]]
) -> None:
    store = open_sqlite(tmp_path / "mlstudio.db")
    try:
        for holder in HOLDERS:
            store.release_leases(holder)
        assert _play(store, played) == _play(MemoryStore(), played)
    finally:
        store.close()

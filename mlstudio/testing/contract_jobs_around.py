"""The contract of leases and schedules; laws: `mlstudio.store.laws_jobs`."""

from __future__ import annotations

import threading

import pytest

from mlstudio.entities.errors import (
    AlreadyExists,
    Conflict,
    InvalidField,
    InvalidName,
    NotFound,
    ResourceInUse,
    VersionConflict,
)
from mlstudio.entities.instances import LeaseWish
from mlstudio.entities.job_parts import Grant, JobUsage
from mlstudio.entities.jobs import JobListRequest, JobSpec, JobUpdate
from mlstudio.entities.schedules import ScheduleCreate, ScheduleUpdate
from mlstudio.store.laws import Store

GPU = LeaseWish("h/gpu/GPU-1")


def _spec(name: str = "nightly", **more: object) -> JobSpec:
    return JobSpec(name=name, entry_point="a.py", source_dir="/code", interpreter="/usr/bin/python3", **more)  # type: ignore[arg-type]


def _plan(name: str = "nightly") -> ScheduleCreate:
    return ScheduleCreate(name=name, cron="0 3 * * *", spec=_spec())


def memory(amount: int) -> LeaseWish:
    """Return a wish for a part of a pool of 100."""
    return LeaseWish("h/memory", amount, 100)


class LeaseContract:
    """Resources have one holder, pools have an end."""

    def test_l1_a_resource_has_one_holder(self, store: Store) -> None:
        (lease,) = store.take_leases("job-a", "job", [GPU], ttl=60)
        assert (lease.resource, lease.holder, lease.kind) == ("h/gpu/GPU-1", "job-a", "job")
        assert 59e6 < lease.expires_at - lease.acquired_at < 61e6
        with pytest.raises(ResourceInUse, match="GPU-1 is held by job job-a"):
            store.take_leases("kernel-b", "kernel", [LeaseWish("h/cpu/0"), GPU], ttl=60)
        assert [one.holder for one in store.leases()] == ["job-a"]  # all wishes or none

    def test_l1_a_pool_never_holds_more_than_its_capacity(self, store: Store) -> None:
        store.take_leases("a", "job", [memory(60)], ttl=60)
        with pytest.raises(ResourceInUse, match="50 of h/memory are asked for; 40 of 100 are free"):
            store.take_leases("b", "job", [memory(50)], ttl=60)
        store.take_leases("b", "job", [memory(40)], ttl=60)
        assert sorted((one.holder, one.amount) for one in store.leases()) == [("a", 60), ("b", 40)]

    def test_l2_taking_twice_is_taking_once(self, store: Store) -> None:
        first = store.take_leases("a", "job", [GPU, memory(10)], ttl=60)
        again = store.take_leases("a", "job", [memory(99)], ttl=600)
        assert [(one.resource, one.amount) for one in again] == [(one.resource, one.amount) for one in first]
        assert len(store.leases()) == 2
        assert all(new.expires_at > old.expires_at for new, old in zip(again, first, strict=True))

    def test_l3_a_lease_that_is_not_renewed_ends(self, store: Store) -> None:
        store.take_leases("a", "kernel", [GPU], ttl=0)
        assert store.leases() == []
        store.take_leases("b", "job", [GPU], ttl=60)
        assert [one.holder for one in store.leases()] == ["b"]

    def test_l3_renewing_and_giving_back(self, store: Store) -> None:
        store.take_leases("a", "job", [GPU], ttl=1)
        store.renew_leases(["a", "nobody"], ttl=600)
        store.renew_leases([], ttl=600)
        (lease,) = store.leases()
        assert lease.expires_at - lease.acquired_at > 500e6
        store.release_leases("a")
        store.release_leases("a")
        assert store.leases() == []

    @pytest.mark.parametrize("wishes", [[], [GPU, GPU], [memory(101)]], ids=["none", "twice", "beyond"])
    def test_wishes_that_can_never_be_granted_are_refused(self, store: Store, wishes: list[LeaseWish]) -> None:
        with pytest.raises(InvalidField):
            store.take_leases("a", "job", wishes, ttl=60)

    def test_l1_of_many_that_ask_at_once_one_wins(self, store: Store) -> None:
        won: list[str] = []

        def ask(number: int) -> None:
            try:
                won.append(store.take_leases(f"holder-{number}", "job", [GPU], ttl=60)[0].holder)
            except ResourceInUse:
                return

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert [one.holder for one in store.leases()] == won


class ScheduleContract:
    """A schedule is kept, changed from its present version, and fires once for a time."""

    def test_a_schedule_is_kept(self, store: Store) -> None:
        made = store.create_schedule(_plan(), next_at=1_000)
        assert (made.name, made.cron, made.next_at, made.enabled, made.runs) == ("nightly", "0 3 * * *", 1_000, True, 0)
        assert store.get_schedule("nightly") == made
        assert store.schedules() == [made]
        with pytest.raises(AlreadyExists):
            store.create_schedule(_plan(), next_at=None)
        with pytest.raises(InvalidName):
            store.create_schedule(_plan("../x"), next_at=None)

    def test_a_change_needs_the_present_version(self, store: Store) -> None:
        made = store.create_schedule(_plan(), next_at=1_000)
        change = ScheduleUpdate(enabled=False, next_at=None, spec=_spec("other"), version=made.version)
        changed = store.update_schedule("nightly", change)
        assert (changed.enabled, changed.next_at, changed.spec.name, changed.version) == (False, None, "other", 2)
        with pytest.raises(VersionConflict):
            store.update_schedule("nightly", ScheduleUpdate(enabled=True, version=made.version))

    def test_l4_a_time_fires_once(self, store: Store) -> None:
        store.create_schedule(_plan(), next_at=1_000)
        assert store.fire_schedule("nightly", 1_000, job="nightly-1", next_at=2_000)
        assert not store.fire_schedule("nightly", 1_000, job="nightly-2", next_at=2_000)
        fired = store.get_schedule("nightly")
        assert (fired.last_job, fired.next_at, fired.runs) == ("nightly-1", 2_000, 1)
        store.update_schedule("nightly", ScheduleUpdate(enabled=False))
        assert not store.fire_schedule("nightly", 2_000, job="nightly-3", next_at=3_000)

    def test_a_refused_submission_is_remembered(self, store: Store) -> None:
        store.create_schedule(_plan(), next_at=1_000)
        store.schedule_failed("nightly", "x" * 5_000)
        assert store.get_schedule("nightly").last_error == "x" * 1_024
        store.schedule_failed("nightly", None)
        assert store.get_schedule("nightly").last_error is None

    def test_a_schedule_goes_and_is_told(self, store: Store) -> None:
        before = store.last_change()
        made = store.create_schedule(_plan(), next_at=None)
        store.delete_schedule("nightly")
        told = [(one.kind, one.uid, one.op) for one in store.changes(before)]
        assert told == [("schedule", made.uid, "created"), ("schedule", made.uid, "deleted")]
        for call in (store.get_schedule, store.delete_schedule):
            with pytest.raises(NotFound, match="nightly"):
                call("nightly")
        with pytest.raises(NotFound):
            store.fire_schedule("nightly", 1, job="x", next_at=None)


class JobPartsContract:
    """What a job was granted and used, its place in the queue, and how it is found."""

    def test_grant_usage_and_priority_are_kept(self, store: Store) -> None:
        store.create_job(_spec("a", priority=7), trial_component="a-aws-training-job")
        grant = Grant(instance_type="ml.m5.large", cpus=[0, 1], memory_mib=8192, gpus=["GPU-1"], notices=["told"])
        usage = JobUsage(cpu_seconds=1.5, max_rss=10, oom_kills=1)
        store.update_job("a", JobUpdate(priority=9, grant=grant, usage=usage))
        known = store.get_job("a")
        assert (known.priority, known.grant, known.usage, known.spec.priority) == (9, grant, usage, 7)

    def test_jobs_are_found_by_schedule_and_by_being_open(self, store: Store) -> None:
        for name, schedule in (("a", "nightly"), ("b", None), ("c", "nightly")):
            store.create_job(_spec(name, schedule=schedule), trial_component=f"{name}-aws-training-job")
        store.update_job("a", JobUpdate(status="Failed", secondary="Failed"))

        def names(**wanted: object) -> list[str]:
            return [one.name for one in store.list_jobs(JobListRequest(**wanted)).items]  # type: ignore[arg-type]

        assert names(schedule="nightly") == ["c", "a"]
        assert names(open_only=True) == ["c", "b"]
        assert names(owner="nobody-of-this-name") == []
        with pytest.raises(Conflict):
            store.update_job("a", JobUpdate(status="Completed"))


class JobsAroundContract(LeaseContract, ScheduleContract, JobPartsContract):
    """All of it."""

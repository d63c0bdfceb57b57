"""Priority, order, and backfill that ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlstudio.jobs.queue import PASSES, Queue


def _filled(*entries: tuple[str, int, int]) -> Queue[int]:
    queue: Queue[int] = Queue()
    for order, (name, priority, size) in enumerate(entries):
        queue.add(name, size, priority=priority, order=order)
    return queue


def _names(queue: Queue[int]) -> list[str]:
    return [entry.name for entry in queue]


def test_priority_goes_first_then_order() -> None:
    queue = _filled(("a", 0, 1), ("b", 5, 1), ("c", 0, 1), ("d", -3, 1))
    assert _names(queue) == ["b", "a", "c", "d"]
    assert queue.ahead_of("c") == 2
    queue.set_priority("d", 9)
    queue.set_priority("nobody", 9)
    assert _names(queue) == ["d", "b", "a", "c"]


def test_a_person_is_told_what_it_waits_for() -> None:
    queue = _filled(("a", 0, 4), ("b", 0, 4))
    assert queue.told("a") == "0 ahead in the queue."
    assert queue.next(lambda _: "4 vCPU asked for, 2 free.") is None
    assert queue.told("a") == "4 vCPU asked for, 2 free."
    assert queue.told("b") == "4 vCPU asked for, 2 free. 1 ahead in the queue."


def test_what_waits_already_keeps_its_place() -> None:
    queue = _filled(("a", 0, 1), ("b", 0, 2))
    queue.add("a", 7, priority=9, order=99)
    assert (_names(queue), queue.get("a"), len(queue), "a" in queue) == (["a", "b"], 1, 2, True)
    assert (queue.remove("a"), queue.remove("a"), queue.get("a")) == (1, None, None)


def test_what_fits_passes_what_does_not_at_most_eight_times() -> None:
    queue = _filled(("large", 0, 4), *((f"small-{number}", 0, 1) for number in range(20)))
    gone = []
    while (size := queue.next(lambda size: None if size <= 2 else "4 vCPU asked for, 2 free.")) is not None:
        gone.append(size)
    assert len(gone) == PASSES
    (first, *_) = queue
    assert (first.name, first.why) == ("large", "4 vCPU asked for, 2 free.")
    assert queue.next(lambda _: None) == 4  # its turn
    assert queue.next(lambda _: None) == 1


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=30),
    st.lists(st.integers(0, 4), max_size=100),
)
def test_nothing_is_lost_and_nothing_is_passed_too_often(jobs: list[tuple[int, int]], rooms: list[int]) -> None:
    queue = _filled(*((str(number), priority, size) for number, (priority, size) in enumerate(jobs)))
    went = 0
    for free in rooms:
        went += queue.next(lambda size, free=free: None if size <= free else "short") is not None  # type: ignore[misc]
        assert all(entry.passed <= PASSES for entry in queue)
    assert len(queue) + went == len(jobs)
    while queue.next(lambda _: None) is not None:
        went += 1
    assert went == len(jobs)

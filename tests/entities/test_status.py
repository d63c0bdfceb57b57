"""State tables: closed, reachable, and with true ends."""

from __future__ import annotations

from typing import get_args

import pytest

from mlstudio.entities.status import (
    COMPONENT_MOVES,
    ENDED,
    JOB_MOVES,
    SECONDARY_MOVES,
    ComponentStatus,
    JobStatus,
    SecondaryStatus,
    sources_of,
)

TABLES = [(COMPONENT_MOVES, ComponentStatus), (JOB_MOVES, JobStatus), (SECONDARY_MOVES, SecondaryStatus)]


@pytest.mark.parametrize(("moves", "words"), TABLES)
def test_a_table_speaks_of_every_status_and_of_no_other(moves: dict[str, frozenset[str]], words: object) -> None:
    assert set(moves) == set(get_args(words))
    assert set().union(*moves.values()) <= set(moves)


@pytest.mark.parametrize("moves", [COMPONENT_MOVES, JOB_MOVES])
def test_ends_are_ends_and_each_is_reachable(moves: dict[str, frozenset[str]]) -> None:
    assert {status for status, targets in moves.items() if not targets} == ENDED
    assert all(sources_of(end, moves) for end in ENDED)


def test_sources_are_what_the_where_clause_needs() -> None:
    assert sources_of("Stopped", JOB_MOVES) == ("InProgress", "Stopping")
    assert sources_of("InProgress", JOB_MOVES) == ()

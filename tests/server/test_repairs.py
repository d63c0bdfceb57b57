"""The doctor's report where there is little to look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlstudio.server.repairs import report
from mlstudio.server.studio import Studio
from mlstudio.store.home import Home


@pytest.fixture
def studio(home: Home) -> Iterator[Studio]:
    made = Studio(threads=1)
    yield made
    made.close()


def test_a_store_that_cannot_be_opened_is_looked_at_from_outside(studio: Studio, home: Home) -> None:
    home.ensure()
    home.database.write_bytes(b"this is no database, and far too short for one" * 100)
    home.database.chmod(0o600)

    levels = {item.code: item.level for item in report(studio).items}

    assert "unsafe" in levels.values()


def test_a_fresh_store_is_well(studio: Studio) -> None:
    found = report(studio)

    assert {item.level for item in found.items} <= {"ok", "note"}
    assert found.sizes

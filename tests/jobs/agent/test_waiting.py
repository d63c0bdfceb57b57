"""How long a job has waited does not depend on the wall clock."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.agent import waiting
from mlstudio.jobs.runner.files import read_json, write_json

SPEC = JobSpec(name="j", entry_point="t.py", source_dir="/", interpreter="/bin/true")
YEARS = 10 * 365 * 86400


def submitted(**fields: object) -> JobRecord:
    """Return a job that was submitted now."""
    now = int(time.time() * 1e6)
    spec = msgspec.structs.replace(SPEC, **fields)
    known = {"uid": "U", "name": "j", "arn": "a", "kind": "training", "trial_component": "c"}
    return JobRecord(**known, spec=spec, created_at=now, modified_at=now)  # type: ignore[arg-type]


@pytest.mark.parametrize("jump", [YEARS, -YEARS])
def test_a_jump_of_the_wall_clock_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    record = submitted(max_pending=3600)
    waiting.waited(record, tmp_path)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    assert 0 <= waiting.waited(record, tmp_path) < 5
    left = waiting.rest(record, tmp_path)
    assert left is not None
    assert 3590 < left[0] <= 3600


def test_the_next_agent_goes_on_counting_and_another_boot_asks_the_wall_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = submitted()
    waiting.waited(record, tmp_path)
    later = waiting.since_boot() + 100
    monkeypatch.setattr(waiting, "since_boot", lambda: later)
    assert 99 < waiting.waited(record, tmp_path) < 102
    known = read_json(tmp_path / "queued.json") or {}
    write_json(tmp_path / "queued.json", {**known, "boot_id": "an earlier one"})
    earlier = msgspec.structs.replace(record, created_at=record.created_at - 50_000_000)
    assert 50 <= waiting.waited(earlier, tmp_path) < 55
    monkeypatch.setattr(waiting, "since_boot", lambda: later + 7)
    assert 57 <= waiting.waited(earlier, tmp_path) < 62, "from now on by the clock of this boot"


def test_each_limit_counts_as_long_as_it_means(tmp_path: Path) -> None:
    both = submitted(max_pending=50, max_wait=20, spot=True)
    limit = waiting.rest(both, tmp_path)
    assert limit is not None
    assert limit[1] == "MaxWaitTimeExceeded"
    launched = msgspec.structs.replace(submitted(max_pending=50), secondary="Restarting")
    assert waiting.rest(launched, tmp_path) is None
    assert waiting.rest(submitted(max_wait=20), tmp_path) is None, "max_wait is of spot jobs"

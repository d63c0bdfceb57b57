"""Schedules: kept with a copy of their code, changed, run, removed; what cannot be one is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import AlreadyExists, InvalidField, InvalidName, NotFound, UnsafePath, VersionConflict
from mlstudio.entities.job_requests import JobFromFile, ScheduleFromFile, SchedulePatch
from mlstudio.entities.jobs import JobSpec
from mlstudio.entities.schedules import ScheduleCreate, ScheduleUpdate
from mlstudio.jobs import schedules
from mlstudio.store import open_store
from mlstudio.store.home import Home
from tests.jobs.conftest import SpecFactory

YEARLY = "0 3 1 1 *"


def wanted(spec: JobSpec, name: str, **fields: Any) -> ScheduleCreate:
    return ScheduleCreate(**{"name": name, "cron": YEARLY, "spec": spec, **fields})


def copies(home: Home) -> set[Path]:
    return set((home.root / "schedules").glob("*"))


def test_its_code_is_a_copy_that_outlives_the_source(agent: Home, spec: SpecFactory, tmp_path: Path) -> None:
    beside = tmp_path / "helper.py"
    beside.write_text("said = 'first'")
    script = spec("import helper; print(helper.said)", dependencies=[str(beside)])
    made = schedules.create(wanted(script, "copied"))
    beside.write_text("said = 'second'")
    Path(script.source_dir, "train.py").write_text("raise SystemExit(1)")

    job = schedules.run_now("copied")
    record = job.wait(30)

    assert (record.status, record.spec.schedule) == ("Completed", "copied"), record.failure_reason
    assert record.name.startswith("copied-20")
    assert "first" in job.logs()
    assert (made.enabled, made.next_at is not None and made.next_at > time.time() * 1e6) == (True, True)
    assert open_store().get_schedule("copied").next_at == made.next_at, "a run by hand moves nothing"
    schedules.delete("copied")
    assert not Path(made.spec.source_dir).exists()
    assert jobs.get(record.name).status == "Completed", "its jobs stay"


def test_a_file_with_a_name_of_its_own_is_scheduled(agent: Home, tmp_path: Path) -> None:
    file = tmp_path / "my script.py"
    file.write_text("print(1)")
    made = schedules.create_from_file(
        ScheduleFromFile(name="from-file", cron=YEARLY, timezone="Europe/Berlin", keep=3, job=JobFromFile(path="x.py")),
        file,
        {}.get,
    )
    assert (made.spec.entry_point, made.timezone, made.keep) == ("my-script.py", "Europe/Berlin", 3)
    assert Path(made.spec.source_dir, "my-script.py").read_text() == "print(1)"
    file.write_text("print(2)")
    again = schedules.patch("from-file", SchedulePatch(job=JobFromFile(path="x.py")), file, {}.get)
    assert Path(again.spec.source_dir, "my-script.py").read_text() == "print(2)"
    assert not Path(made.spec.source_dir).exists(), "the copy before is gone"
    schedules.delete("from-file")


def test_when_it_comes_next_follows_its_changes(agent: Home, spec: SpecFactory) -> None:
    first = schedules.create(wanted(spec("pass"), "changing"))
    off = schedules.update("changing", ScheduleUpdate(enabled=False))
    assert (off.enabled, off.next_at) == (False, None)
    assert schedules.update("changing", ScheduleUpdate(cron="0 4 1 1 *")).next_at is None, "it stays off"
    on = schedules.patch("changing", SchedulePatch(enabled=True, version=off.version + 1), None, {}.get)
    assert first.next_at is not None
    assert on.next_at == first.next_at + 3600 * 10**6
    kept = schedules.update("changing", ScheduleUpdate(keep=5))
    assert (kept.keep, kept.next_at) == (5, on.next_at)
    with pytest.raises(VersionConflict):
        schedules.update("changing", ScheduleUpdate(keep=6, version=1))
    with pytest.raises(InvalidField, match="cron"):
        schedules.update("changing", ScheduleUpdate(cron="nope"))
    schedules.delete("changing")


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"cron": "x"}, InvalidField, "cron"),
        ({"timezone": "Mars/X"}, InvalidField, "timezone"),
        ({"name": "no good"}, InvalidName, "schedule_name"),
        ({"name": "x" * 64}, InvalidField, "schedule_name"),
    ],
)
def test_what_cannot_be_one_leaves_nothing(
    home: Home, spec: SpecFactory, fields: dict[str, Any], error: type[Exception], field: str
) -> None:
    with pytest.raises(error) as refused:
        schedules.create(wanted(spec("pass"), **{"name": "bad", **fields}))
    assert getattr(refused.value, "field", None) == field
    assert copies(home) == set()
    assert open_store().schedules() == []


def test_a_job_that_cannot_run_cannot_be_scheduled(home: Home, spec: SpecFactory) -> None:
    import msgspec

    good = spec("pass")
    with pytest.raises(UnsafePath):
        schedules.create(wanted(msgspec.structs.replace(good, entry_point="../x.py"), "bad"))
    Path(good.source_dir, "out").symlink_to("/etc/hostname")
    with pytest.raises(UnsafePath, match="link"):
        schedules.create(wanted(good, "bad"))
    assert copies(home) == set()


def test_two_of_one_name_leave_one_copy(agent: Home, spec: SpecFactory) -> None:
    schedules.create(wanted(spec("pass"), "twice"))
    before = copies(agent)
    with pytest.raises(AlreadyExists):
        schedules.create(wanted(spec("pass"), "twice"))
    assert copies(agent) == before
    schedules.delete("twice")
    with pytest.raises(NotFound):
        schedules.delete("twice")
    with pytest.raises(NotFound):
        schedules.run_now("twice")

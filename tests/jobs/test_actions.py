"""Repeat, move in the queue, clear away, look inside: with a real agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.errors import Conflict, NotFound
from mlstudio.entities.job_requests import DeleteFinished, JobChanges
from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.store.home import Home

from .conftest import SpecFactory, await_that

WAIT = "import os, time\nwhile not os.path.exists({go!r}): time.sleep(0.02)"


@pytest.mark.usefixtures("agent")
def test_a_job_is_run_once_more_with_its_old_code_and_new_values(spec: SpecFactory) -> None:
    first = spec("import sys\nprint(sys.argv[1:])", hyperparameters={"lr": "0.1", "epochs": "3"})
    jobs.submit(first).wait(20)
    (Path(first.source_dir) / "train.py").write_text("raise SystemExit(3)")
    again = jobs.rerun(first.name, JobChanges(hyperparameters={"lr": 0.5}))
    assert again.wait(20).status == "Completed"
    assert again.logs() == "['--epochs', '3', '--lr', '0.5']\n"
    assert again.record().spec.rerun_of == first.name
    found = jobs.diff(first.name, again.name)
    assert [(one.name, one.left, one.right) for one in found.fields] == [("lr", "0.1", "0.5")]
    assert found.files == []
    assert "sys.argv" in str(jobs.source(again.name).files[0].text)
    assert jobs.described(again.name)["HyperParameters"]["lr"] == "0.5"


def test_a_job_that_is_moved_up_goes_before_its_elders(
    own_agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    go = tmp_path / "go"
    running = jobs.submit(spec(WAIT.format(go=str(go))))
    elder, younger = (jobs.submit(spec("print(1)")) for _ in range(2))
    assert jobs.set_priority(younger.name, 5).priority == 5
    assert jobs.agent_status().queue == [younger.name, elder.name]
    go.touch()
    for job in (running, elder, younger):
        job.wait(20)
    assert (younger.record().started_at or 0) < (elder.record().started_at or 0)
    with pytest.raises(Conflict):
        jobs.set_priority(elder.name, 1)


def test_ended_jobs_are_cleared_away_and_running_ones_stay(own_agent: Home, spec: SpecFactory, tmp_path: Path) -> None:
    go = tmp_path / "go"
    good, bad = jobs.submit(spec("print(1)")), jobs.submit(spec("raise SystemExit(2)"))
    running = jobs.submit(spec(WAIT.format(go=str(go))))
    good.wait(20)
    bad.wait(20)
    assert jobs.delete_finished(DeleteFinished(older_than=3600)).deleted == 0
    done = jobs.delete_finished(DeleteFinished(status="Failed"))
    assert done.deleted == 1
    assert done.freed > 0
    assert jobs.delete_finished().deleted == 1
    assert [one.name for one in jobs.list().items] == [running.name]
    assert len([one for one in own_agent.jobs.iterdir() if not one.name.startswith(".")]) == 1
    go.touch()
    running.wait(20)
    with pytest.raises(NotFound):
        jobs.rerun(good.name)


def test_the_agent_is_told_of_and_started(own_agent: Home) -> None:
    assert not jobs.agent_status().running
    started = jobs.start_agent()
    assert started.running
    assert started.pid is not None
    assert (started.slots, started.jobs, started.queue) == (4, 0, [])
    assert jobs.start_agent().pid == started.pid
    stop_agent(own_agent)
    await_that(lambda: not jobs.agent_status().running, "its end")

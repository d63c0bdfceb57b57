"""``mlstudio jobs rerun | gc | priority``, on real jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.cli.main import main
from mlstudio.entities.jobs import JobListRequest, JobSpec
from mlstudio.jobs.agent.ensure import stop_agent

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One job at a time; nothing is left."""
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    yield
    for record in jobs.list(JobListRequest(open_only=True)).items:
        main(["jobs", "stop", record.name, "--grace", "0", "--wait"])
    stop_agent()


def submitted(folder: Path, name: str, script: str) -> jobs.Job:
    import sys

    (folder / "t.py").write_text(script)
    environment = {"WORD": "kept", "GONE": "x"}
    return jobs.submit(
        JobSpec(
            name=name,
            entry_point="t.py",
            source_dir=str(folder / "t.py"),
            interpreter=sys.executable,
            hyperparameters={"lr": "0.1", "n": "1"},
            environment=environment,
        )
    )


def test_a_job_runs_once_more_with_changes_and_exits_as_it_did(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import os, sys; print(sys.argv[1:], os.environ['WORD'], 'GONE' in os.environ); sys.exit(4)"
    submitted(tmp_path, "first", script).wait(30)
    (tmp_path / "t.py").write_text("changed")
    code = main(["jobs", "rerun", "first", "--as", "second", "--hp", "lr=0.5", "--hp", "n=", "--env", "GONE=", "-f"])
    assert code == 4
    assert "['--lr', '0.5'] kept False" in capfd.readouterr().out
    assert jobs.get("second").record().spec.rerun_of == "first"
    assert main(["jobs", "rerun", "first", "--hp", "lr"]) == 1
    assert "KEY=VALUE" in capfd.readouterr().err
    assert main(["jobs", "rerun", "first", "--param", "a=1"]) == 1
    assert main(["jobs", "rerun", "nobody"]) == 1


def test_ended_jobs_are_collected_and_running_ones_stay(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    submitted(tmp_path, "done", "pass").wait(30)
    submitted(tmp_path, "runs", "import time; time.sleep(60)")
    assert main(["jobs", "gc", "--older-than", "1"]) == 0
    assert "0 jobs removed" in capfd.readouterr().out
    assert main(["jobs", "gc"]) == 0
    assert "1 jobs removed" in capfd.readouterr().out
    assert [one.name for one in jobs.list().items] == ["runs"]


def test_a_waiting_job_is_moved_in_the_queue(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    submitted(tmp_path, "runs", "import time; time.sleep(60)")
    for name in ("one", "two"):
        submitted(tmp_path, name, "pass")
    assert main(["jobs", "priority", "two", "5"]) == 0
    assert "two: priority 5" in capfd.readouterr().out
    assert jobs.agent_status().queue == ["two", "one"]
    assert main(["jobs", "priority", "two", "500"]) == 1
    for name in ("one", "two"):
        main(["jobs", "stop", name])

"""What the agent takes in, and what it does not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.store.home import Home

from ..conftest import SpecFactory, await_that  # noqa: TID252


def test_a_job_that_was_stopped_in_the_queue_is_not_launched_by_its_submission_made_again(
    spec: SpecFactory, own_agent: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del own_agent
    monkeypatch.setenv("MLSTUDIO_MAX_JOBS", "1")
    go, ran = tmp_path / "go", tmp_path / "ran"
    waiting = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    first = jobs.submit(spec(waiting))
    wanted = spec(f"open({str(ran)!r}, 'w').close()", client_token="once")
    second = jobs.submit(wanted)
    second.stop()
    await_that(lambda: second.status == "Stopped", "the stop in the queue")
    go.touch()
    first.wait(20)
    assert jobs.submit(wanted).status == "Stopped"
    time.sleep(0.7)
    assert not ran.exists(), "what was stopped never ran"

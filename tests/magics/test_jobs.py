"""``%jobs``, ``%job`` and cards that keep themselves up to date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import mlstudio
from mlstudio import jobs
from mlstudio.entities.jobs import JobListRequest
from mlstudio.magics import jobs as door
from mlstudio.magics.jobs import LiveJob, jobs_table
from mlstudio.store import open_store
from mlstudio.store.home import Home
from tests.jobs.conftest import SpecFactory, agent, await_that, shared_home, spec

__all__ = ["agent", "shared_home", "spec"]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    mlstudio.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def said(shell: InteractiveShell, line: str) -> str:
    with capture_output() as captured:
        shell.run_cell(line).raise_error()
    return str(captured.stdout) + "".join(str(one.data) for one in captured.outputs)


def test_jobs_are_listed_by_status_and_owner(agent: Home, shell: InteractiveShell, spec: SpecFactory) -> None:
    name = jobs.submit(spec("raise SystemExit(3)", name="listed")).name
    jobs.get(name).wait(30)
    assert "listed" in said(shell, "%jobs --limit 1000")
    assert "listed" in said(shell, "%jobs --status Failed --mine --limit 1000")
    assert "listed" not in said(shell, "%jobs --status Completed --limit 1000")
    assert "ExecuteUserScriptError: ExitCode 3" in said(shell, "%jobs --limit 1000"), "why it failed, on one line"


def test_an_empty_store_says_what_fills_it(home: Home) -> None:
    assert "%%job" in jobs_table(open_store(home=home), JobListRequest()).text


def test_a_job_is_shown_its_log_is_printed_and_it_is_stopped(
    agent: Home, shell: InteractiveShell, spec: SpecFactory
) -> None:
    job = jobs.submit(spec("import time; print('it runs', flush=True); time.sleep(60)", name="looked-at"))
    await_that(lambda: "it runs" in job.logs(), "its first line")
    assert "it runs" in said(shell, "%job looked-at")
    assert said(shell, "%job looked-at logs") == "it runs\n"
    assert "looked-at" in said(shell, "%job looked-at open")
    said(shell, "%job looked-at stop 0")
    assert job.wait(30).status == "Stopped"


@pytest.mark.parametrize("line", ["", "nobody", "nobody logs", "a b c d", "nobody stop soon"])
def test_what_cannot_be_is_one_sentence(
    home: Home, shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    result = shell.run_cell(f"%job {line}")
    captured = capsys.readouterr()
    assert not result.success
    assert "Traceback" not in captured.out + captured.err


def test_a_card_follows_the_job_to_its_end(agent: Home, spec: SpecFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[str] = []

    class Handle:
        def update(self, shown: door.Shown) -> None:
            updates.append(shown.html)

    monkeypatch.setattr(door, "display", lambda *_, **__: Handle())
    script = "import time\nfor n in range(4): print('line', n, flush=True); time.sleep(0.4)"
    job = jobs.submit(spec(script, name="card"))
    card = LiveJob(job)
    card.show(live=True)
    assert card.thread is not None
    card.thread.join(30)
    assert "Completed" in updates[-1]
    assert "line 3" in updates[-1]
    assert 2 <= len(updates) <= 12, "as news come, and not for each line"

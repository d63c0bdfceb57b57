"""The card of a job: text stays text, secrets stay hidden, a log is shown as a terminal would."""

from __future__ import annotations

import sys
from pathlib import Path

from mlstudio.entities.jobs import JobRecord, JobSpec, JobUpdate
from mlstudio.jobs import Job
from mlstudio.jobs.runner.logs import LogWriter
from mlstudio.jobs.shown import card, job_html, last_lines, says, took
from mlstudio.store import open_store
from mlstudio.store.home import Home


def made(home: Home, log: bytes = b"", **fields: object) -> JobRecord:
    store = open_store(home=home)
    spec = JobSpec(name="shown", entry_point="t.py", source_dir="/src", interpreter=sys.executable)
    store.create_job(spec, trial_component="shown-c")
    folder = home.jobs / store.get_job("shown").uid
    store.update_job("shown", JobUpdate(run_dir=str(folder), **fields))  # type: ignore[arg-type]
    if log:
        LogWriter(folder / "log", "algo-1").write(log)
    return store.get_job("shown")


def test_everything_is_text(home: Home) -> None:
    record = made(home, b"<script>alert(1)</script>\n", status_message="<b>waits</b>")
    shown = job_html("shown")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "&lt;b&gt;waits" in shown
    assert Job("shown")._repr_html_() == shown
    assert says(record) == "<b>waits</b>"


def test_a_log_is_shown_as_a_terminal_shows_it(home: Home) -> None:
    record = made(home, b"\x1b[31mred\x1b[0m\n 10%\r 50%\r100%\r\n\n\x1b]0;title\x07x\x00y\n\xff\n")
    assert last_lines(record) == ["red", "100%", "xy", "\ufffd"]
    assert last_lines(record, 1) == ["\ufffd"]


def test_secrets_are_hidden(home: Home) -> None:
    record = made(home, b"API_TOKEN=hunter2hunter2\n", status_message="password=hunter2hunter2")
    assert "hunter2" not in card(record, [])


def test_a_job_that_is_gone_is_said(home: Home) -> None:
    assert "does not exist" in job_html("nobody")


def test_how_long_it_took(home: Home) -> None:
    import msgspec

    record = made(home)
    assert took(record) == ""
    assert took(msgspec.structs.replace(record, started_at=0, ended_at=3_661_000_000)) == "1:01:01"
    assert took(msgspec.structs.replace(record, started_at=0, ended_at=61_000_000)) == "1:01"
    assert Path(record.run_dir).parent == home.jobs

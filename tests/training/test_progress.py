"""What a person sees while waiting: log, line, card."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstudio.jobs.client import Job
from mlstudio.training import SKLearn, UnexpectedStatusException
from mlstudio.training.progress import NotebookProgress, TerminalProgress, fraction, in_kernel, progress_of

LOSS = [{"Name": "loss", "Regex": "loss=(.*?);"}]


class Terminal(io.StringIO):
    """A stream that says that somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("agent")
def test_in_a_terminal_the_log_runs_above_a_line_that_is_renewed(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    SKLearn(script, metric_definitions=LOSS).fit(job_name="terminal")
    said = terminal.getvalue()
    log = re.sub(r"\r\x1b\[K[^\r\n]*", "", said)
    assert "loss=0.5;\nloss=0.25;\n" in log, "what the script prints is whole"
    last = said.rsplit("\r\x1b[K", 1)[1]
    assert last.startswith("terminal: Completed")
    assert last.endswith("\n")
    assert "loss 0.25" in last


@pytest.mark.usefixtures("agent")
def test_a_line_is_not_drawn_into_a_bar_of_the_script_and_goes_when_we_leave(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SKLearn(script).fit(job_name="bar", logs=None)
    terminal = Terminal()
    shown = TerminalProgress("bar", terminal, logs=True)
    assert shown._printer is not None
    texts = iter(["half a bar", ""])
    monkeypatch.setattr(shown._printer, "pending", lambda: next(texts))
    shown.news()
    assert terminal.getvalue() == "half a bar"
    shown._printer.fresh_line = True
    shown._renewed = 0.0
    shown.news()
    assert "bar: Completed" in terminal.getvalue()
    shown.leave()
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.usefixtures("agent")
def test_a_pipe_gets_the_log_alone_or_nothing(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not in_kernel()
    SKLearn(script).fit(job_name="piped", logs=None)
    assert capsys.readouterr().out == ""
    shown = progress_of("piped", logs=True)
    shown.end()
    shown.leave()
    assert capsys.readouterr().out.endswith("loss=0.5;\nloss=0.25;\n")


@pytest.mark.usefixtures("agent")
def test_in_a_notebook_a_card_is_renewed_and_everything_in_it_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("print('<script>alert(1)</script>')\nprint('Epoch 2/4')")
    SKLearn(tmp_path / "train.py").fit(job_name="card", logs=None)
    bundles: list[dict[str, str]] = []

    class Handle:
        def update(self, bundle: dict[str, str], raw: bool) -> None:
            assert raw
            bundles.append(bundle)

    def display(bundle: dict[str, str], **_options: Any) -> Handle:
        bundles.append(bundle)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    out = io.StringIO()
    shown = NotebookProgress("card", out, logs=True)
    shown.end()
    assert len(bundles) == 2
    assert "<script>" in out.getvalue()
    assert "<script>" not in bundles[-1]["text/html"]
    assert 'value="0.500"' in bundles[-1]["text/html"]
    assert bundles[-1]["text/plain"].startswith("card: Completed")


@pytest.mark.usefixtures("agent")
def test_ctrl_c_leaves_the_job_and_says_how_to_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "long.py").write_text("import time; time.sleep(60)")
    estimator = SKLearn(tmp_path / "long.py")
    estimator.fit(job_name="left", wait=False)
    job = estimator.latest_training_job
    assert job is not None

    def interrupted(_self: Job, _timeout: float | None = None) -> Iterator[dict[str, Any]]:
        raise KeyboardInterrupt
        yield {}

    with monkeypatch.context() as patched:
        patched.setattr(Job, "follow", interrupted)
        with pytest.raises(KeyboardInterrupt):
            job.wait()
    assert "Job left runs on. To stop it: mlstudio.jobs.get('left').stop()" in capsys.readouterr().err
    assert job.status() == "InProgress"
    job.stop(grace=0)
    job.wait(logs=None)
    assert "Job left was stopped" in capsys.readouterr().err


@pytest.mark.usefixtures("agent")
def test_waiting_asynchronously_lets_others_run_and_raises_as_waiting_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.py").write_text("import time; print('begun'); time.sleep(1); raise ValueError('wrong')")
    estimator = SKLearn(tmp_path / "bad.py")
    estimator.fit(wait=False)
    job = estimator.latest_training_job
    assert job is not None
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    async def both() -> None:
        other = asyncio.create_task(tick())
        with pytest.raises(TimeoutError):
            await Job(job.name).wait_async(0.05)
        try:
            await job.wait_async(logs="All")
        finally:
            other.cancel()

    with pytest.raises(UnexpectedStatusException, match="ValueError: wrong"):
        asyncio.run(both())
    assert ticks > 10
    assert "begun" in capsys.readouterr().out
    assert asyncio.run(Job(job.name).wait_async()).status == "Failed"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], None),
        (["loss 3/4"], None),
        (["Epoch 3/4", "loss=1"], 0.75),
        (["Epoch [10/10] done"], 1.0),
        ([" 12%|#  | 1/8", " 25%|## | 2/8"], 0.25),
        (["epoch 1/0"], None),
        (["step 9 of 3"], 1.0),
    ],
)
def test_how_far_it_is_is_what_its_last_lines_say(lines: list[str], expected: float | None) -> None:
    assert fraction(lines) == expected

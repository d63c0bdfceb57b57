"""``%%job`` and ``%%processing`` in a real IPython shell, under a real agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mlstudio
from mlstudio import jobs
from mlstudio.entities.jobs import JobListRequest
from mlstudio.jobs.client import run_folder
from mlstudio.store import open_store
from mlstudio.store.home import Home
from tests.jobs.conftest import agent, shared_home

__all__ = ["agent", "shared_home"]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.run_line_magic("colors", "nocolor")
    mlstudio.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def test_a_cell_runs_as_a_job_and_its_output_and_variables_come_back(
    agent: Home, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["data"] = [1, 2, 3]
    head = "%%job --name told --experiment cells --hp lr=0.1 --metric 'loss=loss ([0-9.]+)' --send data --return total"
    cell = "import os\ntotal = sum(data)\nprint('loss 0.5', os.environ['WORD'])"
    result = shell.run_cell(f"{head} --wait --env WORD=hello\n{cell}")

    assert result.success
    assert "loss 0.5 hello" in capsys.readouterr().out
    assert shell.user_ns["total"] == 6
    record = jobs.get("told").record()
    assert record.spec.hyperparameters == {"lr": "0.1"}
    assert [one.last for one in jobs.get("told").metrics() if one.name == "loss"] == [0.5]
    code = open_store().code(record.trial_component).code
    assert code is not None
    assert code.source is not None
    assert code.source.startswith("import os")


def test_without_wait_a_card_is_shown_and_variables_are_fetched_later(
    agent: Home, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%%job --name later --return x\nx = {'a': 1}").raise_error()
    assert "Job('later'" in capsys.readouterr().out
    jobs.get("later").wait(60)
    shell.run_cell("%job later return").raise_error()
    assert shell.user_ns["x"] == {"a": 1}


def test_a_cell_that_fails_as_a_job_fails_in_the_notebook(
    agent: Home, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%job --name fails --wait\nprint('said before')\n1 / 0")
    captured = capsys.readouterr()
    assert not result.success
    assert "said before" in captured.out
    assert "ZeroDivisionError" in captured.out
    assert "Job fails Failed" in captured.out + captured.err


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%job\nx = (", "Line 1"),
        ("%%job\n!pip list", "Magics and shell commands"),
        ("%%job --send nothing\npass", "no variable nothing"),
        ("%%job --send obj\npass", "cannot travel"),
        ("%%job --colour red\npass", "unrecognized arguments"),
        ("%%job --python /nowhere/python\npass", "no program"),
        ("%%job --name 'a b'\npass", "a b"),
        ("%%job --metric loss\npass", "KEY=VALUE"),
        ("%%processing --input data\npass", "KEY=VALUE"),
        ("%%job --count 2 --instance-type nonsense\npass", "nonsense"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_no_job(
    agent: Home, shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, said: str
) -> None:
    shell.user_ns["obj"] = object()
    before = len(open_store().list_jobs(JobListRequest()).items)
    result = shell.run_cell(cell)
    captured = capsys.readouterr()
    assert not result.success
    assert said in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err
    assert len(open_store().list_jobs(JobListRequest()).items) == before


def test_a_processing_cell_reads_inputs_and_leaves_outputs(
    agent: Home, shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw.csv").write_text("1,2")
    monkeypatch.chdir(tmp_path)
    cell = (
        "import pathlib, sys\n"
        "text = pathlib.Path('/opt/ml/processing/raw/raw.csv').read_text()\n"
        "pathlib.Path('/opt/ml/processing/train/out.csv').write_text(text * 2 + sys.argv[1])"
    )
    head = "%%processing --name prepares --input raw.csv=raw --output train=made --argument more --wait"
    shell.run_cell(f"{head}\n{cell}").raise_error()
    record = jobs.get("prepares").record()
    assert record.kind == "processing"
    assert (tmp_path / "made" / "out.csv").read_text() == "1,21,2more"
    assert run_folder(record).exists()


def test_unloading_takes_all_names_out(shell: InteractiveShell) -> None:
    from mlstudio.magics import NAMES, load_ipython_extension, unload_ipython_extension

    unload_ipython_extension(shell)
    for kind, names in NAMES.items():
        assert not set(names) & set(shell.magics_manager.magics[kind])
    load_ipython_extension(shell)
    for kind, names in NAMES.items():
        assert set(names) <= set(shell.magics_manager.magics[kind])

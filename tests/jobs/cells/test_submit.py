"""A cell as a job: its files, its variables, where it came from; refusals before anything is submitted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.entities.jobs import JobListRequest
from mlstudio.experiments import notebook
from mlstudio.jobs.cells.submit import CellJob, check_syntax, returned, submit_cell
from mlstudio.jobs.client import run_folder
from mlstudio.store import open_store
from mlstudio.store.home import Home


def test_variables_travel_there_and_back(agent: Home) -> None:
    cell = CellJob(
        source="total = float((data * factor).sum())\nnested = {'a': [1, None]}\n",
        name="variables",
        send={"data": np.arange(4.0), "factor": 2},
        give_back=["total", "nested"],
        experiment="cells",
        trial="cells-trial",
    )
    with notebook.cell("whole", "cell-7", "work/study.ipynb"):
        record = submit_cell(cell).wait(60)

    assert record.status == "Completed", (record.failure_reason, jobs.Job("variables").logs())
    assert returned("variables") == {"total": 12.0, "nested": {"a": [1, None]}}
    store = open_store()
    code = store.code(record.trial_component).code
    assert code is not None
    assert (code.source, code.cell_id, code.notebook_path) == (cell.source, "cell-7", "work/study.ipynb")
    assert [one.trial_name for one in store.get_component(record.trial_component).trials] == ["cells-trial"]
    assert (run_folder(record) / "ml/code/cell.py").read_text() == cell.source


def test_a_plain_cell_runs_as_it_is_with_files_beside_it(agent: Home, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("word = 'helped'")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "data.txt").write_text("data")
    source = "import sys, helper, pathlib\nprint(helper.word, pathlib.Path('pack/data.txt').read_text(), sys.argv[1:])"
    files = [tmp_path / "helper.py", tmp_path / "pack"]
    job = submit_cell(CellJob(source=source, name="plain", files=files, hyperparameters={"lr": 0.1, "s": "a b"}))
    assert job.wait(60).status == "Completed"
    assert "helped data ['--lr', '0.1', '-s', 'a b']" in job.logs()
    assert job.record().spec.entry_point == "cell.py"
    assert returned("plain") == {}


def test_a_variable_that_is_not_there_or_cannot_come_back_fails_it_with_the_name(agent: Home) -> None:
    for number, (source, said) in enumerate((("pass", "does not define c"), ("c = object()", "c (object) cannot"))):
        job = submit_cell(CellJob(source=source, name=f"gives-{number}", give_back=["c"]))
        assert job.wait(60).status == "Failed"
        assert said in job.logs()


def test_an_error_in_the_cell_names_its_line(agent: Home) -> None:
    job = submit_cell(CellJob(source="x = 1\n\nraise ValueError('wrong')\n", name="line", send={"y": 1}))
    record = job.wait(60)
    assert "ValueError: wrong" in (record.failure_reason or "")
    assert 'cell.py", line 3' in job.logs()


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"source": "a = (\n"}, "cell", "Line 1"),
        ({"source": "a = 1\n%matplotlib inline"}, "cell", "Magics and shell commands"),
        ({"source": "a\0"}, "cell", "null bytes"),
        ({"send": {"x": object()}}, "send", "x \\(object\\) cannot travel"),
        ({"files": [Path("nowhere.py")]}, "with_file", "nowhere.py"),
        ({"requirements": Path("nowhere.txt")}, "requirements", "nowhere.txt"),
        ({"instance_type": "ml.m5.larg"}, "instance_type", "ml.m5"),
        ({"interpreter": "/nowhere/python"}, "interpreter", "cannot be executed"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_is_recorded(
    agent: Home, fields: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(InvalidField, match=said) as refused:
        submit_cell(CellJob(**{"source": "pass", "name": "refused", **fields}))
    assert refused.value.field == field
    assert open_store().list_jobs(JobListRequest(name_contains="refused")).items == []


def test_a_good_cell_is_no_syntax_error() -> None:
    check_syntax("async def f():\n    pass\n")


def test_variables_of_a_job_that_is_not_there(home: Home) -> None:
    with pytest.raises(NotFound):
        returned("nobody")

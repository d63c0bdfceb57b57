"""Notebooks as jobs: parameters, the executed copy, the log, failures, stops."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mlstudio import jobs
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_parts import NotebookRun
from mlstudio.entities.jobs import JobRecord, JobSpec
from mlstudio.jobs.client import run_folder
from mlstudio.jobs.notebook_run import INJECTED, Failed, kernel_spec, with_parameters
from mlstudio.store import open_store
from mlstudio.store.home import Home
from tests.jobs.conftest import await_log, await_that


def code(source: str, *tags: str) -> Any:
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def spec_of(folder: Path, name: str, *cells: Any, **fields: Any) -> JobSpec:
    file = folder / "study.ipynb"
    file.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=list(cells))))
    known = {"notebook": NotebookRun(), "entry_point": file.name, "source_dir": str(file), "max_run": 60}
    return JobSpec(**{"name": name, "interpreter": sys.executable, **known, **fields})


def executed(record: JobRecord) -> Any:
    return nbformat.read(run_folder(record) / "ml/output/data/study.ipynb", as_version=4)


def outputs(notebook: Any) -> str:
    return "".join(one.get("text", "") for cell in notebook.cells for one in cell.get("outputs", []))


def test_a_notebook_runs_with_its_parameters_and_its_copy_is_kept(agent: Home, tmp_path: Path) -> None:
    cells = (
        nbformat.v4.new_markdown_cell("# A study"),
        code("lr = 1\nname = None", "parameters"),
        code("import sys\nprint('lr is', lr, name)\nprint('to err', file=sys.stderr)"),
        code("lr * 2"),
    )
    values = {"lr": 0.25, "name": ["a\n'b'", None, True]}
    record = jobs.submit(spec_of(tmp_path, "study", *cells, notebook=NotebookRun(parameters=values))).wait(60)

    log = jobs.Job("study").logs()
    assert record.status == "Completed", (record.failure_reason, log)
    assert "lr is 0.25 [\"a\\n'b'\", None, True]" in log
    assert "to err" in log
    assert "\n0.5\n" in log
    assert "── cell 3 of 4 ──" in log, "the injected cell counts"
    copy = executed(record)
    nbformat.validate(copy)
    assert [cell.metadata.get("tags") for cell in copy.cells[1:3]] == [["parameters"], [INJECTED]]
    assert "lr is 0.25" in outputs(copy)
    component = open_store().get_component(record.trial_component)
    assert component.outputs["study.ipynb"].sha256
    assert component.status == "Completed"
    assert record.output_artifact


def test_a_cell_that_fails_ends_it_with_the_reason_and_the_copy(agent: Home, tmp_path: Path) -> None:
    cells = (code("print('before')"), code("{}['missing']"), code("print('after')"))
    record = jobs.submit(spec_of(tmp_path, "failing-study", *cells)).wait(60)

    assert (record.status, record.exit_code) == ("Failed", 1)
    assert record.failure_reason == "Cell 2 of 3: KeyError: 'missing'"
    log = jobs.Job("failing-study").logs()
    assert "before" in log
    assert "after" not in log
    copy = executed(record)
    assert copy.cells[1].outputs[0].ename == "KeyError"
    assert copy.cells[2].outputs == []
    assert "study.ipynb" in open_store().get_component(record.trial_component).outputs


def test_a_stop_interrupts_the_cell_and_the_copy_holds_what_it_had_printed(agent: Home, tmp_path: Path) -> None:
    script = (
        "import time\nprint('began', flush=True)\n"
        "try:\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('saved', flush=True)\n    raise"
    )
    job = jobs.submit(spec_of(tmp_path, "stopped-study", code(script)))
    await_log("stopped-study", "began")
    job.stop(grace=20)
    record = job.wait(30)
    assert record.status == "Stopped", record.failure_reason
    assert "began" in outputs(executed(record))
    assert "saved" in outputs(executed(record))


def test_the_copy_grows_while_a_cell_runs_and_survives_a_killed_kernel(agent: Home, tmp_path: Path) -> None:
    script = (
        "import os, time\n"
        "for number in range(40):\n    print('line', number, flush=True)\n    time.sleep(0.1)\n"
        "os.kill(os.getpid(), 9)"
    )
    job = jobs.submit(spec_of(tmp_path, "killed-study", code(script)))
    await_log("killed-study", "line 25")
    copy = run_folder(job.record()) / "ml/output/data/study.ipynb"
    await_that(lambda: "line 1" in copy.read_text(), "a copy while the cell runs", 5)
    record = job.wait(30)
    assert record.status == "Failed"
    assert "the kernel died" in (record.failure_reason or "")
    assert "line 39" in outputs(executed(record))


def test_a_module_beside_the_notebook_is_the_cells_and_not_the_executors(agent: Home, tmp_path: Path) -> None:
    (tmp_path / "nbformat.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "helper.py").write_text("word = 'helped'")
    spec = spec_of(tmp_path, "beside", code("import helper; print(helper.word)"), source_dir=str(tmp_path))
    record = jobs.submit(spec).wait(60)
    assert record.status == "Completed", record.failure_reason
    assert "helped" in jobs.Job("beside").logs()


@pytest.mark.parametrize(
    ("text", "said"), [("no", "no notebook that can be read"), ('{"cells": 1}', "no notebook that can be read")]
)
def test_what_is_no_notebook_fails_with_a_sentence(agent: Home, tmp_path: Path, text: str, said: str) -> None:
    name = f"no-notebook-{len(text)}"
    spec = spec_of(tmp_path, name)
    (tmp_path / "study.ipynb").write_text(text)
    record = jobs.submit(spec).wait(60)
    assert said in (record.failure_reason or "")


def test_an_unknown_kernel_is_named_and_a_provisioner_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Failed, match="'nobody'"):
        kernel_spec("nobody")
    folder = tmp_path / "kernels" / "own"
    folder.mkdir(parents=True)
    metadata = {"kernel_provisioner": {"provisioner_name": "mlstudio"}, "kept": 1}
    made = {"argv": ["x"], "language": "python", "display_name": "Own", "metadata": metadata}
    (folder / "kernel.json").write_text(json.dumps(made))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path) + os.pathsep)
    assert kernel_spec("own").metadata == {"kept": 1}


def test_parameters_of_an_executed_copy_are_replaced() -> None:
    notebook = nbformat.v4.new_notebook(cells=[code("a = 1", "parameters"), code("a = 2", INJECTED), code("a")])
    with_parameters(notebook, {"a": 3})
    assert [cell.source for cell in notebook.cells] == ["a = 1", "# Parameters of the job\na = 3", "a"]
    bare = nbformat.v4.new_notebook(nbformat_minor=4)
    with_parameters(bare, {"b": {"x": [True]}})
    assert bare.cells[0].source.endswith("b = {'x': [True]}")
    assert "id" not in bare.cells[0]


@pytest.mark.parametrize("name", ["a b", "class", "", "x\ny"])
def test_a_parameter_that_is_no_variable_is_refused(home: Home, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidField) as refused:
        jobs.submit(spec_of(tmp_path, "wrong", code("1"), notebook=NotebookRun(parameters={name: 1})))
    assert refused.value.field == "parameters"

"""A file of the file browser as a job: names, interpreters, kernels, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mlstudio.entities.errors import InvalidField
from mlstudio.entities.job_requests import JobFromFile
from mlstudio.jobs.from_file import KernelProgram, read_notebook, runnable, spec_of

KERNELS = {
    "python3": KernelProgram("python", ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]),
    "other": KernelProgram("python", ["/bin/sh", "-f", "{connection_file}"]),
    "gone": KernelProgram("python", ["/nowhere/python"]),
    "ir": KernelProgram("R", ["R"]),
}


def notebook(path: Path, kernel: str | None = None) -> Path:
    metadata: dict[str, Any] = {} if kernel is None else {"kernelspec": {"name": kernel}}
    path.write_text(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def asked(path: Path, **fields: Any) -> JobFromFile:
    return JobFromFile(path=path.name, **fields)


def test_a_script_alone_or_with_its_folder(tmp_path: Path) -> None:
    script = tmp_path / "train it.py"
    script.write_text("print(1)")
    plain = tmp_path / "train.py"
    plain.write_text("print(1)")

    alone = spec_of(asked(plain, hyperparameters={"lr": 0.1}, name="mine"), plain, KERNELS.get)
    whole = spec_of(asked(plain, with_folder=True), plain, KERNELS.get)

    assert (alone.name, alone.entry_point, alone.source_dir) == ("mine", "train.py", str(plain))
    assert (alone.hyperparameters, alone.interpreter, alone.notebook) == ({"lr": "0.1"}, sys.executable, None)
    assert whole.source_dir == str(tmp_path)
    assert whole.name.startswith("train-20")


def test_a_shell_script_is_run_by_the_shell_as_a_processing_job_too(tmp_path: Path) -> None:
    script = tmp_path / "prepare.sh"
    script.write_text("echo hello")
    assert spec_of(asked(script, kind="processing", arguments=["x"]), script, KERNELS.get).command == ["/bin/sh"]
    assert spec_of(asked(script), script, KERNELS.get).command == []


def test_a_name_that_no_entry_point_may_have_is_copied_under_one_that_may(tmp_path: Path) -> None:
    file = notebook(tmp_path / "My notebook (1).ipynb")
    with runnable(asked(file), file) as found:
        assert (found.name, found.read_text()) == ("My-notebook-1.ipynb", file.read_text())
    assert not found.exists()
    with pytest.raises(InvalidField, match="not allowed") as refused, runnable(asked(file, with_folder=True), file):
        pass
    assert refused.value.hint == "Rename the file, or run it alone."


def test_a_notebook_runs_on_its_own_kernel_or_on_the_one_named(tmp_path: Path) -> None:
    file = notebook(tmp_path / "n.ipynb", "ir")
    own = spec_of(asked(file), file, KERNELS.get)
    named = spec_of(asked(file, interpreter="python3", parameters={"alpha": [1, 2]}), file, KERNELS.get)
    assert own.notebook is not None
    assert (own.notebook.kernel, own.interpreter) == ("ir", sys.executable)
    assert named.notebook is not None
    assert (named.notebook.kernel, named.notebook.parameters) == ("python3", {"alpha": [1, 2]})
    bare = notebook(tmp_path / "bare.ipynb")
    assert spec_of(asked(bare), bare, KERNELS.get).notebook is not None


def test_a_script_runs_on_the_python_of_a_kernelspec(tmp_path: Path) -> None:
    script = tmp_path / "a.py"
    script.write_text("")
    assert spec_of(asked(script, interpreter="python3"), script, KERNELS.get).interpreter == sys.executable
    assert spec_of(asked(script, interpreter="other"), script, KERNELS.get).interpreter == "/bin/sh"


@pytest.mark.parametrize(
    ("name", "fields", "field", "said"),
    [
        ("a.py", {"interpreter": "nobody"}, "interpreter", "no kernel 'nobody'"),
        ("a.py", {"interpreter": "gone"}, "interpreter", "/nowhere/python"),
        ("a.py", {"interpreter": "ir"}, "interpreter", "speaks R"),
        ("a.py", {"parameters": {"x": 1}}, "parameters", "no notebook"),
        ("a.py", {"hyperparameters": {"x": float("nan")}}, "hyperparameters", "'x'"),
        ("a.csv", {}, "path", "cannot be run"),
        ("missing.py", {}, "path", "not a file"),
        ("n.ipynb", {"parameters": {"x": 1}, "interpreter": "ir"}, "parameters", "speaks R"),
        ("n.ipynb", {"kind": "processing"}, "kind", "training"),
        ("a.py", {"kind": "processing", "hyperparameters": {"x": 1}}, "hyperparameters", "no hyperparameters"),
        ("n.ipynb", {"interpreter": "nobody"}, "interpreter", "no kernel"),
        ("broken.ipynb", {}, "path", "no notebook that can be read"),
        ("list.ipynb", {}, "path", "no notebook that can be read"),
    ],
)
def test_what_cannot_run_is_refused_by_field(
    tmp_path: Path, name: str, fields: dict[str, Any], field: str, said: str
) -> None:
    notebook(tmp_path / "n.ipynb")
    for made in ("a.py", "a.csv", "broken.ipynb"):
        (tmp_path / made).write_text("{")
    (tmp_path / "list.ipynb").write_text("[]")
    file = tmp_path / name
    with pytest.raises(InvalidField, match=said) as refused:
        spec_of(asked(file, **fields), file, KERNELS.get)
    assert refused.value.field == field


def test_a_notebook_that_nests_without_end_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / "deep.ipynb"
    deep.write_text("[" * 100_000)
    with pytest.raises(InvalidField, match="no notebook"):
        read_notebook(deep)
    with pytest.raises(InvalidField, match="cannot be read"):
        read_notebook(tmp_path)

"""The demo sweep and the welcome notebook: real jobs, as a newcomer starts them."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest

from mlstudio.cli import demo
from mlstudio.cli.main import main
from mlstudio.entities.errors import InvalidField
from mlstudio.entities.experiments import ExperimentCreate, ListRequest
from mlstudio.entities.jobs import MetricDefinition
from mlstudio.jobs.metrics import Scanner
from mlstudio.store import open_store

ACCURACY = "test:accuracy"


@pytest.fixture
def agent() -> Iterator[None]:
    """Leave no agent behind."""
    yield
    main(["agent", "stop"])


def test_the_examples_folder_shows_what_the_package_ships() -> None:
    examples = Path(__file__).parents[2] / "examples"
    assert (examples / "digits_sweep").resolve() == demo.FOLDER
    assert (examples / "welcome.ipynb").resolve() == demo.FOLDER / "welcome.ipynb"


def test_a_store_that_was_ever_used_is_not_empty() -> None:
    assert demo.store_is_empty()
    open_store().create_experiment(ExperimentCreate("x"))
    assert not demo.store_is_empty()
    open_store().delete("experiment", "x")
    assert not demo.store_is_empty(), "a deleted experiment is still the user's"


def test_a_missing_library_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(InvalidField, match="needs scikit-learn"):
        demo.launch()


@pytest.mark.slow
@pytest.mark.usefixtures("agent")
def test_the_demo_fills_the_store_with_five_trained_trials(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--name", "digits", "--epochs", "5"]) == 0

    items = open_store().list_components(ListRequest(), experiment="digits").items
    assert sorted(str(item.display_name) for item in items) == sorted(f"{n} hidden units" for n in (2, 4, 8, 16, 32))
    assert {item.status for item in items} == {"Completed"}
    for item in items:
        found = {series.name: series for series in item.metrics}
        assert found[ACCURACY].count == 5
        assert found["train:loss"].last < found["train:loss"].first

    capsys.readouterr()
    assert main(["experiments", "show", "digits", "--where", f"order by metrics.{ACCURACY}.max desc"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if " hidden units  " in line] == ["32", "16", "8", "4", "2"]
    assert main(["jobs", "list", "--experiment", "digits"]) == 0
    assert capsys.readouterr().out.count("Completed") >= 5


@pytest.mark.slow
@pytest.mark.parametrize("program", ["train.py", "train_torch.py"])
def test_the_training_programs_run_by_themselves_and_print_what_the_sweep_reads(program: str, tmp_path: Path) -> None:
    command = [sys.executable, str(demo.FOLDER / program), "--epochs", "2", "--model-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    metrics = runpy.run_path(str(demo.FOLDER / "sweep.py"))["METRICS"]
    found = Scanner([MetricDefinition(one["Name"], one["Regex"]) for one in metrics]).scan(done.stdout.encode())
    assert {name: len(values) for name, values in found.values.items()} == dict.fromkeys(
        ("train:loss", "test:loss", "test:accuracy"), 2
    )
    assert (tmp_path / "network.npz").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("agent")
def test_the_welcome_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    notebook = nbformat.read(demo.FOLDER / "welcome.ipynb", as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()

    names = [item.name for item in open_store().list_experiments(ListRequest()).items]
    assert "welcome" in names
    frame = notebook.cells[-2].outputs[-1]["data"]["text/html"]
    assert frame.count("hidden units") == 5
    assert not [
        cell for cell in nbformat.read(demo.FOLDER / "welcome.ipynb", as_version=4).cells if cell.get("outputs")
    ]

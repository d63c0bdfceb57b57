"""From things to widgets, and widgets in a real kernel and a real export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from nbconvert import HTMLExporter

import mlstudio
from mlstudio.entities.errors import InvalidField, NotFound
from mlstudio.widgets import StudioWidget, show
from mlstudio.widgets.showing import of

CELLS = (
    """
import mlstudio
with mlstudio.run("mnist", "first", lr=0.1) as run:
    for step in range(20):
        run.log(loss=1 / (step + 1), step=step)
""",
    "run",
    "mlstudio.Experiment.load('mnist')",
    "mlstudio.Trial.load(run.trial_name)",
    "mlstudio.compare('params.lr < 1')",
    "mlstudio.compare('params.lr < 1').dropna()",
    """
import ipywidgets
widget = mlstudio.show(run, metrics=["loss"], height=200)
seen = []
widget.observe(seen.append, "selection")
widget.selection = [run.component_name]
print(len(seen), widget.selection == [run.component_name])
ipywidgets.VBox([widget, ipywidgets.Label("mine")])
""",
)
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    patch = pytest.MonkeyPatch()
    patch.setenv("MLSTUDIO_HOME", str(tmp_path_factory.mktemp("home")))
    folder = tmp_path_factory.mktemp("notebook")
    nbclient.NotebookClient(made, timeout=60, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    patch.undo()
    return made


def _shown(notebook: Any, cell: int) -> dict[str, Any]:
    outputs = [one for one in notebook.cells[cell].outputs if "data" in one]
    assert len(outputs) == 1
    return dict(outputs[0]["data"])


@pytest.mark.parametrize("cell", [1, 2, 3, 4])
def test_runs_trials_experiments_and_comparisons_display_as_widgets(notebook: Any, cell: int) -> None:
    data = _shown(notebook, cell)
    assert data[VIEW]["model_id"]
    assert "<table" in data["text/html"]
    assert "data:image/svg+xml" in data["text/html"]


def test_what_is_computed_from_a_comparison_is_a_plain_frame(notebook: Any) -> None:
    data = _shown(notebook, 5)
    assert VIEW not in data
    assert "dataframe" in data["text/html"]


def test_a_widget_composes_and_its_traits_are_observed(notebook: Any) -> None:
    outputs = notebook.cells[6].outputs
    assert outputs[0]["text"] == "1 True\n"
    assert VIEW in outputs[1]["data"]


def test_an_export_without_kernel_reads_well(notebook: Any) -> None:
    bare = nbformat.reads(nbformat.writes(notebook), as_version=4)
    bare.metadata.pop("widgets", None)
    exporter = HTMLExporter()
    html, _ = exporter.from_notebook_node(bare)
    assert html.count('<img alt="Curves of loss" src="data:image/svg+xml;base64') == 4
    assert "first" in html


def test_a_name_is_looked_up() -> None:
    with mlstudio.run("mnist", "first") as run:
        pass
    assert of("mnist") == ("experiment", ["mnist"])
    assert of(run.component_name) == ("run", [run.component_name])
    assert of(run.trial_name) == ("trial", [run.trial_name])
    assert of([run, run.component_name]) == ("compare", [run.component_name, run.component_name])
    with pytest.raises(NotFound, match="none-such"):
        show("none-such")
    with pytest.raises(InvalidField, match="cannot be shown"):
        show(3)


def test_a_widget_knows_its_experiment() -> None:
    with mlstudio.run("mnist") as run:
        pass
    widget = show([run])
    assert isinstance(widget, StudioWidget)
    assert widget.experiment == "mnist"
    assert "mnist" not in repr(widget) or widget.kind == "compare"
    widget.close()


def test_the_front_end_is_there() -> None:
    static = Path(mlstudio.__file__).parent / "widgets" / "static"
    assert (static / "widget.js").stat().st_size > 100_000
    assert "jp-Mlstudio-widget" in (static / "widget.css").read_text(encoding="utf-8")

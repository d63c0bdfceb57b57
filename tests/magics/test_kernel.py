"""The magics in a real kernel, driven as JupyterLab drives it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import nbclient
import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from mlstudio.entities.experiments import ListRequest
from mlstudio.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(*cells: str, fails: bool = False) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=fails).execute()
    return notebook


def html(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)


def test_trials_recorded_in_a_kernel_are_there_afterwards_and_the_tables_show_them() -> None:
    notebook = run(
        "%load_ext mlstudio",
        "%%trial digits <b>bold</b>\nimport mlstudio\nfor step in range(10): mlstudio.log(loss=1 / (step + 1))\n'done'",
        "%%trial digits second\nraise ValueError('no <data>')",
        "%experiments",
        "%experiments digits",
        '%compare experiment = "digits"',
        "%experiments metrics.los <",
        "import mlstudio\nmlstudio.current_run() is None",
        fails=True,
    )

    first, second, experiments, digits, compared, wrong, after = notebook.cells[1:]
    assert first.outputs[-1]["data"]["text/plain"] == "'done'"
    assert [output["ename"] for output in second.outputs] == ["ValueError"]
    assert "digits" in html(experiments)
    assert "&lt;b&gt;bold" in html(digits)
    assert "<b>bold" not in html(digits)
    assert "Failed" in html(digits)
    assert html(compared)
    assert "UsageError" in str(wrong.outputs)
    assert after.outputs[0]["data"]["text/plain"] == "True"

    items = open_store().list_components(ListRequest(), experiment="digits").items
    assert {item.status for item in items} == {"Completed", "Failed"}
    points = next(item for item in items if item.status == "Completed").metrics[0]
    assert (points.count, points.min) == (10, 0.1)


def test_a_table_follows_what_runs_and_the_cell_does_not_wait(kernel: BlockingKernelClient) -> None:
    shown: dict[str, list[str]] = {"display_data": [], "update_display_data": []}

    def take(message: dict[str, Any]) -> None:
        if message["msg_type"] in shown:
            shown[message["msg_type"]].append(message["content"]["data"]["text/html"])

    def cell(code: str) -> None:
        reply = kernel.execute_interactive(code, timeout=60, output_hook=take)
        assert reply["content"]["status"] == "ok"

    cell("import mlstudio, time\n%load_ext mlstudio\nrun = mlstudio.run('live', 'one')\nrun.flush()")
    cell("began = time.monotonic()\n%experiments live\nassert time.monotonic() - began < 2")
    assert len(shown["display_data"]) == 1
    assert "InProgress" in shown["display_data"][0]

    cell("run.log(loss=0.125)\nrun.finish()")
    until = time.monotonic() + 10
    while time.monotonic() < until and not any("Completed" in one for one in shown["update_display_data"]):
        take(kernel.get_iopub_msg(timeout=10))

    assert "0.125" in shown["update_display_data"][-1]
    assert "Completed" in shown["update_display_data"][-1]

"""``%%trial``: this cell is a run. In a real IPython shell, and in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

import mlstudio
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.magics.trial import as_line_magic
from mlstudio.store import open_store


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.run_line_magic("colors", "nocolor")
    mlstudio.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def components(experiment: str = "mnist") -> list[ComponentRecord]:
    return sorted(open_store().list_components(ListRequest(), experiment=experiment).items, key=lambda c: c.created_at)


def test_a_cell_is_a_completed_run_that_keeps_its_source(shell: InteractiveShell) -> None:
    cell = "%%trial mnist first --tag who=me --param lr=0.1\nimport mlstudio\nmlstudio.log(loss=0.5)\nx = 3\nx + 1"

    result = shell.run_cell(cell)

    (run,) = components()
    assert result.success
    assert result.result == 4, "the last expression is the cell's result, as always"
    assert shell.user_ns["x"] == 3
    assert (run.display_name, run.status, run.params) == ("first", "Completed", {"lr": 0.1})
    assert run.tags["who"] == "me"
    assert [(series.name, series.last) for series in run.metrics] == [("loss", 0.5)]
    code = open_store().code(run.name).code
    assert code is not None
    assert code.source == cell


def test_an_exception_is_shown_as_usual_and_fails_the_run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell("%%trial mnist\n1 / 0")

    (run,) = components()
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert capsys.readouterr().out.count("ZeroDivisionError: division by zero") == 1
    assert run.status == "Failed"
    assert "division by zero" in str(run.status_message)


def test_after_a_failed_cell_the_next_is_no_part_of_it(shell: InteractiveShell) -> None:
    shell.run_cell("%%trial mnist\n1 / 0")
    shell.run_cell("import mlstudio\ncurrent = mlstudio.current_run()")
    assert shell.user_ns["current"] is None


def test_an_interrupt_stops_the_run(shell: InteractiveShell) -> None:
    shell.run_cell("%%trial mnist\nraise KeyboardInterrupt")
    assert components()[0].status == "Stopped"


def test_a_cell_that_cannot_be_compiled_makes_no_run(shell: InteractiveShell) -> None:
    result = shell.run_cell("%%trial mnist\nthis is no python")
    assert isinstance(result.error_before_exec, SyntaxError)
    assert open_store().list_experiments(ListRequest()).items == []


def test_inside_an_open_run_the_cell_becomes_its_child(shell: InteractiveShell) -> None:
    shell.run_cell("import mlstudio\nouter = mlstudio.run('mnist', 'outer')")
    shell.run_cell("%%trial mnist inner\n1")
    shell.run_cell("outer.finish()")

    outer, inner = components()
    assert inner.parent == outer.name
    assert [one.status for one in (outer, inner)] == ["Completed", "Completed"]


def test_await_at_top_level_works_in_a_trial(shell: InteractiveShell) -> None:
    shell.run_cell("%%trial mnist\nimport asyncio\nawait asyncio.sleep(0)\nz = 1")
    assert shell.user_ns["z"] == 1
    assert components()[0].status == "Completed"


def test_a_cell_run_from_inside_the_cell_does_not_end_the_run(shell: InteractiveShell) -> None:
    shell.run_cell("%%trial mnist\nget_ipython().run_cell('a = 1')\nimport mlstudio\nmlstudio.log(loss=1)")
    (run,) = components()
    assert [series.name for series in run.metrics] == ["loss"]


def test_under_another_cell_magic_it_is_a_run_too(shell: InteractiveShell) -> None:
    shell.run_cell("%%time\n%%trial mnist\ny = 2")
    assert shell.user_ns["y"] == 2
    assert components()[0].status == "Completed"


@pytest.mark.parametrize("line", ["", "a b c", "mnist --tag", "mnist --tag x", "mnist --lr 3", "'unclosed", "mnist -h"])
def test_a_wrong_line_is_one_sentence_and_no_run(
    line: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    result = shell.run_cell(f"%%trial {line}\nran = True")

    assert not result.success
    assert "ran" not in shell.user_ns
    said = capsys.readouterr()
    assert "UsageError" in said.out + said.err
    assert "Traceback" not in said.out + said.err
    assert open_store().list_experiments(ListRequest()).items == []


@pytest.mark.parametrize("first", ["%%trials x\n", "%%trial?\n", "%%time\n", "x = '%%trial'\n"])
def test_other_cells_are_left_alone(first: str) -> None:
    assert as_line_magic([first, "rest\n"]) == [first, "rest\n"]


def test_loading_twice_is_once_and_unloading_takes_everything_out(shell: InteractiveShell) -> None:
    mlstudio.load_ipython_extension(shell)
    assert shell.input_transformers_cleanup.count(as_line_magic) == 1

    from mlstudio.magics import unload_ipython_extension

    unload_ipython_extension(shell)
    assert as_line_magic not in shell.input_transformers_cleanup
    assert "trial" not in shell.magics_manager.magics["cell"]
    assert shell.run_cell("1 + 1").result == 2


def test_a_name_that_is_markup_is_only_text(shell: InteractiveShell) -> None:
    shell.run_cell("%%trial '<img src=x onerror=alert(1)>'\n1")
    names = [item.display_name for item in open_store().list_experiments(ListRequest()).items]
    assert names == ["<img src=x onerror=alert(1)>"]


FIT = "from sklearn.linear_model import LogisticRegression\nLogisticRegression(C=0.5).fit([[0.0], [1.0]], [0, 1]);"


def test_what_a_library_trains_in_the_cell_is_part_of_the_run(shell: InteractiveShell) -> None:
    cell = f"%%trial mnist first\n{FIT}"
    assert shell.run_cell(cell).success
    shell.run_cell(FIT)

    (run,) = components()
    assert (run.params["estimator"], run.params["C"], run.status) == ("LogisticRegression", 0.5, "Completed")
    assert "training_score" in [series.name for series in run.metrics]
    code = open_store().code(run.name).code
    assert code is not None
    assert code.source == cell
    assert open_store().list_experiments(ListRequest()).items[0].name == "mnist"
    assert not mlstudio.autolog.libraries, "only the cell was followed"


def test_a_loop_of_torch_in_the_cell_is_written_before_the_run_ends(shell: InteractiveShell) -> None:
    loop = (
        "import torch\nmodel = torch.nn.Linear(1, 1)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for _ in range(5):\n    model(torch.ones(1, 1)).sum().backward()\n    optimizer.step()"
    )
    assert shell.run_cell(f"%%trial mnist\n{loop}").success
    (run,) = components()
    assert {series.name: series.count for series in run.metrics}["torch/loss"] == 5


def test_without_autolog_a_library_is_left_alone(shell: InteractiveShell) -> None:
    assert shell.run_cell(f"%%trial mnist --no-autolog\n{FIT}").success
    (run,) = components()
    assert run.params == {}


def test_autolog_that_was_on_stays_as_it_was(shell: InteractiveShell) -> None:
    mlstudio.autolog(disable=["torch"])
    before = mlstudio.autolog.libraries
    try:
        shell.run_cell("%%trial mnist\nimport mlstudio\nduring = mlstudio.autolog.libraries")
        assert shell.user_ns["during"] == before == mlstudio.autolog.libraries
    finally:
        mlstudio.autolog.disable()

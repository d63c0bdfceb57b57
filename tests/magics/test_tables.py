"""``%experiments`` and ``%compare`` in a real IPython shell."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

import mlstudio
from mlstudio.entities.errors import StoreBusy
from mlstudio.magics.tables import LiveTable, Shown
from mlstudio.store import open_store


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    mlstudio.load_ipython_extension(shell)
    yield shell
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, line: str) -> RichOutput:
    with capture_output() as captured:
        shell.run_cell(line).raise_error()
    (output,) = captured.outputs
    return output


def test_an_empty_store_says_what_fills_it(shell: InteractiveShell) -> None:
    assert "mlstudio.run(" in shown(shell, "%experiments").data["text/plain"]


def test_a_table_has_html_for_notebooks_and_text_for_terminals(shell: InteractiveShell) -> None:
    with mlstudio.run("digits", "one", lr=0.1) as run:
        run.log(loss=0.25, step=0)

    table = shown(shell, "%experiments digits").data

    assert "<table" in table["text/html"]
    assert "0.25" in table["text/html"]
    assert table["text/plain"].splitlines()[1].split() == ["one", "Completed"]


def test_a_query_finds_across_experiments_and_braces_are_filled_in(shell: InteractiveShell) -> None:
    for name, loss in (("a", 0.1), ("b", 0.9)):
        with mlstudio.run(name, f"run of {name}") as run:
            run.log(loss=loss, step=0)

    text = shown(shell, "%experiments metrics.loss.last < 0.5").data["text/plain"]
    assert "run of a" in text
    assert "run of b" not in text

    shell.user_ns["chosen"] = "b"
    assert "run of b" in shown(shell, "%experiments {chosen}").data["text/plain"]


def test_compare_gives_a_frame_that_can_be_worked_with(shell: InteractiveShell) -> None:
    for lr in (0.1, 0.2):
        with mlstudio.run("digits", lr=lr, same=1) as run:
            run.log(loss=lr, step=0)
    frame = shell.run_cell('%compare experiment = "digits"').result
    assert len(frame) == 2
    assert any("lr" in str(name) for name in frame.columns)


@pytest.mark.parametrize("line", ["%experiments metrics.los <", "%experiments ((((", "%compare name ="])
def test_a_query_that_cannot_be_read_is_one_sentence(
    line: str, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not shell.run_cell(line).success
    said = capsys.readouterr()
    assert "UsageError" in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_hostile_names_stay_text(shell: InteractiveShell) -> None:
    with mlstudio.run("<script>alert(1)</script>", "<img src=x onerror=alert(2)>") as run:
        run.log({"<b>loss</b>": 1.0}, step=0)
        run["<i>p</i>"] = "<svg onload=alert(3)>"
    for line in ("%experiments", f"%experiments {run.experiment_name}"):
        table = shown(shell, line).data["text/html"]
        for mark in ("<script", "<img", "<svg", "<b>loss", "<i>p"):
            assert mark not in table


def test_a_live_table_survives_a_busy_store_and_stops_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with mlstudio.run("digits") as run:
        store = open_store()
        answers = iter([Shown("a", "a", running=True), StoreBusy("busy"), Shown("b", "b", running=True)])
        updates: list[Shown] = []

        def render() -> Shown:
            answer = next(answers, None)
            if answer is None:
                return Shown("c", "c", running=True)
            if isinstance(answer, Exception):
                raise answer
            return answer

        class Handle:
            def update(self, table: Shown) -> None:
                updates.append(table)

        monkeypatch.setattr("mlstudio.magics.tables.LOOK_SECONDS", 0.01)
        monkeypatch.setattr("mlstudio.magics.tables.display", lambda *_, **__: Handle())
        table = LiveTable(render, store)
        table.show(live=True)
        until = time.monotonic() + 10
        while not any(one.text == "c" for one in updates) and time.monotonic() < until:
            run.log_parameter(f"p{time.monotonic_ns()}", 1)
            run.flush()
            time.sleep(0.02)
        table.stop()
        time.sleep(0.1)
        before = len(updates)
        run.log_parameter("late", 1)
        run.flush()
        time.sleep(0.1)

    assert [one.text for one in updates[:2]] == ["b", "c"]
    assert len(updates) == before

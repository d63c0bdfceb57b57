"""Which cell runs: asked of a shell that answers as IPython's do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlstudio.experiments.notebook import Cell, cell, present_cell


def in_shell(monkeypatch: pytest.MonkeyPatch, **shell: Any) -> None:
    answering = SimpleNamespace(user_ns={}, **shell)
    answering.user_ns |= shell.get("names", {})
    monkeypatch.setitem(__import__("sys").modules, "IPython", SimpleNamespace(get_ipython=lambda: answering))


def message(source: str, **metadata: str) -> dict[str, Any]:
    return {"content": {"code": source}, "metadata": metadata}


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JPY_SESSION_NAME", "PAPERMILL_OUTPUT_PATH"):
        monkeypatch.delenv(name, raising=False)


def test_the_very_cell_is_what_the_front_end_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/dana/a.ipynb")
    in_shell(monkeypatch, parent_header=message("%%time\nx = 1", cellId="c1"), names={"In": ["", "get_ipython()…"]})
    assert present_cell() == Cell("%%time\nx = 1", "c1", "/home/dana/a.ipynb")


def test_vs_code_says_the_path_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "something-else")
    in_shell(monkeypatch, parent_header=message("x"), names={"__vsc_ipynb_file__": "/home/dana/b.ipynb"})
    assert present_cell() == Cell("x", None, "/home/dana/b.ipynb")


def test_in_a_terminal_the_last_input_is_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    in_shell(monkeypatch, names={"In": ["", "a = 1", "b = 2"]})
    assert present_cell() == Cell("b = 2")


@pytest.mark.parametrize("shell", [{"parent_header": 5}, {"parent_header": {"metadata": 5}}, {"names": {"In": []}}])
def test_a_shell_of_another_make_disturbs_nobody(monkeypatch: pytest.MonkeyPatch, shell: dict[str, Any]) -> None:
    in_shell(monkeypatch, **shell)
    assert present_cell() in (None, Cell(""))


def test_outside_of_notebooks_there_is_no_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "IPython", raising=False)
    assert present_cell() is None


def test_what_a_magic_says_goes_before_and_the_path_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    in_shell(monkeypatch, parent_header=message("outer", cellId="c9"))
    with cell("inner", "c2"):
        assert present_cell() == Cell("inner", "c2", "a.ipynb")
    with cell("outer"):
        assert present_cell() == Cell("outer", "c9", "a.ipynb")
    with cell("another"):
        assert present_cell() == Cell("another", None, "a.ipynb")

"""``mlstudio lab``: the Studio panel beside the notebook."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from mlstudio.cli import demo, lab
from mlstudio.cli.main import main
from mlstudio.entities.experiments import ExperimentCreate
from mlstudio.store import open_store


class Started(BaseException):
    """What would have replaced this process."""

    def __init__(self, command: list[str]) -> None:
        self.command = command


@pytest.fixture(autouse=True)
def workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No JupyterLab is started, no folder of the user is touched."""

    def execv(path: str, command: list[str]) -> None:
        assert path == sys.executable
        raise Started(command)

    monkeypatch.setattr(os, "execv", execv)
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(tmp_path / "workspaces"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "workspaces"


def started(*arguments: str) -> list[str]:
    with pytest.raises(Started) as raised:
        main(["lab", *arguments])
    return raised.value.command


def saved(workspaces: Path) -> dict[str, Any]:
    (file,) = workspaces.glob("*.jupyterlab-workspace")
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def test_lab_opens_with_the_panel_on_the_left(workspaces: Path) -> None:
    command = started("--no-browser", "--port", "9000")

    assert command[1:3] == ["-m", "jupyterlab"]
    assert command[-3:] == ["--no-browser", "--port", "9000"], "JupyterLab's own arguments reach it"
    assert "--LabApp.default_url=/lab/workspaces/mlstudio" in command
    left = saved(workspaces)["data"]["layout-restorer:data"]["left"]
    assert (left["current"], left["visible"], left["collapsed"]) == ("mlstudio-sidebar", True, False)


def test_the_sidebar_of_the_layout_is_the_one_that_the_front_end_makes() -> None:
    source = "".join(path.read_text() for path in (Path(__file__).parents[2] / "src").rglob("*.ts"))
    assert f"this.id = '{lab.SIDEBAR}'" in source


def test_a_layout_that_the_user_has_changed_is_kept(workspaces: Path) -> None:
    started()
    (file,) = workspaces.glob("*.jupyterlab-workspace")
    changed = json.loads(file.read_text())
    changed["data"]["mine"] = 1
    file.write_text(json.dumps(changed))

    started()

    assert saved(workspaces)["data"]["mine"] == 1


def test_the_welcome_notebook_stands_beside_the_panel_and_is_never_overwritten(
    tmp_path: Path, workspaces: Path
) -> None:
    open_store().create_experiment(ExperimentCreate("mine"))  # not empty: no sweep is run

    command = started("--demo", "--no-browser")

    copy = tmp_path / "mlstudio-welcome" / "welcome.ipynb"
    assert copy.read_bytes() == (demo.FOLDER / "welcome.ipynb").read_bytes()
    assert f"--ServerApp.root_dir={copy.parent}" in command
    assert "--LabApp.default_url=/lab/workspaces/mlstudio-welcome/tree/welcome.ipynb" in command
    assert saved(workspaces)["data"]["notebook:welcome.ipynb"]["data"]["path"] == "welcome.ipynb"

    copy.write_text("mine")
    started("--demo")
    assert copy.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["lab", "--demo", "--folder", str(tmp_path / "file")]) == 1
    assert "Name another folder" in capsys.readouterr().err


def test_an_empty_store_gets_the_sweep_and_a_used_one_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    launched: list[str] = []

    def launch(*, name: str) -> tuple[str, list[object]]:
        open_store().create_experiment(ExperimentCreate(name))
        launched.append(name)
        return name, []

    monkeypatch.setattr(demo, "launch", launch)
    started("--demo")
    started("--demo")
    assert launched == ["digits"]
    assert "five training jobs now run in the experiment digits" in capsys.readouterr().out

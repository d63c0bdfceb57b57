"""Parameters of a script as it parsed them replace what was guessed from its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mlstudio
from mlstudio.cli.main import main
from mlstudio.cli.run_arguments import Facts, parameters
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.entities.secrets import MASK
from mlstudio.store import open_store

PROGRAM = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", "-l", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--api-key")
parser.parse_args()
"""


def the_component(experiment: str) -> ComponentRecord:
    (found,) = open_store().list_components(ListRequest(limit=10), experiment=experiment).items
    return found


def test_parsed_parameters_with_their_defaults_replace_the_guess(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)
    assert main(["run", "--experiment", "x", str(program), "-l", "0.5", "--api-key", "hush"]) == 0
    params = the_component("x").params
    assert params == {"learning_rate": 0.5, "epochs": 3, "api_key": MASK}


def test_without_autolog_the_guess_stays(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)
    assert main(["run", "--no-autolog", "--experiment", "x", str(program), "-l", "0.5"]) == 0
    assert the_component("x").params == {"l": 0.5}


def test_a_module_is_run_as_python_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "train.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    assert main(["run", "-m", "pack.train", "--epochs", "9"]) == 0
    component = the_component("train")
    code = open_store().code(component.name).code
    assert component.params["epochs"] == 9
    assert code is not None
    assert code.source == PROGRAM
    assert code.entrypoint == str(Path("pack", "train.py"))


@pytest.mark.parametrize(
    "line", ["", "no json", "[]", '{"params": 3}', '{"other": {}}', '{"params": {"a": [1], "b": null}}', "[" * 50_000]
)
def test_what_a_strange_program_wrote_is_passed_over(line: str, tmp_path: Path) -> None:
    path = tmp_path / "facts"
    good = json.dumps({"params": {"lr": 0.5}})
    path.write_text(f"{line}\n{good}\nhalf a li")
    with mlstudio.run("x", capture=False) as run:
        Facts(run, path, ["guessed"]).stop()
    assert the_component("x").params == {"lr": 0.5}


def test_a_password_that_begins_with_a_dash_is_no_option() -> None:
    assert parameters(["--password", "-x", "--token", "--fast", "-n", "-v"]) == {
        "password": "-x",
        "token": True,
        "fast": True,
        "n": True,
        "v": True,
    }

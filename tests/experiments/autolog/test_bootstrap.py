"""A program is followed from before its first line, and nothing of it changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstudio.experiments.autolog import bootstrap

Run = Callable[..., list[dict[str, object]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program as `mlstudio run` would; returns what it told of its parameters."""
    facts = tmp_path / "facts.jsonl"

    def start(code: str, *words: str, python: str = sys.executable, options: tuple[str, ...] = (), **extra: str):  # type: ignore[no-untyped-def] # noqa: ANN202, RUF100
        program = tmp_path / "train.py"
        program.write_text(code)
        environment = bootstrap.environment({**os.environ, **extra}, facts)
        command = [python, *options, *(() if "-m" in options else (str(program),)), *words]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return [json.loads(line) for line in facts.read_text().splitlines()] if facts.exists() else []

    return start


CLEAN = """
import sys, os
assert not [entry for entry in sys.path if entry.endswith(os.path.join("autolog", "site"))], sys.path
assert sys.modules["mlstudio.experiments.autolog"].autolog.libraries
heavy = {"numpy", "torch", "sqlalchemy", "msgspec", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
ARGUMENTS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("-n", "--epochs", type=int, default=3)
parser.add_argument("--hub-token", default="hush")
parser.set_defaults(action=print)
commands = parser.add_subparsers(dest="command")
commands.add_parser("train").add_argument("--fast", action="store_true")
"""


def test_autolog_is_on_nothing_heavy_is_loaded_and_the_folder_is_gone_from_the_path(run: Run) -> None:
    assert run(CLEAN) == []


def test_argparse_tells_what_it_parsed_with_its_defaults(run: Run) -> None:
    code = ARGUMENTS + "parser.parse_args()\nargparse.ArgumentParser().parse_args([])\n"
    (told,) = run(code, "-n", "7", "train", "--fast")
    assert told["source"] == "argparse"
    params = {"lr": 0.1, "epochs": 7, "hub_token": "••••", "command": "train", "fast": True}
    assert told["params"] == params


def test_the_sitecustomize_behind_ours_is_still_run(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import builtins\nbuiltins.theirs = __file__\n")
    code = CLEAN + "import builtins, sitecustomize\nassert builtins.theirs == sitecustomize.__file__\n"
    run(code, PYTHONPATH=str(folder))


def test_a_module_is_followed_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").touch()
    (tmp_path / "pack" / "main.py").write_text(CLEAN + ARGUMENTS + "parser.parse_args()\n")
    (told,) = run("", "--lr", "0.5", options=("-m", "pack.main"))
    assert told["params"]["lr"] == 0.5  # type: ignore[index]


def test_a_python_without_mlstudio_runs_on_as_if_nothing_were_there(run: Run, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    if sysconfig.get_platform().startswith("win"):
        python = tmp_path / "bare" / "Scripts" / "python.exe"
    assert run("import sys\nassert 'mlstudio' not in sys.modules\n" + ARGUMENTS, python=str(python)) == []


def test_workers_of_multiprocessing_are_left_alone(run: Run) -> None:
    code = """
import multiprocessing, sys
def look(queue):
    queue.put(bool(sys.modules["mlstudio.experiments.autolog"].autolog.libraries))
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    worker = context.Process(target=look, args=(queue,))
    worker.start()
    assert queue.get(timeout=60) is False
    worker.join()
"""
    run(code)


def test_switched_off_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_AUTOLOG", "off")
    assert bootstrap.environment({"A": "b"}, Path("facts")) == {"A": "b"}


def test_click_tells_the_parameters_of_its_commands(run: Run) -> None:
    code = """
import click
@click.group()
@click.option("--seed", default=1)
def main(seed): pass
@main.command()
@click.option("--lr", default=0.1)
@click.argument("data")
def train(lr, data): assert (lr, data) == (0.1, "x.csv")
main()
"""
    first, second = run(code, "--seed", "3", "train", "x.csv")
    assert (first["params"], second["params"]) == ({"seed": 3}, {"lr": 0.1, "data": "x.csv"})


def test_typer_tells_the_parameters_of_its_commands(run: Run) -> None:
    pytest.importorskip("typer")
    code = "import typer\ndef main(lr: float = 0.1, fast: bool = False): assert fast\ntyper.run(main)\n"
    (told,) = run(code, "--fast")
    assert told["params"] == {"lr": 0.1, "fast": True}


def test_hydra_tells_the_configuration_it_composed(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("hydra")
    (tmp_path / "conf.yaml").write_text("lr: 0.1\nmodel: {depth: 3, name: net}\n")
    code = """
import hydra
@hydra.main(version_base=None, config_path=".", config_name="conf")
def main(config): assert config.model.depth == 5
main()
"""
    (told,) = run(code, "model.depth=5", "hydra.run.dir=out")
    assert told == {"source": "hydra", "params": {"lr": 0.1, "model/depth": 5, "model/name": "net"}}


def test_a_dataclass_configuration_is_told_at_its_first_instance(run: Run) -> None:
    code = """
from dataclasses import dataclass, field
@dataclass(frozen=True)
class TrainConfig:
    lr: float = 0.1
    sizes: list = field(default_factory=lambda: [1, 2])
@dataclass
class Row:
    x: int = 0
before = TrainConfig.__init__
Row(1); a = TrainConfig(lr=0.5); b = TrainConfig(lr=0.7)
assert (a.lr, b.lr) == (0.5, 0.7)
import inspect, pickle
assert str(inspect.signature(TrainConfig)).startswith("(lr: float = 0.1")
assert pickle.loads(pickle.dumps(a)) == a
"""
    (told,) = run(code)
    assert told == {"source": "dataclass", "params": {"lr": 0.5, "sizes": "[1, 2]"}}


def test_who_asks_for_the_types_of_a_configuration_finds_them(run: Run) -> None:
    code = """
import dataclasses, typing
@dataclasses.dataclass
class TrainConfig:
    lr: float = 0.1
assert typing.get_type_hints(TrainConfig.__init__)["lr"] is float
TrainConfig()
"""
    (told,) = run(code)
    assert told["params"] == {"lr": 0.1}


def test_libraries_that_build_on_argparse_are_heard(run: Run) -> None:
    code = """
import warnings; warnings.simplefilter("ignore")
from dataclasses import dataclass
@dataclass
class Given:
    lr: float = 0.1
from transformers.hf_argparser import HfArgumentParser
HfArgumentParser(Given).parse_args_into_dataclasses()
"""
    (told,) = run(code, "--lr", "0.3")
    assert told["params"] == {"lr": 0.3}

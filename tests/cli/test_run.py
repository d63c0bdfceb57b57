"""``mlstudio run``: any program as a tracked run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlstudio.cli.main import main
from mlstudio.cli.run import outcome
from mlstudio.cli.run_arguments import parameters
from mlstudio.entities.experiments import ComponentRecord, ListRequest
from mlstudio.store import open_store

STUDIO = [sys.executable, "-m", "mlstudio.cli"]


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "train.py"
    path.write_text(text)
    return path


def the_component(experiment: str) -> ComponentRecord:
    page = open_store().list_components(ListRequest(limit=10), experiment=experiment)
    assert len(page.items) == 1
    return page.items[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--lr .1 --epochs 3", {"lr": 0.1, "epochs": 3}),
        ("--lr=1e-3 --fast", {"lr": 1e-3, "fast": True}),
        ("--fast --deep", {"fast": True, "deep": True}),
        ("--shift -3 -n 2", {"shift": -3, "n": 2}),
        ("opt=adam model.depth=4", {"opt": "adam", "model.depth": 4}),
        ("data.csv --out /tmp/x=y", {"out": "/tmp/x=y"}),
        ("", {}),
        ("- -- ---", {}),
    ],
)
def test_arguments_become_parameters(words: str, found: dict[str, object]) -> None:
    assert parameters(words.split()) == found


def test_a_script_is_a_completed_run_with_its_parameters_and_metrics(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = script(tmp_path, "for i in range(3): print(f'loss: {1 / (i + 1):.3f}')\n")

    code = main(["run", "--experiment", "mnist", "--metric", "loss=loss: ([0-9.]+)", str(program), "--lr", "0.1"])

    component = the_component("mnist")
    assert code == 0
    assert capfd.readouterr().out == "loss: 1.000\nloss: 0.500\nloss: 0.333\n"
    assert component.status == "Completed"
    assert component.params == {"lr": 0.1}
    assert open_store().points(component.name, "loss").values.tolist() == [1.0, 0.5, 0.333]


def test_the_exit_code_is_the_scripts_and_the_run_says_why(tmp_path: Path) -> None:
    program = script(tmp_path, "import sys; sys.exit(7)\n")

    assert main(["run", "--experiment", "mnist", str(program)]) == 7

    component = the_component("mnist")
    assert component.status == "Failed"
    assert component.status_message == "exit code 7"


def test_what_the_script_logs_itself_goes_to_the_same_run(tmp_path: Path) -> None:
    program = script(tmp_path, "import mlstudio\nfor i in range(5): mlstudio.log(score=i)\n")

    assert main(["run", "--experiment", "mnist", "--name", "by-hand", "--tag", "who=me", str(program)]) == 0

    component = the_component("mnist")
    assert component.status == "Completed"
    assert component.tags["who"] == "me"
    assert {series.name: series.last for series in component.metrics} == {"score": 4.0}


def test_the_source_and_the_arguments_are_kept(tmp_path: Path) -> None:
    program = script(tmp_path, "print('hello')\n")

    main(["run", "--experiment", "mnist", str(program), "--lr", "0.1"])

    code = open_store().code(the_component("mnist").name).code
    assert code is not None
    assert code.entrypoint == str(program)
    assert code.argv == ["--lr", "0.1"]
    assert code.source == "print('hello')\n"


def test_a_secret_among_the_arguments_is_masked(tmp_path: Path) -> None:
    program = script(tmp_path, "import sys; assert sys.argv[2] == 'hush'\n")

    assert main(["run", "--experiment", "mnist", str(program), "--api-key", "hush", "--lr", "1"]) == 0

    component = the_component("mnist")
    code = open_store().code(component.name).code
    assert component.params["lr"] == 1
    assert "hush" not in str(component.params)
    assert code is not None
    assert "hush" not in code.argv


def test_a_missing_script_is_a_sentence_and_records_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--experiment", "mnist", "no-such-file.py"]) == 1

    said = capsys.readouterr().err
    assert "There is no script or program no-such-file.py." in said
    assert open_store().list_experiments(ListRequest()).items == []


@pytest.mark.parametrize("metric", ["loss", "loss=", "loss=(a+", "loss=(?=x)(y)", "loss=no-group"])
def test_a_metric_that_cannot_be_read_is_refused_before_the_script_starts(
    metric: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = script(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n")

    assert main(["run", "--metric", metric, str(program)]) == 1

    assert capsys.readouterr().err.count("\n") <= 2
    assert not (tmp_path / "ran").exists()


def test_another_program_than_python_is_tracked_too(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--experiment", "shell", "sh", "-c", "echo out; exit 3"]) == 3
    assert capfd.readouterr().out == "out\n"


def test_a_line_without_end_and_bytes_that_are_no_text_are_mirrored(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    program = script(
        tmp_path,
        "import sys; o = sys.stdout.buffer; o.write(b'\\xff' * 300_000 + b'\\nloss: 2\\nloss: nan'); o.flush()\n",
    )

    assert main(["run", "--experiment", "x", "--metric", "loss=loss: (.*)", str(program)]) == 0

    assert capfdbinary.readouterr().out == b"\xff" * 300_000 + b"\nloss: 2\nloss: nan"
    values = open_store().points(the_component("x").name, "loss").values
    assert values[0] == 2.0
    assert len(values) == 2


def test_a_stopped_script_is_a_stopped_run(tmp_path: Path) -> None:
    program = script(tmp_path, "import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    command = [*STUDIO, "run", "--experiment", "mnist", str(program)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ))
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(20)
    process.stdout.close()

    assert code == 128 + signal.SIGTERM
    assert time.monotonic() - began < 10
    assert the_component("mnist").status == "Stopped"
    assert the_component("mnist").status_message == "ended by SIGTERM"


def test_the_end_of_a_program_is_told_in_words() -> None:
    assert outcome(0) == ("Completed", None)
    assert outcome(-9) == ("Failed", "ended by SIGKILL")
    assert outcome(-2) == ("Stopped", "ended by SIGINT")

"""The command line as a whole: a sentence for every mistake, never a traceback of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlstudio
from mlstudio.cli.main import build_parser, main
from mlstudio.entities.errors import StoreBusy
from mlstudio.store.home import Home


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == f"mlstudio {mlstudio.__version__}"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["experiments"],
        ["experiments", "fly"],
        ["jobs", "list", "--limit", "many"],
        ["jobs", "list", "--unknown"],
        ["run"],
        ["experiments", "delete", "x", "--kind", "planet"],
    ],
)
def test_a_wrong_command_line_is_a_sentence_and_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert said.out == ""
    assert said.err.startswith("mlstudio: ")
    assert "--help" in said.err


def test_an_error_is_its_sentence_and_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiments", "show", "nothing"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("mlstudio: ")
    assert "nothing" in said.err
    assert said.err.count("\n") <= 2


def test_a_name_in_an_error_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    main(["experiments", "show", "a\x1b[2Jb"])
    assert "\x1b" not in capsys.readouterr().err


def test_a_bug_of_ours_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("mlstudio.store.open_store", broken, raising=False)
    assert main(["experiments", "list"]) == 1
    said = capsys.readouterr().err
    assert "RuntimeError: unforeseen" in said
    assert "Traceback" not in said

    monkeypatch.setenv("MLSTUDIO_DEBUG", "1")
    main(["experiments", "list"])
    assert "Traceback" in capsys.readouterr().err


def test_a_store_that_is_busy_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def busy() -> None:
        raise StoreBusy("The store is locked by another process.", hint="Try again.")

    monkeypatch.setattr("mlstudio.store.open_store", busy, raising=False)
    assert main(["experiments", "list"]) == 1
    assert capsys.readouterr().err == "mlstudio: The store is locked by another process.\nTry again.\n"


def test_a_home_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLSTUDIO_HOME", str(tmp_path / "file" / "home"))
    assert main(["experiments", "list"]) == 1
    assert "MLSTUDIO_HOME" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(home: Home) -> None:
    command = f"{sys.executable} -m mlstudio.cli experiments list --json | true"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_installed_command_is_this_one() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "mlstudio"), "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("usage: mlstudio")


def test_every_command_has_a_handler_and_a_line_of_help() -> None:
    text = build_parser().format_help()
    for name in ("lab", "run", "experiments", "jobs", "agent", "doctor", "demo"):
        (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{name} ")]
        assert len(line.split()) > 3

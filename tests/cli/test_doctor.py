"""``mlstudio doctor``: what is missing, unsafe or slow, each with what to do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from mlstudio.cli import doctor
from mlstudio.cli.main import main
from mlstudio.entities.experiments import ComponentCreate, ExperimentCreate
from mlstudio.entities.housekeeping import DoctorFinding
from mlstudio.store import open_store
from mlstudio.store.artifacts import BlobStore
from mlstudio.store.doctor import Finding
from mlstudio.store.home import default_home


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    capsys.readouterr()
    main(["doctor", "--json"])
    items = json.loads(capsys.readouterr().out)["items"]
    assert all(set(item) == {"code", "level", "message", "hint", "repair"} for item in items)
    return {item["code"]: item for item in items}


def test_each_finding_is_a_sentence_with_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    open_store()
    found = findings(capsys)
    assert {"lab", "agent"} <= set(found)
    assert {item["level"] for item in found.values()} <= {"ok", "note", "slow", "unsafe"}
    assert all(item["message"].endswith(".") for item in found.values())


def test_the_text_says_where_everything_lies(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["doctor"])
    out = capsys.readouterr().out
    assert str(tmp_path / "home") in out
    assert sys.executable in out


@pytest.mark.parametrize(
    ("levels", "code"), [(("ok", "note"), 0), (("ok", "slow"), 2), (("slow", "unsafe"), 1), ((), 0)]
)
def test_the_exit_code_tells_unsafe_from_slow(
    levels: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Finding(code="x", level=level, message="It is.", hint="Do.") for level in levels]
    monkeypatch.setattr("mlstudio.store.doctor.check", lambda **_: list(made))
    for name in ("python", "lab", "front_end", "agent"):
        monkeypatch.setattr(doctor, name, lambda: DoctorFinding(code="y", level="ok", message="Fine."))
    assert main(["doctor"]) == code


def test_an_old_lab_and_a_missing_one_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda _: "4.2.0")
    assert doctor.lab().code == "old_lab"

    def missing(name: str) -> str:
        raise doctor.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", missing)
    assert doctor.lab().code == "no_lab"
    assert "pip install jupyterlab" in str(doctor.lab().hint)


def test_a_missing_front_end_is_noted_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    assert doctor.front_end().code == "no_front_end"


def test_the_doctor_of_an_empty_home_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor"])
    assert not (tmp_path / "home" / "mlstudio.db").exists()


@pytest.fixture
def litter() -> Path:
    """A file that belongs to nothing any more."""
    open_store()
    blobs = BlobStore(default_home().artifacts)
    path = blobs.path(blobs.put_bytes(b"x" * 1000).sha256)
    os.utime(path, (1, 1))
    return path


def test_a_repair_is_shown_first_and_not_done_without_a_yes(litter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor"])
    assert "mlstudio doctor --repair blobs" in capsys.readouterr().out
    assert main(["doctor", "--repair"]) == 0
    said = capsys.readouterr()
    assert said.out == "Would remove 1 artifact files (1.0 kB).\n"
    assert "add --yes" in said.err
    assert litter.exists()
    assert main(["doctor", "--repair", "blobs", "--yes"]) == 0
    assert "Removed 1 artifact files" in capsys.readouterr().out
    assert not litter.exists()
    main(["doctor", "--repair", "--yes"])
    assert capsys.readouterr().out == "There is nothing to repair.\n"


def test_a_person_at_the_terminal_is_asked(
    litter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, there in (("n", True), ("", True), ("y", False)):
        monkeypatch.setattr("builtins.input", lambda _, said=answer: said)
        main(["doctor", "--repair", "blobs"])
        assert litter.exists() is there


def test_a_repair_in_json_says_what_would_be_and_what_was_done(
    litter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--repair", "--json"])
    assert json.loads(capsys.readouterr().out) == {"would": ["Would remove 1 artifact files (1.0 kB)."], "done": []}
    main(["doctor", "--repair", "--json", "--yes"])
    assert json.loads(capsys.readouterr().out)["done"] == ["Removed 1 artifact files (1.0 kB)."]
    assert not litter.exists()


def test_a_repair_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    open_store()
    assert main(["doctor", "--repair", "everything"]) == 1
    assert "blobs" in capsys.readouterr().err


def test_everything_has_a_size_and_deep_reads_the_artifacts(capsys: pytest.CaptureFixture[str]) -> None:
    open_store().create_component(ComponentCreate(name="c"))
    main(["doctor", "--deep", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {"database", "journals", "artifacts", "backups"} <= {size["what"] for size in told["sizes"]}
    assert "unchanged" in next(item["message"] for item in told["items"] if item["code"] == "artifacts")


def test_a_store_is_put_back_to_a_backup(capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store()
    asset = Path(__file__).parents[1] / "store/assets/0002.db"
    store.create_experiment(ExperimentCreate("mine"))
    assert main(["doctor", "--restore", str(asset)]) == 1, "nobody said yes"
    assert store.get_experiment("mine")
    assert main(["doctor", "--restore", str(asset), "--yes"]) == 0
    assert "before-restore" in capsys.readouterr().out
    assert store.get_experiment("mnist").trials == 3

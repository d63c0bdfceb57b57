"""``mlstudio doctor``: what is missing, unsafe or slow, each with what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from mlstudio.cli import doctor
from mlstudio.cli.main import main
from mlstudio.store import open_store
from mlstudio.store.doctor import Finding


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    capsys.readouterr()
    main(["doctor", "--json"])
    items = json.loads(capsys.readouterr().out)["items"]
    assert all(set(item) == {"code", "level", "message", "hint"} for item in items)
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
    monkeypatch.setattr("mlstudio.store.doctor.check", lambda: made)
    for name in ("python", "lab", "front_end", "agent"):
        monkeypatch.setattr(doctor, name, lambda: Finding(code="y", level="ok", message="Fine.", hint=""))
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

"""Which requirements are the same, and which cannot be shared."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlstudio.jobs.requirements import requirements_plan


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def overlay(code: Path, text: str, interpreter: str = sys.executable) -> str | None:
    (code / "requirements.txt").write_text(text)
    plan = requirements_plan(interpreter, code, code.parent / "home", {})
    assert plan is not None
    assert plan["argv"][:4] == [interpreter, "-m", "pip", "install"]
    found: str | None = plan["overlay"]
    return found


def test_the_same_content_is_one_folder_and_other_content_or_another_python_is_not(code: Path, tmp_path: Path) -> None:
    first = overlay(code, "numpy==2.0\n")
    assert first is not None
    assert Path(first).parent == tmp_path / "home" / "overlays"
    assert overlay(code, "numpy==2.0\n") == first
    assert overlay(code, "numpy==2.1\n") != first
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    assert overlay(code, "numpy==2.0\n", str(other)) != first
    gone = overlay(code, "numpy==2.0\n", "/no/such/python")
    assert gone not in (None, first)


def test_a_file_that_is_included_counts(code: Path) -> None:
    (code / "base.txt").write_text("scipy==1\n")
    first = overlay(code, "-r base.txt\n--constraint=limits.txt\nnumpy\n")
    (code / "base.txt").write_text("scipy==2\n")
    second = overlay(code, "-r base.txt\n--constraint=limits.txt\nnumpy\n")
    (code / "limits.txt").write_text("numpy<3\n")
    third = overlay(code, "-r base.txt\n--constraint=limits.txt\nnumpy\n")
    assert len({first, second, third}) == 3
    (code / "base.txt").write_text("-r requirements.txt\n")
    assert overlay(code, "-r base.txt\nnumpy\n") is not None, "a circle ends"


@pytest.mark.parametrize("text", ["./pkg", "-e pkg", "--editable=./pkg[extra]", "pkg @ file://{code}/pkg", "libs/pkg"])
def test_a_folder_of_sources_is_installed_for_its_job_alone(code: Path, text: str) -> None:
    (code / "pkg").mkdir()
    (code / "libs" / "pkg").mkdir(parents=True)
    assert overlay(code, text.format(code=code) + "\n") is None


def test_a_wheel_counts_by_what_it_is_now(code: Path, tmp_path: Path) -> None:
    wheel = tmp_path / "x-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    first = overlay(code, f"{wheel}\n")
    wheel.write_bytes(b"other")
    second = overlay(code, f"{wheel}\n")
    assert None not in (first, second)
    assert first != second
    assert overlay(code, "x @ https://host/x\ngit+https://host/x.git@main\n") is not None


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n\n", "-r other.txt # empty\n"])
def test_nothing_to_install_is_no_plan(code: Path, text: str) -> None:
    (code / "other.txt").write_text("# nothing\n")
    (code / "requirements.txt").write_text(text)
    assert requirements_plan(sys.executable, code, code.parent, {}) is None


def test_pip_alone_gets_the_settings_of_pip(code: Path) -> None:
    assert requirements_plan(sys.executable, code, code.parent, {}) is None
    (code / "requirements.txt").write_text("numpy")
    plan = requirements_plan(sys.executable, code, code.parent, {"PIP_INDEX_URL": "https://me:pw@host", "SECRET": "x"})
    assert plan is not None
    assert plan["env"] == {"PIP_INDEX_URL": "https://me:pw@host"}

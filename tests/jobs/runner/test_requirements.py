"""Requirements of real jobs: installed once, waited for, told in the log, failed with pip's own reason."""

from __future__ import annotations

import os
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.entities.jobs import JobSpec
from mlstudio.jobs.runner.requirements import pip_error, with_overlay
from mlstudio.store.home import Home


def wheel_at(folder: Path, word: str) -> Path:
    """Make a wheel with a module and a command."""
    name = f"greeting_of_{word}"
    wheel, info = folder / f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}.py", f"WORD = {word!r}\ndef main():\n    print('command', WORD)\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/entry_points.txt", f"[console_scripts]\ngreet-{word} = {name}:main\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def spec_of(tmp_path: Path, name: str, script: str, requirements: str) -> JobSpec:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "train.py").write_text(textwrap.dedent(script))
    (folder / "requirements.txt").write_text(requirements)
    return JobSpec(name=name, entry_point="train.py", source_dir=str(folder), interpreter=sys.executable)


@pytest.mark.usefixtures("agent")
def test_two_jobs_at_once_install_once_and_a_third_finds_it(tmp_path: Path) -> None:
    wheel = wheel_at(tmp_path, "both")
    script = "import os, greeting_of_both\nprint('said', greeting_of_both.WORD, flush=True)\nos.system('greet-both')"
    made = [jobs.submit(spec_of(tmp_path, f"req-{n}", script, f"{wheel}\n")) for n in range(2)]
    logs = [made[n].wait(60) and made[n].logs() for n in range(2)]
    assert all("said both\ncommand both\n" in log for log in logs), logs
    assert sum("requirements.txt: installing into" in log for log in logs) == 1
    assert sum("requirements.txt: installed already" in log for log in logs) == 1
    third = jobs.submit(spec_of(tmp_path, "req-2", script, f"{wheel}\n"))
    third.wait(60)
    assert "installed already" in third.logs()
    assert "Processing" not in third.logs(), "pip is not started again"


@pytest.mark.usefixtures("agent")
def test_what_pip_cannot_install_is_the_reason_and_leaves_nothing(tmp_path: Path, agent: Home) -> None:
    before = set(os.listdir(agent.root / "overlays")) if (agent.root / "overlays").exists() else set()
    job = jobs.submit(spec_of(tmp_path, "req-bad", "", "no-such-package-of-mlstudio==1 --no-index\n"))
    assert "requirements.txt cannot be installed" in (job.wait(60).failure_reason or "")
    job = jobs.submit(spec_of(tmp_path, "req-none", "", "--no-index\nno-such-package-of-mlstudio==1\n"))
    reason = job.wait(60).failure_reason or ""
    assert "LaunchFailed: requirements.txt cannot be installed" in reason
    assert "No matching distribution found for no-such-package-of-mlstudio==1" in reason
    left = {name for name in set(os.listdir(agent.root / "overlays")) - before if not name.endswith(".lock")}
    assert not left


@pytest.mark.usefixtures("agent")
def test_a_job_that_is_stopped_while_it_installs_ends_as_stopped(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "req-slow", "print('never')", "./slow\n")
    slow = Path(spec.source_dir) / "slow"
    slow.mkdir()
    (slow / "setup.py").write_text("import time\ntime.sleep(60)\n")
    job = jobs.submit(spec)
    for event in job.follow(30):
        if "requirements.txt: installing into" in job.logs():
            break
        assert not event["ended"]
    job.stop(grace=0)
    record = job.wait(20)
    assert (record.status, record.failure_reason) == ("Stopped", None)
    assert "never" not in job.logs()


def test_the_reason_is_pip_s_last_errors() -> None:
    said = b"Collecting x\nERROR: Could not find a version\nERROR: No matching distribution found for x\nmore\n"
    assert pip_error(said) == "Could not find a version No matching distribution found for x"
    assert pip_error(b"/usr/bin/python: No module named pip\n") == "/usr/bin/python: No module named pip"


def test_an_overlay_goes_before_what_the_user_has() -> None:
    assert with_overlay({"PYTHONPATH": "/mine", "PATH": "/bin"}, Path("/o")) == {
        "PYTHONPATH": "/o:/mine", "PATH": "/o/bin:/bin",
    }  # fmt: skip
    assert with_overlay({"A": "1"}, None) == {"A": "1"}

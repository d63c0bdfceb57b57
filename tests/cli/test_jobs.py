"""``mlstudio jobs``, on real jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio import SKLearn, jobs
from mlstudio.cli.main import main

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def agent() -> Iterator[None]:
    """Leave no job and no agent behind."""
    yield
    for record in jobs.list().items:
        if record.status == "InProgress":
            main(["jobs", "stop", record.name, "--grace", "0", "--wait"])
    main(["agent", "stop"])


def start(tmp_path: Path, name: str, program: str, **environment: str) -> None:
    (tmp_path / "train.py").write_text(program)
    SKLearn(
        entry_point="train.py",
        source_dir=str(tmp_path),
        instance_type="local",
        instance_count=1,
        hyperparameters={"lr": 0.1},
        environment=environment,
    ).fit(job_name=name, wait=False)


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main([*words]) == code
    return capsys.readouterr().out


def test_a_job_is_listed_shown_followed_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start(tmp_path, "first", "import time\nfor i in range(5): print('line', i, flush=True); time.sleep(0.1)\n")

    followed = subprocess.run(
        [sys.executable, "-m", "mlstudio.cli", "jobs", "logs", "-f", "first"], capture_output=True, check=True
    )
    assert [line for line in followed.stdout.splitlines() if line.startswith(b"line")] == [
        b"line %d" % i for i in range(5)
    ]
    jobs.get("first").wait()

    (row,) = printed(capsys, "jobs", "list").splitlines()[1:]
    assert row.split()[:3] == ["first", "Completed", "Completed"]
    assert printed(capsys, "jobs", "list", "--status", "Failed") == "No jobs.\n"
    shown = printed(capsys, "jobs", "show", "first")
    assert "train.py of " in shown
    assert json.loads(printed(capsys, "jobs", "list", "--json"))["items"][0]["name"] == "first"

    printed(capsys, "jobs", "rm", "first")
    assert printed(capsys, "jobs", "list") == "No jobs.\n"


def test_a_secret_of_the_environment_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start(tmp_path, "secret", "print('x')", MY_API_KEY="hush-hush", PLAIN="seen")
    for words in (("jobs", "show", "secret"), ("jobs", "show", "secret", "--json"), ("jobs", "list", "--json")):
        out = printed(capsys, *words)
        assert "hush-hush" not in out
        if words[1] == "show":
            assert "seen" in out


def test_following_a_failing_job_exits_as_the_job(tmp_path: Path) -> None:
    start(tmp_path, "fails", "import sys; print('bye', flush=True); sys.exit(3)\n")
    command = [sys.executable, "-m", "mlstudio.cli", "jobs", "logs", "-f", "fails"]
    followed = subprocess.run(command, capture_output=True, check=False, env=dict(os.environ))
    assert b"bye" in followed.stdout
    assert followed.returncode == 3


def test_a_running_job_is_stopped_and_cannot_be_removed_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(tmp_path, "long", "import time; print('up', flush=True); time.sleep(60)\n")
    until = time.monotonic() + 20
    while not jobs.read_log("long").data and time.monotonic() < until:
        time.sleep(0.1)

    printed(capsys, "jobs", "rm", "long", code=1)
    assert "Stopped" in printed(capsys, "jobs", "stop", "long", "--grace", "5", "--wait")
    printed(capsys, "jobs", "rm", "long")


def test_a_job_that_is_not_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["show", "none"], ["logs", "none"], ["stop", "none"], ["rm", "none"], ["logs", "-f", "../../x"]):
        assert main(["jobs", *words]) == 1
        assert capsys.readouterr().err.startswith("mlstudio: ")


def test_many_followers_of_one_log_see_the_same(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    start(tmp_path, "wide", "for i in range(2000): print('x' * 50, flush=False)\n")
    jobs.get("wide").wait()
    sizes: list[int] = []

    def follow() -> None:
        command = [sys.executable, "-m", "mlstudio.cli", "jobs", "logs", "wide"]
        sizes.append(len(subprocess.run(command, capture_output=True, check=True).stdout))

    threads = [threading.Thread(target=follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes[0] == sizes[1] >= 2000 * 51

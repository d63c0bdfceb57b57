"""``mlstudio run --instance-type``: a script as a job, followed to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mlstudio import jobs
from mlstudio.cli.main import main
from mlstudio.cli.run_job import exit_code
from mlstudio.entities.jobs import JobListRequest, JobRecord
from mlstudio.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def agent() -> Iterator[None]:
    """Leave no agent behind."""
    yield
    for record in jobs.list(JobListRequest(open_only=True)).items:
        main(["jobs", "stop", record.name, "--grace", "0", "--wait"])
    main(["agent", "stop"])


def only_job() -> JobRecord:
    (record,) = jobs.list().items
    return record


def test_its_words_reach_the_script_and_its_exit_code_is_ours(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "train.py"
    script.write_text("import sys\nprint('got', sys.argv[1:])\nprint('loss 0.5')\nraise SystemExit(7)")
    words = ["--lr", "0.1", "data.csv", "--name=a b"]

    head = ["run", "--instance-type", "local", "--experiment", "cli", "--metric", "loss=loss ([0-9.]+)"]
    code = main([*head, str(script), *words])

    out, err = capfd.readouterr()
    assert code == 7
    assert f"got {words}" in out
    record = only_job()
    assert f"job {record.name} of cli" in err
    component = open_store().get_component(record.trial_component)
    assert component.params["lr"] == 0.1
    assert [one.experiment_name for one in component.trials] == ["cli"]
    assert [one.last for one in component.metrics if one.name == "loss"] == [0.5]


def test_a_folder_comes_along_and_detached_it_returns_at_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "train.py").write_text("import pathlib; print(pathlib.Path('beside.txt').read_text())")
    (tmp_path / "beside.txt").write_text("beside")
    head = ["run", "--instance-type", "local", "--source-dir", str(tmp_path), "--detach"]
    assert main([*head, str(tmp_path / "scripts" / "train.py")]) == 0
    name = capfd.readouterr().out.strip()
    job = jobs.get(name)
    assert job.wait(30).status == "Completed", job.logs()
    assert "beside" in job.logs()


def test_what_a_job_cannot_run_is_one_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "train.py"
    script.write_text("")
    (tmp_path / "other").mkdir()
    for words, said in (
        (["--instance-type", "local", "nowhere.py"], "is no script"),
        (["--instance-type", "local", "-m", "json.tool"], "is no script"),
        (["--instance-type", "ml.m5.larg", str(script)], "ml.m5"),
        (["--instance-type", "local", "--source-dir", str(tmp_path / "other"), str(script)], "does not lie in"),
    ):
        assert main(["run", *words]) == 1
        assert said in capfd.readouterr().err
    assert jobs.list().items == []


def test_exit_codes_as_a_shell_knows_them(tmp_path: Path) -> None:
    script = tmp_path / "t.py"
    script.write_text("")
    main(["run", "--instance-type", "local", str(script)])
    record = only_job()
    assert exit_code(record) == 0
    for code, status, wanted in ((-9, "Failed", 137), (3, "Failed", 3), (None, "Failed", 1), (0, "Stopped", 1)):
        changed = msgspec.structs.replace(record, exit_code=code, status=status)  # type: ignore[arg-type]
        assert exit_code(changed) == wanted

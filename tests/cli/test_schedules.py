"""``mlstudio schedules``, from adding to removing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio import jobs
from mlstudio.cli.main import main
from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def agent() -> Iterator[None]:
    """Leave no agent behind."""
    yield
    stop_agent()


def test_a_schedule_from_adding_to_removing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "nightly.py"
    script.write_text("import os, sys; print('good night', sys.argv[1:], os.environ['WORD'])")
    options = ["--cron", "0 3 * * *", "--timezone", "Europe/Berlin", "--env", "WORD=told", "--experiment", "nights"]
    assert main(["schedules", "add", "nightly", *options, str(script), "--fast", "x"]) == 0
    assert "nightly: At 03:00 every day; next 20" in capfd.readouterr().out

    assert main(["schedules", "run", "nightly", "-f"]) == 0
    assert "good night ['--fast', 'x'] told" in capfd.readouterr().out
    (record,) = jobs.list().items
    assert record.spec.schedule == "nightly"
    assert record.spec.experiment_config.experiment_name == "nights"

    assert main(["schedules", "disable", "nightly"]) == 0
    assert "off" in capfd.readouterr().out
    assert not open_store().get_schedule("nightly").enabled
    assert main(["schedules", "enable", "nightly"]) == 0
    capfd.readouterr()
    assert main(["schedules", "list"]) == 0
    assert "Europe/Berlin" in capfd.readouterr().out
    assert main(["schedules", "list", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["items"][0]["name"] == "nightly"
    assert main(["schedules", "rm", "nightly"]) == 0
    assert main(["schedules", "list"]) == 0
    assert "No schedules." in capfd.readouterr().out


def test_what_cannot_be_is_one_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "t.py"
    script.write_text("")
    for words, said in (
        (["add", "x", "--cron", "0 3", str(script)], "cannot be read"),
        (["add", "x", "--cron", "0 3 * * *", "--timezone", "Mars/X", str(script)], "no time zone"),
        (["add", "x", "--cron", "0 3 * * *", "nowhere.py"], "not a file"),
        (["add", "x", "--cron", "0 3 * * *", "--kernel", "nobody", str(script)], "no kernel"),
        (["run", "x"], "does not exist"),
        (["rm", "x"], "does not exist"),
        (["enable", "x"], "does not exist"),
    ):
        assert main(["schedules", *words]) == 1
        assert said in capfd.readouterr().err
    assert open_store().schedules() == []

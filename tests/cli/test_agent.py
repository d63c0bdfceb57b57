"""``mlstudio agent``: the process that runs jobs."""

from __future__ import annotations

import json

import pytest

from mlstudio.cli.main import main

pytestmark = pytest.mark.slow


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main([*words]) == code
    return capsys.readouterr().out


def test_the_agent_can_be_started_asked_and_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No agent runs" in printed(capsys, "agent", "status", code=1)
    assert json.loads(printed(capsys, "agent", "status", "--json", code=1)) == {"running": False}
    assert "The agent runs" in printed(capsys, "agent", "start")
    assert json.loads(printed(capsys, "agent", "status", "--json"))["running"] is True
    assert "has stopped" in printed(capsys, "agent", "stop")
    assert "No agent runs" in printed(capsys, "agent", "stop")

"""The agent is found, or started once, whoever asks; and it leaves when there is nothing to do."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlstudio.entities.errors import AgentUnavailable
from mlstudio.jobs.agent import ensure as module
from mlstudio.jobs.agent.ensure import connect, ensure, status, stop_agent
from mlstudio.jobs.agent.main import take_lock
from mlstudio.jobs.agent.socket import socket_path
from mlstudio.jobs.runner.files import read_json
from mlstudio.jobs.runner.process import alive, identity
from mlstudio.store.home import Home

from ..conftest import agent_pid, await_that  # noqa: TID252

STARTER = "from mlstudio.jobs.agent.ensure import ensure\nwith ensure() as agent: print(agent.agent['pid'])"


def test_processes_that_ask_at_once_find_one_agent(own_agent: Home) -> None:
    starters = [subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {one.communicate(timeout=60)[0].strip() for one in starters}
    assert pids == {str(agent_pid(own_agent))}


def test_its_socket_is_private_and_it_holds_the_lock(own_agent: Home) -> None:
    with ensure(own_agent) as agent:
        assert agent.agent["v"] == 1
    path = socket_path(own_agent.agent)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert take_lock(own_agent.agent) is None
    known = read_json(own_agent.agent / "agent.json")
    assert known is not None
    assert known["pid"] == agent_pid(own_agent)


def test_t08_a_second_agent_exits_1_and_names_the_first(own_agent: Home) -> None:
    ensure(own_agent).close()
    code = "import sys; from pathlib import Path; from mlstudio.jobs.agent.main import run; "
    code += f"sys.exit(run(Path({str(own_agent.root)!r}), ''))"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert f"pid {agent_pid(own_agent)}" in second.stderr


def test_it_leaves_when_asked_and_when_there_is_nothing_to_do(own_agent: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(own_agent).close()
    assert stop_agent(own_agent)
    await_that(lambda: status(own_agent) is None, "its end")
    assert not stop_agent(own_agent)
    monkeypatch.setenv("MLSTUDIO_AGENT_IDLE", "0.2")
    ensure(own_agent).close()
    await_that(lambda: status(own_agent) is None, "its end by itself")


def test_it_leaves_when_its_home_is_removed(own_agent: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSTUDIO_AGENT_HEARTBEAT", "0.3")
    ensure(own_agent).close()
    pid = agent_pid(own_agent)
    start = identity(pid)["start"]
    shutil.rmtree(own_agent.root)
    await_that(lambda: not alive(pid, start), "its end", 25)
    assert not own_agent.root.exists(), "nothing is made again"


def test_a_path_too_long_for_a_socket_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_agent: Home
) -> None:
    del own_agent
    home = Home(tmp_path / ("long" * 30))
    monkeypatch.setenv("MLSTUDIO_HOME", str(home.root))
    with ensure(home):
        path = socket_path(home.agent)
        assert len(os.fsencode(path)) < 108
        assert path.parent != home.agent
    stop_agent(home)
    await_that(lambda: status(home) is None, "its end")


def test_an_agent_of_another_store_is_not_used(own_agent: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure(own_agent).close()
    monkeypatch.setenv("MLSTUDIO_STORE_URL", f"sqlite:///{own_agent.root}/other.db")
    with pytest.raises(AgentUnavailable, match="works on another store"):
        ensure(own_agent)


def test_an_agent_that_cannot_start_is_an_error_with_its_log(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no module named mlstudio' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(module.sys, "executable", str(broken))
    started = time.monotonic()
    with pytest.raises(AgentUnavailable, match="no module named mlstudio"):
        ensure(home, timeout=0.4)
    assert time.monotonic() - started < 5


def test_what_is_no_request_is_answered_with_a_sentence(own_agent: Home) -> None:
    with ensure(own_agent) as agent:
        with pytest.raises(AgentUnavailable, match="no request 'dance'"):
            agent.request("dance")
        with pytest.raises(AgentUnavailable, match="does not exist"):
            agent.request("submit", name="no-such")
        assert agent.request("status")["jobs"] == {}


def test_a_client_that_talks_nonsense_is_hung_up_on_and_the_others_are_served(own_agent: Home) -> None:
    with ensure(own_agent) as agent:
        other = connect(own_agent)
        assert other is not None
        other._raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert other._raw.recv(100) == b""
        other.close()
        assert agent.request("status")["ok"]


def test_an_agent_that_leaves_between_greeting_and_question_runs_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    monkeypatch.setattr(module, "connect", lambda home: module.Connection(ours))
    assert status(Home(tmp_path)) is None

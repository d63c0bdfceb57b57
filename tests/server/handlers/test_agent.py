"""The agent over HTTP. What it does is tested in tests/jobs."""

from __future__ import annotations

from mlstudio.jobs.agent.ensure import stop_agent
from mlstudio.store.home import Home
from mlstudio.testing.server import Server


def test_the_agent_is_told_of_and_started(server: Server) -> None:
    home = Home(server.home)
    stop_agent(home)
    try:
        assert server.request("POST", "/agent/start", {}).json()["running"]
        told = server.request("GET", "/agent").json()
        assert (told["running"], told["queue"]) == (True, [])
        assert told["pid"] > 1
    finally:
        stop_agent(home)

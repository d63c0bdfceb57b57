"""The doctor over HTTP: a report, and cures as tasks."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mlstudio.testing.server import Server


def test_the_report_holds_findings_and_sizes(server: Server) -> None:
    report = server.request("GET", "/doctor").json()

    assert {"sqlite", "integrity"} <= {item["code"] for item in report["items"]}
    assert {"database", "artifacts", "journals"} <= {size["what"] for size in report["sizes"]}
    assert next(size for size in report["sizes"] if size["what"] == "database")["bytes"] > 0


def test_a_finding_is_cured_by_its_repair(server: Server) -> None:
    server.home.chmod(0o755)
    (found,) = [item for item in server.request("GET", "/doctor").json()["items"] if item["code"] == "permissions"]
    assert found["level"] == "unsafe"
    reply = server.request("POST", "/doctor/repair", {"what": found["repair"]})
    task: dict[str, Any] = reply.json()
    deadline = time.monotonic() + 10
    while task["ended_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        task = server.request("GET", f"/tasks/{task['uid']}").json()

    assert (reply.status, task["kind"], task["status"]) == (202, "repair", "Completed")
    assert str(server.home) in task["report"]["notes"][0]
    assert server.home.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("what", ["nothing", "", "x" * 65, "../../etc", 5])
def test_a_cure_that_there_is_not_is_refused(server: Server, what: object) -> None:
    reply = server.request("POST", "/doctor/repair", {"what": what})

    assert (reply.status, reply.error["field"]) == (400, "what")

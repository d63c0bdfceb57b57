"""The engine of jobs: submit, watch, stop; the agent and the supervisors do the running.

    from mlstudio import jobs
    job = jobs.submit(spec)        # returns when the agent has it; it outlives this process
    job.wait()                     # returns within 0.2 s of its end

A job is a record in the store, a folder below ``<home>/jobs`` and, while it runs, one supervisor
process. One detached agent per user and home follows them all and tells the store.

Light on purpose: the names below are imported when first used (PEP 562); `jobs.runner` is
standard library only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstudio.jobs.actions import (
        agent_status,
        code_folder,
        delete_finished,
        described,
        diff,
        folders,
        rerun,
        set_priority,
        source,
        start_agent,
        submit_file,
    )
    from mlstudio.jobs.agent.recovery import look_after
    from mlstudio.jobs.client import Job, delete, get, list, log_size, read_log, stop, submit  # noqa: A004
    from mlstudio.jobs.logs import LogChunk

_HOMES = {
    "Job": "client",
    "submit": "client",
    "get": "client",
    "list": "client",
    "stop": "client",
    "delete": "client",
    "read_log": "client",
    "log_size": "client",
    "LogChunk": "logs",
    "look_after": "agent.recovery",
    "agent_status": "actions",
    "code_folder": "actions",
    "delete_finished": "actions",
    "described": "actions",
    "diff": "actions",
    "folders": "actions",
    "rerun": "actions",
    "set_priority": "actions",
    "source": "actions",
    "start_agent": "actions",
    "submit_file": "actions",
}

__all__ = [
    "Job",
    "LogChunk",
    "agent_status",
    "code_folder",
    "delete",
    "delete_finished",
    "described",
    "diff",
    "folders",
    "get",
    "list",
    "log_size",
    "look_after",
    "read_log",
    "rerun",
    "set_priority",
    "source",
    "start_agent",
    "stop",
    "submit",
    "submit_file",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mlstudio.jobs' has no attribute {name!r}")
    value = getattr(import_module(f"mlstudio.jobs.{_HOMES[name]}"), name)
    globals()[name] = value
    return value

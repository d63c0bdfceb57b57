"""What clients may ask of the agent, and what it tells them unasked.

| op | fields | answer |
|---|---|---|
| hello | v | v, pid, version, url, slots |
| submit | name | started (False: it waits in the queue) |
| stop | name | – ; the request itself stands in the store |
| priority | name, priority | – ; moves it in the queue |
| watch | name | status, secondary, log, ended; then events until the client hangs up |
| status | – | pid, jobs, queue, slots |
| shutdown | – | – ; running jobs go on |

Events: ``{"event": "job", "name", "status", "secondary", "message", "ended"}`` and
``{"event": "log", "name", "total"}``.
"""

from __future__ import annotations

import logging
import os
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from mlstudio.entities.errors import StudioError
from mlstudio.entities.jobs import JobRecord
from mlstudio.entities.status import ENDED
from mlstudio.jobs.agent.socket import PROTOCOL, Client

if TYPE_CHECKING:
    from mlstudio.jobs.agent.follow import Follow
    from mlstudio.jobs.agent.loop import Agent


def _version() -> str:
    try:
        return version("mlstudio")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0.dev"


_VERSION = _version()
_log = logging.getLogger("mlstudio.agent")


def answer(agent: Agent, client: Client, message: dict[str, Any]) -> None:
    """Carry out one request and answer it; a refusal is a sentence, never a hang-up."""
    op, name = message.get("op"), str(message.get("name", ""))
    try:
        if op == "hello":
            client.greeted = True
            known = {"pid": os.getpid(), "version": _VERSION, "url": agent.url, "slots": agent.jobs.room.slots}
            client.send({"ok": True, "v": PROTOCOL, **known})
        elif not client.greeted:
            client.send({"ok": False, "message": "Say hello first."})
        elif op == "submit":
            client.send({"ok": True, "started": agent.jobs.enqueue(name)})
        elif op == "stop":
            agent.jobs.stop(name)
            client.send({"ok": True})
        elif op == "watch":
            _watch(agent, client, name)
        elif op == "status":
            jobs = {key: one.record.secondary for key, one in agent.jobs.follows.items()}
            queue = [one.name for one in agent.jobs.queue]
            client.send({"ok": True, "pid": os.getpid(), "jobs": jobs, "queue": queue, "slots": agent.jobs.room.slots})
        elif op == "priority":
            agent.jobs.set_priority(name, int(message.get("priority", 0)))
            client.send({"ok": True})
        elif op == "shutdown":
            agent.leaving = True
            client.send({"ok": True})
        else:
            client.send({"ok": False, "message": f"There is no request {op!r:.40}."})
    except StudioError as error:
        client.send({"ok": False, "message": str(error), "code": error.code})
    except Exception as error:  # whoever asks, and whatever the disk says: the others' jobs go on
        _log.exception("request %.40r of %.120r", op, name)
        client.send({"ok": False, "message": f"{type(error).__name__}: {error}"})


def _watch(agent: Agent, client: Client, name: str) -> None:
    follow = agent.jobs.follows.get(name) or agent.jobs.queue.get(name)
    record = follow.record if follow else agent.store().get_job(name)
    total = follow.log_total if follow else record.log_bytes
    client.watching[name] = total
    client.send({"ok": True, "log": total, **_state(record)})


def _state(record: JobRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "status": record.status,
        "secondary": record.secondary,
        "message": record.status_message,
        "ended": record.status in ENDED,
    }


def push(client: Client, follow: Follow) -> None:
    """Tell a watching client of new log bytes and of a new state."""
    name = follow.record.name
    if name not in client.watching:
        return
    if follow.log_total > client.watching[name]:
        client.watching[name] = follow.log_total
        client.send({"event": "log", "name": name, "total": follow.log_total})
    state = _state(follow.record)
    if client.told.get(name) != state:
        client.told[name] = state
        client.send({"event": "job", **state})

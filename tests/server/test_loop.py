"""A long answer is read and encoded in the pool: meanwhile the event loop answers others."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from mlstudio.entities.experiments import ComponentCreate
from mlstudio.server import base
from mlstudio.store.laws import Store
from mlstudio.testing.server import Server

WAIT = 20


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event, list[int]]:
    """Encoding of one record waits: (it has begun, it may go on, the threads that encoded it)."""
    begun, go_on = threading.Event(), threading.Event()
    threads: list[int] = []
    encode = base.encode

    def slow(value: Any) -> bytes:
        if getattr(value, "name", "") == "held":
            threads.append(threading.get_ident())
            begun.set()
            assert go_on.wait(WAIT)
        return encode(value)

    monkeypatch.setattr(base, "encode", slow)
    return begun, go_on, threads


def loop_thread(server: Server) -> int:
    """Return the thread that the server's event loop runs in."""

    async def here() -> int:
        return threading.get_ident()

    return asyncio.run_coroutine_threadsafe(here(), server.loop).result(WAIT)


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/trial-components/held", None),
        ("PATCH", "/trial-components/held", {"display_name": "Held"}),
        ("POST", "/trial-components/held/restore", None),
    ],
)
def test_an_answer_that_takes_long_to_encode_holds_nobody_up(
    server: Server,
    store: Store,
    held: tuple[threading.Event, threading.Event, list[int]],
    verb: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    begun, go_on, threads = held
    if not store.get_components(["held"]):
        store.create_component(ComponentCreate(name="held"))
    if path.endswith("restore"):
        store.delete("trial-component", "held")
    other = Server(server.home, server.port, server.token, server.app, server.loop, server.base)
    replies: list[int] = []
    asking = threading.Thread(target=lambda: replies.append(other.request(verb, path, body).status))
    asking.start()
    try:
        assert begun.wait(WAIT)

        quick = server.request("GET", "/version")

        assert (quick.status, replies) == (200, []), "the quick answer came while the long one was being encoded"
    finally:
        go_on.set()
        asking.join(WAIT)
        other.close()
    assert replies == [200]
    assert loop_thread(server) not in threads

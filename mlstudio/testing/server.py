"""A real Jupyter server with mlstudio in it, in a thread, for tests that speak HTTP.

    with running_server(home) as server:
        status, headers, body = server.request("GET", "/experiments")

It listens on a free port of the loopback address, asks everybody for its token
(``allow_unauthenticated_access=False``), and reads no configuration of the user's.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX = "/mlstudio/api/v1"


@dataclass
class Reply:
    """An answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """Return what stands in the one error shape."""
        found: dict[str, Any] = self.json()["error"]
        return found


@dataclass
class Server:
    """A running server: where it is, its token, and how to ask it."""

    home: Path
    port: int
    token: str
    app: Any
    loop: asyncio.AbstractEventLoop
    base: str = "/"
    records: list[logging.LogRecord] = field(default_factory=list)
    """What the server logged."""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def close(self) -> None:
        """Close the connection that requests share."""
        self._connection.close()

    @property
    def host(self) -> str:
        """Value of the Host header."""
        return f"127.0.0.1:{self.port}"

    @property
    def auth(self) -> dict[str, str]:
        """Header of a caller who knows the token."""
        return {"Authorization": f"token {self.token}"}

    def url(self, path: str) -> str:
        """Return the path of a route below our prefix."""
        return self.base.rstrip("/") + PREFIX + path

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """Ask with the token.

        Args:
            path: below our prefix; one that begins with the prefix is taken as it is.
            body: sent as JSON.
            headers: added; None removes one.
            raw: sent as it is, instead of `body`.
        """
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        sent: dict[str, str | None] = {**self.auth}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        where = path if path.startswith(self.base.rstrip("/") + "/mlstudio") else self.url(path)
        try:
            return self._exchange(method, where, data, sent)
        except (http.client.RemoteDisconnected, ConnectionError):  # the server had closed the idle connection
            self._connection.close()
            return self._exchange(method, where, data, sent)

    def _exchange(self, method: str, where: str, data: bytes | None, sent: Mapping[str, str | None]) -> Reply:
        connection = self._connection
        try:
            connection.putrequest(method, where, skip_host="Host" in sent, skip_accept_encoding=True)
            if data is not None and "Content-Length" not in sent:
                connection.putheader("Content-Length", str(len(data)))
            for key, value in sent.items():
                if value is not None:
                    connection.putheader(key, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        except BaseException:
            connection.close()
            raise
        finally:
            if sent.get("Content-Length"):
                connection.close()

    @contextmanager
    def socket(self, *topics: str, headers: Mapping[str, str] | None = None, **more: Any) -> Iterator[Socket]:
        """Open the socket of live events and subscribe.

        Args:
            topics: to listen to at once; `more` goes along (`since`, `boot`).
            headers: instead of token and Origin.

        Raises:
            HTTPClientError: the server refused the upgrade.
        """
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        sent = dict(headers) if headers is not None else {**self.auth, "Origin": f"http://{self.host}"}
        url = f"ws://{self.host}{self.url('/events')}"
        socket = Socket(self)

        async def connect() -> Any:
            return await websocket_connect(HTTPRequest(url, headers=sent), on_message_callback=socket.take)

        socket.connection = self.call(connect())
        try:
            if topics:
                socket.send({"op": "subscribe", "topics": list(topics), **more})
            yield socket
        finally:
            self.loop.call_soon_threadsafe(socket.connection.close)
            socket.wait_closed(2.0)

    def call(self, work: Any, timeout: float = 20.0) -> Any:
        """Run a coroutine in the server's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)


class Socket:
    """An open socket: what came, and when."""

    def __init__(self, server: Server) -> None:
        self.connection: Any = None
        self.frames: list[list[dict[str, Any]]] = []
        self.closed = False
        self._server = server
        self._news = threading.Condition()

    def take(self, message: str | bytes | None) -> None:
        """Keep a frame; None is the end."""
        with self._news:
            if message is None:
                self.closed = True
            else:
                self.frames.append(json.loads(message))
            self._news.notify_all()

    def send(self, message: Any) -> None:
        """Send JSON, or text as it is."""
        text = message if isinstance(message, str) else json.dumps(message)

        async def write() -> None:
            await self.connection.write_message(text)

        self._server.call(write())

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far, the greeting included."""
        return [event for frame in list(self.frames) for event in frame]

    def wait(self, wanted: Callable[[dict[str, Any]], bool], timeout: float = 5.0) -> tuple[dict[str, Any], float]:
        """Return the first event that fits, and how many seconds it took.

        Raises:
            TimeoutError: none came; the message holds what did.
        """
        begun = time.monotonic()
        with self._news:
            while True:
                for event in self.events:
                    if wanted(event):
                        return event, time.monotonic() - begun
                rest = begun + timeout - time.monotonic()
                if rest <= 0 or (self.closed and not self._news.wait(0.1)):
                    told = [(event["topic"], event["type"]) for event in self.events]
                    raise TimeoutError(f"No such event within {timeout} s; there came {told[-40:]}.")
                self._news.wait(rest)

    def wait_for(self, topic: str, kind: str, timeout: float = 5.0) -> tuple[dict[str, Any], float]:
        """Return the first event of a topic and type, and how many seconds it took."""
        return self.wait(lambda event: event["topic"] == topic and event["type"] == kind, timeout)

    def wait_closed(self, timeout: float = 5.0) -> int | None:
        """Return the close code."""
        with self._news:
            self._news.wait_for(lambda: self.closed, timeout)
        code: int | None = self.connection.close_code
        return code


class _Keep(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


@contextmanager
def running_server(
    home: Path,
    *,
    config: dict[str, dict[str, Any]] | None = None,
    base: str = "/",
    extensions: Mapping[str, bool] | None = None,
    **traits: Any,
) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        home: MLSTUDIO_HOME of the server; everything that Jupyter writes goes beside it.
        config: traits by class, such as ``{"StudioApp": {"max_body": 4096}}``.
        base: the base URL.
        extensions: which extensions to load; mlstudio alone by default.
        traits: of ServerApp.
    """
    runner = _Runner(lambda: _start(home, config or {}, base, extensions or {"mlstudio": True}, traits))
    before = os.environ.get("MLSTUDIO_HOME")
    os.environ["MLSTUDIO_HOME"] = str(home)
    try:
        yield runner.start()
    finally:
        runner.stop()
        if before is None:
            os.environ.pop("MLSTUDIO_HOME", None)
        else:
            os.environ["MLSTUDIO_HOME"] = before


class _Runner:
    """A thread with an event loop in which a server runs."""

    def __init__(self, begin: Callable[[], Awaitable[Server]]) -> None:
        self._begin = begin
        self._server: Server | None = None
        self._error: BaseException | None = None
        self._ready = threading.Event()
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mlstudio-test-server", daemon=True)

    def start(self) -> Server:
        self._thread.start()
        if not self._ready.wait(30):
            raise TimeoutError("The server did not start within 30 s.")
        if self._server is None:
            raise self._error or RuntimeError("The server did not start.")
        return self._server

    def stop(self) -> None:
        from jupyter_server.serverapp import ServerApp

        if self._server and self._end:
            self._server.loop.call_soon_threadsafe(self._end.set)
            self._server.close()
        self._thread.join(20)
        ServerApp.clear_instance()
        if self._server and self._error:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        self._server = await self._begin()
        self._ready.set()
        await self._end.wait()
        http_server = self._server.app._http_server
        http_server.stop()
        await http_server.close_all_connections()
        await self._server.app._cleanup()


async def _start(
    home: Path, config: dict[str, dict[str, Any]], base: str, extensions: Mapping[str, bool], traits: dict[str, Any]
) -> Server:
    from jupyter_server.serverapp import ServerApp
    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_sockets
    from traitlets.config import Config

    token = secrets.token_hex(16)
    scratch = home.parent / "jupyter"
    (scratch / "root").mkdir(parents=True, exist_ok=True)
    wanted = Config(config)
    wanted.ServerApp.jpserver_extensions = dict(extensions)
    if "token" not in wanted.IdentityProvider:
        wanted.IdentityProvider.token = token
    options: dict[str, Any] = {
        "ip": "127.0.0.1",
        "open_browser": False,
        "root_dir": str(scratch / "root"),
        "config_dir": str(scratch / "config"),
        "data_dir": str(scratch / "data"),
        "runtime_dir": str(scratch / "runtime"),
        "base_url": base,
        "allow_unauthenticated_access": False,
        "reraise_server_extension_failures": True,
        "allow_root": True,
        "log_level": logging.INFO,
    }
    ServerApp.clear_instance()
    app = ServerApp.instance(config=wanted, **(options | traits))
    app.init_signal = lambda: None  # type: ignore[method-assign]
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    records: list[logging.LogRecord] = []
    app.log.handlers = [_Keep(records)]
    app.log.propagate = False
    await app.extension_manager.start_all_extensions()  # type: ignore[no-untyped-call]
    sockets = bind_sockets(0, "127.0.0.1")
    app._http_server = HTTPServer(app.web_app, max_body_size=app.max_body_size, max_buffer_size=app.max_buffer_size)
    app._http_server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    return Server(home, port, token, app, asyncio.get_running_loop(), app.base_url, records)

"""Nobody gets through a route or a socket without being known, allowed, and from here.

The routes are found by walking the application's own router, not by reading our table: a route
that somebody adds past the table is found too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from tornado.httpclient import HTTPClientError
from tornado.web import Application, RequestHandler

from mlstudio.server import walk
from mlstudio.server.base import StudioHandler, StudioSocket
from mlstudio.server.guards import VERBS, guard_of, guarded
from mlstudio.server.handlers.about import Unknown
from mlstudio.server.routes import PREFIX, ROUTES, Route
from mlstudio.testing.server import Server, running_server

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
EVIL = "http://evil.example"


def rules_below(app: Application, prefix: str) -> Iterator[tuple[str, type[RequestHandler]]]:
    """Yield pattern and handler of every rule of the router that could match below a prefix."""

    def within(router: Any) -> Iterator[tuple[str, type[RequestHandler]]]:
        for rule in router.rules:
            if hasattr(rule.target, "rules"):
                yield from within(rule.target)
            elif hasattr(rule.matcher, "regex") and rule.matcher.regex.pattern.startswith(prefix):
                yield rule.matcher.regex.pattern, rule.target

    yield from within(app.default_router)


def example(path: str) -> str:
    return re.sub(r"{\w+}", "x1", path)


PLACES = sorted({(method, example(route.path)) for route in ROUTES for method in METHODS})
UNKNOWN = [(method, path) for method in METHODS for path in ("/nothing", "/experiments/a/b/c", "/../v2", "")]


def test_every_method_of_every_rule_stands_on_our_base_with_a_guard_and_in_the_table(server: Server) -> None:
    found = list(rules_below(server.app.web_app, "/mlstudio"))
    table = {(walk.pattern_of(route.path).rstrip("$"), route.method): route for route in ROUTES}
    seen = set()
    for pattern, handler in found:
        assert issubclass(handler, StudioHandler | StudioSocket), pattern
        for verb in VERBS:
            method = getattr(handler, verb, None)
            if method is None or method is RequestHandler._unimplemented_method:
                continue
            guard = guard_of(handler, verb)
            if verb == "options" and issubclass(handler, StudioSocket):
                continue
            assert guard is not None, f"{verb} {pattern}"
            if handler is Unknown or verb == "options":
                continue
            route = table[(pattern.rstrip("$"), verb.upper())]
            assert (guard.action, guard.resource) == (route.action, route.resource), f"{verb} {pattern}"
            seen.add((pattern.rstrip("$"), verb.upper()))
    assert seen == set(table)


def test_the_walk_at_start_up_finds_nothing_wrong() -> None:
    assert walk.faults() == []


def test_the_walk_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare(StudioHandler):
        async def get(self) -> None: ...

        @guarded("read", "mlstudio:jobs")
        async def post(self) -> None: ...

        @guarded("write", "mlstudio:jobs")
        async def delete(self) -> None: ...

    class Foreign(RequestHandler):
        pass

    handlers = {"a.Bare": Bare, "b.Foreign": Foreign}
    routes = (
        Route("GET", "/a", "a.Bare", "mlstudio:jobs", "read", "x"),
        Route("DELETE", "/a", "a.Bare", "mlstudio:jobs", "read", "x"),
        Route("PUT", "/a", "a.Bare", "mlstudio:jobs", "read", "x"),
        Route("GET", "/b", "b.Foreign", "mlstudio:jobs", "read", "x"),
    )
    monkeypatch.setattr(walk, "ROUTES", routes)
    monkeypatch.setattr(walk, "handler_of", lambda route: handlers[route.handler])

    said = " ".join(walk.faults())

    assert "GET of test_routes.Bare is neither authenticated nor authorized." in said.replace("tests.security.", "")
    assert "POST" in said
    assert "is not in the table of routes" in said
    assert "PUT" in said
    assert "does not exist" in said
    assert "DELETE" in said
    assert "the table says" in said
    assert "b.Foreign does not stand on our base." in said


def test_a_server_with_an_unguarded_route_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlstudio.server.app.faults", lambda: ["GET of x is open."])

    with pytest.raises(RuntimeError, match="GET of x is open"), running_server(tmp_path / "home"):
        pass


def test_jupyters_own_walk_has_no_complaint_about_us(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    with running_server(tmp_path / "home"):
        pass

    said = [str(one.message) for one in recwarn if issubclass(one.category, JupyterServerAuthWarning)]
    assert not [text for text in said if "/mlstudio" in text]


@pytest.mark.parametrize(
    "token", [None, "token wrong", "Bearer wrong", "token "], ids=["none", "wrong", "bearer", "empty"]
)
def test_t28_without_the_token_every_method_of_every_path_is_403(server: Server, token: str | None) -> None:
    for method, path in [*PLACES, *UNKNOWN]:
        reply = server.request(method, path, headers={"Authorization": token})
        assert reply.status == 403, (method, path)
        if method != "HEAD":
            assert reply.error["code"] == "unauthenticated", (method, path)
            assert reply.error["hint"] is None


@pytest.mark.parametrize("query", ["token=wrong", "token=%ff", "token=", "token=a&token=b"])
def test_t28_a_wrong_token_in_the_query_is_403(server: Server, query: str) -> None:
    for route in ROUTES:
        reply = server.request(route.method, f"{example(route.path)}?{query}", headers={"Authorization": None})
        assert reply.status == 403, route.path


@pytest.mark.parametrize("verb", ["FOO", "TRACE", "CONNECT"])
def test_t28_an_odd_verb_from_a_stranger_is_403(server: Server, verb: str) -> None:
    assert server.request(verb, "/version", headers={"Authorization": None}).status == 403


def test_t28_a_stranger_with_an_undecodable_path_is_403(server: Server) -> None:
    assert server.request("GET", "/experiments/%ff%fe", headers={"Authorization": None}).status == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "token wrong"}, {"Authorization": "token wrong", "Origin": "ORIGIN"}, {"Origin": "ORIGIN"}],
)
def test_t28_a_socket_without_the_token_is_403_before_the_upgrade(server: Server, headers: dict[str, str]) -> None:
    sent = {key: value.replace("ORIGIN", f"http://{server.host}") for key, value in headers.items()}
    with pytest.raises(HTTPClientError, match="403"), server.socket("jobs", headers=sent):
        pass


def test_t29_a_foreign_host_is_403_on_every_route(server: Server) -> None:
    for method, path in PLACES:
        for host in ("evil.example", "evil.example:8888", "127.0.0.1.evil.example", "localhost.evil.example"):
            reply = server.request(method, path, headers={"Host": host})
            assert reply.status == 403, (method, path, host)
            if method != "HEAD":
                assert reply.error["code"] == "bad_host"


def test_t29_a_foreign_origin_is_403_on_every_route_even_with_the_token(server: Server) -> None:
    own = {(route.method, example(route.path)) for route in ROUTES}
    for method, path in PLACES:
        spellings = (EVIL, "null", "http://[", f"http://{server.host}.evil.example")
        for origin in spellings if (method, path) in own else (EVIL,):
            reply = server.request(method, path, headers={"Origin": origin})
            assert reply.status == 403, (method, path, origin)
            if method != "HEAD":
                assert reply.error["code"] == "bad_origin"
            assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("origin", [EVIL, None, "null"])
def test_t29_a_socket_of_a_foreign_or_no_origin_is_403(server: Server, origin: str | None) -> None:
    headers = server.auth | ({"Origin": origin} if origin else {})
    with pytest.raises(HTTPClientError, match="403"), server.socket("jobs", headers=headers):
        pass


def test_t29_a_socket_of_a_foreign_host_is_403(server: Server) -> None:
    headers = server.auth | {"Host": "evil.example", "Origin": EVIL}
    with pytest.raises(HTTPClientError, match="403"), server.socket("jobs", headers=headers):
        pass


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_t29_a_write_that_is_not_json_is_415_on_every_route(server: Server, kind: str) -> None:
    for route in ROUTES:
        if route.method != "GET":
            reply = server.request(
                route.method, example(route.path), raw=b'{"name": "x"}', headers={"Content-Type": kind}
            )
            assert (reply.status, reply.error["code"]) == (415, "not_json"), route.path


def cookie_of(server: Server) -> dict[str, str]:
    """Log in as a browser does: the token once, then cookies."""
    reply = server.request(
        "GET", f"{server.base}mlstudio/api/v1/version?token={server.token}", headers={"Authorization": None}
    )
    login = "; ".join(part.split(";")[0] for part in reply.headers.get_all("Set-Cookie"))
    return {"Cookie": f"{login}; _xsrf=2|aaaaaaaa|bbbb|1700000000"}


def test_t29_a_cookie_reads_but_writes_only_with_xsrf_and_origin(server: Server) -> None:
    cookie = cookie_of(server)
    plain: dict[str, str | None] = {"Authorization": None, **cookie}
    own = f"http://{server.host}"

    assert server.request("GET", "/version", headers=plain).status == 200
    for route in ROUTES:
        if route.method == "GET":
            continue
        reply = server.request(route.method, example(route.path), {}, headers=plain | {"Origin": own})
        assert (reply.status, reply.error["code"]) == (403, "bad_xsrf"), route.path


def test_t29_a_cookie_with_the_xsrf_token_writes_when_it_says_where_it_comes_from(server: Server) -> None:
    page = server.request("GET", f"{server.base}tree?token={server.token}", headers={"Authorization": None})
    reply = server.request("GET", f"/version?token={server.token}", headers={"Authorization": None})
    cookies = [*(page.headers.get_all("Set-Cookie") or []), *(reply.headers.get_all("Set-Cookie") or [])]
    jar = dict(part.split(";")[0].split("=", 1) for part in cookies)
    xsrf = jar.setdefault("_xsrf", "2|00000000|aabb|1700000000")
    headers: dict[str, str | None] = {
        "Authorization": None,
        "Cookie": "; ".join(f"{key}={value}" for key, value in jar.items()),
        "X-XSRFToken": xsrf,
    }

    without = server.request("POST", "/experiments", {"name": "by-cookie"}, headers=headers)
    with_origin = server.request(
        "POST", "/experiments", {"name": "by-cookie"}, headers=headers | {"Origin": f"http://{server.host}"}
    )

    assert (without.status, without.error["code"]) == (403, "bad_origin")
    assert with_origin.status == 201


def test_a_known_caller_is_told_which_verbs_exist(server: Server) -> None:
    for path in {example(route.path) for route in ROUTES}:
        allowed = {route.method for route in ROUTES if example(route.path) == path}
        for method in ("PUT", "DELETE", "PATCH", "POST"):
            if method not in allowed:
                reply = server.request(method, path, headers={"Origin": f"http://{server.host}"})
                assert (reply.status, reply.error["code"]) == (405, "method_not_allowed"), (method, path)
                assert allowed <= set(reply.headers["Allow"].split(", ")), (method, path)


class Scoped(Authorizer):
    """Knows four scopes by a header, as a hub knows them by its token."""

    LEVELS: ClassVar = {"none": 0, "read": 1, "write": 2, "run": 3}
    NEEDED: ClassVar = {"read": 1, "write": 2, "execute": 3}

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        assert resource.startswith("mlstudio:")
        return self.LEVELS[handler.request.headers.get("X-Scope", "none")] >= self.NEEDED[action]


@pytest.fixture(scope="module")
def scoped_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("scoped") / "home", authorizer_class=Scoped) as server:
        yield server


@pytest.mark.parametrize("scope", ["none", "read", "write", "run"])
def test_t28_every_cell_of_who_may_do_what(scoped_server: Server, scope: str) -> None:
    for route in ROUTES:
        if route.returns == "socket":
            continue
        reply = scoped_server.request(
            route.method, example(route.path), {} if route.body else None, headers={"X-Scope": scope}
        )
        refused = Scoped.LEVELS[scope] < Scoped.NEEDED[route.action]
        assert (reply.status == 403) == refused, (route.method, route.path, reply.status)
        assert reply.status != 500, route.path
        if refused:
            assert reply.error["code"] == "forbidden"


def test_t28_a_socket_needs_the_right_to_read(scoped_server: Server) -> None:
    headers = scoped_server.auth | {"Origin": f"http://{scoped_server.host}"}
    with pytest.raises(HTTPClientError, match="403"), scoped_server.socket(headers=headers | {"X-Scope": "none"}):
        pass
    with scoped_server.socket("jobs", headers=headers | {"X-Scope": "read"}) as socket:
        socket.wait_for("hello", "hello")


def test_every_route_answers_below_another_base_url(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", base="/hub/user/a%40b/") as server:
        assert server.request("GET", "/version").status == 200
        assert server.request("GET", "/version", headers={"Authorization": None}).status == 403
        with server.socket("jobs") as socket:
            socket.wait_for("hello", "hello")
    assert PREFIX == "/mlstudio/api/v1"


def test_a_server_that_asks_nobody_still_refuses_other_sites(tmp_path: Path) -> None:
    """As Galata runs it: no token, no XSRF."""
    config = {"IdentityProvider": {"token": ""}, "PasswordIdentityProvider": {"hashed_password": ""}}
    with running_server(tmp_path / "home", config=config, disable_check_xsrf=True) as server:
        own = {"Authorization": None, "Origin": f"http://{server.host}"}
        assert server.request("POST", "/experiments", {"name": "open"}, headers=own).status == 201
        with server.socket("jobs", headers={"Origin": f"http://{server.host}"}) as socket:
            socket.wait_for("hello", "hello")
        foreign = server.request("GET", "/version", headers={"Authorization": None, "Origin": EVIL})
        rebound = server.request("GET", "/version", headers={"Authorization": None, "Host": "evil.example"})
        assert (foreign.error["code"], rebound.error["code"]) == ("bad_origin", "bad_host")


def test_the_page_behind_a_proxy_that_was_named_is_ours(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", allow_origin="https://lab.example") as server:
        assert server.request("GET", "/version", headers={"Origin": "https://lab.example"}).status == 200
        assert server.request("GET", "/version", headers={"Origin": "https://lab.example.evil"}).status == 403
    with running_server(tmp_path / "home", allow_origin="*") as server:
        assert server.request("GET", "/version", headers={"Origin": EVIL}).status == 403

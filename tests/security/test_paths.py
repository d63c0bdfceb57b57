"""Torture row 14: about 80 spellings of a way out, on every parameter of every path and every name in a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstudio.server.openapi import document
from mlstudio.testing.server import Server

_STEPS = ("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "..%23", "..%3f", "...", ".%20.")
_JOINS = ("/", "%2f", "%2F", "%252f", "\\", "%5c", "%255c")
SPELLINGS = [
    *(f"{step}{join}canary" for step in _STEPS for join in _JOINS),
    "%2fetc%2fpasswd",
    "%2f%2fproc%2fself%2fenviron",
    "file:%2f%2f%2fetc%2fpasswd",
    "http:%2f%2f169.254.169.254%2f",
    "%00",
    "a%00b",
    "a%0ab",
    "a%0d%0aX-Evil:1",
    "~root",
    "$HOME",
    "%24%7BHOME%7D",
    "c:%5cwindows",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8f",
    "%c0%ae%c0%ae%c0%af",
    "%u002e%u002e",
    "a" * 121,
    "-a",
    "a-",
    "a_b",
    "%f0%9f%92%a9",
    "%e2%80%ae",
    "%20",
    "%2e",
    "CON",
]
LEGAL = {"CON"}


@pytest.fixture
def canary(server: Server) -> Iterator[dict[str, bytes]]:
    """A tree beside the home that no request may change, and the home's own files."""
    folder = server.home.parent / "canary"
    folder.mkdir(exist_ok=True)
    (folder / "secret").write_text("untouched")
    yield {str(path): path.read_bytes() for path in [folder / "secret"]}
    assert (folder / "secret").read_text() == "untouched"


def places() -> list[tuple[str, str]]:
    """Return verb and path of every operation with a parameter, found in the OpenAPI document."""
    return [(verb.upper(), path) for path, verbs in document()["paths"].items() for verb in verbs if "{" in path]


def test_there_are_about_80_spellings() -> None:
    assert len(set(SPELLINGS)) >= 80


@pytest.mark.parametrize(("method", "path"), places(), ids=lambda text: str(text))
def test_t14_no_spelling_leaves_the_store(server: Server, canary: dict[str, bytes], method: str, path: str) -> None:
    names = re.findall(r"{\w+}", path)
    for spelling in SPELLINGS:
        for hit in names:
            where = path
            for name in names:
                where = where.replace(name, spelling if name == hit else "x1")
            reply = server.request(method, where, {} if method in ("POST", "PATCH") else None)
            allowed = (400, 404, 405, 409, 204) if spelling in LEGAL else (400, 404, 405)
            assert reply.status in allowed, (method, where, reply.status)
            assert b"root:" not in reply.body
            assert b"untouched" not in reply.body
            assert "X-Evil" not in reply.headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/experiments", '{"name": %s}'),
        ("/trials", '{"name": %s, "experiment_name": "x1"}'),
        ("/trials", '{"name": "x1", "experiment_name": %s}'),
        ("/trial-components", '{"name": %s}'),
        ("/tables", '{"scope": {"experiment": %s}}'),
        ("/tables", '{"scope": {"trial": %s}}'),
        ("/curves", '{"series": [{"component": %s, "name": "loss"}]}'),
    ],
)
def test_t14_no_name_in_a_body_leaves_the_store(server: Server, path: str, body: str) -> None:
    from json import dumps
    from urllib.parse import unquote

    for spelling in SPELLINGS:
        if spelling in LEGAL:
            continue
        reply = server.request("POST", path, raw=(body % dumps(unquote(spelling))).encode())
        assert reply.status in (400, 404), (path, spelling, reply.status)


def test_no_handler_opens_a_path_that_a_client_gave(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("untouched")
    value = {"value": str(secret), "media_type": "text/plain"}
    server.request(
        "POST", "/trial-components", {"name": "pointing", "inputs": {"data": value}, "source_arn": str(secret)}
    )

    items = server.request("GET", "/trial-components/pointing/artifacts").json()["items"]
    replies = [server.request("GET", f"/artifacts/{item['uid']}/content") for item in items if item["uid"]]

    assert [item["value"] for item in items] == [str(secret)]
    assert all(reply.status == 404 and b"untouched" not in reply.body for reply in replies)


@pytest.mark.parametrize("query", ["next=http://evil.example", "url=//evil.example", "redirect=/x"])
def test_nothing_redirects(server: Server, query: str) -> None:
    for path in ("/version", "/experiments", "/nothing", "/experiments/"):
        reply = server.request("GET", f"{path}?{query}")
        assert reply.status in (200, 404)
        assert "Location" not in reply.headers

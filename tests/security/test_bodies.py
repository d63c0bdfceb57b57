"""Bodies that are too long, too deep, too big a number, or no JSON at all: 400 or 413, never 500, never a hang."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress

import pytest

from mlstudio.server.routes import ROUTES
from mlstudio.testing.server import Server

WITH_BODY = [(route.method, re.sub(r"{\w+}", "x1", route.path)) for route in ROUTES if route.body]
HOSTILE = {
    "20,000 brackets": b"[" * 20_000,
    "20,000 objects": b'{"a":' * 20_000,
    "20,000 brackets in a field": b'{"name": "x", "tags": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "an integer of 5,000 digits": b'{"name": "x", "version": ' + b"9" * 5000 + b"}",
    "a float of 5,000 digits": b'{"name": 1.' + b"9" * 5000 + b"e99999}",
    "no UTF-8": b'{"name": "\xff\xfe"}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a NUL": b'{"name": "a\\u0000b"}',
    "no JSON": b"name=x&y=z",
    "half of it": b'{"name": ',
    "an array": b"[]",
    "null": b"null",
    "a number": b"1e400",
    "YAML": b"!!python/object/apply:os.system ['true']",
    "a pickle": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_t26_a_hostile_body_is_400_with_a_field_on_every_route(server: Server, body: bytes) -> None:
    for method, path in WITH_BODY:
        reply = server.request(method, path, raw=body)
        assert 400 <= reply.status < 500, (method, path)
        assert reply.error["field"] or reply.status == 404, (method, path, reply.error)


def test_t26_of_duplicate_keys_the_last_counts(server: Server) -> None:
    reply = server.request("POST", "/experiments", raw=b'{"name": "first", "name": "second-of-two"}')

    assert reply.json()["name"] == "second-of-two"


@pytest.mark.parametrize("method_path", WITH_BODY, ids=lambda pair: f"{pair[0]} {pair[1]}")
def test_t26_a_body_of_1_gb_is_413_before_a_byte_of_it_is_read(server: Server, method_path: tuple[str, str]) -> None:
    method, path = method_path
    reply = server.request(method, path, raw=b"", headers={"Content-Length": str(10**9)})

    assert (reply.status, reply.error["code"]) == (413, "too_large")
    assert "10 MiB" in reply.error["message"]
    assert "StudioApp.max_body" in reply.error["hint"]


def test_t26_a_stranger_with_a_body_of_1_gb_is_403_before_a_byte_of_it_is_read(server: Server) -> None:
    reply = server.request(
        "POST", "/experiments", raw=b"", headers={"Authorization": None, "Content-Length": str(10**9)}
    )

    assert reply.status == 403


def talk(server: Server, head: str, body: bytes = b"") -> bytes:
    """Send bytes as they are; return what came until the server closed or said all."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        stream.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        answer = b""
        with suppress(ConnectionError):  # it may have answered and hung up already
            stream.sendall(body)
        try:
            stream.settimeout(2)
            while chunk := stream.recv(65536):
                answer += chunk
        except (TimeoutError, ConnectionError):
            pass
        return answer


def head_of(server: Server, *more: str) -> str:
    lines = [
        "POST /mlstudio/api/v1/experiments HTTP/1.1",
        f"Host: {server.host}",
        f"Authorization: token {server.token}",
        "Content-Type: application/json",
        *more,
    ]
    return "\n".join(lines)


def test_t26_a_chunked_body_over_the_limit_is_413_while_it_comes(server: Server) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"

    answer = talk(server, head_of(server, "Transfer-Encoding: chunked"), chunk * 12)

    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"too_large" in answer


def test_t26_a_chunked_body_within_the_limit_is_read(server: Server) -> None:
    body = json.dumps({"name": "chunked"}).encode()

    answer = talk(
        server,
        head_of(server, "Transfer-Encoding: chunked", "Connection: close"),
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
    )

    assert answer.startswith(b"HTTP/1.1 201"), answer[:200]


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999999999", "5, 6", "abc", ""])
def test_t26_an_odd_content_length_is_refused(server: Server, length: str) -> None:
    answer = talk(server, head_of(server, f"Content-Length: {length}", "Connection: close"), b"{}")

    assert re.match(rb"HTTP/1.1 4\d\d", answer) or answer == b"", answer[:200]


def test_t26_a_form_of_100_000_parts_is_refused_unread(server: Server) -> None:
    part = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n"
    head = head_of(server, f"Content-Length: {len(part) * 100_000}", "Connection: close")

    answer = talk(server, head.replace("application/json", "multipart/form-data; boundary=x"), part)

    assert answer.startswith(b"HTTP/1.1 415"), "it answers although the other 99,999 never come"


def test_the_server_stays_responsive_beside_a_body_that_never_ends(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
        stream.sendall(head_of(server, "Content-Length: 1000000").replace("\n", "\r\n").encode() + b"\r\n\r\n{")
        begun = time.monotonic()
        assert server.request("GET", "/version").status == 200

    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=1.5", "limit"),
        ("limit=null", "limit"),
        ("sort_by=;drop", "sort_by"),
        ("deleted=perhaps", "deleted"),
        ("created_after=9007199254740992", "created_after"),
    ],
)
def test_an_odd_query_is_400_with_its_field(server: Server, query: str, field: str) -> None:
    for path in ("/experiments", "/trials", "/trial-components"):
        reply = server.request("GET", f"{path}?{query}")
        assert (reply.status, reply.error["field"]) == (400, field), path


@pytest.mark.parametrize(
    "where",
    [
        "(" * 5000,
        "a" * 20_000,
        "params.x in [" + "1," * 5000 + "1]",
        "__class__.__mro__",
        "{0.__class__}",
        "' or 1=1 --",
    ],
    ids=["nested", "long", "list", "dunder", "format", "sql"],
)
def test_a_hostile_condition_is_400(server: Server, where: str) -> None:
    reply = server.request("POST", "/tables", {"where": where})

    assert (reply.status, reply.error["code"]) == (400, "bad_query")


@pytest.mark.parametrize("cursor", ["x", "../../etc", "AAAA", "bnVsbA==", "%00", "9" * 3000])
def test_a_made_up_cursor_is_no_bug(server: Server, cursor: str) -> None:
    for path in ("/experiments", "/trials", "/trial-components", "/jobs"):
        assert server.request("GET", f"{path}?cursor={cursor}").status in (200, 400), path

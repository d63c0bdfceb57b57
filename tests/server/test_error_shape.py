"""Every error of the API has one shape:

    {"error": {"code": text, "message": text, "field": text or null, "hint": text or null}}

- ``code`` is one of `entities.errors.HTTP_STATUS`, and the HTTP status is the one that it says there.
- ``message`` is one sentence with the value that was wrong; it names no class and holds no traceback.
- ``field`` is the parameter, body field or header that it concerns; always set when the status is 400.
- ``hint`` says what to do.
- 403 says ``unauthenticated`` when a login would help, else ``forbidden``, ``bad_host``, ``bad_origin``, ``bad_xsrf``.
- 405 comes with ``Allow``; 503 with ``Retry-After`` where trying again may help.
- A bug of ours is 500 ``internal`` with an id; the log says more under that id, the answer does not.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from mlstudio.entities import errors
from mlstudio.entities.errors import HTTP_STATUS, StudioError
from mlstudio.server.base import as_studio_error
from mlstudio.testing.server import Reply, Server


def check(reply: Reply, status: int, code: str) -> dict[str, Any]:
    """Assert the shape; return what stands in it."""
    document = reply.json()
    assert set(document) == {"error"}
    error = document["error"]
    assert set(error) == {"code", "message", "field", "hint"}
    assert (reply.status, error["code"]) == (status, code)
    assert HTTP_STATUS[code] == status
    assert error["message"].endswith((".", ".)"))
    assert "Traceback" not in error["message"]
    assert status != 400 or error["field"]
    assert reply.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = error
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "field"),
    [
        ("POST", "/experiments", {"name": "a b"}, 400, "invalid_name", "name"),
        ("GET", "/experiments/a%20b", None, 400, "invalid_name", "experiment_name"),
        ("POST", "/experiments", {}, 400, "invalid_json", "name"),
        ("POST", "/experiments", {"name": "x", "odd": 1}, 400, "invalid_json", "odd"),
        ("POST", "/experiments", {"name": "x", "tags": {"a": 1}}, 400, "invalid_json", "tags[...]"),
        ("GET", "/experiments?limit=many", None, 400, "invalid_field", "limit"),
        ("GET", "/experiments?where=%3D", None, 400, "bad_query", "where"),
        ("POST", "/curves", {"series": [], "width": 1}, 400, "invalid_json", "width"),
        ("GET", "/experiments/nobody", None, 404, "not_found", None),
        ("GET", "/nothing", None, 404, "not_found", None),
        ("PUT", "/experiments", None, 405, "method_not_allowed", None),
    ],
)
def test_bad_input_gets_a_sentence_with_the_field(
    server: Server, method: str, path: str, body: Any, status: int, code: str, field: str | None
) -> None:
    error = check(server.request(method, path, body), status, code)

    if field is not None:
        assert error["field"] == field


def test_what_is_missing_is_named_by_kind_and_name(server: Server) -> None:
    error = check(server.request("GET", "/trials/nobody"), 404, "not_found")

    assert "trial" in error["message"].lower()
    assert "nobody" in error["message"]


def test_a_405_names_the_verbs_that_exist(server: Server) -> None:
    reply = server.request("PUT", "/experiments")

    assert set(reply.headers["Allow"].split(", ")) == {"GET", "POST", "OPTIONS"}


def test_a_403_says_whether_a_login_would_help(server: Server) -> None:
    check(server.request("GET", "/version", headers={"Authorization": None}), 403, "unauthenticated")
    check(server.request("GET", "/version", headers={"Host": "evil.example"}), 403, "bad_host")
    check(server.request("GET", "/version", headers={"Origin": "http://evil.example"}), 403, "bad_origin")


def test_415_and_413_say_what_to_do(server: Server) -> None:
    error = check(
        server.request("POST", "/experiments", raw=b"{}", headers={"Content-Type": "text/plain"}), 415, "not_json"
    )
    assert "application/json" in error["hint"]
    error = check(
        server.request("POST", "/experiments", raw=b"", headers={"Content-Length": str(2**30)}), 413, "too_large"
    )
    assert "10 MiB" in error["message"]


@pytest.mark.parametrize(
    "name",
    sorted({cls.__name__ for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, StudioError)}),
)
def test_every_error_of_the_house_leaves_with_its_own_status(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind = getattr(errors, name)

    def broken(*_: object) -> None:
        raise kind("It is planted.", field="here", hint="Do that.")

    monkeypatch.setattr("mlstudio.server.handlers.experiments.condition", broken)
    reply = server.request("GET", "/experiments")

    error = check(reply, HTTP_STATUS[kind.code], kind.code)
    if kind.code != "internal":
        assert (error["message"], error["field"], error["hint"]) == ("It is planted.", "here", "Do that.")
    assert (reply.headers["Retry-After"] is not None) == (
        kind.code in {"store_busy", "store_unreachable", "agent_unavailable"}
    )


@pytest.mark.parametrize(
    "bug", [ZeroDivisionError("secret detail"), RecursionError("deep"), KeyError("k"), OSError(5, "x")]
)
def test_a_bug_is_500_with_an_id_that_is_in_the_log_and_no_detail(
    server: Server, monkeypatch: pytest.MonkeyPatch, bug: Exception
) -> None:
    def broken(*_: object) -> None:
        raise bug

    monkeypatch.setattr("mlstudio.server.handlers.experiments.condition", broken)
    server.records.clear()

    error = check(server.request("GET", "/experiments"), 500, "internal")

    (number,) = re.findall(r"id ([0-9a-f]{12})", error["message"])
    logged = [record for record in server.records if number in record.getMessage()]
    assert len(logged) == 1
    assert logged[0].exc_info
    assert "secret detail" not in error["message"]
    assert type(bug).__name__ not in error["message"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_field"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "method_not_allowed"),
        (418, "internal"),
        (500, "internal"),
    ],
)
def test_what_tornado_says_becomes_one_of_our_codes(status: int, code: str) -> None:
    assert as_studio_error(status, None, known=True).code == code


def test_a_stranger_learns_nothing_from_what_tornado_says() -> None:
    assert {as_studio_error(status, None, known=False).code for status in (400, 403, 404, 405)} == {"unauthenticated"}
